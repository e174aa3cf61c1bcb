"""The links of translations and rewrites made anew for all rows: where they were processed without an encoder, or with another.

What pages state and what is alike stays; texts are not read again from their captures.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from articles.links import anchors
from articles.links.encoder import default_encoder
from articles.links.translation_index import TranslationEntry
from articles.model import Link
from flows.process import ProcessingContext, ProcessingTable
from flows.processing import batch, translation_links
from flows.processing.translation_links import TranslationLinker
from flows.reports import ProcessReport
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.log import CommitDraft
from storage.tables.packs import FileRef
from storage.tables.state import State
from storage.tables.texts import read_texts

ROWS_AT_ONCE = 2_000  # whose vectors are held at a time, 20 kB each


def relink(means: ProcessingContext) -> ProcessReport:
    """Make the links of all rows anew, in one commit."""
    counts: Counter[str] = Counter()
    with ProcessingTable(means) as table:

        def draft(state: State) -> CommitDraft:
            counts.clear()
            files = _linked(means, state, counts)
            made = table.draft(state, "relink", (), batch.WrittenBatch(files, {}, counts), ())
            old = [ref for name in ("links", "anchors", "alignments") for ref in state.live(name)]
            return replace(made, remove=tuple(old))

        state = table.log.state()
        commit = table.log.append(draft(state), draft) if state.number >= 0 else None
        translation_links.tell(means.listener)
    return ProcessReport() if commit is None else ProcessReport((commit.number,), links=dict(counts))


def _linked(means: ProcessingContext, state: State, counts: Counter[str]) -> tuple[FileRef, ...]:
    store = means.store
    kin = TranslationLinker(default_encoder())
    kin.follow(store, (), state.live("vectors"))
    where: dict[str, FileRef] = {}

    def texts(wanted: Collection[str]) -> dict[str, str]:
        return read_texts(store, where, wanted)

    kept = [link for link in _links(store, state) if not link.method]
    said = [link for link in kept if link.a != link.b]
    found: list[Link] = []
    files: list[FileRef] = []
    entries = _entries(store, state, where)
    while some := list(islice(entries, ROWS_AT_ONCE)):
        linked = kin.link(store, some, (), texts)
        found += linked.links
        files += linked.files
        means.listener.progress("linking", len(where), None)
    linked = kin.link(store, (), [link for link in said if link.a in where and link.b in where], texts)
    counts.update(link.kind.value for link in found)
    files += linked.files
    return (*files, *packs.write(store, "links", map(table_rows.link_row, [*kept, *found])))


def _entries(store: ObjectStore, state: State, where: dict[str, FileRef]) -> Iterator[TranslationEntry]:
    """Yield what is known of each row beside its text, noting in `where` which pack holds it."""
    for ref in sorted(state.live("documents")):
        for rows in packs.read(store, ref).to_batches(max_chunksize=ROWS_AT_ONCE):
            for row in rows.to_pylist():
                where[row["row_id"]] = ref
                document = table_rows.document_of(row)
                yield translation_links.entry(row["row_id"], document, anchors.anchors(document.text, document.lang))


def _links(store: ObjectStore, state: State) -> Iterable[Link]:
    for rows in packs.read_each(store, state.live("links")):
        yield from map(table_rows.link_of, rows.to_pylist())
