"""Synthetic articles `bulk.example/<n>.html`: always the same for each n, generated in a fraction of a millisecond.

One in five is off topic (`n % 5 == 4`). Of the others half are English, a quarter Russian and a quarter Kazakh.
"""

import html
import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from tests.site import banks

MAX_PAGES: Final = 100_000  # pages of bulk.example
OFF_TOPIC_EVERY: Final = 5
LANGUAGES: Final = ("en", "ru", "en", "kk")
FIRST_DAY: Final = datetime(2022, 1, 1, 8, 0, tzinfo=timezone(timedelta(hours=5)))
MARK: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class BulkArticle:
    """Content of page n. `published` is ISO 8601 with an offset."""

    n: int
    lang: str
    on_topic: bool
    title: str
    author: str
    published: str
    paragraphs: tuple[str, ...]


class Writer:
    """Writes sentences of one language from its patterns."""

    def __init__(self, words: dict[str, str], patterns: str, people: str) -> None:
        known = banks.banks(words)
        self.people = known[people]
        self._patterns = [
            (MARK.sub("%s", pattern), [known[bank] for bank in MARK.findall(pattern)])
            for pattern in patterns.splitlines()
        ]

    def sentence(self, rng: random.Random) -> str:
        """Return one filled pattern that starts with a capital letter."""
        pick = rng.random
        pattern, places = self._patterns[int(pick() * len(self._patterns))]
        text = pattern % tuple([bank[int(pick() * len(bank))] for bank in places])
        start = 1 if text[0] in '"«' else 0
        return text[:start] + text[start].upper() + text[start + 1 :]


WRITERS: Final = {
    "en": Writer(banks.ENGLISH, banks.ENGLISH_PATTERNS, "name"),
    "ru": Writer(banks.RUSSIAN, banks.RUSSIAN_PATTERNS, "имя"),
    "kk": Writer(banks.KAZAKH, banks.KAZAKH_PATTERNS, "имя"),
    "off": Writer(banks.OFF_TOPIC, banks.ENGLISH_PATTERNS, "name"),
}


def article(n: int, salt: str = "bulk") -> BulkArticle:
    """Return article n. Another salt gives an unrelated series."""
    rng = random.Random(f"{salt}{n}")  # noqa: S311 - no secrets here
    on_topic = n % OFF_TOPIC_EVERY != OFF_TOPIC_EVERY - 1
    lang = LANGUAGES[n % 4] if on_topic else "en"
    writer = WRITERS[lang if on_topic else "off"]
    sentence = writer.sentence
    paragraphs = tuple(
        " ".join(sentence(rng) for _ in range(2 + int(rng.random() * 4))) for _ in range(5 + int(rng.random() * 9))
    )
    published = FIRST_DAY + timedelta(minutes=n * 17)
    author = writer.people[int(rng.random() * len(writer.people))]
    return BulkArticle(n, lang, on_topic, sentence(rng).rstrip("."), author, published.isoformat(), paragraphs)


def article_html(made: BulkArticle) -> str:
    """Return the paragraphs of an article as HTML."""
    return "".join(f"<p>{html.escape(text, quote=False)}</p>\n" for text in made.paragraphs)
