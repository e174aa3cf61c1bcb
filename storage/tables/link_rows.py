"""Read links, and convert between objects of `articles.links` and rows of `anchors`, `vectors` and `alignments`."""

from collections.abc import Iterator
from sys import intern
from typing import Any

import numpy as np

from articles.links.encoder import Codes
from articles.links.translation import FoundLink
from articles.links.translation_index import TranslationEntry
from articles.model import Link
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.rows import link_of
from storage.tables.schemas import Row
from storage.tables.state import State


def read_links(store: ObjectStore, state: State) -> Iterator[Link]:
    """Yield the links that the tables hold."""
    for rows in packs.read_each(store, state.live("links")):
        yield from map(link_of, rows.to_pylist())


def entry_row(entry: TranslationEntry) -> dict[str, Any]:
    """Return the row of `anchors` for a document's index entry."""
    return {
        "row_id": entry.row_id,
        "articles": list(entry.articles),
        "lang": entry.lang,
        "published": entry.published,
        "translated": entry.translated,
        "originals": list(entry.originals),
        "others": list(entry.others),
        "keys": entry.keys,
        "site": entry.site,
    }


def entry_of(row: Row) -> TranslationEntry:
    """Return the index entry that a row of `anchors` holds."""
    return TranslationEntry(
        row_id=row["row_id"],
        articles=tuple(row["articles"]),
        lang=intern(row["lang"]),  # many rows share the value, and all rows stay in memory
        published=intern(row["published"]),
        translated=row["translated"],
        originals=tuple(row["originals"]),
        others=tuple(row["others"]),
        keys=np.asarray(row["keys"], dtype=np.uint32),
        site=intern(row["site"] or ""),  # null in older rows
    )


def vectors_row(row_id: str, encoder: str, codes: Codes) -> dict[str, Any]:
    """Return the row of `vectors` for a document's sentences."""
    return {"row_id": row_id, "encoder": encoder, "dimensions": codes.shape[1], "codes": codes.tobytes()}


def codes_of(row: Row) -> Codes:
    """Return the sentence vectors that a row of `vectors` holds: one row per sentence, int8."""
    return np.frombuffer(row["codes"], dtype=np.int8).reshape(-1, row["dimensions"])


def alignment_row(found: FoundLink) -> dict[str, Any]:
    """Return the row of `alignments` for a link: the sentence pairs that it rests on."""
    return {
        "kind": found.link.kind.value,
        "a": found.link.a,
        "b": found.link.b,
        "method": found.link.method,
        "extent": found.extent,
        "a_start": [a[0] for a, _, _ in found.pairs],
        "a_end": [a[1] for a, _, _ in found.pairs],
        "b_start": [b[0] for _, b, _ in found.pairs],
        "b_end": [b[1] for _, b, _ in found.pairs],
        "likeness": [likeness for _, _, likeness in found.pairs],
    }
