"""`irtysh snapshots`, `show`, `diff`, `tag` and `verify`: inspect the snapshots of a store."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from articles.counting import many
from flows.display.console import Console
from flows.exit_codes import DONE
from flows.options import CommonOptions, OutletOptions, ProcessOptions, now
from storage.objects import ObjectStore
from storage.snapshots import catalog as stored
from storage.snapshots.expiry import expired
from storage.snapshots.refs import LATEST
from storage.snapshots.summary import SnapshotSummary, summarise
from storage.tables.log_reader import LogReader
from storage.tables.state import State

if TYPE_CHECKING:
    from articles.history.snapshot_view import DocumentLink


def snapshots(*, common: CommonOptions = CommonOptions()) -> int:
    """List the snapshots, the newest first.

    Example: `irtysh snapshots --store s3://corpus/kz-ru`

    Example: `irtysh snapshots --json`
    """
    console = common.console()
    log = open_log(common)
    gone = expired(log.store)
    found, sizes = [one for one in reversed(stored.snapshots(log)) if one.number not in gone], stored.sizes(log)
    if console.as_json:
        for one in found:
            console.json({**asdict(one), "texts": sizes[one.number]})
        return DONE
    rows = [
        [
            one.number,
            f"{one.timestamp:%Y-%m-%d %H:%M}",
            one.operation,
            _kept(one.counts),
            sizes[one.number],
            " ".join(one.tags),
        ]
        for one in found
    ]
    columns = ["snapshot", "time (UTC)", "operation", "pages kept", "texts in all", "tags"]
    console.table(f"Snapshots in {common.store}", columns, rows)
    console.text(
        "pages kept: by this run alone; texts in all: the corpus then, with earlier versions and duplicates. "
        "`irtysh show` counts documents." + (f" {len(gone):,} older snapshots have expired." if gone else "")
    )
    return DONE


def show(
    ref: str = LATEST,
    *,
    links: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Summarise a snapshot: documents, rejections, removed blocks, links.

    Example: `irtysh show 2026-03-31 --links`

    Example: `irtysh show`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag, or a date. `2026-03-31` means: as of the end of that day.
    links
        List each link between two documents too.
    """
    console, log = common.console(), open_log(common)
    number = stored.resolve(log, ref)
    state = log.state(number)
    summary = summarise(log.store, state)
    found = _links(log.store, state) if links else ()
    if console.as_json:
        result: dict[str, Any] = {"snapshot": number, "digest": stored.digest(state), "counts": summary.counts()}
        if state.head is not None:
            result |= {"timestamp": state.head.timestamp, "operation": state.head.operation, "run": state.head.run}
        if links:
            result["links"] = [asdict(link) for link in found]
        console.json(result)
        return DONE
    _print_summary(console, number, summary)
    pages = sum(_kept(one.counts) for one in state.history)
    console.text(
        f"A pull without options has {many(summary.kept, 'document')}: {summary.documents:,} less "
        f"{many(summary.left_out.get('duplicate', 0), 'duplicate')} and {summary.left_out.get('review', 0):,} whose topic needs "
        f"review. All runs together kept {many(pages, 'page')}: a "
        "page that was fetched twice counts twice, and one in two languages is two documents."
    )
    if found:
        rows = [[link.kind.value, link.a_url, link.b_url, link.score, link.source, link.evidence] for link in found]
        console.table("Links", ["kind", "document a", "document b", "score", "first published by", "evidence"], rows)
    return DONE


def diff(a: str, b: str = LATEST, *, common: CommonOptions = CommonOptions()) -> int:
    """List the documents that differ between two snapshots.

    Example: `irtysh diff 2026-03-01 latest`

    Example: `irtysh diff paper-1 latest --json`

    Parameters
    ----------
    a
        The older snapshot: a number, a tag or a date.
    b
        The newer snapshot: `latest`, a number, a tag or a date.
    """
    console, log = common.console(), open_log(common)
    older, newer = stored.resolve(log, a), stored.resolve(log, b)
    found = stored.diff(log, older, newer)
    if console.as_json:
        console.json({"a": older, "b": newer, **asdict(found)})
        return DONE
    rows = [
        [what, one.outlet, one.lang, one.title, one.url]
        for what, ones in (("new", found.new), ("changed", found.changed), ("gone", found.gone))
        for one in ones
    ]
    if rows:
        console.table(f"From snapshot {older} to {newer}", ["change", "outlet", "language", "title", "URL"], rows)
    console.text(
        f"{len(found.new)} new, {len(found.changed)} changed, {len(found.gone)} gone from snapshot {older} to {newer}"
    )
    return DONE


def tag(ref: str, name: str, *, note: str = "", common: CommonOptions = CommonOptions()) -> int:
    """Give a snapshot a permanent name.

    A tag cannot be moved or removed. It can be used wherever a command takes a snapshot.

    Example: `irtysh tag latest paper-1 --note "Data of the first paper"`

    Example: `irtysh tag 12 paper-1`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, another tag or a date.
    name
        Name of the tag: letters, digits, `.`, `_` and `-`.
    note
        Purpose of the tag.
    """
    console, log = common.console(), open_log(common)
    created = stored.tag(log, ref, name, note, now())
    console.note("tagged", f"{created.name} is snapshot {created.snapshot}, digest {created.digest}", **asdict(created))
    return DONE


def verify(
    ref: str = LATEST,
    *,
    deep: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    processing: ProcessOptions = ProcessOptions(),
    extracting: OutletOptions = OutletOptions(),
) -> int:
    """Verify the checksum of every file and capture of a snapshot.

    Also verify the log and its chain of hashes, tags, configurations, profiles and releases. A problem does not end the
    check: each one names its object, and what to do. The exit code is 1 if there is a problem.

    Example: `irtysh verify latest --deep`

    Example: `irtysh verify`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    deep
        Also prove every document from its capture: the record is read again and must give the same text.
    """
    from flows.verifying import run_check  # noqa: PLC0415  loads the extraction, which the other commands do not need

    return run_check(common, ref, deep=deep, workers=processing.workers, outlets=extracting.outlets)


def _print_summary(console: Console, number: int, summary: SnapshotSummary) -> None:
    console.text(
        f"snapshot {number}: {summary.articles:,} articles, {summary.documents:,} documents in {summary.versions:,} versions; "
        f"{summary.duplicates:,} documents are duplicates, {summary.gone:,} are gone",
        style="bold",
    )
    for title, column, tally in (
        ("Documents by outlet", "outlet", summary.outlets),
        ("Documents by language", "language", summary.languages),
        ("Rejections: pages that became no document", "reason", summary.rejections),
        ("Blocks removed from pages", "reason", summary.removals),
        ("Links between current texts", "kind", summary.links),
    ):
        if tally:
            console.table(title, [column, "number"], tally.items())


def _links(store: ObjectStore, state: State) -> "tuple[DocumentLink, ...]":
    from storage.snapshots.contents import load  # noqa: PLC0415  loads Arrow, which the other lists do not need

    return load(store, state).view.links


def _kept(counts: Any) -> int:
    return sum(tally.get("kept", 0) for tally in counts.get("pages", {}).values())


def open_log(common: CommonOptions) -> LogReader:
    """Return the log of a store that exists. UsageError if there is none."""
    return LogReader(common.open_existing())
