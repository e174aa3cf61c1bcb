"""Compute the links of translations and rewrites again for all rows, for example after an encoder was installed.

Links that pages state, and links of duplicates, stay. Captures are not read again.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from articles.links import anchors
from articles.links.encoder import default_encoders
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from flows.processing import batch, translation_links
from flows.processing.pair_work import PairComparer
from flows.processing.table import ProcessingContext, ProcessingTable
from flows.processing.translation_links import MAX_ROWS_AT_ONCE, TranslationLinker, report_cut
from flows.reports import ProcessReport
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.file_ref import FileRef
from storage.tables.link_rows import read_links
from storage.tables.log import CommitDraft
from storage.tables.state import State
from storage.tables.texts import read_texts

if TYPE_CHECKING:
    from articles.model import Link


def relink(context: ProcessingContext) -> ProcessReport:
    """Replace the links of translations and rewrites of all rows, in one commit."""
    counts: Counter[str] = Counter()
    with ProcessingTable(context) as table:

        def draft(state: State) -> CommitDraft:
            counts.clear()
            files = _relinked(context, state, counts, table.linking)
            new = table.draft(state, "relink", (), batch.WrittenBatch(files, {}, counts), ())
            old = [ref for name in ("links", "anchors", "alignments") for ref in state.live(name)]
            return replace(new, remove=tuple(old))

        state = table.log.state()
        commit = table.log.append(draft(state), draft) if state.number >= 0 else None
    return ProcessReport() if commit is None else ProcessReport((commit.number,), links=dict(counts))


def _relinked(
    context: ProcessingContext, state: State, counts: Counter[str], far: PairComparer | None
) -> tuple[FileRef, ...]:
    store = context.store
    linker = TranslationLinker(default_encoders(), far)
    linker.follow(store, (), state.live("vectors"))
    packs_of: dict[str, FileRef] = {}

    def texts(wanted: Collection[str]) -> dict[str, str]:
        return read_texts(store, packs_of, wanted)

    kept = [link for link in read_links(store, state) if not link.method]
    stated = [link for link in kept if link.a != link.b]
    found: list[Link] = []
    files: list[FileRef] = []
    entries = _entries(store, state, packs_of)
    while portion := list(islice(entries, MAX_ROWS_AT_ONCE)):
        budget = PairBudget()
        linked = linker.link(store, portion, (), texts, budget)
        report_cut(context.listener, budget.cut)
        found += linked.links
        files += linked.files
        context.listener.progress("linking", len(packs_of), None)
    between = [link for link in stated if link.a in packs_of and link.b in packs_of]
    linked = linker.link(store, (), between, texts, PairBudget())
    counts.update(link.kind.value for link in found)
    files += linked.files
    return (*files, *packs.write(store, "links", map(table_rows.link_row, [*kept, *found])))


def _entries(store: ObjectStore, state: State, packs_of: dict[str, FileRef]) -> Iterator[TranslationEntry]:
    """Yield the index entry of each row, and note in `packs_of` which pack holds the row."""
    for ref in sorted(state.live("documents")):
        for rows in packs.read(store, ref).to_batches(max_chunksize=MAX_ROWS_AT_ONCE):
            for row in rows.to_pylist():
                packs_of[row["row_id"]] = ref
                document = table_rows.document_of(row)
                yield translation_links.entry(row["row_id"], document, anchors.anchors(document.text, document.lang))
