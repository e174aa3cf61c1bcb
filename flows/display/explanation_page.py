"""Render an explained page as one self-contained HTML file: no script, nothing loaded, all text escaped."""

from collections.abc import Sequence

from articles.explain import BlockVerdict, ExplainedBlock, Explanation
from articles.extract import Origin
from flows.display.pages import render_page

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


def render(explanation: Explanation, about: Sequence[str]) -> str:
    """Return the HTML page. The lines of `about` describe the origin of the explained page."""
    url = explanation.capture.url
    title = next((field.value for field in explanation.fields if field.name == "title" and field.value), url)
    counts = {verdict: explanation.count(verdict) for verdict in LEGEND}
    return render_page(
        "explanation.html",
        explanation=explanation,
        title=title,
        lines=[url, *about],
        state="rejected" if explanation.outcome.reason is not None else "accepted",
        elsewhere=_text_from_elsewhere(explanation),
        origin=ORIGIN_NAMES.get(explanation.origin, ""),
        legend=[(one, VERDICT_NAMES[one], counts[one], LEGEND[one]) for one in LEGEND if counts[one]],
        label=label,
        headings=HEADING_TAGS,
    )


def _text_from_elsewhere(explanation: Explanation) -> list[str]:
    """Return the text itself if it was not taken from the blocks of the page."""
    if explanation.origin is Origin.COLUMN:
        return []
    return [text for document in explanation.outcome.documents for text in document.paragraphs]


def label(row: ExplainedBlock) -> str:
    """Return the label of a block: its rule and reason, or its kind and language."""
    if row.verdict is BlockVerdict.STRUCK:
        return f"{row.rule} · {row.reason}"
    if row.verdict is BlockVerdict.FRAME:
        return row.verdict.value
    return " · ".join(part for part in (row.reason, row.lang) if part)
