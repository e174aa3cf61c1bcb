"""Report a flow run to Prefect: messages in the run log, progress artifacts, and result artifacts at the end.

If the Prefect API takes no artifacts, the run goes on without them: this is logged once.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

import httpx  # what Prefect's client raises
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.logging import get_run_logger

from articles.accounting import COLUMNS, Counts, total
from articles.counting import are, many
from articles.harmless import harmless
from flows.listener import Listener, SilentListener
from flows.release import ReleaseReport
from flows.reports import RunOutcome
from flows.run_state import RunSummary
from storage.objects import ObjectStore
from storage.tables.log_reader import entry_key

if TYPE_CHECKING:
    from uuid import UUID

MARKDOWN_MARKS = re.compile(r"[\\`*\[\]<>#!|&]")  # an underscore or a dot inside a word or host marks nothing
UPDATE_SECONDS = 2.0  # between two updates of a progress artifact (docs/measurements.md §2)
MAX_LOST_SHOWN = 100  # URLs in the artifact that were not fetched; the run log has all of them
WARNING_KINDS = frozenset({"failed", "bad_line", "damaged", "unread", "quarantined"})

_forwarded: ContextVar[Listener] = ContextVar("forwarded", default=SilentListener())


@contextmanager
def forwarding_to(listener: Listener) -> Iterator[None]:
    """Pass the notes and progress of flows that run in the block to this listener too."""
    token = _forwarded.set(listener)
    try:
        yield
    finally:
        _forwarded.reset(token)


class RunListener:
    """Listener that reports to the flow or task run in which it is created. A context manager; not thread-safe."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._logger = get_run_logger()
        self._forwarded = _forwarded.get()
        self._artifacts: dict[str, UUID] = {}  # artifact of each stage
        self._pending: dict[str, tuple[float, str]] = {}  # last percentage and description of each stage
        self._updated: dict[str, float] = {}
        self._artifacts_failed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Set each stage to 100%. After an exception, leave each stage where it is."""
        if kind is None:
            for stage, (_, description) in list(self._pending.items()):
                self._show(stage, 100.0, description)

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Write a line to the run log."""
        level = facts.get("level", "warning" if kind in WARNING_KINDS else "info")
        self._logger.log(logging.getLevelNamesMapping().get(level.upper(), logging.WARNING), "%s", harmless(text))
        self._forwarded.note(kind, text, **facts)

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Update the progress artifact of a stage, if its last update was at least `UPDATE_SECONDS` ago."""
        self._forwarded.progress(stage, done, whole, detail)
        of = f" of {whole}" if whole else ""
        percentage = min(100.0, 100.0 * done / whole) if whole else 0.0
        self._pending[stage] = percentage, f"{stage}: {done}{of} {_plain_markdown(detail)}".rstrip()
        now = self._clock()
        if stage not in self._updated or now - self._updated[stage] >= UPDATE_SECONDS:
            self._updated[stage] = now
            self._show(stage, *self._pending[stage])

    def _show(self, stage: str, percentage: float, description: str) -> None:
        if self._artifacts_failed:
            return
        try:
            if stage in self._artifacts:
                update_progress_artifact(self._artifacts[stage], percentage, description)
            else:
                made = create_progress_artifact(percentage, key(f"{self._name}-{stage}"), description)
                self._artifacts[stage] = cast("UUID", made)  # it is a coroutine only in asynchronous flows
        except httpx.HTTPError as error:
            self._artifacts_failed = True
            self._logger.warning("The Prefect API takes no artifacts (%r); the run goes on without them.", error)


def key(text: str) -> str:
    """Turn a text into a key for Prefect artifacts: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def write_artifacts(store: ObjectStore, outcome: RunOutcome, summary: RunSummary) -> None:
    """Create three artifacts: how each outlet went, the accounting of its pages, and a page that links to the snapshot."""
    if any(one.name for one in summary.outlets):
        create_table_artifact(outlet_rows(summary), key="outlets", description=f"{summary.state}: {summary.title}")
    create_table_artifact(rows(outcome.processed.counts), key="pages", description="Accounting of all pages, by outlet")
    create_markdown_artifact(
        page(store, outcome), key="snapshot", description="The new snapshot, and URLs that were not fetched"
    )


def write_release_artifact(store: ObjectStore, made: ReleaseReport) -> None:
    """Create an artifact that links to a release."""
    address = _url(store, f"{made.prefix}/{made.folder}")
    text = (
        f"**[Release {made.name}]({address})** of snapshot {made.snapshot}, digest `{made.digest}`: "
        f"{many(made.documents, 'document')} in {many(len(made.files), 'file')}."
    )
    create_markdown_artifact(text, key="release", description="The published release")


def rows(counts: Counts) -> list[dict[str, Any]]:
    """Return one row for each outlet, and a row `all` with the sums unless there is exactly one outlet."""
    lines: list[tuple[str, Mapping[str, int]]] = list(counts.items())
    if len(lines) != 1:
        lines.append(("all", total(counts)))
    return [{"outlet": outlet, **{name: tally.get(name, 0) for name in COLUMNS}} for outlet, tally in lines]


def outlet_rows(summary: RunSummary) -> list[dict[str, Any]]:
    """Return one row for each outlet, those in trouble first, then those with the longest backlogs."""
    order = sorted(summary.outlets, key=lambda one: (not one.trouble, -one.backlog, one.name))
    return [
        {
            "outlet": one.name,
            "trouble": one.trouble or ("busy" if one.busy else ""),
            "why": harmless(one.why or one.busy),
            "waiting": one.backlog,
        }
        for one in order
    ]


def page(store: ObjectStore, outcome: RunOutcome) -> str:
    """Return a Markdown page about the new snapshot and the URLs that were not fetched."""
    if outcome.processed.snapshots:
        number = outcome.processed.snapshots[-1]
        sums = total(outcome.processed.counts)
        lines = [
            f"**[Snapshot {number}]({link(store, number)})** in `{store.url}`",
            "",
            f"{sums['kept']:,} of {many(sums['asked'], 'page')} kept, {sums['new']} of them new, {sums['changed']} changed.",
            "",
            f"    irtysh show {number} --store {store.url}",
        ]
    else:
        lines = [f"No new captures in `{store.url}`; no snapshot was made."]
    lost = [url for report in outcome.fetched for url in report.lost]
    if lost:
        lines += [
            "",
            f"### {many(len(lost), 'URL')} {are(len(lost), 'were')} not fetched",
            "",
            "| URL | reason |",
            "|---|---|",
        ]
        lines += [
            f"| {_cell(url.text)} | {_cell(f'{url.reason} {url.detail}'.strip())} |" for url in lost[:MAX_LOST_SHOWN]
        ]
    if len(lost) > MAX_LOST_SHOWN:
        lines.append(f"| and {len(lost) - MAX_LOST_SHOWN} more | see the log |")
    lines += [
        "",
        *(f"{_cell(name)} is damaged; its records before the damage are kept." for name in outcome.processed.damaged),
    ]
    return "\n".join(lines).rstrip()


def link(store: ObjectStore, number: int) -> str:
    """Return the URL of the commit of a snapshot."""
    return _url(store, entry_key(number))


def _url(store: ObjectStore, key: str) -> str:
    root = store.url if "://" in store.url else Path(store.url).absolute().as_uri()
    return f"{root.rstrip('/')}/{key}"


def _cell(text: str) -> str:
    """Escape an untrusted text as one cell of a Markdown table."""
    return "`" + re.sub(r"[`|\s]+", " ", harmless(text)).strip() + "`"


def _plain_markdown(text: str) -> str:
    """Escape an untrusted text in a line of Markdown, so that it makes no link, picture or element."""
    return MARKDOWN_MARKS.sub(r"\\\g<0>", " ".join(harmless(text).split()))
