"""Cite a snapshot or a document: BibTeX, CSL JSON, plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from articles.dates import ISO_DATE_CHARS
from storage.export.text_files import slug

BIBTEX_SPECIAL = re.compile(r"[&%$#_]")
BIBTEX_LONG = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
NO_KEY_CHARACTER = re.compile(r"[^A-Za-z0-9]+")
NO_URL_CHARACTER = re.compile(r"[\s{}\\\"<>^`]")  # which BibTeX or LaTeX would read as its own
DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?", re.ASCII)
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
    day = _day(one.issued)
    year, *rest = day.split("-")
    fields = {
        "title": f"{{{_escaped(one.title)}}}",
        "author": " and ".join(f"{{{_escaped(name)}}}" for name in one.authors),
        "year": year,
        "month": str(int(rest[0])) if rest else "",
        "date": day,
        "journal": _escaped(one.container),
        "url": NO_URL_CHARACTER.sub(lambda match: quote(match.group()), one.url),
        "urldate": _day(one.accessed),
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
    year = f"({_day(one.issued)})" if _day(one.issued) else "(no date)"
    parts = [
        f"{'; '.join(one.authors) or one.container or 'Irtysh'} {year}",
        one.title.rstrip("."),
        one.container if one.authors else "",
        one.version,
        one.url,
        f"Seen {_day(one.accessed)}" if _day(one.accessed) else "",
        one.note,
    ]
    return ". ".join(part for part in parts if part) + ".\n"


def key_of(words: Sequence[str]) -> str:
    """Return a key of letters and digits for BibTeX."""
    return "-".join(part for word in words if (part := NO_KEY_CHARACTER.sub("-", slug(word)).strip("-"))) or "irtysh"


def _day(text: str) -> str:
    """Return the date of an ISO 8601 time, as precise as it is; empty for anything else."""
    return text[:ISO_DATE_CHARS] if DAY.fullmatch(text[:ISO_DATE_CHARS]) else ""


def _date(text: str) -> dict[str, Any]:
    parts = [int(part) for part in _day(text).split("-") if part]
    return {"date-parts": [parts[:DATE_PARTS]]} if parts else {}


def _escaped(text: str) -> str:
    text = " ".join(text.split())
    text = "".join(BIBTEX_LONG.get(character, character) for character in text.replace("{", "(").replace("}", ")"))
    return BIBTEX_SPECIAL.sub(lambda match: f"\\{match.group()}", text)
