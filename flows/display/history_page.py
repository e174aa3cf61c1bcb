"""Render an article's history as one self-contained HTML file: old and new text side by side, all text escaped."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from articles.history.edits import Edit
from articles.history.versions import ChangeKind, ParagraphDiff
from flows.display.files import CONTENT_SECURITY_POLICY
from flows.display.history_text import heading, labelled, remarks
from storage.snapshots.article_history import VersionStep

STYLE = """
:root { color-scheme: light dark; --ink: #1c1b19; --paper: #fdfcf9; --faint: #6b675f; --rule: #ddd8cc;
  --old: #a3261b; --new: #22663a; --old-wash: #fbe9e6; --new-wash: #e6f3e9 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6de; --paper: #191917; --faint: #a09b90; --rule: #3b3933;
  --old: #f08b80; --new: #86cf9e; --old-wash: #3a211e; --new-wash: #1d3224 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 80rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 Georgia, "Noto Serif", serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--rule) }
.small, .kinds, th { font-family: system-ui, sans-serif; font-size: .85rem; color: var(--faint) }
.small { margin: .15rem 0 }
.kinds { width: 7rem; text-align: right; padding-right: .8rem; white-space: nowrap }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--rule) }
th { font-weight: 600 }
td.went { background: var(--old-wash) }
td.came { background: var(--new-wash) }
del { color: var(--old); text-decoration-thickness: 1px; background: var(--old-wash) }
ins { color: var(--new); text-decoration: underline; text-decoration-thickness: 1px; background: var(--new-wash) }
.title { font-weight: 700 }
"""


def render(url: str, found: Mapping[str, Sequence[VersionStep]]) -> str:
    """Return the HTML page of an article's documents and their versions, the oldest first."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_SECURITY_POLICY)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>History of {escape(url)}</title><style>{STYLE}</style></head><body>",
        f"<header><h1>History</h1><p class=small>{escape(url)}</p></header>",
    ]
    for document_id, steps in found.items():
        parts.append(f"<main><p class=small>document {escape(document_id)}</p>")
        for step in steps:
            parts.append(f'<section><h2 dir="auto">{escape(heading(step))}</h2>')
            parts += [f"<p class=small>{escape(remark)}</p>" for remark in remarks(step)]
            parts += _table(step) if step.before is not None else _text(step)
            parts.append("</section>")
        parts.append("</main>")
    parts.append("</body></html>")
    return "\n".join(parts) + "\n"


def _text(step: VersionStep) -> Iterator[str]:
    """Yield the paragraphs of a first version. Tombstones and restored texts have no text of their own to show."""
    if step.version.number == 1:
        yield from (
            f'<p lang="{escape(step.text.lang)}" dir="auto">{escape(text)}</p>' for text in step.text.paragraphs
        )


def _table(step: VersionStep) -> Iterator[str]:
    yield "<table><colgroup><col style='width:8rem'><col><col></colgroup>"
    yield "<tr><th class=kinds>edits</th><th>before</th><th>after</th></tr>"
    if step.before is not None and step.before.title != step.text.title:
        old, new = escape(step.before.title), escape(step.text.title)
        yield f"<tr class=title><td class=kinds>headline</td><td dir=auto><del>{old}</del></td>"
        yield f"<td dir=auto><ins>{new}</ins></td></tr>"
    for change, edits in labelled(step):
        yield _row(change, edits, step.text.lang)
    yield "</table>"


def _row(change: ParagraphDiff, edits: Sequence[Edit], lang: str) -> str:
    kinds = ", ".join(dict.fromkeys(edit.kind.value for edit in edits))
    classes = {ChangeKind.DELETED: (" class=went", ""), ChangeKind.ADDED: ("", " class=came")}.get(
        change.change, ("", "")
    )
    language = f' lang="{escape(lang)}" dir="auto"'
    return (
        f"<tr><td class=kinds>{escape(kinds)}</td><td{classes[0]}{language}>{_side(change, 'del')}</td>"
        f"<td{classes[1]}{language}>{_side(change, 'ins')}</td></tr>"
    )


def _side(change: ParagraphDiff, tag: str) -> str:
    """Return the old (`del`) or the new (`ins`) paragraph, with the differences marked."""
    marked = []
    for words in change.words:
        text = escape(words.old if tag == "del" else words.new)
        marked.append(text if words.change is ChangeKind.EQUAL or not text else f"<{tag}>{text}</{tag}>")
    return "".join(marked)
