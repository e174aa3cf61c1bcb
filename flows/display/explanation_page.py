"""Render an explained page as one self-contained HTML file: no script, nothing loaded, all text escaped."""

from collections.abc import Sequence
from html import escape

from articles.explain import BlockVerdict, ExplainedBlock, ExplainedField, Explanation
from articles.extract import Origin
from articles.model import Evidence
from flows.display.files import CONTENT_SECURITY_POLICY

LEGEND = {
    BlockVerdict.KEPT: "part of the text",
    BlockVerdict.STRUCK: "removed; the label names the rule and the kind of content that it removes",
    BlockVerdict.REPLACED: "removed by no rule, but the text was taken from another part of the page",
    BlockVerdict.FRAME: "part of the site around the article: never a candidate for the text",
}
ORIGIN_NAMES = {
    Origin.JSON_LD: "the article body in the page's JSON-LD",
    Origin.HIDDEN: "a text that the page holds and does not show, in a script or an attribute",
    Origin.TRAFILATURA: "trafilatura, since the main column has hardly any text",
}
VERDICT_NAMES = {verdict: verdict.value for verdict in BlockVerdict} | {BlockVerdict.STRUCK: "removed"}  # for people
HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
STYLE = """
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #fdfcf9; --faint: #6b675f; --rule: #ddd8cc;
  --struck: #a3261b; --replaced: #8a5a00; --kept: #22663a; --wash: #f4f1e8 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6de; --paper: #191917; --faint: #a09b90; --rule: #3b3933;
  --struck: #f08b80; --replaced: #e2b35c; --kept: #86cf9e; --wash: #23221f } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 Georgia, "Noto Serif", serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--rule) }
.small, .legend, table, .label { font-family: system-ui, sans-serif; font-size: .85rem }
.small { color: var(--faint); margin: .15rem 0 }
.outcome { font-family: system-ui, sans-serif; font-weight: 600; margin: .8rem 0; padding: .5rem .8rem;
  border-left: 4px solid var(--kept); background: var(--wash) }
.outcome.rejected { border-color: var(--struck) }
.legend { list-style: none; padding: 0; margin: .6rem 0 1.2rem }
.legend li { margin: .2rem 0 }
.key { display: inline-block; min-width: 5.5rem; padding: 0 .4rem; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--rule) }
th { color: var(--faint); font-weight: 600; white-space: nowrap }
td:last-child { width: 40% }
td:first-child { white-space: nowrap; font-weight: 600 }
ul.candidates { margin: 0; padding: 0; list-style: none; color: var(--faint) }
ul.candidates .chosen { color: var(--kept); font-weight: 600 }
.block { margin: .35rem 0; padding: .1rem 0 .1rem .8rem; border-left: 3px solid transparent }
.block p { margin: 0 }
.heading p { font-weight: 700 }
.kept { border-color: var(--kept) }
.struck { border-color: var(--struck) }
.struck p { text-decoration: line-through; text-decoration-thickness: 1px; color: var(--struck) }
.replaced { border-color: var(--replaced) }
.replaced p { color: var(--replaced) }
.frame { border-color: var(--rule) }
.frame p { color: var(--faint); font-size: .85rem }
.label { color: var(--faint) }
.struck .label { color: var(--struck); font-weight: 600 }
"""


def render(explanation: Explanation, about: Sequence[str]) -> str:
    """Return the HTML page. The lines of `about` describe the origin of the explained page."""
    capture, outcome = explanation.capture, explanation.outcome
    title = next((field.value for field in explanation.fields if field.name == "title" and field.value), capture.url)
    state = "rejected" if outcome.reason is not None else "accepted"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_SECURITY_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Explained: {escape(title)}</title><style>{STYLE}</style></head><body>",
        f'<header><h1 dir="auto">{escape(title)}</h1>',
        *(f'<p class="small">{escape(line)}</p>' for line in (capture.url, *about)),
        f'<p class="outcome {state}">{escape(explanation.verdict)}</p></header>',
        *_metadata(explanation.fields),
        *_text_from_elsewhere(explanation),
        *_blocks(explanation),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _metadata(fields: Sequence[ExplainedField]) -> list[str]:
    if not fields:
        return []
    rows = [
        f'<tr><td>{escape(field.name)}</td><td dir="auto">{escape(field.value) or "<em>none found</em>"}'
        f"{_small(field.remark)}</td><td>{_candidates(field.candidates)}</td></tr>"
        for field in fields
    ]
    head = "<tr><th>field</th><th>value</th><th>candidates (✓ chosen)</th></tr>"
    return ["<section><h2>Metadata</h2><table>", head, *rows, "</table></section>"]


def _candidates(candidates: Sequence[Evidence]) -> str:
    if not candidates:
        return ""
    items = (
        f'<li class="chosen">✓ {escape(one.source)}: {escape(one.value)}</li>'
        if one.chosen
        else f"<li>{escape(one.source)}: {escape(one.value)}</li>"
        for one in candidates
    )
    return f'<ul class="candidates">{"".join(items)}</ul>'


def _text_from_elsewhere(explanation: Explanation) -> list[str]:
    """Return the text itself if it was not taken from the blocks below."""
    if explanation.origin is Origin.COLUMN or not explanation.outcome.documents:
        return []
    texts = [text for document in explanation.outcome.documents for text in document.paragraphs]
    return [
        f"<section><h2>Text, from {escape(ORIGIN_NAMES[explanation.origin])}</h2>",
        *(f'<div class="block kept"><p dir="auto">{escape(text)}</p></div>' for text in texts),
        "</section>",
    ]


def _blocks(explanation: Explanation) -> list[str]:
    if not explanation.rows:
        return [
            '<section><h2>Blocks</h2><p class="small">None: the page was refused before it was parsed.</p></section>'
        ]
    legend = [
        f'<li><span class="key block {verdict.value}">{VERDICT_NAMES[verdict]}: {number}</span> {escape(meaning)}</li>'
        for verdict, meaning in LEGEND.items()
        if (number := explanation.count(verdict))
    ]
    blocks = map(_block, explanation.rows)
    return [
        '<section><h2>Blocks, in page order</h2><ul class="legend">',
        *legend,
        "</ul>",
        *blocks,
        "</section>",
    ]


def _block(row: ExplainedBlock) -> str:
    heading = " heading" if row.tag in HEADING_TAGS else ""
    said = label(row)
    place = f"block {row.position}, <{row.tag}>, {'in' if row.in_column else 'outside of'} the main column"
    shown = f'<span class="label">{escape(said)}</span>' if row.verdict is not BlockVerdict.FRAME else ""
    return (
        f'<div class="block {row.verdict.value}{heading}" title="{escape(f"{said}: {place}")}">'
        f'{shown}<p dir="auto">{escape(row.text)}</p></div>'
    )


def label(row: ExplainedBlock) -> str:
    """Return the label of a block: its rule and reason, or its kind and language."""
    if row.verdict is BlockVerdict.STRUCK:
        return f"{row.rule} · {row.reason}"
    if row.verdict is BlockVerdict.FRAME:
        return row.verdict.value
    return " · ".join(part for part in (row.reason, row.lang) if part)


def _small(text: str) -> str:
    return f'<p class="small">{escape(text)}</p>' if text else ""
