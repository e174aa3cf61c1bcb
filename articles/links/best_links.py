"""Which of the links that texts allow stand, seen from all of them: a view, like clusters."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from articles.links.translation import BY_ANCHORS
from articles.model import Link, LinkKind


def settled(links: Iterable[Link], lang_of: Callable[[str], str]) -> list[Link]:
    """Return the links without those translations by anchors that are not best for both rows.

    A report shares its anchors with every other report of its event, and most with its translation. Of the links of a row
    to rows of one language the strongest stands, and those as strong (reprints of one text). `lang_of` tells a row's
    language.
    """
    found = list(links)
    best: defaultdict[tuple[str, str], float] = defaultdict(float)
    for link in found:
        for row, lang in _sides(link, lang_of):
            best[row, lang] = max(best[row, lang], link.score)
    return [link for link in found if all(link.score >= best[side] for side in _sides(link, lang_of))]


def _sides(link: Link, lang_of: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Return either row with the language of the other, for a link by anchors."""
    if link.kind is not LinkKind.TRANSLATION or link.method != BY_ANCHORS:
        return ()
    return ((link.a, lang_of(link.b)), (link.b, lang_of(link.a)))
