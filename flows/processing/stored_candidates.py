"""Find in stored look-ups the rows that new rows must be compared with: all that `articles.links` may find as candidates.

What is found is a superset of the candidates. They are added to the indexes of `articles.links`, which find the same pairs
as among all rows, since whether a pair is a candidate depends on its two rows alone.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from articles.links.anchors import CLASS_BITS, CLASS_WEIGHT_ARRAY, total_weight
from articles.links.duplicate_index import DuplicateEntry, enough_shared
from articles.links.translation_index import MAX_KEYS, TranslationEntry, alike
from storage.snapshots.lookup_layers import Lookups, Places
from storage.snapshots.lookup_tables import (
    KIND_BITS,
    NAMING,
    OF_ARTICLE,
    SKETCH,
    Codes,
    anchor_keys,
    lang_code,
    named_keys,
    part_of,
    sketch_keys,
)

UNDATED_PART = 0
ENTRIES_AT_ONCE = 16  # texts whose anchors are matched at a time; each may meet the anchors of all texts of half a year
LEAST_SHARED = enough_shared(0)
SMALLEST_SHARE = 0.999999  # of a weight: sums of the same weights in another order may differ in their last digit


def duplicates_of(lookups: Lookups, entries: Sequence[DuplicateEntry]) -> Places:
    """Return the rows that share as many hashes of a sketch with some of the entries as two rows need, or all words."""
    found: Places = {}
    keys = [sketch_keys(entry.sketch) for entry in entries]
    for layer, postings in lookups.postings(_joined(keys)):
        known, rows = _numbers(postings, "key"), _numbers(postings, "row")
        for own in keys:
            mine = np.isin(known, own)
            is_sketch = (known[mine] >> KIND_BITS) == SKETCH
            met, times = np.unique(rows[mine][is_sketch], return_counts=True)
            places = [*met[times >= LEAST_SHARED].tolist(), *rows[mine][~is_sketch].tolist()]
            found.setdefault(layer, set()).update(places)
    return found


def translations_of(lookups: Lookups, entries: Sequence[TranslationEntry]) -> Places:
    """Return the rows that share enough anchors with some of the entries, or of which one names the other."""
    found: Places = {}
    named = [named_keys(OF_ARTICLE, (*entry.originals, *entry.others)) for entry in entries]
    named += [named_keys(NAMING, entry.articles) for entry in entries]
    for layer, postings in lookups.postings(_joined(named)):
        found.setdefault(layer, set()).update(postings["row"].to_pylist())
    for start in range(0, len(entries), ENTRIES_AT_ONCE):
        portion = entries[start : start + ENTRIES_AT_ONCE]
        keys = [_anchors_near(entry, lookups) for entry in portion]
        for layer, postings in lookups.postings(_joined(keys)):
            for entry, own in zip(portion, keys, strict=True):
                found.setdefault(layer, set()).update(_alike(entry, own, postings))
    return found


def _anchors_near(entry: TranslationEntry, lookups: Lookups) -> Codes:
    """Return the keys of an entry's anchors in the periods of texts that it may be compared with."""
    part = part_of(entry)
    parts = lookups.parts if part == UNDATED_PART else {UNDATED_PART, part - 1, part, part + 1}
    return _joined([anchor_keys(_kept(entry), near) for near in sorted(parts)])


def _alike(entry: TranslationEntry, keys: Codes, postings: pa.Table) -> list[int]:
    known = _numbers(postings, "key")
    mine = np.isin(known, keys)
    rows, at = np.unique(_numbers(postings, "row")[mine], return_inverse=True)
    if not len(rows):
        return []
    shared = np.bincount(at, CLASS_WEIGHT_ARRAY[(known[mine] & np.uint64(CLASS_BITS)).astype(np.uint32)], len(rows))
    masses, langs = np.empty(len(rows)), np.empty(len(rows), np.uint32)
    masses[at] = postings["mass"].to_numpy()[mine]
    langs[at] = postings["lang"].to_numpy()[mine]
    own, code = np.full(len(rows), total_weight(_kept(entry).keys)), lang_code(entry.lang)
    within = (langs == code) & (langs > 0)
    near = alike(shared / SMALLEST_SHARE, own, masses, within)
    places: list[int] = rows[near].tolist()
    return places


def _kept(entry: TranslationEntry) -> TranslationEntry:
    """Return the entry with the anchors that the index compares."""
    return replace(entry, keys=entry.keys[:MAX_KEYS])


def _numbers(rows: pa.Table, column: str) -> Codes:
    numbers: Codes = rows[column].to_numpy().astype(np.uint64)
    return numbers


def _joined(keys: Sequence[Codes]) -> Codes:
    return np.concatenate([np.empty(0, np.uint64), *keys])
