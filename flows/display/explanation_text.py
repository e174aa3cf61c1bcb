"""Print an explained page on a terminal, or convert it to JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from articles.explain import BlockVerdict, Explanation
from articles.extract import Origin
from articles.harmless import harmless_line
from flows.display.console import Console
from flows.display.explanation_page import ORIGIN_NAMES, VERDICT_NAMES, label

MARKS = {
    BlockVerdict.KEPT: ("+ ", ""),
    BlockVerdict.STRUCK: ("- ", "red strike"),
    BlockVerdict.REPLACED: ("~ ", "yellow"),
    BlockVerdict.FRAME: (". ", "dim"),
}
FAINT = "dim"
HEAD = "bold"
CHOSEN = "green"


def for_programs(explanation: Explanation, about: Sequence[str]) -> dict[str, Any]:
    """Return the whole explanation as one JSON object."""
    outcome = explanation.outcome
    return {
        "url": explanation.capture.url,
        "about": list(about),
        "outcome": {
            "reason": outcome.reason.value if outcome.reason is not None else "",
            "detail": outcome.detail,
            "documents": [{**asdict(document), "text": document.text} for document in outcome.documents],
            "links": [asdict(link) for link in outcome.links],
        },
        "origin": explanation.origin.value,
        "counts": {verdict.value: explanation.count(verdict) for verdict in BlockVerdict},
        "blocks": [asdict(row) for row in explanation.rows],
        "metadata": [asdict(field) for field in explanation.fields],
    }


def show(console: Console, explanation: Explanation, about: Sequence[str]) -> None:
    """Print the blocks in page order. Marks and rule names say without colour what the colours say."""
    console.text(harmless_line(explanation.capture.url), style=HEAD)
    for line in about:
        console.text(harmless_line(line), style=FAINT)
    console.text(
        harmless_line(explanation.verdict), style="bold red" if explanation.outcome.reason is not None else "bold green"
    )
    for field in explanation.fields:
        known = Text(f"{field.name}: ", style=HEAD)
        known.append(
            harmless_line(field.value) or "none found", style="not bold" if field.value else f"not bold {FAINT}"
        )
        known.append(f"  ({harmless_line(field.remark)})" if field.remark else "", style=f"not bold {FAINT}")
        console.out.print(known)
        for one in field.candidates:
            mark = "  * " if one.chosen else "    "
            console.out.print(
                Text(f"{mark}{one.source}: {harmless_line(one.value)}", style=CHOSEN if one.chosen else FAINT)
            )
    if explanation.origin is not Origin.COLUMN and explanation.outcome.documents:
        console.text(f"\nText, from {ORIGIN_NAMES[explanation.origin]}", style=HEAD)
        for document in explanation.outcome.documents:
            for paragraph in document.paragraphs:
                console.out.print(Text(MARKS[BlockVerdict.KEPT][0] + harmless_line(paragraph)))
    if explanation.rows:
        console.text(f"\n{tally(explanation)} (+ kept, - removed, ~ replaced, . frame of the site)", style=HEAD)
    for row in explanation.rows:
        mark, style = MARKS[row.verdict]
        block = Text.assemble((mark, style.removesuffix(" strike")), (harmless_line(row.text), style))
        block.append(f"  [{harmless_line(label(row))}]", style=FAINT)
        console.out.print(block)


def tally(explanation: Explanation) -> str:
    """Return how many blocks were kept, removed, replaced, or belong to the frame."""
    counts = [
        f"{number} {VERDICT_NAMES[verdict]}" for verdict in BlockVerdict if (number := explanation.count(verdict))
    ]
    return f"blocks: {', '.join(counts)}" if counts else "no blocks: the page was refused before it was parsed"
