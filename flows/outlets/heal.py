"""Propose selectors for an outlet whose run is in quarantine, from the new pages themselves: `irtysh outlets heal`."""

from dataclasses import dataclass

from articles.errors import InputError
from articles.model import Capture
from flows.outlets import proposals
from flows.outlets.proposals import MAX_PAGES, Proposal
from flows.processing.limited_pages import PageReader
from spiders.outlet import Outlet
from storage import quarantine
from storage.captures.reader import CaptureReader
from storage.captures.segments import list_segments
from storage.objects import ObjectStore
from storage.tables import packs
from storage.tables.log_reader import LogReader

OK_STATUS = 200
DOCUMENT_COLUMNS = ("outlet", "url", "text", "captured")


@dataclass(frozen=True, slots=True)
class Repair:
    """Selectors that fit the pages of an outlet's quarantined runs. Without proposals, the pages do not agree."""

    runs: tuple[str, ...]
    pages: int  # that were read
    proposals: tuple[Proposal, ...]


def repair(store: ObjectStore, outlet: Outlet) -> Repair:
    """Read pages of the outlet's quarantined runs and propose selectors. InputError if none is in quarantine."""
    runs = tuple(sorted(run for name, run in quarantine.marks(store) if name == outlet.name))
    if not runs:
        raise InputError(
            f"no run of {outlet.name!r} is in quarantine; `irtysh outlets --ill` lists outlets with such runs"
        )
    pages = _pages(store, outlet, frozenset(runs))
    with PageReader() as reader:
        proposed = proposals.propose(outlet, pages, reader, _old_lines(store, outlet, {page.url for page in pages}))
    return Repair(runs, len(pages), tuple(proposed))


def _pages(store: ObjectStore, outlet: Outlet, runs: frozenset[str]) -> list[Capture]:
    """Return the first pages of the runs, one for each URL."""
    found: dict[str, Capture] = {}
    with CaptureReader() as reader:
        for key in list_segments(store):
            if not any(f"/{run}-" in key for run in runs):
                continue
            for one in reader.segment(store.get(key), key):
                wanted = (
                    isinstance(one, Capture) and one.run in runs and one.purpose.article and one.status == OK_STATUS
                )
                if isinstance(one, Capture) and wanted and outlet.owns(one.url):
                    found.setdefault(one.url, one)
                if len(found) >= MAX_PAGES:
                    return list(found.values())
    return list(found.values())


def _old_lines(store: ObjectStore, outlet: Outlet, urls: set[str]) -> dict[str, list[str]]:
    """Return the lines of the newest earlier version of these articles, by URL."""
    newest: dict[str, tuple[object, list[str]]] = {}
    for ref in LogReader(store).state().live("documents"):
        for row in packs.read(store, ref, DOCUMENT_COLUMNS).to_pylist():
            if row["outlet"] == outlet.name and row["url"] in urls:
                before = newest.get(row["url"])
                if before is None or row["captured"] > before[0]:
                    newest[row["url"]] = row["captured"], [line for line in row["text"].split("\n") if line]
    return {url: lines for url, (_, lines) in newest.items()}
