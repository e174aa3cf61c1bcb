"""`irtysh rebuild --compare` and `--approve`: look at what a rebuild would change before it does."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from articles.errors import InputError
from flows import comparing
from flows.display import comparison as shown
from flows.display.console import Console
from flows.display.run_outcome import report_outcome
from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, ProcessOptions, now, processing_context
from flows.process import Rebuilding
from flows.processing.topics import specify
from flows.reports import RunOutcome
from storage import leases
from storage.objects import ObjectStore
from storage.snapshots.rebuilds import Journal, RebuildRequest, compared, files_of, state_of

LEASE = "rebuild"


def compare(
    common: CommonOptions,
    processing: ProcessOptions,
    extracting: OutletOptions,
    *,
    topic: str,
    page: Path | None,
    leave_out: Sequence[str],
) -> int:
    """Read the archive by the rules in force, publish nothing, and show what would change."""
    store, console = common.open_existing(), common.console()
    request = comparing.request_of(store, specify(store, topic) if topic else "", extracting.outlets, leave_out)
    with (
        console.live(),
        leases.held(store, LEASE, "another rebuild", now),
        _rebuilding(store, console, processing, request) as (rebuilding, journal),
    ):
        resumed = len(rebuilding.keys)
        if resumed:
            console.note("resumed", f"{resumed:,} segments were read before", segments=resumed)
        rebuilding.read_all()
        made = comparing.compare(store, rebuilding.log.state(), state_of(files_of(rebuilding.portions)))
        made.name, made.segments = request.name, len(rebuilding.keys)
        journal.note_comparison(made.as_json())
    if page is not None:
        try:
            page.write_text(shown.page(made, f"irtysh rebuild --compare --store {store.url}"), encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {page}: {error.strerror}") from error
        console.note("page", f"wrote {page}", path=str(page))
    shown.show(console, made)
    where = "" if common.store == "" else f" --store {common.store}"
    console.note(
        "next", f"Next: `irtysh rebuild --approve {request.name}{where}` publishes it; until then nothing has changed"
    )
    return DONE


def approve(common: CommonOptions, processing: ProcessOptions, name: str) -> int:
    """Publish a rebuild that was compared. InputError if the rules have changed since."""
    store, console = common.open_existing(), common.console()
    told = compared(store, name)
    request = comparing.request_of(store, told.topic, told.outlets, told.leave_out)
    if request.name != name:
        parts = [part for part in request.rules if request.rules[part] != told.rules.get(part)]
        raise InputError(
            f"the rules have changed since comparison {name} ({', '.join(parts)}): run `irtysh rebuild --compare` again"
        )
    with (
        console.live(),
        leases.held(store, LEASE, "another rebuild", now),
        _rebuilding(store, console, processing, request) as (rebuilding, _),
    ):
        before = len(rebuilding.keys)
        rebuilding.read_all()
        if newer := len(rebuilding.keys) - before:
            console.note("newer", f"{newer:,} segments came since the comparison, and were read too", segments=newer)
        report = rebuilding.publish()
    return report_outcome(console, store, RunOutcome(processed=report))


@contextmanager
def _rebuilding(
    store: ObjectStore, console: Console, processing: ProcessOptions, request: RebuildRequest
) -> Iterator[tuple[Rebuilding, Journal]]:
    context = processing_context(store, console, processing, outlets=request.outlets)
    journal = Journal(store, request)
    with Rebuilding(replace(context, topic=request.topic), request.leave_out, journal) as rebuilding:
        yield rebuilding, journal
