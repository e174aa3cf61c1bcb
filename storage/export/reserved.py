"""Documents of a snapshot whose publishers reserve a use, by all statements that the snapshot holds."""

from collections import defaultdict
from collections.abc import Iterable

from articles.metadata.reservations import Use, reservation
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.rows import rights_of
from storage.tables.state import State

DOCUMENT_COLUMNS = ("row_id", "document_id", "article_id", "rights")
FETCH_COLUMNS = ("article_id", "rows", "rights")


def reserved_documents(store: ObjectStore, state: State, use: Use) -> dict[str, str]:
    """Return the ids of the documents that are reserved against a use, each with the statement.

    A document is reserved if any of its rows, or any capture of its article, states so, even if a later one does not.
    """
    found: dict[str, str] = {}
    of_row: dict[str, str] = {}
    of_article: defaultdict[str, list[str]] = defaultdict(list)
    for rows in packs.read_each(store, state.live("documents"), DOCUMENT_COLUMNS):
        for row in rows.to_pylist():
            of_row[row["row_id"]] = row["document_id"]
            of_article[row["article_id"]].append(row["document_id"])
            _note(found, [row["document_id"]], reservation(rights_of(row["rights"]), use))
    for fetches in packs.read_each(store, state.live("fetches"), FETCH_COLUMNS):
        for row in fetches.to_pylist():
            if row["rights"] and (why := reservation(rights_of(row["rights"]), use)):
                shown = [of_row[row_id] for row_id in row["rows"] or () if row_id in of_row]
                _note(found, [*shown, *of_article.get(row["article_id"], ())], why)
    return found


def _note(found: dict[str, str], documents: Iterable[str], why: str) -> None:
    if why:
        for document in documents:
            found.setdefault(document, why)
