"""What an element says it is: a kind from its tag and from the words in its class and id (data/markup.yaml)."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from articles.data import load

LONGEST_NAME = 80  # characters of a class that are read
MOST_WORDS = (
    7  # of a class; a longer one is a headline made into a name ("star-promoted-her-film-in-a-plum-coloured-suit")
)
SHOWN = re.compile(r"(?:^|:|-)(?:block|flex|grid|inline|inline-block|inline-flex|table|contents|visible|initial)$")
WORD = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+[0-9]*|[A-ZА-ЯЁ]+(?![a-zа-яё])")


class KindRules(NamedTuple):
    """The data file, ready to be asked. `rank` orders kinds: the lower wins."""

    tags: dict[str, str]
    words: dict[str, str]
    pairs: dict[tuple[str, str], str]
    rank: dict[str, int]
    before: frozenset[str]
    after: frozenset[str]
    never: frozenset[str]
    hides: frozenset[str]


@cache
def markup() -> KindRules:
    """Return the data file, read once."""
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
    )


@lru_cache(maxsize=65536)
def element_kind(tag: str, names: str) -> str:
    """Return the kind of an element by its tag and its `class` and `id`, or an empty string."""
    data = markup()
    if tag in data.never:
        return ""
    best = data.tags.get(tag, "")
    if names:
        rank = data.rank.get(best, len(data.rank))
        for name in names.split():
            kind = name_kind(name)
            if kind and data.rank[kind] < rank:
                best, rank = kind, data.rank[kind]
    return best


@lru_cache(maxsize=65536)
def is_hidden(names: str) -> bool:
    """Return whether an element's classes hide it at every width of the screen (Tailwind, Bootstrap and their kin)."""
    classes = names.split()
    return not markup().hides.isdisjoint(classes) and not any(
        SHOWN.search(name) and "print" not in name for name in classes
    )


@lru_cache(maxsize=65536)
def name_kind(name: str) -> str:
    """Return the kind that one class or id speaks of, or an empty string."""
    data = markup()
    words = [word.lower() for word in WORD.findall(name[:LONGEST_NAME])]
    if len(words) > MOST_WORDS:
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
