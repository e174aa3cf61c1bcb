"""Rows older than the columns lead, choices, alternates and rights can be read."""

import hashlib
import io
import json

import pyarrow.parquet as pq
import pytest

from storage.tables import packs, schemas
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from tests.storage import samples
from tests.storage.history import draft, log_of, never

LATER_COLUMNS = ("lead", "choices", "alternates", "rights")


@pytest.fixture
def older_pack(directory_store):
    """A pack without the later columns."""
    whole = packs.make_table("documents", [samples.row(1)])
    data = io.BytesIO()
    pq.write_table(whole.drop_columns(list(LATER_COLUMNS)), data)
    ref = FileRef("documents", hashlib.sha256(data.getvalue()).hexdigest(), 1, len(data.getvalue()))
    directory_store.put(ref.key, data.getvalue())
    return ref


def test_a_document_is_read_from_a_row_without_later_columns(directory_store, older_pack):
    (row,) = packs.read(directory_store, older_pack).to_pylist()
    document = table_rows.document_of(row)
    assert document == samples.document(1)
    assert (document.lead, document.choices, document.alternates, document.rights) == ("", (), (), ())


def test_the_first_commit_with_new_columns_records_them(directory_store, older_pack, monkeypatch):
    schema = schemas.SCHEMAS["documents"]
    for name in LATER_COLUMNS:
        schema = schema.remove(schema.get_field_index(name))
    with monkeypatch.context() as before:
        before.setitem(schemas.SCHEMAS, "documents", schema)
        first = log_of(directory_store).append(draft(directory_store, -1, [1], tables=(), add=(older_pack,)), never)
    (newer,) = packs.write(directory_store, "documents", [samples.row(2)])
    second = log_of(directory_store).append(draft(directory_store, 0, [2], tables=(), add=(newer,)), never)
    names = [
        [field["name"] for field in json.loads(made.metadata["schemaString"])["fields"]] for made in (first, second)
    ]
    assert set(names[1]) - set(names[0]) == set(LATER_COLUMNS)
    live = log_of(directory_store).state().live("documents")
    rows = packs.read_all(directory_store, live, "documents").to_pylist()
    assert sorted(table_rows.document_of(row).title for row in rows) == sorted(
        samples.document(number).title for number in (1, 2)
    )
