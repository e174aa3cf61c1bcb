"""Process captures in a temporary store, as `irtysh process` does with one worker."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import process as stages
from flows.listener import SilentListener
from flows.processing.table import ProcessingContext
from flows.reports import ProcessReport
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore
from tests.flows.making import Seen, put
from tests.flows.tables import contents, rows


def process(store: ObjectStore) -> ProcessReport:
    """Process what is pending."""
    rng = random.Random(1)  # noqa: S311  jitter
    context = ProcessingContext(store, "attack", lambda: datetime.now(UTC), rng, SilentListener(), workers=1)
    return stages.process(context)


def processed(folder: Path, *runs: Sequence[Seen]) -> DirectoryStore:
    """Return a store in which the captures of some runs are processed, run after run."""
    store = DirectoryStore(folder / "store")
    for number, run in enumerate(runs):
        put(store, folder / "spool", f"r{number}", run)
        process(store)
    return store


def documents(store: ObjectStore, folder: Path) -> dict[str, dict[str, Any]]:
    """Return the documents that a reader of the newest snapshot sees, by URL."""
    return {row["canonical_url"]: row for row in map(json.loads, contents(store, folder)[0])}


def outcome_of(folder: Path, pages: Sequence[Seen]) -> str:
    """Process pages, and return what came of them: rejections with their details, documents, links and cut links."""
    store = DirectoryStore(folder / "store")
    put(store, folder / "spool", "r0", pages)
    report = process(store)
    refused = {f"{row['reason']}: {row['detail']}" for row in rows(store, "rejections", "reason", "detail")}
    read = len(rows(store, "documents", "url"))
    found = [f"read: {read} documents, {sum(report.links.values())} links"] if read else []
    found += [f"{len(report.cut)} documents not compared with all"] if report.cut else []
    return "; ".join([*found, *sorted(f"refused: {why}" for why in refused)])
