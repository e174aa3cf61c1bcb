"""Draft the file of a new topic: commented, valid as it stands, with the names of both countries from CLDR."""

import re
from collections.abc import Iterator

from babel import Locale

from articles.errors import InputError
from articles.topics.builtin_files import builtin_text
from articles.topics.topic_file import read

NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
LANGUAGES = ("en", "ru", "kk", "uk", "uz", "ky", "de", "pl", "lt", "tr")  # of the names that a draft holds
MIN_STEM_CHARS = 4  # a shorter beginning of a name would match other words
CASE_ENDINGS = "аеиіоуыюяьйaeiouy"  # last letters that change with the case, in the languages above
APOSTROPHES = re.compile("['’ʻʼ]")
WORDS_PER_LINE = 6

DRAFT = """\
# Topic {name}: articles on the relations of {first_name} and {second_name}.
# Use it:   irtysh crawl --from urls.txt --topic {path}
# Look:     irtysh topic show {path}
# Test it:  irtysh topic test labelled.jsonl --topic {path}
# All keys: docs/topics.md
topic: {name}

# Two countries, by ISO 3166-1 code. A text is accepted if it is about both of them.
sides:
  {first}:
{first_terms}
  {second}:
{second_terms}

# Compounds that name both sides at once, such as "kazakh-russian".
# bilateral:
#   stem: [first-second, second-first]

# Joint bodies and projects: they add their weight w if both sides are named, and decide nothing alone.
# context:
#   w: 0.5
#   stem: [customs union]

# Kinds of text to reject if more than the share `max` of all words belong to them.
# genre_reject:
#   sport: {{max: 0.03, stem: [football, match, goal]}}

# How hits are weighted. A hit in the title counts title_w times, one in the first lead_chars characters lead_w times.
# Both sides meet if they are named within `window` neighbouring sentences.
score: {{title_w: 3.0, lead_chars: 600, lead_w: 2.0, window: 2}}

# Each rule gives r, the ratio of what was found to what is required. The lowest r decides: the score is r / (1 + r).
# A score of .5 or more (r of 1 or more) accepts, from review_from on it asks for review, and below it rejects.
{rules}"""

SIDE = """\
    - id: country            # your name for the term; the evidence shows {code}:country
      w: 1.0                 # weight of one hit: 1 names the country beyond doubt, .4 is a shared word
      stem: [{stems}]        # beginnings of words; case, hyphens and apostrophes do not matter
    # - id: people
    #   w: 0.7
    #   stem: [what its people and its adjective begin with]
    # - id: capital
    #   w: 0.8
    #   stem: [its capital, its leaders]
    #   not: [beginnings of words that do not count]"""


def draft(name: str, sides: tuple[str, str], path: str) -> str:
    """Return the text of a new topic's file. InputError for a name or a country code that no topic may have."""
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} cannot be the name of a topic; use lower-case letters, digits and hyphens")
    first, second = (code.upper() for code in sides)
    if first == second:
        raise InputError(f"--sides {first},{second}: a topic needs two different countries")
    text = DRAFT.format(
        name=name,
        path=path,
        first=first,
        second=second,
        first_name=_country(first),
        second_name=_country(second),
        first_terms=_terms(first),
        second_terms=_terms(second),
        rules=_rules(),
    )
    read(text, path)  # a draft that could not be used would be our fault
    return text


def _country(code: str) -> str:
    name = Locale("en").territories.get(code, "")
    if not name or not code.isalpha():
        raise InputError(f"{code} is no country; --sides takes two codes of ISO 3166-1, for example KZ,UZ")
    return str(name)


def _terms(code: str) -> str:
    stems = list(dict.fromkeys(_stems(code)))
    lines = [", ".join(stems[at : at + WORDS_PER_LINE]) for at in range(0, len(stems), WORDS_PER_LINE)]
    return SIDE.format(code=code, stems=(",\n" + " " * 13).join(lines))


def _stems(code: str) -> Iterator[str]:
    """Yield what a country's names begin with, in all cases of the word."""
    for language in LANGUAGES:
        name = "".join(APOSTROPHES.split(str(Locale(language).territories.get(code, "")).casefold()))
        stem = name if " " in name else name.rstrip(CASE_ENDINGS)
        if words := re.fullmatch(r"[\w -]{2,}", stem if len(stem) >= MIN_STEM_CHARS else name):
            yield words[0]


def _rules() -> str:
    """Return the rules of the default topic, with its comments."""
    text = builtin_text("kazakhstan-russia")
    start = text.index("\nrules:") + 1
    block = text[start:]
    end = re.search(r"\n(?=[a-z#])", block)
    return (block[: end.start()] if end else block).rstrip() + "\n"
