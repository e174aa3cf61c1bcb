"""Render an article's history as one self-contained HTML file: old and new text side by side."""

from collections.abc import Mapping, Sequence

from articles.history.versions import ParagraphDiff
from flows.display.history_text import heading, labelled, remarks
from flows.display.pages import render_page
from storage.snapshots.article_history import VersionStep


def render(url: str, found: Mapping[str, Sequence[VersionStep]]) -> str:
    """Return the HTML page of an article's documents and their versions, the oldest first."""
    return render_page("history.html", url=url, found=found, heading=heading, remarks=remarks, rows=side_rows)


def side_rows(step: VersionStep) -> list[tuple[ParagraphDiff, str]]:
    """Return the paragraphs of a version beside those of the version before, each with the kinds of its edits."""
    return [(change, ", ".join(dict.fromkeys(edit.kind.value for edit in edits))) for change, edits in labelled(step)]
