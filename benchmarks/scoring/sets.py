"""Folders of benchmark pages: references, hosts, languages and bodies.

A folder holds `truth.jsonl` (one line per page: id, url, text, title, date and perhaps lang, host, source_dataset,
convention), perhaps `truth_partial.jsonl` (pages of which only snippets, a title, a date or authors are known) and
`pages/<id>.html.gz`.
"""

import gzip
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from articles.url import registrable_domain

# Chinese, Japanese, Thai, Lao, Khmer and Burmese put no spaces between words, so `\w+` takes a clause for a word.
UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "km", "my", "wuu", "yue"})
UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]"
)
MIN_UNSPACED_SHARE = 0.3  # of a text's letters: names and quotations in an English text stay far below


@dataclass(frozen=True, slots=True)
class BenchmarkPage:
    """A page of a set, and what is known of it."""

    id: str
    url: str
    text: str  # empty if the reference is partial
    title: str
    date: str
    authors: tuple[str, ...]
    lang: str
    source: str  # the data set that it comes from
    convention: str  # what the reference covers
    host: str  # registrable domain; pages of one host are never drawn or folded apart
    present: tuple[str, ...]  # snippets that the text must hold
    absent: tuple[str, ...]  # snippets that it must not hold

    @property
    def unspaced(self) -> bool:
        """Whether the text is in a script without spaces between words."""
        if self.lang in UNSPACED_LANGUAGES:
            return True
        sample = self.text or " ".join(self.present)
        letters = sum(character.isalpha() for character in sample)
        return letters > 0 and len(UNSPACED.findall(sample)) / letters >= MIN_UNSPACED_SHARE


@dataclass(frozen=True, slots=True)
class BenchmarkSet:
    """The pages of a folder."""

    folder: Path
    full: tuple[BenchmarkPage, ...]  # with the whole text
    partial: tuple[BenchmarkPage, ...]  # with snippets or metadata only

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def all(self) -> tuple[BenchmarkPage, ...]:
        """All pages."""
        return (*self.full, *self.partial)

    def only(self, ids: Collection[str]) -> "BenchmarkSet":
        """Return the set of some of its pages."""
        full, partial = (tuple(page for page in pages if page.id in ids) for pages in (self.full, self.partial))
        return BenchmarkSet(self.folder, full, partial)

    def body(self, page: BenchmarkPage) -> bytes:
        """Return the bytes of a page as published."""
        return gzip.decompress((self.folder / "pages" / f"{page.id}.html.gz").read_bytes())


def load(folder: Path, *, every_script: bool = False, partial: bool = True, limit: int | None = None) -> BenchmarkSet:
    """Read a folder. Pages in scripts without spaces between words are left out unless `every_script`."""
    folder = folder.resolve()

    def select(name: str) -> tuple[BenchmarkPage, ...]:
        pages = (_page(row) for row in _rows(folder / name))
        return tuple(page for page in pages if every_script or not page.unspaced)[:limit]

    has_partial = partial and (folder / "truth_partial.jsonl").exists()
    return BenchmarkSet(folder, select("truth.jsonl"), select("truth_partial.jsonl") if has_partial else ())


def _rows(path: Path) -> Iterable[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip())


def _page(row: dict[str, Any]) -> BenchmarkPage:
    url = row["url"]
    return BenchmarkPage(
        row["id"],
        url,
        row.get("text") or "",
        row.get("title") or "",
        row.get("date") or "",
        tuple(name for author in row.get("authors") or () if (name := author.strip())),
        row.get("lang") or "",
        row.get("source") or row.get("source_dataset") or "",
        row.get("convention") or row.get("text_origin") or "",
        row.get("host") or registrable_domain(url) or row["id"],
        tuple(row.get("with") or ()),
        tuple(row.get("without") or ()),
    )
