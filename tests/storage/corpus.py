"""A small corpus with a history, in commits like those of `process`: versions, a duplicate, a deletion, two languages."""

from dataclasses import dataclass
from datetime import timedelta

from articles.links.fingerprint import row_id
from articles.model import CaptureRef, Link, LinkKind
from storage.tables import packs
from storage.tables import rows as table_rows
from storage.tables.log import CommitDraft
from tests.storage import samples
from tests.storage.history import never

KEY = "captures/steppe.example/2026/11/01/run-{:05}.warc.gz"


@dataclass
class Sighting:
    """Result of one capture: a document, or the reason why there is none."""

    number: int
    document: object = None
    reason: str = ""
    hour: int = 0


def add(log, sightings, links=(), run="run"):
    """Commit the results of some captures, and store a segment for them."""
    store = log.store
    number = log.head() + 1
    key = KEY.format(number)
    store.put(key, b"a segment")
    known = set()
    for ref in log.state().live("documents"):
        known |= set(packs.read(store, ref, ["row_id"]).column("row_id").to_pylist())
    rows, fetches = {}, []
    for place, seen in enumerate(sightings):
        when = samples.NOON + timedelta(hours=seen.hour)
        ref = CaptureRef(key, place * 100, f"urn:uuid:{number}-{place}")
        ids = [row_id(seen.document)] if seen.document else []
        status = 404 if seen.reason == "gone" else 200
        fetch = samples.fetch(seen.number, rows=ids, reason=seen.reason, status=status, fetched=when, ref=ref, run=run)
        fetches.append(table_rows.fetch_row(fetch))
        if seen.document and ids[0] not in known:
            rows[ids[0]] = samples.document_row(seen.document, fetched=when)
    add_files = [
        *packs.write(store, "documents", rows.values()),
        *packs.write(store, "fetches", fetches),
        *packs.write(store, "links", map(table_rows.link_row, links)),
    ]
    draft = CommitDraft(
        base=log.head(),
        operation="process",
        run=run,
        batch="",
        code="c0de",
        config_sha256="c0",
        captures=frozenset({key}),
        add=tuple(add_files),
        counts={"pages": {"steppe.example": {"asked": len(sightings)}}},
    )
    return log.append(draft, never)


FIRST = samples.document(1, "The first text.")
FIRST_EDITED = samples.document(1, "The first text, corrected.")
SECOND = samples.document(2, "The second text is a copy.", published="2026-02-02")
KAZAKH = samples.document(3, "Мәтін қазақша.", lang="kk", outlet="dala.example")
GONE = samples.document(4, "This was taken offline.")
NEW = samples.document(5, "A text of the last day.")


def build(log):
    """Write three snapshots.

    Snapshot 0: documents 1, 2 (a copy of 1), 3 (in Kazakh) and 4. Snapshot 1: 1 is edited, 3 is seen again, 4 is gone.
    Snapshot 2: 5 is new, and 1 has its first text again.
    """
    copy = Link(
        LinkKind.DUPLICATE, min(row_id(FIRST), row_id(SECOND)), max(row_id(FIRST), row_id(SECOND)), 0.95, "C3=.95"
    )
    copy_edited = Link(
        LinkKind.DUPLICATE,
        min(row_id(FIRST_EDITED), row_id(SECOND)),
        max(row_id(FIRST_EDITED), row_id(SECOND)),
        0.9,
        "C3=.90",
    )
    add(log, [Sighting(1, FIRST), Sighting(2, SECOND), Sighting(3, KAZAKH), Sighting(4, GONE)], [copy], "one")
    add(
        log,
        [Sighting(1, FIRST_EDITED, hour=24), Sighting(3, KAZAKH, hour=24), Sighting(4, reason="gone", hour=24)],
        [copy_edited],
        "two",
    )
    add(log, [Sighting(5, NEW, hour=48), Sighting(1, FIRST, hour=48)], run="three")
