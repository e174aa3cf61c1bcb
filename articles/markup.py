"""What an element says it is: a kind from its tag and from the words in its class and id (data/markup.yaml)."""

import re
from functools import cache
from typing import NamedTuple

from articles.data import load

WORD = re.compile(r"[A-ZА-ЯЁ]?[a-zа-яё]+[0-9]*|[A-ZА-ЯЁ]+(?![a-zа-яё])")


class Markup(NamedTuple):
    """The data file, ready to be asked. `rank` orders kinds: the lower wins."""

    tags: dict[str, str]
    words: dict[str, str]
    pairs: dict[tuple[str, str], str]
    rank: dict[str, int]
    before: frozenset[str]
    after: frozenset[str]
    never: frozenset[str]


@cache
def markup() -> Markup:
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
    return Markup(
        data["tags"],
        words,
        pairs,
        rank,
        frozenset(unless["before"]),
        frozenset(unless["after"]),
        frozenset(data["never"]),
    )


def class_kind(tag: str, names: str) -> str:
    """Return the kind of an element by its tag and its `class` and `id`, or an empty string."""
    data = markup()
    if tag in data.never:
        return ""
    best = data.tags.get(tag, "")
    if not names or names.isspace():
        return best
    rank = data.rank.get(best, len(data.rank))
    found = ""
    for name in names.split():
        words = [word.lower() for word in WORD.findall(name)]
        for index, word in enumerate(words):
            after = words[index + 1] if index + 1 < len(words) else ""
            kind = data.pairs.get((word, after)) or data.words.get(word)
            if (
                kind
                and data.rank[kind] < rank
                and (index == 0 or words[index - 1] not in data.before)
                and after not in data.after
            ):
                found, rank = kind, data.rank[kind]
    return found or best
