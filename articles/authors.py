"""The authors of an article: people only. Sites, agencies, offices, addresses and "admin" are none."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import islice, pairwise
from typing import Any

from articles import phrases
from articles.blocks import HEADINGS, Block
from articles.column import prose
from articles.data import load
from articles.model import Choice, Evidence
from articles.source import Source
from articles.structured import text_of
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
SPLIT = re.compile(r"\s*(?:,|;|\||/|\band\b|&|\bund\b|\bи\b|\bir\b|\bet\b|\by\b|және|\bwith\b|\s•\s)\s*")
NAME = re.compile(r"^[^\W\d_][\w.'’`-]*(?:\s+[\w.'’`()-]+){0,5}$")
BY = re.compile(
    r"^\W*(?:by|von|par|por|автор(?:ы)?|author|written by|text(?:as)?|autor(?:ius|ė)?|текст)\b\s*:?\s*", re.IGNORECASE
)
MOST_WORDS = 5  # in a person's name
LONGEST_NAME = 60  # characters
LINE = 120  # characters of a byline
SIGNATURE = (2, 3)  # words of a name that signs a text
NEAR = 3  # elements around a byline that may be called so
EVIDENCE = 300  # characters of a candidate that are kept


def read(source: Source) -> tuple[tuple[str, ...], list[Evidence], Choice]:
    """Return the authors, the candidates and the reason: the first source that names people decides."""
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
    chosen: tuple[str, ...] = ()
    evidence: list[Evidence] = []
    for name, texts in candidates:
        if not texts:
            continue
        found = people(texts, source.site)
        evidence.append(Evidence("authors", name, "; ".join(texts)[:EVIDENCE], chosen=bool(found and not chosen)))
        chosen = chosen or found
    taken = next((one.source for one in evidence if one.chosen), "")
    why = (
        f"{taken} is the first of the sources, in their order of trust, that names people"
        if taken
        else "nobody is named"
    )
    return chosen, evidence, Choice("authors", why)


def _linked(value: Any) -> list[str]:
    """Return the names in a JSON-LD author."""
    names = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict) and isinstance(entry.get("name"), list):
            names += [text_of(name) for name in entry["name"]]
        elif not (isinstance(entry, dict) and entry.get("@type") == "Organization"):
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


def _signatures(source: Source) -> list[str]:
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
    return name if SIGNATURE[0] <= len(words) <= SIGNATURE[1] and capital and is_person(name, site) else ""


def people(texts: Iterable[str], site: str) -> tuple[str, ...]:
    """Return the people among names as bylines write them."""
    names = (name.strip() for text in texts for name in SPLIT.split(BY.sub("", text)))
    return tuple(dict.fromkeys(name for name in names if is_person(name, site)))


@cache
def _names() -> dict[str, frozenset[str]]:
    return {key: frozenset(text.split()) for key, text in load("names").items()}


def is_person(name: str, site: str) -> bool:
    """Return whether a name is a person's: no site, agency, office, address or domain."""
    words = [word.casefold().strip(".") for word in name.split()]
    if not NAME.match(name) or len(words) > MOST_WORDS or len(name) > LONGEST_NAME or fold(name) == fold(site):
        return False
    known = _names()
    if any(word in known["organisations"] or word in known["not_authors"] for word in words):
        return False
    if words[0] in known["agencies"] and len(words) <= NEAR:
        return False
    if len(words) == 1 and name.isascii():
        return False
    return name[0].isupper() or not name[0].isascii()
