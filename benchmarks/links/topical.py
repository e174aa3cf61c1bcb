"""Make a collection of news of one topic in several languages, as large as no set at hand is.

Sentences come from a file of translated documents (see `benchmarks.links.documents`). Each event has its own names, days and
figures, which are put into the sentences of its reports, so no two events share a sentence. Reports of one event are told
by other sentences; some have copies, translations and rewrites. Nothing here tells whether links are right: the sentences
make no sense together. What counts is what linking them costs.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

# Shares of the languages of articles about Kazakhstan and Russia, as their outlets have them, roughly
LANGUAGES = {"ru": 45, "kk": 22, "en": 12, "uk": 9, "uz": 4, "ky": 3, "de": 2, "pl": 2, "tr": 1}
# Of all texts; the others are first reports of an event, and further reports of it by other writers, half each
COPIES, TRANSLATIONS, REWRITES = 0.10, 0.03, 0.05
# What the writers of one event have in common of its names and figures, and what each has beside
TOLD_SHARE, OWN_NAMES, OWN_FIGURES = 0.6, 3, 4
MAX_REPORTS = 12  # of one event, by other writers
DAYS = 365  # on which the texts appear
SENTENCES = (6, 12, 18, 30)  # of a text
FIRST_DAY = date(2025, 1, 1)
# What nearly every article of the topic names, with endings cut by nobody: (Cyrillic, Latin)
KNOWN = (
    ("Токаев", "Tokayev"), ("Путин", "Putin"), ("Астана", "Astana"), ("Москва", "Moscow"), ("Алматы", "Almaty"),
    ("Кремль", "Kremlin"), ("Лавров", "Lavrov"), ("Байконур", "Baikonur"), ("Оренбург", "Orenburg"), ("Каспий", "Caspian"),
)  # fmt: skip
SYLLABLES = (
    ("ка", "ka"), ("ры", "ry"), ("тим", "tim"), ("бол", "bol"), ("сар", "sar"), ("ген", "gen"), ("лов", "lov"), ("дин", "din"),
    ("мур", "mur"), ("вет", "vet"), ("зан", "zan"), ("пик", "pik"), ("фед", "fed"), ("нур", "nur"), ("бек", "bek"), ("гор", "gor"),
    ("жан", "zhan"), ("чел", "chel"), ("шах", "shakh"), ("хал", "khal"), ("пет", "pet"), ("сев", "sev"), ("тул", "tul"), ("рос", "ros"),
)  # fmt: skip
CYRILLIC = frozenset(("ru", "kk", "uk", "ky"))
NAME = re.compile(r"(?<=[\w,] )[^\W\d_a-zа-яё][^\W\d_]{2,}")  # a capital within a sentence
NUMBER = re.compile(r"\d+(?:[.,  ]\d+)*")
WORD = re.compile(r"\S+")
KEPT_OF_REWRITE = 5  # every so manieth word goes, and the halves of a sentence change places
EDITED_OF_COPY = 25


@dataclass(frozen=True, slots=True)
class TopicalText:
    """A text of the collection."""

    name: str
    event: int  # number of its event
    told: int  # number of the report that it is, or that it was made from
    kind: str  # "report", "copy", "translation", "rewrite"
    lang: str
    outlet: str
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class _Event:
    names: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    day: date


Lines = Sequence[Mapping[str, str]]  # sentences in all languages


def lines_of(path: Path) -> Lines:
    """Return the sentences of a file in all of its languages."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        found.setdefault(row["document"], {})[row["lang"]] = row["sentences"]
    return [
        {lang: sentences[number] for lang, sentences in document.items()}
        for document in found.values()
        for number in range(min(map(len, document.values())))
    ]


def topical_texts(lines: Lines, count: int, seed: int = 0) -> list[TopicalText]:
    """Return so many texts."""
    rng = random.Random(seed)  # noqa: S311  a benchmark
    found: list[TopicalText] = []
    while len(found) < count:
        found.extend(_of_event(lines, len(found), rng))
    return found[:count]


def _of_event(lines: Lines, start: int, rng: random.Random) -> Iterator[TopicalText]:
    event = _event(rng)
    number = start
    for _ in range(min(MAX_REPORTS, int(rng.paretovariate(1.2)))):
        lang = _language(rng)
        told = _chosen(lines, rng)
        facts = _told(event, rng)
        sentences = [_filled(lines[place][lang], place, facts, lang) for place in told]
        day = event.day + timedelta(rng.choice((0, 0, 0, 1, 2)))
        yield _text((number, start, number), "report", lang, day, sentences)
        told_as = number
        number += 1
        for kind, share in (("copy", COPIES), ("translation", TRANSLATIONS), ("rewrite", REWRITES)):
            # of the texts, not of the reports, of which there are so many fewer
            if rng.random() < share / (1 - COPIES - TRANSLATIONS - REWRITES):
                other = _language(rng, lang) if kind == "translation" else lang
                yield _text(
                    (number, start, told_as),
                    kind,
                    other,
                    day + timedelta(rng.randint(0, 2)),
                    _made(kind, lines, told, facts, other, rng),
                )
                number += 1


def _made(  # noqa: PLR0917  what a text is made from
    kind: str, lines: Lines, told: Sequence[int], event: _Event, lang: str, rng: random.Random
) -> list[str]:
    sentences = [_filled(lines[place][lang], place, event, lang) for place in told]
    if kind == "copy":
        return [_without(sentence, EDITED_OF_COPY, rng) for sentence in sentences[: len(sentences) - rng.randint(0, 2)]]
    return [_turned(_without(one, KEPT_OF_REWRITE, rng)) for one in sentences] if kind == "rewrite" else sentences


def _text(numbers: tuple[int, int, int], kind: str, lang: str, day: date, sentences: Sequence[str]) -> TopicalText:
    paragraphs = (" ".join(sentences[start : start + 2]) for start in range(0, len(sentences), 2))
    number, event, told = numbers
    return TopicalText(
        f"t{number}", event, told, kind, lang, f"o{number % 211}.example", day.isoformat(), "\n\n".join(paragraphs)
    )


def _event(rng: random.Random) -> _Event:
    day = FIRST_DAY + timedelta(rng.randrange(DAYS))
    return _Event((*rng.sample(KNOWN, 4), *_names(rng, rng.randint(4, 9))), _figures(rng, 9), day)


def _told(event: _Event, rng: random.Random) -> _Event:
    """Return what one writer tells of an event: most of its names and figures, and some that nobody else has."""
    names, figures = (rng.sample(facts, round(TOLD_SHARE * len(facts))) for facts in (event.names, event.numbers))
    return _Event((*names, *_names(rng, OWN_NAMES)), (*figures, *_figures(rng, OWN_FIGURES)), event.day)


def _names(rng: random.Random, count: int) -> list[tuple[str, str]]:
    found = []
    for _ in range(count):
        parts = rng.sample(SYLLABLES, 3)
        found.append(("".join(part[0] for part in parts).capitalize(), "".join(part[1] for part in parts).capitalize()))
    return found


def _figures(rng: random.Random, count: int) -> tuple[str, ...]:
    kinds = ((2, 31), (32, 999), (1_000, 90_000))
    return tuple(str(rng.randint(*rng.choice(kinds))) for _ in range(count))


def _language(rng: random.Random, but: str = "") -> str:
    known = [lang for lang in LANGUAGES if lang != but]
    return rng.choices(known, [LANGUAGES[lang] for lang in known])[0]


def _chosen(lines: Lines, rng: random.Random) -> list[int]:
    """Return the places of the sentences of a report: runs of up to four from the documents."""
    size = rng.randint(*rng.choice(tuple(pairwise(SENTENCES))))
    found: list[int] = []
    while len(found) < size:
        start = rng.randrange(len(lines))
        found.extend(range(start, min(len(lines), start + rng.randint(1, 4))))
    return list(dict.fromkeys(found))[:size]


def _filled(sentence: str, place: int, event: _Event, lang: str) -> str:
    """Return a sentence with the names and figures of an event, the same ones in each language."""
    count = iter(range(place, place + 1_000))
    side = 0 if lang in CYRILLIC else 1
    named = NAME.sub(lambda _: event.names[next(count) % len(event.names)][side], sentence)
    count = iter(range(place, place + 1_000))
    return NUMBER.sub(lambda _: event.numbers[next(count) % len(event.numbers)], named)


def _without(sentence: str, every: int, rng: random.Random) -> str:
    words = WORD.findall(sentence)
    return " ".join(word for word in words if rng.randrange(every) or word[0].isupper() or word[0].isdecimal())


def _turned(sentence: str) -> str:
    words = sentence.split()
    middle = len(words) // 2
    return " ".join((*words[middle:], *words[:middle]))
