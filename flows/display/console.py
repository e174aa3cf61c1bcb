"""Console output: tables and progress bars on a terminal, JSON Lines with --json."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from articles.accounting import COLUMNS, Counts, total
from articles.harmless import harmless, json_line
from flows.display.closed_pipe import discard_output
from flows.display.json_log import JsonLog
from flows.display.plain_console import COLUMN_FRAME, PlainConsole, console_for

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress, TaskID

MAX_SHOWN_FAILURES = 3  # of one reason, as they happen; the others are counted at the end
COUNTED = frozenset(("failed", "rejected"))  # notes of which only the first ones of each reason are printed
FAILURES = frozenset(("failed", "bad_line", "damaged", "rejected", "log"))  # notes that --quiet does not silence
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
    out: "RichConsole | PlainConsole" = field(default_factory=partial(console_for, stderr=False))
    err: "RichConsole | PlainConsole" = field(default_factory=partial(console_for, stderr=True))
    _bars: "Progress | None" = None
    _tasks: "dict[str, TaskID]" = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)  # printed or not, by reason
    _shown: set[tuple[str, str]] = field(default_factory=set)  # failures: reason and URL

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show progress bars while the block runs, if standard error is a terminal."""
        if self.as_json or self.quiet or self.verbose or self.log or isinstance(self.err, PlainConsole):
            yield
            return
        with _progress_bars(self.err) as bars:
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
            _print(self.err, text)

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
            _print(self.err, f"more URLs: {reason}; they are counted at the end")
        return self._failures[reason] <= MAX_SHOWN_FAILURES

    def progress(self, stage: str, done: int, whole: int | None, detail: str = "") -> None:
        """Update the progress bar of a stage, or with `verbose` print a line."""
        if self.log is not None and not self.quiet:
            self.log.progress(stage, done, whole, detail)
        elif self.verbose and not self.as_json:
            of = f" of {whole:,}" if whole else ""
            _print(self.err, f"{datetime.now(UTC):%H:%M:%S} {stage}: {done:,}{of} {detail}".rstrip())
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
        _print(self.out, line, style)

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
        numeric = [bool(cells) and all(isinstance(row[at], int | float) for row in cells) for at in range(len(columns))]
        if isinstance(self.out, PlainConsole):
            shown = [[harmless(cell) for cell in row] for row in texts]
            if self.out.table(harmless(title), [harmless(column) for column in columns], shown, numeric):
                return
        from rich.table import Table  # noqa: PLC0415  for terminals, and tables that must be laid out

        table = Table(title=_printable(title), title_justify="left", title_style="bold")
        for column, width, is_numeric in zip(columns, widths, numeric, strict=True):
            table.add_column(
                _printable(column), justify="right" if is_numeric else "left", overflow="fold", min_width=width
            )
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


def _print(console: "RichConsole | PlainConsole", text: str, style: str | None = None) -> None:
    """Print a plain text. Brackets in it are not markup."""
    if isinstance(console, PlainConsole):
        console.print(harmless(text))
    else:
        console.print(_printable(text), style=style)


def _printable(text: str) -> str:
    """Return a text that Rich prints as it is: harmless, brackets escaped."""
    from rich.markup import escape  # noqa: PLC0415  for terminals only

    return escape(harmless(text))


def _progress_bars(console: "RichConsole") -> "Progress":
    from rich.progress import (  # noqa: PLC0415  for terminals only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TextColumn("{task.fields[detail]}"), console=console)
