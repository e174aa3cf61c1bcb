"""The results of an extractor on a set: computed, written to a file, and read from it."""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.scoring.extractors import Extractor, UnreadableError
from benchmarks.scoring.measures import PageScore, Prediction, score
from benchmarks.scoring.sets import BenchmarkPage, BenchmarkSet

WARM_UP_PAGES = 10  # extracted before the measurement starts


@dataclass(slots=True)
class Results:
    """The predictions of an extractor for the pages of a set, and how fast it was."""

    by_id: dict[str, Prediction]
    unreadable: int = 0  # pages that the extractor could not read; they count as empty
    pages_per_second: float | None = None  # of CPU, over the pages with full references; None if read from a file
    missing: list[str] = field(default_factory=list)  # ids of pages without a prediction in the file
    _scores: dict[Path, list[PageScore]] = field(default_factory=dict)  # by folder; several tables need them

    def of(self, pages: Iterable[BenchmarkPage]) -> list[Prediction]:
        """Return the predictions of pages, in their order."""
        return [self.by_id.get(page.id, Prediction()) for page in pages]

    def scores(self, pages: BenchmarkSet) -> list[PageScore]:
        """Return the scores of the pages with full references; they are computed once."""
        if pages.folder not in self._scores:
            found = zip(pages.full, self.of(pages.full), strict=True)
            self._scores[pages.folder] = [score(page, one) for page, one in found]
        return self._scores[pages.folder]


def compute(extractor: Extractor, pages: BenchmarkSet) -> Results:
    """Extract all pages of a set."""
    bodies = [pages.body(page) for page in pages.full]
    for body, page in zip(bodies[:WARM_UP_PAGES], pages.full, strict=False):  # load models and data
        attempt(extractor, body, page.url)
    start = time.process_time()
    found = [attempt(extractor, body, page.url) for body, page in zip(bodies, pages.full, strict=True)]
    seconds = time.process_time() - start
    found += [attempt(extractor, pages.body(page), page.url) for page in pages.partial]
    by_id = {page.id: one or Prediction() for page, one in zip(pages.all, found, strict=True)}
    return Results(by_id, found.count(None), len(pages.full) / seconds if seconds else None)


def attempt(extractor: Extractor, html: bytes, url: str) -> Prediction | None:
    """Return the result of an extractor, or None if it cannot read the page."""
    try:
        return extractor(html, url)
    except UnreadableError:
        return None


def write(path: Path, results: Results) -> None:
    """Write predictions, one line per page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for name, found in results.by_id.items():
            row = {"id": name, "text": found.text, "title": found.title, "date": found.date}
            file.write(json.dumps({**row, "authors": list(found.authors)}, ensure_ascii=False) + "\n")


def read(path: Path, pages: BenchmarkSet) -> Results:
    """Read predictions. Pages without one count as empty, and are named in `missing`."""
    rows = (json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip())
    by_id = {
        row["id"]: Prediction(
            row.get("text") or "", row.get("title") or "", row.get("date") or "", tuple(row.get("authors") or ())
        )
        for row in rows
    }
    missing = [page.id for page in pages.all if page.id not in by_id]
    return Results(by_id, missing=missing)


def place(folder: Path, pages: BenchmarkSet, name: str, *, alone: bool = False) -> Path:
    """Return the file of an extractor's predictions: FOLDER/SET/NAME.jsonl, or FOLDER/NAME.jsonl if `alone`."""
    return folder / f"{name}.jsonl" if alone else folder / pages.name / f"{name}.jsonl"


def find(folder: Path, pages: BenchmarkSet, name: str) -> Path | None:
    """Return the file with an extractor's predictions for a set, or None."""
    nested, flat = place(folder, pages, name), place(folder, pages, name, alone=True)
    if nested.exists():
        return nested
    return flat if flat.exists() and _holds(flat, pages.full) else None


def _holds(path: Path, pages: Sequence[BenchmarkPage]) -> bool:
    ids = {page.id for page in pages}
    return any(json.loads(line)["id"] in ids for line in path.read_text("utf-8").split("\n") if line.strip())


def cached(folder: Path | None, pages: BenchmarkSet, name: str, make: Callable[[], Extractor]) -> Results:
    """Return predictions from a cache. What it lacks is extracted and added to it."""
    path = find(folder, pages, name) if folder else None
    if not folder:
        return compute(make(), pages)
    if not path:
        results = compute(make(), pages)
        write(place(folder, pages, name), results)
        return results
    results = read(path, pages)
    if results.missing:
        added = compute(make(), pages.only(results.missing))
        results.by_id.update(added.by_id)
        results.missing, results.unreadable = [], added.unreadable
        write(path, results)
    return results
