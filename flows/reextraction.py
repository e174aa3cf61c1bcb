"""Read the archive again by the rules in force, compare, and publish on approval."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from articles.counting import are, many
from articles.errors import InputError
from flows import comparing
from flows.comparing import RebuildComparison
from flows.processing.sites import Sites
from flows.processing.table import ProcessingContext
from flows.rebuild import Rebuilding
from flows.reports import ProcessReport
from storage.objects import ObjectStore
from storage.snapshots.rebuilds import Journal, RebuildRequest, compared, files_of, state_of
from storage.tables import packs
from storage.tables.log_reader import LogReader

LEASE = "rebuild"  # that the caller of `compare` and `approve` holds

ContextOf = Callable[[RebuildRequest], ProcessingContext]


def documents_of_other_rules(store: ObjectStore, outlets: str) -> int:
    """Return how many rows of documents other rules have made than those in force. Their topics do not count."""
    sites, found = Sites(store, outlets), 0
    for rows in packs.read_each(store, LogReader(store).state().live("documents"), ("url", "extractor")):
        for url, extractor in zip(rows["url"].to_pylist(), rows["extractor"].to_pylist(), strict=True):
            found += extractor.partition(":")[0] != sites.rules(url)
    return found


def compare(context: ProcessingContext, request: RebuildRequest) -> RebuildComparison:
    """Read the archive, publish nothing, and return what would change. An interrupted comparison continues."""
    with _rebuilding(context, request) as (rebuilding, journal):
        if resumed := len(rebuilding.keys):
            context.listener.note(
                "resumed", f"{many(resumed, 'segment')} {are(resumed, 'were')} read before", segments=resumed
            )
        rebuilding.read_all()
        made = comparing.compare(context.store, rebuilding.log.state(), state_of(files_of(rebuilding.portions)))
        made.name, made.segments = request.name, len(rebuilding.keys)
        journal.note_comparison(made.as_json())
    return made


def approve(store: ObjectStore, context_of: ContextOf, name: str) -> ProcessReport:
    """Publish a rebuild that was compared. InputError if the rules have changed since."""
    said = compared(store, name)
    request = comparing.request_of(store, said.topic, said.outlets, said.leave_out)
    if request.name != name:
        parts = [part for part in request.rules if request.rules[part] != said.rules.get(part)]
        raise InputError(
            f"the rules have changed since comparison {name} ({', '.join(parts)}): run `irtysh rebuild --compare` again"
        )
    context = context_of(request)
    with _rebuilding(context, request) as (rebuilding, _):
        before = len(rebuilding.keys)
        rebuilding.read_all()
        if newer := len(rebuilding.keys) - before:
            text = f"{many(newer, 'segment')} came since the comparison, and {are(newer, 'were')} read too"
            context.listener.note("newer", text, segments=newer)
        return rebuilding.publish()


@contextmanager
def _rebuilding(context: ProcessingContext, request: RebuildRequest) -> Iterator[tuple[Rebuilding, Journal]]:
    journal = Journal(context.store, request)
    with Rebuilding(replace(context, topic=request.topic), request.leave_out, journal) as rebuilding:
        yield rebuilding, journal
