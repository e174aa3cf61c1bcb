"""Counts of requested pages per outlet, by result. The sums must be equal.

asked = kept + off_topic + rejected + refused + held + failed + redirected + gone
kept  = new + changed + unchanged
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from articles.reasons import Reason

if TYPE_CHECKING:
    from articles.pipeline import PageResult  # it loads all of extraction, which counts shown on a screen do not need

REFUSED = frozenset(
    {
        Reason.ROBOTS_REFUSED,
        Reason.ADDRESS_REFUSED,
        Reason.RESERVED,
        Reason.TAKEN_DOWN,
        Reason.BLOCKED,
        Reason.PAYWALLED,
        Reason.PAYMENT_REQUIRED,
    }
)
FAILED = frozenset(
    {
        Reason.BAD_URL,
        Reason.DNS_ERROR,
        Reason.CONNECT_ERROR,
        Reason.TLS_ERROR,
        Reason.TIMEOUT,
        Reason.PARTIAL_BODY,
        Reason.TOO_LARGE,
        Reason.REDIRECT_LOOP,
        Reason.FETCH_ERROR,
        Reason.HOST_SUSPENDED,
        Reason.HTTP_ERROR,
    }
)
_COLUMN_OF_REASON = {
    Reason.OFF_TOPIC: "off_topic",
    Reason.REDIRECTED: "redirected",
    Reason.GONE: "gone",
    Reason.NOT_MODIFIED: "unchanged",
    Reason.QUARANTINED: "held",
}

COLUMNS = (
    "asked", "kept", "new", "changed", "unchanged", "duplicate",
    "off_topic", "rejected", "refused", "held", "failed", "redirected", "gone",
)  # fmt: skip

Counts = Mapping[str, Mapping[str, int]]


def column_of(reason: str) -> str:
    """Return the column in which a page without documents is counted."""
    why = Reason(reason)
    if why in REFUSED:
        return "refused"
    if why in FAILED:
        return "failed"
    return _COLUMN_OF_REASON.get(why, "rejected")


def count(
    results: "Iterable[PageResult]", seen: Mapping[str, frozenset[str]], duplicates: frozenset[str]
) -> dict[str, dict[str, int]]:
    """Count the pages of a batch per outlet.

    `seen` maps the ids of known documents to their version keys; `duplicates` holds the ids of rows that a duplicate
    link joins to another article.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        if not result.purpose.article:
            continue
        tally = counts[result.fetch.outlet]
        tally["asked"] += 1
        column = column_of(result.fetch.reason) if result.fetch.reason else _change(result, seen)
        tally[column] += 1
        if column in {"new", "changed", "unchanged"}:
            tally["kept"] += 1
            tally["duplicate"] += any(row in duplicates for row in result.fetch.rows)
    return {outlet: {column: counts[outlet][column] for column in COLUMNS} for outlet in sorted(counts)}


def missed_selectors(results: "Iterable[PageResult]") -> Counter[tuple[str, str]]:
    """Count, per outlet and attribute of its file, the articles on which its selectors found nothing."""
    return Counter((result.fetch.outlet, name) for result in results if result.rows for name in result.missed)


def total(counts: Counts) -> dict[str, int]:
    """Return the sums over all outlets."""
    return {column: sum(tally.get(column, 0) for tally in counts.values()) for column in COLUMNS}


def add(one: Counts, other: Counts) -> dict[str, dict[str, int]]:
    """Return the sum of two counts, outlet by outlet."""
    outlets = sorted({*one, *other})
    empty: dict[str, int] = {}
    return {
        outlet: {
            column: one.get(outlet, empty).get(column, 0) + other.get(outlet, empty).get(column, 0)
            for column in COLUMNS
        }
        for outlet in outlets
    }


def _change(result: "PageResult", seen: Mapping[str, frozenset[str]]) -> str:
    """Return whether a page's documents are new to the corpus, changed or unchanged."""
    known = [seen.get(row.document.document_id) for row in result.rows]
    if any(keys is None for keys in known):
        return "new"
    same = all(keys and row.version_key in keys for keys, row in zip(known, result.rows, strict=True))
    return "unchanged" if same else "changed"
