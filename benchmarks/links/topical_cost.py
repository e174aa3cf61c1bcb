"""Measure what linking costs where all texts are about one topic: `python -m benchmarks.links.topical_cost SENTENCES FOLDER`.

SENTENCES is a file for `benchmarks.links.topical`, which makes the texts. FOLDER has real pages (see `benchmarks.links.cost`):
extraction is measured on those whose texts are as long as the collection's. Linking includes sketches and names. All figures are
CPU seconds of this process, without loading models. After the collection, `--fresh` further texts are linked by a new process
state that has only what is stored.
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from articles.links import duplicates
from articles.links.anchors import anchors
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.encoder import default_encoders
from articles.links.fingerprint import sketch, text_sha256
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from articles.model import Link
from articles.pipeline import read_capture, warm_up
from articles.topics import topic
from benchmarks.links.cost import Counted, captures
from benchmarks.links.topical import TopicalText, lines_of, topical_texts
from flows.processing.translation_links import TranslationLinker
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore
from storage.tables.packs import FileRef

PAGES, FRESH = 10_000, 10
SHORTEST, LONGEST = 0.5, 2.0  # of the mean length, for a page's extraction to count
KIB_PER_MB = 1_024
T = TypeVar("T")


@dataclass
class Spent:
    """CPU seconds by stage."""

    seconds: Counter[str] = field(default_factory=Counter)

    def on(self, stage: str, work: Callable[[], T]) -> T:
        """Return what work returns, and count its time."""
        start = time.process_time()
        found = work()
        self.seconds[stage] += time.process_time() - start
        return found

    def each(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """Yield items, and count the time to get them."""
        left = iter(items)
        while (item := self.on(stage, lambda: next(left, None))) is not None:
            yield item

    def lines(self, count: int) -> Iterator[str]:
        """Yield a line for each stage, and the sum."""
        for stage, spent in (*sorted(self.seconds.items()), ("all linking", sum(self.seconds.values()))):
            yield f"  {stage}: {spent:.1f} s, {1000 * spent / count:.2f} ms a text"


class Prepared:
    """Texts with the entries of both indexes."""

    def __init__(self, texts: Sequence[TopicalText], spent: Spent) -> None:
        self.row_ids = [text_sha256(one.name)[:32] for one in texts]
        self.texts = dict(zip(self.row_ids, (one.text for one in texts), strict=True))
        rows = list(zip(self.row_ids, texts, strict=True))
        sketches = spent.on("sketches", lambda: [sketch(one.text) for one in texts])
        keys = spent.on("names", lambda: [anchors(one.text, one.lang) for one in texts])
        self.near = [
            DuplicateEntry(row, row, one.outlet, row, made, published=one.day)
            for (row, one), made in zip(rows, sketches, strict=True)
        ]
        self.far = [
            TranslationEntry(row, (row,), one.lang, one.day, False, (), (), made)
            for (row, one), made in zip(rows, keys, strict=True)
        ]

    def read(self, wanted: Sequence[str]) -> Mapping[str, str]:
        """Return texts by row id."""
        return {row: self.texts[row] for row in wanted}


def link_all(
    ready: Prepared, index: DuplicateIndex, linker: TranslationLinker, store: ObjectStore, spent: Spent
) -> tuple[list[Link], tuple[FileRef, ...], int]:
    """Link texts and return the links, the files, and how many rows were cut."""
    budget = PairBudget()
    near = spent.on("near duplicates", lambda: duplicates.link(ready.near, index, ready.read, budget))
    pairs = linker._index.pairs  # noqa: SLF001  the stages of one call
    counted: Counter[str] = Counter()

    def counting(first: int, paying: PairBudget) -> Iterator[tuple[int, int]]:
        for pair in spent.each("candidates", pairs(first, paying)):
            counted["pairs"] += 1
            yield pair

    linker._index.pairs = counting  # type: ignore[method-assign]  # noqa: SLF001
    before = sum(spent.seconds.values()) + sum(one.seconds for one in _encoders(linker))
    start = time.process_time()
    linked = linker.link(store, ready.far, (), ready.read, budget)
    whole = time.process_time() - start
    linker._index.pairs = pairs  # type: ignore[method-assign]  # noqa: SLF001
    stages = sum(spent.seconds.values()) + sum(one.seconds for one in _encoders(linker)) - before
    spent.seconds["decisions"] += whole - stages
    print(f"{len(ready.texts)} texts, {counted['pairs']} candidate pairs of other tellings, {len(budget.cut)} rows cut")
    return [*near, *linked.links], linked.files, len(budget.cut)


def _encoders(linker: TranslationLinker) -> list[Counted]:
    return [one for one in linker.vectors.encoders if isinstance(one, Counted)]


def extracting(folder: Path, mean_chars: float) -> tuple[float, int]:
    """Return CPU seconds a page of extraction without sketches and names, and of how many pages."""
    judges = {"any": topic.builtin("any")}
    warm_up()
    seconds, count = 0.0, 0
    for page in captures([folder]):
        start = time.process_time()
        rows = read_capture(page, judges).rows
        spent = time.process_time() - start
        text = rows[0].document.text if rows else ""
        if SHORTEST * mean_chars <= len(text) <= LONGEST * mean_chars:
            start = time.process_time()
            sketch(text)
            anchors(text, rows[0].document.lang)
            seconds += spent - (time.process_time() - start)
            count += 1
    return seconds / count, count


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB


def report(spent: Spent, encoders: Sequence[Counted], count: int) -> float:
    """Print the stages, and return their sum."""
    for encoder in encoders:
        stage = f"vectors, {encoder.name.split()[0]} ({encoder.sentences} sentences)"
        spent.seconds[stage] += encoder.seconds
        encoder.seconds, encoder.sentences = 0.0, 0
    print("\n".join(spent.lines(count)))
    return sum(spent.seconds.values())


def main() -> None:
    """Print seconds by stage, and their ratio to extraction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=Path)
    parser.add_argument("folder", type=Path, nargs="?", help="without it, extraction is not measured")
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--fresh", type=int, default=FRESH)
    options = parser.parse_args()
    made = topical_texts(lines_of(options.sentences), options.pages + options.fresh)
    mean = sum(len(one.text) for one in made) / len(made)
    page_seconds = 0.0
    if options.folder:
        page_seconds, count = extracting(options.folder, mean)
        print(f"extraction: {1000 * page_seconds:.1f} ms a page, {count} pages; mean text {mean:.0f} characters")
    encoders = [Counted(encoder) for encoder in default_encoders()]
    names = {text_sha256(one.name)[:32]: one for one in made}
    print(f"memory before {peak_mb():.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder) / "store")
        spent, index = Spent(), DuplicateIndex()
        ready = Prepared(made[: options.pages], spent)
        links, files, _ = link_all(ready, index, TranslationLinker(encoders), store, spent)
        whole = report(spent, encoders, options.pages)
        print(f"memory peak {peak_mb():.0f} MB")
        if page_seconds:
            print(f"linking / extraction: {whole / options.pages / page_seconds:.3f}")
        kinds = Counter((link.kind.value, names[link.a].kind, names[link.b].kind) for link in links)
        for kind, number in sorted(kinds.items()):
            print(" ", number, *kind)
        later, linker = Spent(), TranslationLinker(encoders)
        packs = {kind: [ref for ref in files if ref.table == kind] for kind in ("anchors", "vectors")}
        later.on("reading the index", lambda: linker.follow(store, packs["anchors"], packs["vectors"]))
        last = Prepared(made[options.pages :], later)
        last.texts |= ready.texts
        link_all(last, index, linker, store, later)
        report(later, encoders, options.fresh)


if __name__ == "__main__":
    main()
