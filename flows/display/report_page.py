"""Render the report of a snapshot as one self-contained HTML file: charts as SVG, each with its numbers and their query."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from articles.harmless import harmless_line
from flows.display.charts import Spec, svg
from flows.display.pages import render_page

MAX_ROWS_OPEN = 15  # of a table that is shown without being opened


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section of a report."""

    title: str
    about: str  # a sentence: what is counted
    query: str  # the command that gives the numbers
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    chart: Spec | None = None

    @property
    def is_open(self) -> bool:
        """Whether its table is shown without being opened."""
        return len(self.rows) <= MAX_ROWS_OPEN and self.chart is None

    @property
    def marks(self) -> list[str]:
        """The class of each column: `number` where all values are numbers."""
        every = range(len(self.columns))
        return ["number" if all(isinstance(row[at], int | float) for row in self.rows) else "" for at in every]


def render(title: str, facts: Sequence[str], sections: Iterable[ReportSection]) -> str:
    """Return the page."""
    return render_page(
        "report.html", title=title, facts=facts, sections=list(sections), drawn=partial(svg, inline=True), cell=_cell
    )


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else harmless_line(str(value))
