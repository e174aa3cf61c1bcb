"""What a person or a program sees: tables and progress bars on a terminal, JSON lines with `--json`."""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console as RichConsole
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from articles.accounting import COLUMNS, Counts, total

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a terminal might obey; line feeds and tabs are harmless
PIPE_WIDTH = 200  # columns of a table that is written to a file or a pipe


@dataclass(slots=True)
class Console:
    """Writes to a terminal or, with `as_json`, one JSON object a line; progress and notes go to standard error."""

    as_json: bool = False
    out: RichConsole = field(default_factory=lambda: _console(stderr=False))
    err: RichConsole = field(default_factory=lambda: _console(stderr=True))
    _bars: Progress | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show progress bars while the block runs, if standard error is a terminal."""
        if self.as_json or not self.err.is_terminal:
            yield
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[detail]}"), console=self.err) as bars:
            self._bars = bars
            try:
                yield
            finally:
                self._bars = None
                self._tasks.clear()

    def note(self, kind: str, text: str, **facts: Any) -> None:
        """Print a line about one thing that happened."""
        if self.as_json:
            self.json({"event": kind, "text": text, **facts})
        else:
            self.err.print(_shown(text))

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Move a stage's bar."""
        if self._bars is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=whole, detail=_shown(detail))
        self._bars.update(self._tasks[stage], completed=done, total=whole, detail=_shown(detail))

    def json(self, value: Any) -> None:
        """Print a JSON object on a line of its own."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def text(self, line: str = "", style: str | None = None) -> None:
        """Print plain text, whatever brackets it holds."""
        self.out.print(_shown(line), style=style)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table; numbers are set to the right."""
        rows = [list(row) for row in rows]
        table = Table(title=title, title_justify="left", title_style="bold")
        for at, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(row[at], int | float) for row in rows)
            table.add_column(column, justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_shown(f"{cell:.3f}" if isinstance(cell, float) else str(cell)) for cell in row))
        self.out.print(table)

    def counts(self, counts: Counts) -> None:
        """Print what became of every page, per outlet, leaving out the columns that are zero throughout."""
        sums = total(counts)
        shown = [column for column in COLUMNS if sums[column] or column in {"asked", "kept"}]
        rows = [[outlet, *(tally.get(column, 0) for column in shown)] for outlet, tally in counts.items()]
        if len(rows) > 1:
            rows.append(["all", *(sums[column] for column in shown)])
        self.table("Pages", ["outlet", *shown], rows)


def harmless(text: str) -> str:
    """Return a text that somebody else wrote without what would steer a terminal."""
    return CONTROLS.sub("\ufffd", text)


def _shown(text: str) -> str:
    """Return such a text as Rich prints it: brackets are no markup either."""
    return escape(harmless(text))


def _console(*, stderr: bool) -> RichConsole:
    """Return a console as wide as the terminal; a file or a pipe has no width to keep to."""
    console = RichConsole(stderr=stderr, soft_wrap=True, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
