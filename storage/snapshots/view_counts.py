"""Counts of a snapshot as each commit stores them with its view, so that showing them reads no rows. Loads no Arrow."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

from articles.errors import CorruptError, MissingError
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json
from storage.snapshots.layer_names import edition, layer_key, names_its_span, spans
from storage.snapshots.view_code import VIEWS_PREFIX, code_version

COUNTS = "counts"  # in the description of a layer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """Counts of a snapshot, or of some of its articles. All of them are sums over articles, so they can be added."""

    documents: int = 0
    articles: int = 0
    versions: int = 0
    gone: int = 0
    represented: int = 0  # by another document of their cluster
    review: int = 0  # whose topic needs review
    duplicates: int = 0  # that a pull without options leaves out for this alone
    outlets: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    rejections: Mapping[str, int] = field(default_factory=dict)
    removals: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "ViewCounts") -> "ViewCounts":
        """Return both together."""
        return self._with(other, 1)

    def __sub__(self, other: "ViewCounts") -> "ViewCounts":
        """Return these without others."""
        return self._with(other, -1)

    def _with(self, other: "ViewCounts", sign: int) -> "ViewCounts":
        found = {}
        for one in fields(self):
            ours, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(ours, int):
                found[one.name] = ours + sign * theirs
            else:
                both = Counter(ours)
                both.update({name: sign * number for name, number in theirs.items()})
                found[one.name] = {name: number for name, number in sorted(both.items()) if number}
        return ViewCounts(**found)


def described(counts: ViewCounts) -> dict[str, object]:
    """Return counts as the description of a layer holds them."""
    return {COUNTS: asdict(counts)}


def stored_counts(store: ObjectStore, number: int, entry_sha256: str) -> ViewCounts | None:
    """Return the counts that are stored of a snapshot, whose log entry has this SHA-256; None if there are none."""
    named = edition(store, code_version())
    for span in spans(store, VIEWS_PREFIX, named):
        if span[1] == number and (found := _read(store, layer_key(VIEWS_PREFIX, named, *span), span, entry_sha256)):
            return found
    return None


def counts_of(about: Mapping[str, object], key: str) -> ViewCounts | None:
    """Return the counts in the description of a layer; None if it has none. Raises CorruptError."""
    try:
        if COUNTS not in about:
            return None
        return _checked(ViewCounts(**about[COUNTS]))  # type: ignore[arg-type]  # checked
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise CorruptError(f"{key} holds no counts: {error!r}") from error


def _checked(counts: ViewCounts) -> ViewCounts:
    values = asdict(checked(counts)).values()
    numbers = [number for one in values for number in (one.values() if isinstance(one, dict) else (one,))]
    if min(numbers) < 0:
        raise ValueError("a number is below 0")
    return counts


def _read(store: ObjectStore, key: str, span: tuple[int, int], entry_sha256: str) -> ViewCounts | None:
    try:
        about = read_json(store, key)
        right = about.get("entry") == entry_sha256 and names_its_span(about, span)
        return counts_of(about, key) if right else None
    except (CorruptError, MissingError, AttributeError) as error:
        logger.warning("%s cannot be used: %s", key, error)
        return None
