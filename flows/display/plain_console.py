"""What a console of Rich prints into a file or a pipe, without Rich, which takes a tenth of a second to load.

Texts and tables that fit are the same, byte for byte. Everything else is handed to Rich.
"""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from rich.cells import cell_len  # only this module, which is small

from flows.display.closed_pipe import discard_output

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

PIPE_WIDTH = 200  # columns of a table that is written to a file or a pipe
COLUMN_FRAME = 3  # characters of a table beside the cell of a column
FORCING = (
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
    "JUPYTER_COLUMNS",
    "DATABRICKS_RUNTIME_VERSION",
)  # by which Rich assumes a terminal
NEEDS_LAYOUT = frozenset("\n\t\r\v\f")  # in a cell


class PlainConsole:
    """A console that a closed pipe does not end: what was begun is finished, with its own exit code."""

    is_terminal = False

    def __init__(self, *, stderr: bool) -> None:
        self.width = PIPE_WIDTH
        self._stderr = stderr
        self._closed = False

    @property
    def file(self) -> TextIO:
        """The stream, as it is now."""
        return sys.stderr if self._stderr else sys.stdout

    def print(self, shown: Any, style: str | None = None) -> None:
        """Print a plain text as it is, or what Rich can render."""
        if isinstance(shown, str):
            self._write(f"{shown.expandtabs()}\n" if "\t" in shown else f"{shown}\n")
        elif not self._closed:
            console = rich_console(stderr=self._stderr)
            console.width = self.width
            console.print(shown, style=style)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> bool:
        """Print a table of harmless texts. `right` names the columns that are aligned to the right.

        Returns False, and prints nothing, if it would have to be laid out: it is too wide, or a cell has several lines.
        """
        widths = [max(map(cell_len, column)) for column in zip(columns, *rows, strict=True)]
        if (
            sum(widths) + COLUMN_FRAME * len(widths) + 1 > self.width
            or cell_len(title) > sum(widths) + COLUMN_FRAME * len(widths) + 1
            or not (self.file.encoding or "").lower().startswith("utf")
            or any(NEEDS_LAYOUT.intersection(cell) for row in (columns, *rows) for cell in row)
        ):
            return False
        bars = [["━" * (width + 2) for width in widths], ["─" * (width + 2) for width in widths]]
        lines = [title] if title else []
        lines += [f"┏{'┳'.join(bars[0])}┓", _line("┃", columns, widths, right), f"┡{'╇'.join(bars[0])}┩"]
        lines += [_line("│", row, widths, right) for row in rows]
        self._write("".join(f"{line}\n" for line in [*lines, f"└{'┴'.join(bars[1])}┘"]))
        return True

    def _write(self, text: str) -> None:
        if self._closed:
            return
        try:
            self.file.write(text)
            self.file.flush()
        except BrokenPipeError:
            self._closed = True
            discard_output()


def console_for(*, stderr: bool) -> "PlainConsole | RichConsole":
    """Return a console as wide as the terminal, or PIPE_WIDTH columns wide for a file or a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty() or any(os.environ.get(name) for name in FORCING):
        return rich_console(stderr=stderr)
    return PlainConsole(stderr=stderr)


def rich_console(*, stderr: bool) -> "RichConsole":
    """Return a console of Rich for a stream."""
    from rich.console import Console  # noqa: PLC0415  for terminals only

    class PipeConsole(Console):
        """A console that a closed pipe does not end, either."""

        def on_broken_pipe(self) -> None:
            """Discard what is printed from now on. Rich would end the process."""
            self.quiet = True
            discard_output()

    console = PipeConsole(stderr=stderr, soft_wrap=True, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    return console


def _line(bar: str, cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    aligned = [_padded(cell, width, to_right=side) for cell, width, side in zip(cells, widths, right, strict=True)]
    return f"{bar} {f' {bar} '.join(aligned)} {bar}"


def _padded(text: str, width: int, *, to_right: bool) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if to_right else text + blank
