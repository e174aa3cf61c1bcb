"""Cite a snapshot or a document: BibTeX, CSL JSON, plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.export.text_files import slug

BIBTEX_SPECIAL = re.compile(r"[&%$#_]")
BIBTEX_LONG = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
NO_KEY_CHARACTER = re.compile(r"[^A-Za-z0-9]+")
DATE_PARTS = 3


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says."""

    key: str  # of BibTeX, and the id of CSL JSON
    kind: str  # of CSL: dataset, or article-newspaper
    title: str
    authors: tuple[str, ...]
    issued: str  # ISO 8601, as precise as known
    container: str  # outlet; empty for a snapshot
    url: str
    accessed: str  # when the page was last seen; empty for a snapshot
    version: str
    note: str
    lang: str = ""


def bibtex(one: Citation) -> str:
    """Return an entry for BibTeX or BibLaTeX, in UTF-8."""
    year, *rest = one.issued[:10].split("-")
    fields = {
        "title": f"{{{_escaped(one.title)}}}",
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in one.authors),
        "year": year,
        "month": str(int(rest[0])) if rest else "",
        "date": one.issued[:10],
        "journal": _escaped(one.container),
        "url": one.url.replace("{", "%7B").replace("}", "%7D"),
        "urldate": one.accessed[:10],
        "version": _escaped(one.version),
        "note": _escaped(one.note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'article' if one.container else 'misc'}{{{one.key},\n{lines}}}\n"


def csl(one: Citation) -> dict[str, Any]:
    """Return an item of CSL JSON, which Zotero, pandoc and others read."""
    fields: dict[str, Any] = {
        "id": one.key,
        "type": one.kind,
        "title": one.title,
        "author": [{"literal": name} for name in one.authors],
        "issued": _date(one.issued),
        "container-title": one.container,
        "URL": one.url,
        "accessed": _date(one.accessed),
        "version": one.version,
        "note": one.note,
        "language": one.lang,
    }
    return {name: value for name, value in fields.items() if value}


def plain(one: Citation) -> str:
    """Return one line of text."""
    year = f"({one.issued[:10]})" if one.issued else "(no date)"
    parts = [
        f"{'; '.join(one.authors) or one.container or 'Irtysh'} {year}",
        one.title.rstrip("."),
        one.container if one.authors else "",
        one.version,
        one.url,
        f"Seen {one.accessed[:10]}" if one.accessed else "",
        one.note,
    ]
    return ". ".join(part for part in parts if part) + ".\n"


def key_of(words: Sequence[str]) -> str:
    """Return a key of letters and digits for BibTeX."""
    return "-".join(part for word in words if (part := NO_KEY_CHARACTER.sub("-", slug(word)).strip("-"))) or "irtysh"


def _date(text: str) -> dict[str, Any]:
    parts = [int(part) for part in text[:10].split("-") if part.isdigit()]
    return {"date-parts": [parts[:DATE_PARTS]]} if parts else {}


def _escaped(text: str) -> str:
    text = "".join(BIBTEX_LONG.get(character, character) for character in text.replace("{", "(").replace("}", ")"))
    return BIBTEX_SPECIAL.sub(lambda match: f"\\{match.group()}", text)
