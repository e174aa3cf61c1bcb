"""Render the report of a snapshot as one self-contained HTML file: charts as SVG, each with its numbers and their query."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from articles.harmless import harmless_line
from flows.display.charts import Spec, svg
from flows.display.files import CONTENT_SECURITY_POLICY

MAX_ROWS_OPEN = 15  # of a table that is shown without being opened
STYLE = """
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #fdfcf9; --faint: #6b675f; --rule: #ddd8cc }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6de; --paper: #191917; --faint: #a09b90; --rule: #3b3933 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.1rem; margin: 2.4rem 0 .4rem; border-bottom: 1px solid var(--rule) }
.small, summary, code, th { font-size: .85rem; color: var(--faint) }
figure { margin: .6rem 0; overflow-x: auto }
svg { max-width: 100%; height: auto }
table { border-collapse: collapse; font-size: .9rem }
.wide { overflow-x: auto }
td, th { text-align: left; vertical-align: top; padding: .15rem .7rem .15rem 0; border-bottom: 1px solid var(--rule) }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
"""


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section of a report."""

    title: str
    about: str  # a sentence: what is counted
    query: str  # the command that gives the numbers
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    chart: Spec | None = None


def render(title: str, facts: Sequence[str], sections: Iterable[ReportSection]) -> str:
    """Return the page."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_SECURITY_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>",
        f"<header><h1>{_text(title)}</h1>",
        *(f"<p class=small>{_text(fact)}</p>" for fact in facts),
        "</header><main>",
    ]
    for number, section in enumerate(sections):
        parts += _section(section, f"chart{number}")
    parts.append("</main></body></html>")
    return "\n".join(parts) + "\n"


def _section(section: ReportSection, name: str) -> Iterator[str]:
    yield f"<section><h2>{_text(section.title)}</h2><p>{_text(section.about)}</p>"
    if not section.rows:
        yield "<p>There is none.</p></section>"
        return
    if section.chart is not None:
        yield f'<figure role="img" aria-label="{_text(section.title)}; the table below has the numbers">'
        yield f"{svg(section.chart, name)}</figure>"
    is_open = " open" if len(section.rows) <= MAX_ROWS_OPEN and section.chart is None else ""
    yield f"<details{is_open}><summary>{len(section.rows):,} rows, from <code>{_text(section.query)}</code></summary>"
    numeric = [all(isinstance(row[at], int | float) for row in section.rows) for at in range(len(section.columns))]
    marks = [" class=number" if one else "" for one in numeric]
    heads = "".join(
        f'<th scope="col"{mark}>{_text(name)}</th>' for name, mark in zip(section.columns, marks, strict=True)
    )
    yield f"<div class=wide><table><thead><tr>{heads}</tr></thead><tbody>"
    for row in section.rows:
        cells = "".join(f"<td dir=auto{mark}>{_cell(value)}</td>" for value, mark in zip(row, marks, strict=True))
        yield f"<tr>{cells}</tr>"
    yield "</tbody></table></div></details></section>"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else _text(str(value))


def _text(text: str) -> str:
    return escape(harmless_line(text))
