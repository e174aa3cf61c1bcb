"""Look-ups: what is found through the ends of row groups is what reading all keys finds."""

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.snapshots import layers
from storage.snapshots.layer_tables import MadeLayer
from storage.snapshots.lookup_layers import LOOKUPS, Lookups
from storage.snapshots.lookup_tables import ANCHOR, KIND_BITS, NAMING, PART_BITS, SKETCH, TABLES


def postings(rng, periods):
    """Keys of sketches, of anchors in some periods, and of names."""
    keys = [(int(kind) << int(KIND_BITS)) | rng.getrandbits(40) for kind in (SKETCH, NAMING) for _ in range(50)]
    for part in periods:
        top = (int(ANCHOR) << int(KIND_BITS)) | (part << int(PART_BITS))
        keys += [top | rng.getrandbits(32) for _ in range(rng.randint(1, 40))]
    rows = {"key": pa.array(np.array(sorted(keys), np.uint64))}
    for field in TABLES["postings"]:
        rows.setdefault(field.name, pa.nulls(len(keys), field.type))
    return pa.table(rows).select(TABLES["postings"].names).cast(TABLES["postings"])


@pytest.mark.parametrize("periods", [(), (0,), (3, 4, 9, 10, 11, 700)])
def test_the_periods_of_texts_are_found_by_reading_few_keys(directory_store, monkeypatch, periods):
    rng = random.Random(len(periods))  # noqa: S311  not a secret
    tables = {name: schema.empty_table() for name, schema in TABLES.items()} | {"postings": postings(rng, periods)}
    kind = replace(LOOKUPS, group_rows=dict.fromkeys(TABLES, 8))
    made = MadeLayer(kind, 0, 0, tables)
    stored = layers.write(directory_store, made, kind.edition(directory_store), "")
    read = []
    reading = pq.ParquetFile.read_row_groups

    def counted(file, groups, **options):
        read.extend(groups)
        return reading(file, groups, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", counted)
    assert Lookups((stored,)).parts == Lookups((made,)).parts == set(periods)
    assert len(read) <= len(periods) + 3  # those in which a period or a kind ends
