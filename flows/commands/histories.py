"""An article's history as a person or a program reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from articles.history import Change, Paragraph
from flows.console import Console, harmless
from flows.looking import Step

OLD, NEW, HEAD = "red strike", "green", "bold"


def for_programs(found: Mapping[str, Sequence[Step]]) -> list[dict[str, Any]]:
    """Return one object a version."""
    return [
        {
            "document_id": step.version.document_id,
            "version": step.version.number,
            "row_id": step.version.row_id,
            "first_seen": step.version.first_seen.isoformat(),
            "last_seen": step.version.last_seen.isoformat(),
            "gone": step.version.gone,
            "title": step.title,
            "captures": [ref.record_id for ref in step.version.captures],
            "changes": [
                {"change": change.change.value, "old": change.old, "new": change.new}
                for change in step.changes
                if change.change is not Change.EQUAL
            ],
        }
        for steps in found.values()
        for step in steps
    ]


def show(console: Console, found: Mapping[str, Sequence[Step]]) -> None:
    """Print each document's versions; what went is red and struck, what came is green, - and + say it without colour."""
    for document_id, steps in found.items():
        console.text(document_id, style=HEAD)
        for step in steps:
            version = step.version
            seen = f"{version.first_seen:%Y-%m-%d %H:%M} to {version.last_seen:%Y-%m-%d %H:%M} UTC"
            what = "gone (404 or 410); the text is kept" if version.gone else step.title
            console.text(f"version {version.number}, seen {seen}: {what}", style=HEAD)
            if step.title_before and step.title_before != step.title and not version.gone:
                console.out.print(Text("- " + harmless(step.title_before), style=OLD))
                console.out.print(Text("+ " + harmless(step.title), style=NEW))
            for change in step.changes:
                if change.change is not Change.EQUAL:
                    console.out.print(_inline(change))
        console.text()


def _inline(change: Paragraph) -> Text:
    line = Text({Change.ADDED: "+ ", Change.DELETED: "- "}.get(change.change, "~ "))
    marks = {Change.ADDED: ("{+", "+}"), Change.DELETED: ("[-", "-]")}
    for words in change.words:
        if words.change is Change.EQUAL:
            line.append(harmless(words.new))
            continue
        for written, kind, style in ((words.old, Change.DELETED, OLD), (words.new, Change.ADDED, NEW)):
            text = harmless(written)
            if text and change.change is Change.CHANGED:
                line.append(marks[kind][0] + text + marks[kind][1], style=style)
            elif text:
                line.append(text, style=style)
    return line
