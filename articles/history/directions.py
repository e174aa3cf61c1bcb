"""Decide which of two linked texts translates or rewrites the other, where evidence contradicts the days that pages state.

A link is made from two texts alone, and the later stated day makes a text the translation. Any page can state an early
day. So the view, which knows when each text was first seen, turns a link round if its original cannot be that old.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from articles.history.claimed_days import ClaimedDay
from articles.model import Link, LinkKind

DIRECTED = frozenset({LinkKind.TRANSLATION, LinkKind.REWRITE})
TURNED = "; turned round: the day that the other states is not borne out"


@dataclass(frozen=True, slots=True)
class DatedText:
    """What is known of the age of a document's text."""

    claim: ClaimedDay
    sure: bool  # evidence bears its stated day out
    known: bool  # its outlet has a file


def directed(link: Link, dated: Callable[[str], DatedText]) -> Link:
    """Return a link from the translation or rewrite (`a`) to the original (`b`). `dated` is asked by row id.

    A page that names its source, or a translator, speaks against its own interest, so its link stays as it is.
    """
    from articles.links.translation import (  # noqa: PLC0415  only where a view is computed
        NAMES_SOURCE,
        NAMES_TRANSLATOR,
    )

    stated = link.evidence.startswith((NAMES_SOURCE, NAMES_TRANSLATOR))
    if link.kind not in DIRECTED or stated or not is_contradicted(dated(link.b), dated(link.a)):
        return link
    return replace(link, a=link.b, b=link.a, evidence=link.evidence + TURNED)


def is_contradicted(original: DatedText, copy: DatedText) -> bool:
    """Return whether evidence contradicts that the first text is older than the second.

    Without evidence on its day, the first text loses to one that was seen earlier, and to a known outlet's that was there
    before it was seen.
    """
    there, seen = _day(copy), original.claim.seen
    if original.sure:
        return there < _day(original)
    if original.claim.witness:
        return there < min(original.claim.witness, seen)
    return copy.claim.seen < seen or (copy.sure and copy.known and not original.known and there <= seen)


def _day(text: DatedText) -> str:
    """Return the day by which a text was there, as far as evidence shows."""
    return min(text.claim.day, text.claim.seen) if text.sure else text.claim.seen
