"""Compare Irtysh with other extractors on a folder of pages with reference texts.

    python benchmarks/extraction.py FOLDER [--only NAME …] [--limit N] [--out FOLDER] [--where]

FOLDER holds `truth.jsonl` (one line per page: id, url, text, title, date) and `pages/<id>.html.gz`. Install the other
extractors with `pip install -c constraints.txt -e ".[benchmarks]"`; those that are not installed are named and left out.
A page that an extractor cannot read counts as empty; the number of such pages is printed below the table (newspaper4k
needs further packages for Japanese, Korean, Hindi and Arabic). `--where` shows where Irtysh spends its time. Definitions:

P, R, F1, exact   4-gram shingles of words, counted per page and averaged over pages; exact: the same words
lost              share of the reference's paragraphs of 40 characters or more of which under half the 3-grams were extracted
extra             extracted lines of three words or more of which under half the 3-grams are in the reference, per page
title, date       share of correct values, of the pages whose reference has one (title: letters and digits; date: the day)
docs/s            pages per second of CPU, one process, metadata included; the ratio is to trafilatura with its defaults
"""

import argparse
import cProfile
import gzip
import json
import pstats
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import Any

from articles.extract import extract
from articles.model import Capture, CaptureRef, Role

STAGES = {  # functions that do not call each other
    "articles/page/intake.check": "looking at the bytes",
    "articles/page/intake.decoded": "decoding",
    "articles/page/intake.parse": "parsing (lxml)",
    "articles/page/structured.read": "JSON-LD, meta and link elements",
    "articles/page/outlet_selectors.select": "an outlet's selectors",
    "articles/page/block_reader.read": "blocks",
    "articles/page/intake.excess": "costs",
    "articles/page/column.find": "the main column",
    "articles/page/column.parts": "the main column's parts",
    "articles/metadata/context.headline": "the headline",
    "articles/metadata/credits.read": "credits over the text",
    "articles/metadata/read.read": "title, authors, dates, rights",
    "articles/page/lead.find": "the lead",
    "articles/cleaning/clean.decide": "rules",
    "articles/cleaning/clean.surroundings": "what stands around the column",
    "articles/page/walls.refusal": "bot walls, notices",
    "articles/page/walls.paywalled": "paywalls",
    "articles/page/page_kinds.classify": "lists, live blogs, digests",
    "articles/documents.documents_of": "languages and documents",
}
WARM_UP_PAGES = 10  # extracted before the measurement starts
FETCHED = datetime.now(UTC)
WORD = re.compile(r"\w+")
Result = tuple[str, str, str]  # text, title, date
Extractor = Callable[[bytes, str], Result]


def irtysh(html: bytes, url: str) -> Result:
    """Extract a page with Irtysh, without an outlet's selectors."""
    headers = (("content-type", "text/html"),)
    outcome = extract(Capture(CaptureRef("", 0, ""), url, "benchmark", FETCHED, 200, headers, html, "benchmark"))
    main = next((document for document in outcome.documents if document.role is Role.MAIN), None)
    return (main.text, main.title, main.published[:10]) if main else ("", "", "")


def trafilatura_with(**options: Any) -> Extractor:
    """Return trafilatura with metadata and the given options."""
    trafilatura = import_module("trafilatura")

    def run(html: bytes, url: str) -> Result:
        found = trafilatura.bare_extraction(html, url=url, with_metadata=True, **options)
        return (found.text or "", found.title or "", found.date or "") if found else ("", "", "")

    return run


def newspaper() -> Extractor:
    """Return newspaper4k."""
    article_class = import_module("newspaper").Article

    def run(html: bytes, url: str) -> Result:
        article = article_class(url)
        article.download(input_html=html.decode("utf-8", "replace"))
        try:
            article.parse()
        except ImportError as error:  # some languages need an extra package
            raise UnreadableError(str(error)) from error
        published = article.publish_date
        return article.text or "", article.title or "", published.date().isoformat() if published else ""

    return run


def readability() -> Extractor:
    """Return readability-lxml, which extracts no dates."""
    document_class = import_module("readability").Document
    fromstring = import_module("lxml.html").fromstring

    def run(html: bytes, url: str) -> Result:
        document = document_class(html.decode("utf-8", "replace"), url=url)
        root = fromstring(document.summary(html_partial=True))
        lines = (" ".join(element.text_content().split()) for element in root.iter("p", "li", "h2", "h3", "pre"))
        return "\n".join(line for line in lines if line), document.short_title(), ""

    return run


def resiliparse() -> Extractor:
    """Return resiliparse, which extracts no dates."""
    parse = import_module("resiliparse.parse.html").HTMLTree.parse
    plain = import_module("resiliparse.extract.html2text").extract_plain_text

    def run(html: bytes, url: str) -> Result:  # noqa: ARG001  the extractors share one signature
        tree = parse(html.decode("utf-8", "replace"))
        return plain(tree, main_content=True), tree.title or "", ""

    return run


class UnreadableError(Exception):
    """Raised by an extractor for a page that it cannot read."""


EXTRACTORS: dict[str, Callable[[], Extractor]] = {
    "irtysh": lambda: irtysh,
    "trafilatura": trafilatura_with,
    "trafilatura precision": lambda: trafilatura_with(favor_precision=True, include_comments=False),
    "trafilatura no comments": lambda: trafilatura_with(include_comments=False),
    "newspaper4k": newspaper,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
}


def attempt(run: Extractor, html: bytes, url: str) -> Result | None:
    """Return the result of an extractor, or None if it cannot read the page."""
    try:
        return run(html, url)
    except UnreadableError:
        return None


def grams(text: str, size: int) -> list[tuple[str, ...]]:
    """Return the word n-grams of a text; a text shorter than n words is one n-gram."""
    words = WORD.findall(text)
    return [gram for start in range(max(1, len(words) - size + 1)) if (gram := tuple(words[start : start + size]))]


def overlap(truth: str, found: str) -> tuple[float, float]:
    """Return precision and recall of 4-grams."""
    true, got = Counter(grams(truth, 4)), Counter(grams(found, 4))
    both, of_got, of_true = sum((true & got).values()), sum(got.values()), sum(true.values())
    if not of_got or not of_true:
        return (1.0, 1.0) if of_got == of_true else (0.0, 0.0)
    return both / of_got, both / of_true


def count_unmatched(text: str, other: str, *, words: int = 1, characters: int = 0) -> tuple[int, int]:
    """Count the lines of a text, and those of which under half the 3-grams are in the other text.

    Lines of fewer than `words` words or `characters` characters do not count.
    """
    have, flat = set(grams(other, 3)), re.sub(r"\W+", "", other).lower()
    lines = unmatched = 0
    for line in text.split("\n"):
        tokens = WORD.findall(line)
        if len(tokens) < words or len(line.strip()) < characters:
            continue
        lines += 1
        of_line = grams(line, 3)
        known = sum(gram in have for gram in of_line) / len(of_line)
        unmatched += (known if len(tokens) >= 3 else float("".join(tokens).lower() in flat)) < 0.5
    return lines, unmatched


def same(first: str, second: str) -> bool:
    """Whether two titles are the same except for case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", first).lower() == re.sub(r"[\W_]+", "", second).lower()


def measure(pages: list[dict[str, Any]], results: list[Result], seconds: float) -> dict[str, float]:
    """Return the figures of one extractor."""
    scored = [overlap(page["text"], text) for page, (text, _, _) in zip(pages, results, strict=True)]
    found = [both for both, (text, _, _) in zip(scored, results, strict=True) if WORD.search(text)]
    precision, recall = mean(p for p, _ in found) if found else 0.0, mean(r for _, r in scored)
    lost = [
        count_unmatched(page["text"], text, characters=40) for page, (text, _, _) in zip(pages, results, strict=True)
    ]
    extra = [count_unmatched(text, page["text"], words=3)[1] for page, (text, _, _) in zip(pages, results, strict=True)]
    exact = [
        WORD.findall(page["text"]) == WORD.findall(text) for page, (text, _, _) in zip(pages, results, strict=True)
    ]
    titles = [same(page["title"], title) for page, (_, title, _) in zip(pages, results, strict=True) if page["title"]]
    days = [page["date"][:10] == date[:10] for page, (_, _, date) in zip(pages, results, strict=True) if page["date"]]
    return {
        "F1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "P": precision,
        "R": recall,
        "exact": mean(exact),
        "lost %": 100 * sum(unmatched for _, unmatched in lost) / max(1, sum(lines for lines, _ in lost)),
        "extra": mean(extra),
        "title": mean(titles) if titles else 0.0,
        "date": mean(days) if days else 0.0,
        "docs/s": len(pages) / seconds,
    }


def main() -> None:
    """Run the extractors and print a table of their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=list(EXTRACTORS), choices=list(EXTRACTORS), metavar="NAME")
    parser.add_argument("--limit", type=int, help="extract only so many pages")
    parser.add_argument("--where", action="store_true", help="show where Irtysh spends its time")
    parser.add_argument("--out", type=Path, help="write the results of each extractor to NAME.jsonl in this folder")
    options = parser.parse_args()
    lines = (options.folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    pages = [json.loads(line) for line in lines if line.strip()][: options.limit]
    bodies = [gzip.decompress((options.folder / "pages" / f"{page['id']}.html.gz").read_bytes()) for page in pages]
    header = False
    speeds: dict[str, float] = {}
    notes: list[str] = []
    for name in options.only:
        try:
            run = EXTRACTORS[name]()
        except ImportError as error:
            notes.append(f"{name}: not installed ({error})")
            continue
        for body, page in zip(bodies[:WARM_UP_PAGES], pages[:WARM_UP_PAGES], strict=True):  # load models and data
            attempt(run, body, page["url"])
        start = time.process_time()
        found = [attempt(run, body, page["url"]) for body, page in zip(bodies, pages, strict=True)]
        seconds = time.process_time() - start
        results = [one or ("", "", "") for one in found]
        if found.count(None):
            notes.append(f"{name}: {found.count(None)} pages not read")
        figures = measure(pages, results, seconds)
        speeds[name] = figures["docs/s"]
        if not header:
            print(f"{'':<25}" + "".join(f"{key:>8}" for key in figures))
            header = True
        print(
            f"{name:<25}" + "".join(f"{value:>8.3f}" if value < 10 else f"{value:>8.1f}" for value in figures.values())
        )
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            with (options.out / f"{name}.jsonl").open("w", encoding="utf-8") as file:
                for page, (text, title, date) in zip(pages, results, strict=True):
                    file.write(json.dumps({"id": page["id"], "text": text, "title": title, "date": date}) + "\n")
    for note in notes:
        print(note)
    if {"irtysh", "trafilatura"} <= speeds.keys():
        print(
            f"irtysh reads {speeds['irtysh'] / speeds['trafilatura']:.2f} × as many documents a second as trafilatura"
        )
    if options.where:
        where(bodies, [page["url"] for page in pages])


def where(bodies: list[bytes], urls: list[str]) -> None:
    """Print where Irtysh spends its time: CPU of each stage, including what it calls, as a share of the whole.

    The profiler overstates the cost of calls: stages of many small functions (blocks, rules) look larger by a third.
    """
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    for body, url in zip(bodies, urls, strict=True):
        irtysh(body, url)
    profiler.disable()
    found: dict[str, float] = {}
    whole = 0.0
    for (path, _, function), (_, _, own, cumulative, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]  # undocumented, but there is no other way
        whole += own
        stage = f"{Path(path).parent.name}/{Path(path).stem}.{function}"
        if stage in STAGES:
            found[stage] = max(found.get(stage, 0.0), cumulative)  # a method of the same name is called by the function
    print("where irtysh's time goes:")
    for stage, seconds in sorted(found.items(), key=lambda entry: -entry[1]):
        print(f"  {100 * seconds / whole:5.1f} %  {STAGES[stage]}")
    print(f"  {100 * (1 - sum(found.values()) / whole):5.1f} %  all else")


if __name__ == "__main__":
    main()
