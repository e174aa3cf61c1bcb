"""How a flow run tells what happens: Prefect's run log, an artifact of its progress, and at its end what came of it.

What can't be told because the API does not answer is no reason to end a crawl: it is logged once and let be.
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
from flows.listener import Listener, SilentListener
from flows.release import ReleaseReport
from flows.reports import RunOutcome
from storage.objects import ObjectStore
from storage.tables.log_reader import entry_key

if TYPE_CHECKING:
    from uuid import UUID

UPDATE_SECONDS = 2.0  # between two updates of a progress artifact: docs/measurements.md §2
SHOWN_LOST = 100  # URLs that were not fetched, in the artifact; all of them are in the log and in the snapshot's ledger
WARNINGS = frozenset({"failed", "bad_line", "damaged", "unread", "quarantined"})

_beside: ContextVar[Listener] = ContextVar("beside", default=SilentListener())  # noqa: B039  it has no state


@contextmanager
def beside(listener: Listener) -> Iterator[None]:
    """Have flows that are run within the block tell this listener too."""
    token = _beside.set(listener)
    try:
        yield
    finally:
        _beside.reset(token)


class RunListener:
    """Tells the flow or task run in which it is made. Use as a context manager; not to be shared by threads."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._logger = get_run_logger()
        self._beside = _beside.get()
        self._shown: dict[str, UUID] = {}  # the artifact of each stage
        self._pending: dict[str, tuple[float, str]] = {}  # percentage and description that no update has told
        self._updated: dict[str, float] = {}
        self._deaf = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show where each stage ended; one that was cut short stays as far as it came."""
        if kind is None:
            for stage, (_, description) in list(self._pending.items()):
                self._show(stage, 100.0, description)

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Write a line of the run's log."""
        level = facts.get("level", "warning" if kind in WARNINGS else "info")
        self._logger.log(logging.getLevelNamesMapping().get(level.upper(), logging.WARNING), "%s", text)
        self._beside.note(kind, text, **facts)

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Move a stage's artifact, if its last update was long enough ago."""
        self._beside.progress(stage, done, whole, detail)
        of = f" of {whole}" if whole else ""
        percentage = min(100.0, 100.0 * done / whole) if whole else 0.0
        self._pending[stage] = percentage, f"{stage}: {done}{of} {detail}".rstrip()
        now = self._clock()
        if stage not in self._updated or now - self._updated[stage] >= UPDATE_SECONDS:
            self._updated[stage] = now
            self._show(stage, *self._pending[stage])

    def _show(self, stage: str, percentage: float, description: str) -> None:
        if self._deaf:
            return
        try:
            if stage in self._shown:
                update_progress_artifact(self._shown[stage], percentage, description)
            else:
                made = create_progress_artifact(percentage, key(f"{self._name}-{stage}"), description)
                self._shown[stage] = cast("UUID", made)  # a coroutine it is only in asynchronous flows
        except httpx.HTTPError as error:
            self._deaf = True
            self._logger.warning("The Prefect API takes no artifacts (%r); the run goes on without them.", error)


def key(text: str) -> str:
    """Return a text as Prefect's artifact keys are made: lower-case letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def tell(store: ObjectStore, outcome: RunOutcome) -> None:
    """Leave a table of what became of the pages of each outlet, and a page that links to the snapshot."""
    create_table_artifact(rows(outcome.processed.counts), key="pages", description="What became of every page")
    create_markdown_artifact(page(store, outcome), key="snapshot", description="The snapshot that was made")


def tell_release(store: ObjectStore, made: ReleaseReport) -> None:
    """Leave a page that says where a release lies."""
    text = (
        f"**[Release {made.name}]({_url(store, made.prefix)})** of snapshot {made.snapshot}, digest `{made.digest}`: "
        f"{made.documents} documents in {len(made.files)} files."
    )
    create_markdown_artifact(text, key="release", description="The release that was published")


def rows(counts: Counts) -> list[dict[str, Any]]:
    """Return one row an outlet and, below several, their sums."""
    lines: list[tuple[str, Mapping[str, int]]] = list(counts.items())
    if len(lines) != 1:
        lines.append(("all", total(counts)))
    return [{"outlet": outlet, **{name: tally.get(name, 0) for name in COLUMNS}} for outlet, tally in lines]


def page(store: ObjectStore, outcome: RunOutcome) -> str:
    """Return, as Markdown, which snapshot was made and what was asked for and not fetched."""
    if outcome.processed.snapshots:
        number = outcome.processed.snapshots[-1]
        sums = total(outcome.processed.counts)
        lines = [
            f"**[Snapshot {number}]({link(store, number)})** in `{store.url}`",
            "",
            f"{sums['kept']} of {sums['asked']} pages kept, {sums['new']} of them new, {sums['changed']} changed.",
            "",
            f"    irtysh show {number} --store {store.url}",
        ]
    else:
        lines = [f"Nothing new in `{store.url}`; no snapshot was made."]
    lost = [one for report in outcome.fetched for one in report.lost]
    if lost:
        lines += ["", f"### {len(lost)} URLs were not fetched", "", "| URL | why |", "|---|---|"]
        lines += [f"| {_cell(one.text)} | {_cell(f'{one.reason} {one.detail}'.strip())} |" for one in lost[:SHOWN_LOST]]
    if len(lost) > SHOWN_LOST:
        lines.append(f"| and {len(lost) - SHOWN_LOST} more | see the log |")
    lines += ["", *(f"{name} is damaged; what stands before is kept." for name in outcome.processed.damaged)]
    return "\n".join(lines).rstrip()


def link(store: ObjectStore, number: int) -> str:
    """Return where the commit of a snapshot lies."""
    return _url(store, entry_key(number))


def _url(store: ObjectStore, key: str) -> str:
    root = store.url if "://" in store.url else Path(store.url).absolute().as_uri()
    return f"{root.rstrip('/')}/{key}"


def _cell(text: str) -> str:
    """Return a text that somebody else wrote as one cell of a table."""
    return "`" + re.sub(r"[`|\s]+", " ", text).strip() + "`"
