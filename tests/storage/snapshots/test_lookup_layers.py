"""Look-ups: what is found through the ends of row groups is what reading all keys finds."""

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from articles.errors import CorruptError
from benchmarks.growth import CountingStore
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


def test_one_key_reads_little_of_a_file_and_many_keys_read_it_about_once(directory_store):
    table = postings(random.Random(2), range(600))  # noqa: S311  not a secret
    kind = replace(LOOKUPS, group_rows=dict.fromkeys(TABLES, 200))
    tables = {name: schema.empty_table() for name, schema in TABLES.items()} | {"postings": table}
    counting = CountingStore(directory_store)
    stored = layers.write(counting, MadeLayer(kind, 0, 0, tables), kind.edition(counting), "")
    size, keys = stored.files["postings"][1], table["key"].to_pylist()
    stored.num_rows("postings")  # reads the footer
    before = counting.read
    assert stored.read("postings", TABLES["postings"].names, keys[-1:])["key"].to_pylist() == keys[-1:]
    assert counting.read - before < size / 20
    before = counting.read
    assert stored.read("postings", TABLES["postings"].names, keys[::100])["key"].to_pylist() == keys[::100]
    assert counting.read - before < 1.5 * size


def test_each_bit_of_a_footer_is_checked_before_it_is_parsed(directory_store):
    tables = {name: schema.empty_table() for name, schema in TABLES.items()}
    tables["postings"] = postings(random.Random(1), (3, 4))  # noqa: S311  not a secret
    stored = layers.write(directory_store, MadeLayer(LOOKUPS, 0, 0, tables), LOOKUPS.edition(directory_store), "")
    key, size = stored.key_of("postings"), stored.footers["postings"].size
    data = directory_store.get(key)
    assert replace(stored).num_rows("postings") == tables["postings"].num_rows
    for place in range(len(data) - size, len(data)):
        directory_store.put(key, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(CorruptError, match="footer"):
            replace(stored).num_rows("postings")
    directory_store.put(key, data)
    files, footers = {"postings": stored.files["held"]}, {"postings": stored.footers["held"]}
    with pytest.raises(CorruptError, match="footer"):
        replace(stored, footers=footers).read("postings", ["key"])
    with pytest.raises(CorruptError, match="table postings"):
        replace(stored, files=files, footers=footers).read("postings", ["key"])
