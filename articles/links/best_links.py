"""Select the best translation links among all of a snapshot. Computed as part of the view, like clusters."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from articles.model import Link, LinkKind

BY_ANCHORS = "anchors"  # method of links without vectors; here, so that reading a view loads no encoder


def keep_best(links: Iterable[Link], lang_of: Callable[[str], str]) -> list[Link]:
    """Return the links without translations by anchors that are not the best for both rows.

    A report shares anchors with all other reports of its event, and most of them with its translation. So of a row's links
    to rows of one language, only the strongest is kept, and those of equal score (reprints of one text). `lang_of`
    returns the language of a row.
    """
    found = list(links)
    best: defaultdict[tuple[str, str], float] = defaultdict(float)
    for link in found:
        for row, lang in _sides(link, lang_of):
            best[row, lang] = max(best[row, lang], link.score)
    return [link for link in found if all(link.score >= best[side] for side in _sides(link, lang_of))]


def _sides(link: Link, lang_of: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Return each row with the language of the other row, if the link was found by anchors; otherwise nothing."""
    if link.kind is not LinkKind.TRANSLATION or link.method != BY_ANCHORS:
        return ()
    return ((link.a, lang_of(link.b)), (link.b, lang_of(link.a)))
