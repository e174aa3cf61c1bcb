"""Check a store and print what was found: damage by object, with what to do; and prove documents from their captures."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from articles.counting import are, many
from articles.errors import CorruptError, IrtyshError, MissingError, RefError
from articles.harmless import harmless
from articles.links.fingerprint import text_sha256
from articles.model import Capture
from articles.pipeline import extractor_key
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.options import CommonOptions, now
from flows.processing.sites import Sites
from flows.processing.topics import Topics
from flows.processing.workers import Workers
from storage.captures.reader import CaptureReader
from storage.clock import future_head
from storage.objects import ObjectStore
from storage.snapshots import catalog
from storage.snapshots.damage import REPAIR_OR_RESTORE, RESTORE_CAPTURE, Damage
from storage.snapshots.verify import VerifyReport, verify
from storage.tables import packs
from storage.tables.log_reader import LogReader
from storage.tables.schemas import Row
from storage.tables.state import State

PROVED_COLUMNS = ("row_id", "url", "text_sha256", "extractor", "capture_key", "capture_record_id")


@dataclass(slots=True)
class Proof:
    """What reading the captures again says of the documents of a snapshot."""

    proved: int = 0  # documents that their records give again
    older: int = 0  # documents that another version of the code has read, and whose records it reads differently now


def run_check(common: CommonOptions, ref: str, *, deep: bool, workers: int | None, outlets: str) -> int:
    """Check a store, print the result, and return the exit code. With --json a result is printed in every case."""
    console = common.console()
    try:
        store = common.open_existing()
        with console.live():
            found, proof = check(store, ref, console, deep=deep, workers=workers, outlets=outlets)
    except IrtyshError as error:
        if console.as_json:
            console.json({"ok": False, "problems": [harmless(str(error))], "findings": [], "store": common.store})
        if isinstance(error, CorruptError):
            return FAILED if console.as_json else _printed(console, error)
        raise
    _print(console, found, proof)
    return FAILED if found.findings else DONE


def check(
    store: ObjectStore, ref: str, console: Console, *, deep: bool, workers: int | None, outlets: str
) -> tuple[VerifyReport, Proof | None]:
    """Check a snapshot of a store, and with `deep` prove its documents from their captures. Raises CorruptError."""
    log = LogReader(store)
    number, note = _number(log, ref)
    found = verify(log, number, lambda done, whole: console.progress("verifying", done, whole))
    last = log.read(log.head()).timestamp if log.head() >= 0 and not found.findings else None
    notes = [one for one in (note, future_head(last, now())) if one]
    found = replace(found, notes=(*notes, *found.notes))
    if not deep:
        return found, None
    proof = Proof()
    if number >= 0:
        sites = Sites(store, outlets)
        pool = Workers(Topics(store).text, workers, sites.of_capture)
        findings = list(_Prover(store, sites, pool, proof, console).prove(log, number))
        found = replace(found, findings=(*found.findings, *findings))
    return found, proof


def _printed(console: Console, error: Exception) -> int:
    console.text(str(error))
    return FAILED


def _number(log: LogReader, ref: str) -> tuple[int, str]:
    """Return the snapshot to check, and a note if it is not the one that `ref` names because something is damaged."""
    try:
        return catalog.resolve(log, ref), ""
    except CorruptError as error:
        return log.head(), f"{ref} cannot be resolved ({error}); the newest snapshot was checked instead"
    except RefError:
        if log.head() < 0 and log.heads():  # the log was removed
            return -1, ""
        raise


def _print(console: Console, found: VerifyReport, proof: Proof | None) -> None:
    if console.as_json:
        deep = {"deep": asdict(proof)} if proof else {}
        console.json({**asdict(found), "problems": found.problems, **deep, "ok": not found.findings})
        return
    for finding in found.findings:
        console.text(str(finding))
        console.text(f"    -> {finding.next}")
    for note in found.notes:
        console.text(f"note: {note}")
    if proof:
        console.text(
            f"{many(proof.proved, 'document')} {are(proof.proved)} proved: the captures give the same text again"
            + (
                f"; {proof.older:,} were read by another version of the code, and their records are intact"
                if proof.older
                else ""
            )
        )
    state = "has no problems" if not found.findings else f"has {many(len(found.findings), 'problem')}"
    console.text(
        f"snapshot {found.snapshot} {state}: {many(found.files, 'file')}, {many(found.rows, 'row')}, {many(found.captures, 'segment')} verified",
        style="bold",
    )


@dataclass(frozen=True, slots=True)
class _Prover:
    """Extracts the capture of every document again, and says which documents it does not give."""

    store: ObjectStore
    sites: Sites
    pool: Workers
    proof: Proof
    console: Console

    def prove(self, log: LogReader, number: int) -> Iterator[Damage]:
        """Yield what is wrong with the documents of a snapshot."""
        try:
            wanted = _documents(self.store, log.state(number))
        except CorruptError:
            return  # the log's damage is among the findings
        try:
            with CaptureReader() as reader:
                for place, (key, rows) in enumerate(sorted(wanted.items())):
                    self.console.progress("proving", place, len(wanted), key)
                    yield from self._segment(key, rows, reader)
        finally:
            self.pool.close()

    def _segment(self, key: str, rows: list[Row], reader: CaptureReader) -> Iterator[Damage]:
        ids = {row["capture_record_id"] for row in rows}
        captures: list[Capture] = []
        with tempfile.TemporaryDirectory(prefix="irtysh-") as scratch:
            path = Path(scratch) / "segment.warc.gz"
            try:
                self.store.download(key, path)
                for one in reader.segment(path, key):
                    if isinstance(one, Capture) and one.ref.record_id in ids:
                        captures.append(one)  # noqa: PERF401  those before the damage count
            except MissingError:
                pass
            except CorruptError as error:
                yield Damage(key, f"is damaged: {error}", RESTORE_CAPTURE)
        readers = {one.ref.record_id: extractor_key(one, self.sites.of_capture(one)) for one in captures}
        results = {result.fetch.ref.record_id: result for result in self.pool.read(captures)}
        for row in rows:
            result = results.get(row["capture_record_id"])
            if result is None:
                what = f"has no readable record of {row['url']}, document {row['row_id']}"
                yield Damage(key, what, RESTORE_CAPTURE)
            elif any(
                one.row_id == row["row_id"] or text_sha256(one.document.text) == row["text_sha256"]
                for one in result.rows
            ):
                self.proof.proved += 1
            elif readers[row["capture_record_id"]] != row["extractor"]:
                self.proof.older += 1
            else:
                what = f"gives another text of {row['url']} than document {row['row_id']} has"
                yield Damage(key, what, REPAIR_OR_RESTORE)


def _documents(store: ObjectStore, state: State) -> Mapping[str, list[Row]]:
    """Return the documents of a snapshot by the segment that holds their captures, from the packs that can be read."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for ref in state.live("documents"):
        try:
            rows = packs.read(store, ref, PROVED_COLUMNS).to_pylist()
        except (CorruptError, MissingError):
            continue  # among the findings
        for row in rows:
            found[row["capture_key"]].append(row)
    return found
