"""`irtysh rebuild --compare` and `--approve`: look at what a rebuild would change before it does."""

from collections.abc import Sequence
from pathlib import Path

from articles.errors import InputError
from flows import comparing, reextraction
from flows.display import comparison as shown
from flows.display.run_outcome import report_outcome
from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, ProcessOptions, now, processing_context
from flows.processing.topics import specify
from flows.reports import RunOutcome
from storage import leases


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
    with console.live(), leases.held(store, reextraction.LEASE, "another rebuild", now):
        made = reextraction.compare(processing_context(store, console, processing, outlets=extracting.outlets), request)
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
    with console.live(), leases.held(store, reextraction.LEASE, "another rebuild", now):
        report = reextraction.approve(
            store, lambda request: processing_context(store, console, processing, outlets=request.outlets), name
        )
    return report_outcome(console, store, RunOutcome(processed=report))
