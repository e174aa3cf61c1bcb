"""The authors of an article: people only. Sites, agencies, offices, addresses and "admin" are none."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice, pairwise
from typing import Any, NamedTuple

from articles import dates
from articles.data import load
from articles.metadata.agencies import agency, among
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page import phrases
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.page.structured import text_of, types_of
from articles.text import fold

META = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "cxenseparse:author",
    "mediator_author",
    "og:article:author",
    "twitter:creator:name",
)
SPLIT = re.compile(
    r"\s*(?:,|;|\||/|\band\b|&|\bund\b|\bи\b|\bта\b|\bй\b|\bir\b|\bet\b|\by\b|\bog\b|\bva\b|\bва\b|\bve\b|және|\bжана\b|\bwith\b|\s•\s)\s*"
)
NAME = re.compile(r"^[^\W\d_][\w.'’`-]*(?:\s+[\w.'’`()-]+){0,5}$")
BY = re.compile(
    r"^\W*(?:by|von|par|por|автор(?:ы)?|author|written by|text(?:as)?|autor(?:ius|ė)?|текст)\b\s*:?\s*", re.IGNORECASE
)
TITLED = re.compile(
    r"^(?:posted|written|edited|reported|reviewe?d?|story|reporting|published|publiziert|adaptiert)\s+(?:by|von)\s+",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"\s+[-–—]\s*|\s*[|•·(@]|\s+(?:on|am|für|for|mit)(?:\s+|$)|\s+\d|(?<=[a-zа-я])(?=\d)"
)  # office, date, handle
SHORT_SITE = 4  # letters of a site's name up to which it may be a part of a person's
DIGIT = re.compile(r"\d")
LONGEST_LINE = 2_000  # characters of a list of names that are read
MOST_WORDS = 6  # in a person's name, hyphens counted as blanks
LONGEST_NAME = 60  # characters
LINE = 120  # characters of a byline
SIGNATURE = (2, 3)  # words of a name that signs a text
NEAR = 3  # elements around a byline that may be called so
IN_LINES = frozenset({"byline", "visible", "signature"})
MOST_TEXTS = 40  # of one source that are read
EVIDENCE = 300  # characters of a candidate that are kept


def stated(source: MetadataContext, role: str) -> tuple[str, ...]:
    """Return the people whom JSON-LD names in a role other than the author's: "translator", "editor"."""
    named = [name for article in source.stated.articles[:1] for name in _linked(article.get(role))]
    return people(named[:MOST_TEXTS], source.site)


class Authors(NamedTuple):
    """Who wrote an article, the agency whose text it is, and what that rests on."""

    names: tuple[str, ...]
    agency: str
    evidence: list[Evidence]
    choices: tuple[Choice, ...]


def read(source: MetadataContext) -> Authors:
    """Return the authors, an agency that stands among them, the candidates and the reasons.

    The first source that names people decides; an agency beside people counts where the page states it for machines,
    since in a line it may be a picture's.
    """
    candidates = _candidates(source)
    chosen: tuple[str, ...] = ()
    evidence: list[Evidence] = []
    for name, texts in candidates:
        found = people(texts, source.site)
        evidence.append(Evidence("authors", name, "; ".join(texts)[:EVIDENCE], chosen=bool(found and not chosen)))
        chosen = chosen or found
    taken = next((one.source for one in evidence if one.chosen), "")
    why = (
        f"{taken} is the first of the sources, in their order of trust, that names people"
        if taken
        else "nobody is named"
    )
    choices = [Choice("authors", why)]
    agency_, origin = _agency(source, candidates, named=bool(chosen))
    if agency_:
        choices.append(Choice("source", f"{origin} names it among the authors"))
    return Authors(chosen, agency_, evidence, tuple(choices))


def _candidates(source: MetadataContext) -> list[tuple[str, list[str]]]:
    stated = source.stated
    candidates = [
        ("json-ld", _linked(article.get("author")) or _linked(article.get("creator")))
        for article in stated.articles[:1]
    ]
    candidates += [(f"meta:{name}", stated.meta.get(name, [])) for name in META]
    head = source.head()
    near = range(head[0].position, head[-1].position + 1) if head else range(0)
    candidates.append(("byline", [names for position, names in source.page.bylines if position in near]))
    candidates.append(("visible", [names for block in head if (names := byline(block))]))
    candidates.append(("signature", _signatures(source)))
    return [(name, texts[:MOST_TEXTS]) for name, texts in candidates if texts]


def _agency(source: MetadataContext, candidates: list[tuple[str, list[str]]], *, named: bool) -> tuple[str, str]:
    """Return the agency among the authors and who names it."""
    offices = [text for article in source.stated.articles[:1] for text in _linked(article.get("author"), offices=True)]
    for name, texts in [("json-ld", offices), *candidates]:
        if named and name in IN_LINES:
            continue
        found = among((text[:LONGEST_NAME] for text in texts[:MOST_TEXTS]), source.url)
        if found:
            return found, name
    return "", ""


def _linked(value: Any, *, offices: bool = False) -> list[str]:
    """Return the names in a JSON-LD author: people, or with `offices` organisations too."""
    names = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict) and isinstance(entry.get("name"), list):
            names += [text_of(name) for name in entry["name"]]
        elif offices or not (isinstance(entry, dict) and "Organization" in types_of(entry)):
            names.append(text_of(entry))
    return [name for name in names if name]


def byline(block: Block) -> str:
    """Return the names in a block that is a byline, or an empty string."""
    text = block.text
    if len(text) > LINE:
        return ""
    if BY.match(text):
        return BY.sub("", text)
    return text if any(node.kind == "byline" for node in islice(block.node.chain(), NEAR)) else ""


def _signatures(source: MetadataContext) -> list[str]:
    """Return the name under the text: a line after the last paragraph, before comments, that is a name only."""
    found: list[str] = []
    for before, block in pairwise(source.page.blocks[source.top.first : source.top.last + 1]):
        if prose(block):
            found = []
            continue
        hit = phrases.match(block.text) if len(block.text) <= LONGEST_NAME else None
        if hit and hit.reason == "comments":
            break
        if len(block.text) <= LONGEST_NAME and prose(before) and block.tag not in HEADINGS:
            name = signature(block, source.site)
            found = [name] if name else []
    return found


def signature(block: Block, site: str) -> str:
    """Return the name that a block under the text is and nothing else, or an empty string."""
    name = BY.sub("", block.text)
    words = name.split()
    capital = all(word[0].isupper() for word in words)
    button = any(word.casefold() in _names()["interface"] for word in words)
    fits = SIGNATURE[0] <= len(words) <= SIGNATURE[1] and capital and not button
    return name if fits and is_person(name, site) else ""


def people(texts: Iterable[str], site: str) -> tuple[str, ...]:
    """Return the people among names as bylines write them."""
    names = (clean(name) for text in texts for name in SPLIT.split(BY.sub("", text[:LONGEST_LINE])))
    return tuple(dict.fromkeys(name for name in names if is_person(name, site)))


def clean(name: str) -> str:
    """Return a name without what bylines put around it: who wrote, a date, a handle, a place, an office after a dash."""
    words = TITLED.sub("", BY.sub("", name.strip())).split()
    dated = (
        place
        for place, (word, after) in enumerate(pairwise(words))
        if after[0].isdigit() and dates.month_of(word.strip(".,"))
    )
    words = words[: next(dated, None)]
    if words and dates.weekday(words[-1].strip(".,")):
        words.pop()
    return AFTER.split(" ".join(words), maxsplit=1)[0].strip(" -–—·,")


@cache
def _names() -> dict[str, frozenset[str]]:
    return {key: frozenset(text.split()) for key, text in load("names").items()}


def is_person(name: str, site: str) -> bool:
    """Return whether a name is a person's: no site, agency, office, address, date or part of a page's machinery."""
    words = [word.casefold().strip(".") for word in re.split(r"[\s-]+", name) if word]
    if not words or not NAME.match(name) or len(words) > MOST_WORDS or len(name) > LONGEST_NAME:
        return False
    whose = fold(site)
    if (
        fold(name) == whose
        or (len(whose) > SHORT_SITE and whose in fold(name))
        or DIGIT.search(name)
        or agency(name)
        or (len(words) == 1 and name.isascii())
    ):
        return False
    known = _names()
    if any(word in known[kind] for word in words for kind in ("organisations", "not_authors", "offices", "machinery")):
        return False
    return all(_capital(word) or word.casefold() in known["particles"] for word in name.split())


def _capital(word: str) -> bool:
    """Return whether a word begins as a name does: with a capital, or in a script that has none."""
    letter = next((char for char in word if char.isalpha()), "")
    return not letter.islower()
