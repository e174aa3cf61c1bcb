"""Rows of a stored view that Irtysh did not write are refused by name, before they are used as columns."""

import pyarrow as pa
import pytest

from articles.errors import CorruptError
from storage.snapshots.checked_rows import checked_documents
from storage.snapshots.contents import load_tables
from tests.storage import corpus
from tests.storage.history import log_of


@pytest.fixture
def documents(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    state = log.state()
    return load_tables(directory_store, state).documents, state.files["documents"]


def altered(rows, **values):
    found = rows.to_pylist()
    for name, value in values.items():
        place = found[0] if name in found[0] else found[0]["versions"][0]
        place[name] = value
    return pa.Table.from_pylist(found, rows.schema)


def test_our_own_rows_pass_also_without_some_columns_or_rows(documents):
    rows, packs = documents
    assert checked_documents(rows, packs) == rows
    assert checked_documents(rows.select(["url"]), packs).num_rows == rows.num_rows
    assert checked_documents(rows.slice(0, 0), packs).num_rows == 0


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"title": None}, "no title"),
        ({"verdict": "perhaps"}, "perhaps"),
        ({"versions": []}, "no versions"),
        ({"shown_by": None}, "no shown_by of a version"),
        ({"pack": "0" * 64}, "the snapshot has no file 000"),
    ],
)
def test_rows_of_others_are_refused(documents, values, why):
    rows, packs = documents
    with pytest.raises(CorruptError, match=f"{why}.*irtysh repair"):
        checked_documents(altered(rows, **values), packs)
