"""Find the near duplicates of all rows anew, out of core, in one commit.

Processing links each batch as it comes, with an index in memory. This does the same for a whole table at once: after a
change of the thresholds, or where the table has outgrown one worker's memory.
"""

import tempfile
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from articles.errors import UsageError
from articles.links.pair_budget import PairBudget
from flows.processing import batch
from flows.processing.out_of_core import Pairs, links, with_blocks, with_dask, with_duckdb
from flows.processing.table import ProcessingContext, ProcessingTable
from flows.processing.translation_links import report_cut
from flows.reports import ProcessReport
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.link_rows import read_links
from storage.tables.log import CommitDraft
from storage.tables.state import State


class Engine(StrEnum):
    """What joins the sketches of all rows."""

    BLOCKS = "blocks"  # two blocks of rows at a time, in this process
    DUCKDB = "duckdb"  # SQL that spills to disk
    DASK = "dask"  # the same blocks as tasks, in processes of this machine or on a cluster


def relink_duplicates(context: ProcessingContext, engine: Engine) -> ProcessReport:
    """Replace the links between near duplicates by those found now; all other links stay.

    Raises UsageError where the engine is not installed.
    """
    counts: Counter[str] = Counter()
    with ProcessingTable(context) as table:

        def draft(state: State) -> CommitDraft:
            counts.clear()
            pairs = _pairs(context.store, state, engine, table.cluster)
            budget = PairBudget()
            found = links(context.store, state, pairs, budget)
            report_cut(context.listener, budget.cut)
            counts.update(link.kind.value for link in found)
            kept = (link for link in read_links(context.store, state) if link.kind not in batch.DUPLICATE_KINDS)
            ordered = sorted({*kept, *found}, key=lambda link: (link.kind, link.a, link.b))
            files = packs.write(context.store, "links", map(table_rows.link_row, ordered))
            made = table.draft(state, "relink", (), batch.WrittenBatch(tuple(files), {}, counts), ())
            return replace(made, remove=tuple(state.live("links")))

        state = table.log.state()
        commit = table.log.append(draft(state), draft) if state.number >= 0 else None
    return ProcessReport() if commit is None else ProcessReport((commit.number,), links=dict(counts))


def _pairs(store: ObjectStore, state: State, engine: Engine, cluster: Any) -> Pairs:
    try:
        if engine is Engine.DASK:
            return with_dask(store, state, scheduler="processes" if cluster is None else cluster)
        if engine is Engine.BLOCKS:
            return with_blocks(store, state)
        with tempfile.TemporaryDirectory(prefix="irtysh-") as folder:
            scratch = Path(folder)
            paths = []
            for ref in state.live("sketches"):
                paths.append(scratch / f"{ref.sha256}.parquet")
                store.download(ref.key, paths[-1])
            return with_duckdb(paths, scratch=scratch) if paths else []
    except ModuleNotFoundError as error:
        raise UsageError(f"--engine {engine}: {error.name} is not installed; `pip install 'irtysh[scale]'`") from error
