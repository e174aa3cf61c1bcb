"""Derive the kind of an element ("related", "byline") from its tag and the words of its class and id (markup.yaml)."""

import re
from functools import cache, lru_cache
from itertools import chain, islice
from typing import NamedTuple

from lxml.etree import _Element

from articles.data import load
from articles.page.blocks import HEADINGS, Node

MAX_CLASS_CHARS = 80  # only the beginning of a longer class is read
# Words of a class; a longer one is a slug made from a headline ("star-promoted-her-film-in-a-plum-coloured-suit").
MAX_CLASS_WORDS = 7
# Classes that show an element on wider screens.
DISPLAY_CLASS = re.compile(
    r"(?:^|:|-)(?:block|flex|grid|inline|inline-block|inline-flex|table|contents|visible|initial)$"
)
# Small letters after a digit are part of a hash ("element-eefe4ad").
CLASS_WORD = re.compile(r"(?:[A-ZА-ЯЁ]|(?<![0-9a-zа-яё]))[a-zа-яё]+[0-9]*|[A-ZА-ЯЁ]+(?![a-zа-яё])")
# Kinds that the class of a heading does not give if it says "heading": "kt-adv-heading" is an advanced one,
# "navigation-heading" a subhead.
NOT_OF_HEADINGS = frozenset({"ad", "navigation"})
HEADING_WORD = "heading"
# Elements around an article: about other pages or the site, whatever the page.
AROUND_KINDS = frozenset({"ad", "aside", "comments", "footer", "navigation", "promo", "related"})
MAX_AROUND_DEPTH = 12  # elements outwards that are asked; farther out, names are those of a layout
AROUND_TAGS = frozenset({"a", "aside", "footer", "nav"})


class KindRules(NamedTuple):
    """Content of data/markup.yaml, prepared for lookup. Of several kinds, the one with the lowest `rank` wins."""

    tags: dict[str, str]
    words: dict[str, str]
    pairs: dict[tuple[str, str], str]
    rank: dict[str, int]
    before: frozenset[str]
    after: frozenset[str]
    never: frozenset[str]
    hides: frozenset[str]
    telling: frozenset[str]  # the words that name a kind, alone or with the word after them


@cache
def kind_rules() -> KindRules:
    """Return the rules of the data file; it is read once."""
    data = load("markup")
    words: dict[str, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for kind, listed in data["kinds"].items():
        for entry in listed.split():
            parts = tuple(entry.split("+"))
            if len(parts) == 1:
                words.setdefault(entry, kind)
            else:
                pairs.setdefault((parts[0], parts[1]), kind)
    rank = {kind: index for index, kind in enumerate(data["kinds"])}
    unless = data["unless"]
    return KindRules(
        data["tags"],
        words,
        pairs,
        rank,
        frozenset(unless["before"]),
        frozenset(unless["after"]),
        frozenset(data["never"]),
        frozenset(data["hides"].split()),
        frozenset(words).union(first for first, _ in pairs),
    )


@lru_cache(maxsize=65536)
def element_kind(tag: str, names: str) -> str:
    """Return the kind of an element by its tag and its names (class and id), or an empty string."""
    data = kind_rules()
    if tag in data.never:
        return ""
    best = data.tags.get(tag, "")
    if names:
        rank = data.rank.get(best, len(data.rank))
        for name in names.split():
            kind = name_kind(name)
            if tag in HEADINGS and kind in NOT_OF_HEADINGS and HEADING_WORD in name:
                continue
            if kind and data.rank[kind] < rank:
                best, rank = kind, data.rank[kind]
    return best


def is_around(node: Node) -> bool:
    """Return whether a node is or lies in an element around the article."""
    return any(outer.tag in AROUND_TAGS or outer.kind in AROUND_KINDS for outer in node.chain())


def is_element_around(element: _Element) -> bool:
    """Return whether an element of the tree is or lies in an element around the article."""
    named = (
        (str(one.tag), f"{one.get('class') or ''} {one.get('id') or ''}".strip())
        for one in islice(chain((element,), element.iterancestors()), MAX_AROUND_DEPTH)
    )
    return any(tag in AROUND_TAGS or element_kind(tag, names) in AROUND_KINDS for tag, names in named)


@lru_cache(maxsize=65536)
def naming_class(kind: str, names: str) -> str:
    """Return the first of an element's names that gives it its kind; all its names if only its tag does."""
    return next((name for name in names.split() if name_kind(name) == kind), names)


@lru_cache(maxsize=65536)
def is_hidden(names: str) -> bool:
    """Return whether an element's classes hide it at every screen width (classes of Tailwind, Bootstrap and similar)."""
    classes = names.split()
    return not kind_rules().hides.isdisjoint(classes) and not any(
        DISPLAY_CLASS.search(name) and "print" not in name for name in classes
    )


@lru_cache(maxsize=65536)
def name_kind(name: str) -> str:
    """Return the kind that the words of one class or id name, or an empty string."""
    data = kind_rules()
    words = " ".join(CLASS_WORD.findall(name[:MAX_CLASS_CHARS])).lower().split()
    if len(words) > MAX_CLASS_WORDS or data.telling.isdisjoint(words):
        return ""
    found, rank = "", len(data.rank)
    for index, word in enumerate(words):
        after = words[index + 1] if index + 1 < len(words) else ""
        kind = data.pairs.get((word, after)) or data.words.get(word)
        if not kind or data.rank[kind] >= rank or after in data.after:
            continue
        if index == 0 or words[index - 1] not in data.before:
            found, rank = kind, data.rank[kind]
    return found
