"""Print an article's history on a terminal, or convert it to JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from articles.harmless import harmless_line
from articles.history.edits import Edit, within
from articles.history.versions import ChangeKind, ParagraphDiff
from flows.display.console import Console
from storage.snapshots.article_history import VersionStep

OLD, NEW, HEAD, LABEL = "red strike", "green", "bold", "dim"


def for_programs(found: Mapping[str, Sequence[VersionStep]]) -> list[dict[str, Any]]:
    """Return one JSON object per version."""
    return [
        {
            "document_id": step.version.document_id,
            "version": step.version.number,
            "row_id": step.version.row_id,
            "first_seen": step.version.first_seen.isoformat(),
            "last_seen": step.version.last_seen.isoformat(),
            "gone": step.version.gone,
            "title": step.text.title,
            "modified": step.text.modified,
            "captures": [ref.record_id for ref in step.version.captures],
            "changes": [
                {"change": change.change.value, "old": change.old, "new": change.new}
                for change in step.changes
                if change.change is not ChangeKind.EQUAL
            ],
            "edits": [asdict(edit) for edit in step.edits],
            "silent": step.silent,
            "reverts": step.reverts or None,
            "reused": step.reused,
        }
        for steps in found.values()
        for step in steps
    ]


def show(console: Console, found: Mapping[str, Sequence[VersionStep]]) -> None:
    """Print each document's versions. Deletions are red and struck out, additions green; - and + say it without colour."""
    for document_id, steps in found.items():
        console.text(document_id, style=HEAD)
        for step in steps:
            console.text(heading(step), style=HEAD)
            for remark in remarks(step):
                console.text(f"  {remark}", style=LABEL)
            if step.before is not None and step.before.title != step.text.title:
                console.out.print(Text("- " + harmless_line(step.before.title), style=OLD))
                console.out.print(Text("+ " + harmless_line(step.text.title), style=NEW))
            for change, edits in labelled(step):
                if change.change is not ChangeKind.EQUAL:
                    console.out.print(_inline(change, edits))
        console.text()


def heading(step: VersionStep) -> str:
    """Return the heading of a version."""
    version = step.version
    seen = f"{version.first_seen:%Y-%m-%d %H:%M} to {version.last_seen:%Y-%m-%d %H:%M} UTC"
    return f"version {version.number}, seen {seen}: {'gone (404 or 410); the text is kept' if version.gone else step.text.title}"


def remarks(step: VersionStep) -> list[str]:
    """Return the remarks about a version as a whole: kinds of edits, silent edits, reverts, reused URLs."""
    found = []
    if step.edits:
        kinds = Counter(edit.kind.value for edit in step.edits)
        found.append("edits: " + ", ".join(f"{number} {kind}" for kind, number in kinds.items()))
    if step.silent:
        found.append("silent edit: the text changed, but the page's modification date did not")
    if step.reverts:
        found.append(f"reverts to version {step.reverts}")
    if step.reused:
        found.append(
            "reused URL: it shows another article, whose title and text have little in common with the one before"
        )
    return found


def labelled(step: VersionStep) -> Iterator[tuple[ParagraphDiff, list[Edit]]]:
    """Yield each paragraph of a version with its old text and its edits."""
    number = 0
    for change in step.changes:
        yield change, list(within(change, number, step.text.lang))
        number += change.change is not ChangeKind.DELETED


def _inline(change: ParagraphDiff, edits: Sequence[Edit]) -> Text:
    line = Text({ChangeKind.ADDED: "+ ", ChangeKind.DELETED: "- "}.get(change.change, "~ "))
    marks = {ChangeKind.ADDED: ("{+", "+}"), ChangeKind.DELETED: ("[-", "-]")}
    for words in change.words:
        if words.change is ChangeKind.EQUAL:
            line.append(harmless_line(words.new))
            continue
        for written, kind, style in ((words.old, ChangeKind.DELETED, OLD), (words.new, ChangeKind.ADDED, NEW)):
            text = harmless_line(written)
            if text and change.change is ChangeKind.CHANGED:
                line.append(marks[kind][0] + text + marks[kind][1], style=style)
            elif text:
                line.append(text, style=style)
    line.append(f"  ({', '.join(dict.fromkeys(edit.kind.value for edit in edits))})", style=LABEL)
    return line
