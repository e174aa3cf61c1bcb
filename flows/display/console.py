"""Console output: tables and progress bars on a terminal, JSON Lines with --json."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.console import Console as RichConsole
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from articles.accounting import COLUMNS, Counts, total
from articles.harmless import harmless, json_line
from flows.display.closed_pipe import discard_output
from flows.display.json_log import JsonLog

PIPE_WIDTH = 200  # columns of a table that is written to a file or a pipe
MAX_SHOWN_FAILURES = 3  # of one reason, as they happen; the others are counted at the end
COUNTED = frozenset(("failed", "rejected"))  # notes of which only the first ones of each reason are printed
FAILURES = frozenset(("failed", "bad_line", "damaged", "rejected", "log"))  # notes that --quiet does not silence
COLUMN_FRAME = 3  # characters of a table beside the cell of a column
LIST_GAP = "  "
NOTHING = frozenset(("", "0", "0.000"))
HASH_DIGITS = 12  # shown of a profile's hash
COUNT_HEADINGS = {"asked": "requested", "off_topic": "off topic", "held": "quarantined"}  # others are their own heading


@dataclass(slots=True)
class Console:
    """Prints text, or with `as_json` one JSON object per line. Progress goes to standard error, and so do notes in text.

    With a `log`, notes and progress become lines of that, and standard output holds results only (and, with `as_json`,
    the events).
    """

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    log: JsonLog | None = None
    out: RichConsole = field(default_factory=lambda: _console(stderr=False))
    err: RichConsole = field(default_factory=lambda: _console(stderr=True))
    _bars: Progress | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)  # printed or not, by reason
    _shown: set[tuple[str, str]] = field(default_factory=set)  # failures: reason and URL

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show progress bars while the block runs, if standard error is a terminal."""
        if self.as_json or self.quiet or self.verbose or self.log or not self.err.is_terminal:
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
        """Print one note: a line of text, or with `as_json` an event with its facts."""
        if self.quiet and kind not in FAILURES:
            return
        if self.log is not None:
            self.log.note(kind, text, facts)
        if self.as_json:
            self.json({"event": kind, "text": text, **facts})
        elif self.log is None and (kind not in COUNTED or self._is_shown(text, facts)):
            self.err.print(_printable(text))

    def _is_shown(self, text: str, facts: Mapping[str, Any]) -> bool:
        """Whether a failure is printed now: once, and of each reason the first ones. The others are counted at the end."""
        reason = str(facts.get("reason", ""))
        if not reason:
            return True
        url = str(facts.get("url", text))
        if (reason, url) in self._shown:  # by the crawl; now its page is processed
            return False
        self._shown.add((reason, url))
        self._failures[reason] += 1
        if self._failures[reason] == MAX_SHOWN_FAILURES + 1:
            self.err.print(_printable(f"more URLs: {reason}; they are counted at the end"))
        return self._failures[reason] <= MAX_SHOWN_FAILURES

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Update the progress bar of a stage, or with `verbose` print a line."""
        if self.log is not None and not self.quiet:
            self.log.progress(stage, done, whole, detail)
        elif self.verbose and not self.as_json:
            of = f" of {whole:,}" if whole else ""
            self.err.print(_printable(f"{datetime.now(UTC):%H:%M:%S} {stage}: {done:,}{of} {detail}".rstrip()))
        if self._bars is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=whole, detail=_printable(detail))
        self._bars.update(self._tasks[stage], completed=done, total=whole, detail=_printable(detail))

    def json(self, value: Any) -> None:
        """Print a JSON value on one line."""
        try:
            sys.stdout.write(json_line(value) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output()

    def text(self, line: str = "", style: str | None = None) -> None:
        """Print plain text. Brackets in it are not markup."""
        self.out.print(_printable(line), style=style)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a table. Columns of numbers are aligned to the right.

        Words and URLs are never broken: if they do not fit side by side, each row is printed below the other as a list.
        """
        cells = [list(row) for row in rows]
        texts = [[f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row] for row in cells]
        widths = [_longest_word([column, *(row[at] for row in texts)]) for at, column in enumerate(columns)]
        if sum(widths) + COLUMN_FRAME * len(widths) + 1 > self.out.width:
            self._list(title, columns, texts)
            return
        table = Table(title=title, title_justify="left", title_style="bold")
        for at, column in enumerate(columns):
            numeric = bool(cells) and all(isinstance(row[at], int | float) for row in cells)
            table.add_column(column, justify="right" if numeric else "left", overflow="fold", min_width=widths[at])
        for row in texts:
            table.add_row(*map(_printable, row))
        self.out.print(table)

    def _list(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print each row as its first cell and lines of its others, without those that are empty or zero."""
        self.text(title, style="bold")
        for first, *others in rows:
            self.text(first, style="bold")
            line = ""
            for column, cell in zip(columns[1:], others, strict=True):
                if cell in NOTHING:
                    continue
                item = f"{column}: {cell}"
                if line and len(line) + len(item) + len(LIST_GAP) > self.out.width:
                    self.text(line)
                    line = ""
                line += f"{LIST_GAP}{item}"
            if line:
                self.text(line)

    def counts(self, counts: Counts) -> None:
        """Print the number of pages by outlet and outcome, without the columns that are zero everywhere."""
        sums = total(counts)
        columns = [column for column in COLUMNS if sums[column] or column in {"asked", "kept"}]
        rows = [[outlet, *(tally.get(column, 0) for column in columns)] for outlet, tally in counts.items()]
        if len(rows) > 1:
            rows.append(["all", *(sums[column] for column in columns)])
        self.table("Pages", ["outlet", *(COUNT_HEADINGS.get(column, column) for column in columns)], rows)


def _longest_word(texts: Iterable[str]) -> int:
    """Return the length of the longest word of some texts: the least width of their column."""
    return max((cell_len(word) for text in texts for word in text.split()), default=1)


def _printable(text: str) -> str:
    """Return a text that Rich prints as it is: harmless, brackets escaped."""
    return escape(harmless(text))


class _PipeConsole(RichConsole):
    """A console that a closed pipe does not end: what was begun is finished, with its own exit code."""

    def on_broken_pipe(self) -> None:
        """Discard what is printed from now on. Rich would end the process."""
        self.quiet = True
        discard_output()


def _console(*, stderr: bool) -> RichConsole:
    """Return a console as wide as the terminal, or PIPE_WIDTH columns wide for a file or a pipe."""
    console = _PipeConsole(stderr=stderr, soft_wrap=True, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console
