"""Count false versions and missed edits of made-up pages that are fetched twice: `python -m benchmarks.links.pages [--wrong]`.

The pages of `pages.yaml` are extracted from HTML as processing does. A line that changes with every fetch must make no version;
an edit must make one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from articles.extract import extract
from articles.history.identity import RowHead
from articles.history.view import view
from articles.links.fingerprint import row_id, version_key
from articles.links.line_marks import line_marks
from articles.model import Capture, CaptureRef, Document, Fetch
from articles.url import article_id
from benchmarks.links.halves import score_halves

START = datetime(2026, 6, 1, tzinfo=UTC)
HALVES = ("look", "report")
Data = Mapping[str, Any]


def html(page: Data, place: str = "", line: str = "") -> str:
    """Return a page, with a line in its head, in its foot or after a paragraph ("body3")."""
    paragraphs = [f"<p>{text}</p>" for text in page["paragraphs"]]
    if place.startswith("body"):
        paragraphs.insert(int(place.removeprefix("body")), line)
    parts = {name: line if place == name else "" for name in ("head", "foot")}
    return str(page["shell"].format(title=page["title"], caption=page["caption"], body="\n".join(paragraphs), **parts))


def document(lang: str, text: str) -> Document:
    """Return the document of a page."""
    url = f"https://{lang}.example/2026/news-1.html"
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    found = extract(Capture(CaptureRef("page", 0, lang), url, lang, START, 200, headers, text.encode(), "run"))
    assert len(found.documents) == 1, found
    return found.documents[0]


def versions_of(*documents: Document) -> int:
    """Return the number of versions of a page that was fetched as these documents."""
    heads, fetches = {}, []
    for day, one in enumerate(documents):
        row, own = row_id(one), article_id(one.url)
        heads[row] = RowHead(
            row, f"{own}-{one.lang}", own, one.url, version_key(one), "", reprint=False, length=500, outlet="paper", marks=line_marks(one)
        )  # fmt: skip
        when, ref = START + timedelta(days=day), CaptureRef(one.url, day, f"{day}")
        fetches.append(Fetch(one.url, own, "paper", when, 200, "", "", (row,), "", "", "", ref, "run", "x"))
    (found,) = view(heads.values(), fetches, []).documents.values()
    return len(found.versions)


def false_versions(data: Data, half: str) -> Iterator[str]:
    """Yield the names of lines that make a version."""
    for name, (lang, place, before, after) in data[f"dynamic_{half}"].items():
        if versions_of(*(document(lang, html(data["pages"][lang], place, line)) for line in (before, after))) > 1:
            yield name


def missed_edits(data: Data, half: str) -> Iterator[str]:
    """Yield the names of edits that make no version."""
    for name, (lang, old, new) in data[f"edits_{half}"].items():
        before = html(data["pages"][lang])
        assert str(old) in before, name
        if versions_of(*(document(lang, text) for text in (before, before.replace(str(old), str(new))))) < 2:
            yield name


def score(half: str, *, wrong: bool) -> None:
    """Print how many lines make a version and how many edits make none."""
    data = yaml.safe_load(Path(__file__).with_name("pages.yaml").read_text("utf-8"))
    for what, found in (("dynamic", false_versions), ("edits", missed_edits)):
        names = list(found(data, half))
        print(f"{half}: {len(data[f'{what}_{half}'])} {what}, wrong {len(names)}", *names if wrong else ())


def main() -> None:
    """Print the figures of both halves."""
    score_halves(HALVES, score, __doc__)


if __name__ == "__main__":
    main()
