"""Every regular expression of `articles/` takes time in proportion to its input, or is given inputs of bounded length."""

import pkgutil
import re
import time
from collections.abc import Iterator
from importlib import import_module
from re import _parser as parser  # type: ignore[attr-defined]  # what `re` itself parses patterns with

import pytest

import articles

SIZES = (150, 600)  # characters; a cubic pattern takes a second for 1,000
MAX_GROWTH = 8  # time(4 n) / time(n); quadratic is 16
MIN_SECONDS = 0.002  # less is not measured reliably
MAX_TRIES = 3  # other work on the machine disturbs some measurements
# Patterns that take more than linear time, with the reason why that is harmless: their inputs are short,
# or they are tried at one place only.
BOUNDED = {
    "articles.cleaning.fragments:LONE_ADDRESS": "MAX_ADDRESS_CHARS",
    "articles.dynamic:ADVERTISEMENT_HEAD": "`match` tries it at the start only",
    "articles.harmless:FORMULA_START": "`match` tries it at the start only",
    "articles.history.edits:SURNAME": "`fullmatch` tries it at the start only",
    "articles.links.alignment:LAST_WORD": "12 characters",
    "articles.links.anchors:WORD_BEFORE": "MAX_MONTH_DISTANCE_CHARS",
    "articles.history.edits:SENTENCE_START": "MAX_CHARS_BEFORE",
    "articles.metadata.agencies:NAME_SEPARATOR": "spaces are joined before",
    "articles.metadata.agencies:NAME_AFTER_PHRASE": "MAX_READ_CHARS",
    "articles.metadata.agencies:NAME_BEFORE_PHRASE": "MAX_READ_CHARS",
    "articles.metadata.agencies:DATELINE": "MAX_READ_CHARS",
    "articles.metadata.alternates:LANGUAGE_SWITCH": "MAX_SWITCH_CHARS",
    "articles.metadata.person_names:NAME_SEPARATOR": "spaces are joined before",
    "articles.metadata.person_names:AFTER_NAME": "spaces are joined before",
    "articles.metadata.canonical:IDENTIFYING_PARAMETER": "`fullmatch` tries it at the start only",
    "articles.metadata.credits:NAME_SEPARATOR": "MAX_CREDIT_CHARS",
    "articles.metadata.credits:REPRINT": "MAX_REPRINT_CHARS",
    "articles.metadata.site_rules:LINE": "`fullmatch` tries it at the start only",
    "articles.metadata.titles:SEPARATOR": "spaces are joined before",
    "articles.metadata.titles:INNER_SEPARATOR": "spaces are joined before",
}
COMMON = (
    " ",
    "1",
    "a",
    "A",
    "a ",
    "A ",
    "1 ",
    ". ",
    ", ",
    "«",
    "«a",
    "(",
    "[",
    "<",
    "\n",
    "- ",
    "— ",
    "aA",
    "a1",
    "@",
    ".",
)


def patterns() -> Iterator[tuple[str, re.Pattern]]:
    for info in pkgutil.walk_packages(articles.__path__, "articles."):
        for name, value in vars(import_module(info.name)).items():
            found = [value] if not isinstance(value, tuple | list | dict) else value
            for one in found.values() if isinstance(found, dict) else found:
                if isinstance(one, re.Pattern):
                    yield f"{info.name}:{name}", one


def sample(items, parts: set[str]) -> str:
    """Return a string that resembles what a pattern matches, and add those of its branches to `parts`."""
    text = ""
    for operation, value in items:
        match str(operation):
            case "LITERAL":
                text += chr(value)
            case "IN":
                text += in_class(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                text += sample(value[2], parts) * max(1, min(value[0], 3))
            case "SUBPATTERN":
                text += sample(value[3], parts)
            case "BRANCH":
                branches = [sample(branch, parts) for branch in value[1]]
                parts.update(branches)
                text += branches[0]
            case "ANY" | "NOT_LITERAL" | "GROUPREF":
                text += "a"
    return text


def in_class(items) -> str:
    categories = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_NOT_WORD": "-"}
    operation, value = items[0]
    match str(operation):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
        case "CATEGORY":
            return categories.get(str(value), "a")
    return "a"


def units(pattern: re.Pattern) -> list[str]:
    """Return strings whose repetition may make a pattern go back again and again."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parts: set[str] = set()
    whole = sample(parser.parse(source, pattern.flags & (re.IGNORECASE | re.VERBOSE | re.MULTILINE | re.DOTALL)), parts)
    parts.update((whole, *(whole[:end] for end in range(1, min(len(whole), 12))), *whole[:40], *COMMON))
    return sorted(part for part in parts if 0 < len(part) <= min(SIZES))


def seconds(pattern: re.Pattern, unit: str, size: int) -> float:
    text = unit * (size // len(unit)) + "\x00"
    subject = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    started = time.process_time()
    for _ in pattern.finditer(subject):
        pass
    return time.process_time() - started


def grows_fast(pattern: re.Pattern, unit: str) -> bool:
    short, long = (min(seconds(pattern, unit, size) for _ in range(3)) for size in SIZES)
    return long >= MIN_SECONDS and long > MAX_GROWTH * short


@pytest.mark.parametrize("module", sorted({name.partition(":")[0] for name, _ in patterns()}))
def test_time_of_every_pattern_grows_with_the_length_of_its_input(module):
    slow = []
    for name, pattern in patterns():
        if not name.startswith(f"{module}:") or name in BOUNDED:
            continue
        for unit in units(pattern):
            if seconds(pattern, unit, SIZES[1]) < MIN_SECONDS:
                continue
            if all(grows_fast(pattern, unit) for _ in range(MAX_TRIES)):
                slow.append((name, unit))
    assert slow == []


def test_the_list_of_bounded_patterns_is_current():
    assert BOUNDED.keys() <= {name for name, _ in patterns()}
