"""Score a folder of benchmark pages on the whole way that pages take: WARC, import, processing, pull.

    python -m benchmarks.imported DIR [--outlets FILE]

The pages are read with the selectors and addresses of their outlets, which `benchmarks/extraction.py` leaves out. It
prints the figures of that program and the pages that are not right. Needs the extra `benchmarks` or `test` (warcio).
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import irtysh
from articles.url import article_key, canonicalize
from benchmarks.scoring.measures import Prediction, score, summary
from benchmarks.scoring.sets import BenchmarkPage, BenchmarkSet, load
from benchmarks.scoring.tables import header, row
from flows import cli

FETCHED = "2026-11-01T00:00:00Z"
MIN_RIGHT_F1 = 0.999  # of a page; others are named


def main() -> int:
    """Import the pages into a store of their own, and print what the corpus has of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="folder with truth.jsonl and pages/")
    parser.add_argument("--outlets", default="", help="file or folder with outlets of your own")
    options = parser.parse_args()
    pages = load(options.folder, every_script=True, partial=False)
    with tempfile.TemporaryDirectory() as scratch:
        archive, store = Path(scratch) / "pages.warc.gz", str(Path(scratch) / "store")
        write_warc(pages, archive)
        own = ["--outlets", options.outlets] if options.outlets else []
        code = cli.run(["import", str(archive), "--topic", "any", "--store", store, "--quiet", *own])
        if code:
            return code
        found = {_key(one.url): one for one in irtysh.open(store).snapshot().documents(with_duplicates=True)}
    predictions = {page.id: _prediction(found, page) for page in pages.full}
    figures = summary([score(page, predictions[page.id]) for page in pages.full])
    authors = [_named(page.authors) == _named(predictions[page.id].authors) for page in pages.full if page.authors]
    figures["authors"] = sum(authors) / len(authors) if authors else None
    print(header(list(figures)))
    print(row(f"{len(pages.full)} pages", list(figures.values())))
    for page in pages.full:
        result = score(page, predictions[page.id])
        if result.f1 < MIN_RIGHT_F1 or result.title is False or result.date is False:
            print(f"{result.f1:.3f}, title {result.title}, date {result.date}: {page.id}")
    return 0


def write_warc(pages: BenchmarkSet, path: Path) -> None:
    """Write the pages into one WARC file, as if fetched from their URLs."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for page in pages.full:
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            body = io.BytesIO(pages.body(page))
            fields = {"WARC-Date": FETCHED}
            writer.write_record(
                writer.create_warc_record(page.url, "response", body, http_headers=head, warc_headers_dict=fields)
            )


def _prediction(found: Mapping[str, irtysh.Article], page: BenchmarkPage) -> Prediction:
    article = found.get(_key(page.url))
    if article is None:
        return Prediction()
    return Prediction(article.text, article.title, (article.published or "")[:10], tuple(article.authors))


def _key(url: str) -> str:
    return article_key(canonicalize(url))


def _named(names: tuple[str, ...]) -> set[str]:
    return {"".join(name.lower().split()) for name in names}


if __name__ == "__main__":
    sys.exit(main())
