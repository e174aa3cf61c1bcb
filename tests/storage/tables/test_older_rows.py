"""Rows that were written before documents had a lead, choices, alternates and rights."""

import hashlib
import io
import json

import pyarrow.parquet as pq
import pytest

from storage.tables import log, packs, schemas
from storage.tables import rows as table_rows
from storage.tables.packs import FileRef
from tests.storage import samples
from tests.storage.history import draft, log_of, never

LATER = ("lead", "choices", "alternates", "rights")


@pytest.fixture
def older(directory_store):
    """A pack without the later columns."""
    whole = packs.make_table("documents", [samples.row(1)])
    data = io.BytesIO()
    pq.write_table(whole.drop_columns(list(LATER)), data)
    ref = FileRef("documents", hashlib.sha256(data.getvalue()).hexdigest(), 1, len(data.getvalue()))
    directory_store.put(ref.key, data.getvalue())
    return ref


def test_a_document_comes_back_from_an_older_row(directory_store, older):
    (row,) = packs.read(directory_store, older).to_pylist()
    document = table_rows.document_of(row)
    assert document == samples.document(1)
    assert (document.lead, document.choices, document.alternates, document.rights) == ("", (), (), ())


def test_a_store_that_was_begun_without_them_says_when_they_came(directory_store, older, monkeypatch):
    schema = schemas.SCHEMAS["documents"]
    for name in LATER:
        schema = schema.remove(schema.get_field_index(name))
    with monkeypatch.context() as before:
        before.setitem(log.SCHEMAS, "documents", schema)
        first = log_of(directory_store).append(draft(directory_store, -1, [1], tables=(), add=(older,)), never)
    (newer,) = packs.write(directory_store, "documents", [samples.row(2)])
    second = log_of(directory_store).append(draft(directory_store, 0, [2], tables=(), add=(newer,)), never)
    names = [
        [field["name"] for field in json.loads(made.metadata["schemaString"])["fields"]] for made in (first, second)
    ]
    assert set(names[1]) - set(names[0]) == set(LATER)
    live = log_of(directory_store).state().live("documents")
    rows = packs.read_all(directory_store, live, "documents").to_pylist()
    assert sorted(table_rows.document_of(row).title for row in rows) == sorted(
        samples.document(number).title for number in (1, 2)
    )
