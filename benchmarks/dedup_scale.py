"""Measure the cost of near-duplicate detection in large corpora, and how it grows.

    python -m benchmarks.dedup --scale 100000 1000000

A store is filled with rows, sketches and fetches of synthetic documents (360 words on average; one in ten is an edited copy
of an earlier one), in packs of 1,000 rows, as `process` commits them. At each size a fresh process loads the index of a run
(`flows.processing.snapshot_index`), sketches 2,000 new texts, adds and links them. Times are CPU seconds of that process;
memory is its peak minus its memory at the start. Texts are generated from their numbers when they are needed.

`--far` also joins the whole store out of core (`flows.processing.out_of_core`): in blocks of 25,000 rows, with the same
blocks as Dask tasks, and with DuckDB in 1 GB. The pairs must be the same.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from articles.extractor_version import extractor_version
from articles.links.duplicate_index import DuplicateEntry
from articles.links.duplicates import link
from articles.links.fingerprint import sketch
from articles.links.pair_budget import PairBudget
from flows.processing import out_of_core as far
from flows.processing.snapshot_index import SnapshotIndex
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore
from storage.tables import packs
from storage.tables.file_ref import FileRef
from storage.tables.rows import sketch_row
from storage.tables.schemas import SCHEMAS
from storage.tables.state import State

NEW_TEXTS = 2_000
TEXTS_PER_COPY = 10  # one text in ten is a copy of an earlier one
EDITED_SHARE = 1 / 15  # of the words of a copy
VOCABULARY = 60_000
PACK_ROWS = 1_000
OUTLETS = 50
ENGINES = ("blocks", "dask", "duckdb")
FAR_BLOCK = 25_000
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
MIB = 2**20


class Texts:
    """A corpus whose texts are generated from their numbers, with words in Zipf's distribution."""

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        parts = np.array(SYLLABLES)
        self._words = np.array(["".join(rng.choice(parts, rng.integers(1, 5))) for _ in range(VOCABULARY)])
        weights = 1 / (np.arange(VOCABULARY) + 3.0)
        self._steps = np.cumsum(weights / weights.sum())

    def __getitem__(self, number: int) -> str:
        rng = np.random.default_rng(number)
        if number % TEXTS_PER_COPY == 0 and number:
            words = self._draw(np.random.default_rng(self._copied(number)))
            places = np.flatnonzero(rng.random(len(words)) < EDITED_SHARE)
            words[places] = self._pick(rng, len(places))
        else:
            words = self._draw(rng)
        return " ".join(words.tolist())

    @staticmethod
    def _copied(number: int) -> int:
        """Return the number of the earlier text that a copy is made from; it is not a copy itself."""
        original = int(np.random.default_rng([number, 1]).integers(0, number))
        return original - 1 if original % TEXTS_PER_COPY == 0 and original else original

    def _draw(self, rng: np.random.Generator) -> np.ndarray:
        return self._pick(rng, int(rng.integers(120, 600)))

    def _pick(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return self._words[np.minimum(np.searchsorted(self._steps, rng.random(count)), VOCABULARY - 1)]


def row_id(number: int) -> str:
    """Return the row id of a text."""
    return f"{number:032x}"


def lookup(texts: Texts, wanted: Sequence[str]) -> dict[str, str]:
    """Return texts by row id."""
    return {text_id: texts[int(text_id, 16)] for text_id in wanted}


def entry(text: str, number: int) -> DuplicateEntry:
    """Return the index entry of a text."""
    return DuplicateEntry(row_id(number), f"{number:016x}", f"outlet-{number % OUTLETS}", row_id(number), sketch(text))


def rows_of(table: str, numbers: range, **columns: list[Any]) -> pa.Table:
    """Return rows with the given columns filled and all others null."""
    schema = SCHEMAS[table]
    filled = {name: pa.array(values, schema.field(name).type) for name, values in columns.items()}
    nulls = {name: pa.nulls(len(numbers), schema.field(name).type) for name in schema.names if name not in filled}
    return pa.table({name: {**nulls, **filled}[name] for name in schema.names}, schema=schema)


def write(store: ObjectStore, texts: Texts, numbers: range) -> list[FileRef]:
    """Write a pack of each table that a run reads at its start."""
    ids = [row_id(number) for number in numbers]
    articles = [f"{number:016x}" for number in numbers]
    documents = rows_of(
        "documents",
        numbers,
        row_id=ids,
        document_id=[f"{article}-en" for article in articles],
        article_id=articles,
        version_key=ids,
        outlet=[f"outlet-{number % OUTLETS}" for number in numbers],
    )
    fetches = rows_of(
        "fetches",
        numbers,
        url=[f"https://outlet-{number % OUTLETS}.example/news/{number}/" for number in numbers],
        article_id=articles,
        body_sha256=[f"{number:064x}" for number in numbers],
        extractor=[f"{extractor_version()}:any"] * len(numbers),
        rows=[[one] for one in ids],
        reason=[""] * len(numbers),
        detail=[""] * len(numbers),
        capture_key=[f"captures/{number // PACK_ROWS}" for number in numbers],
        capture_offset=list(numbers),
        capture_record_id=ids,
    )
    sketches = (sketch_row(one, sketch(texts[number])) for one, number in zip(ids, numbers, strict=True))
    tables = (("documents", documents), ("sketches", sketches), ("fetches", fetches))
    return [ref for table, rows in tables for ref in packs.write(store, table, rows)]


def state_of(refs: Sequence[FileRef]) -> State:
    """Return a state with these files."""
    files: defaultdict[str, dict[str, FileRef]] = defaultdict(dict)
    for ref in refs:
        files[ref.table][ref.sha256] = ref
    return State(files=files)


def far_join(store: ObjectStore, engine: str, refs: Sequence[FileRef]) -> dict[str, Any]:
    """Join a store out of core in this process, and return the figures."""
    state = state_of(refs)
    bare = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with tempfile.TemporaryDirectory(prefix="irtysh-dedup-") as scratch:
        if engine == "duckdb":
            paths = [Path(store.url) / ref.key for ref in state.live("sketches")]
            pairs = far.with_duckdb(paths, scratch=Path(scratch), memory="1GB")
        elif engine == "dask":
            pairs = far.with_dask(store, state, FAR_BLOCK, scheduler="synchronous")
        else:
            pairs = far.with_blocks(store, state, FAR_BLOCK)
    return {
        "engine": engine,
        "pairs": len(pairs),
        "sha256": hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:12],
        "cpu_s": time.process_time() - began,
        "memory_mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - bare) / 1024,
    }


def one_size(store: ObjectStore, count: int, refs: Sequence[FileRef]) -> dict[str, float]:
    """Measure one size in this process, and return the figures."""
    texts, state = Texts(), state_of(refs)
    bare = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    known = SnapshotIndex.load(store, state, extractor_version())
    loaded = time.process_time()
    fresh = [texts[number] for number in range(count, count + NEW_TEXTS)]
    made = time.process_time()
    entries = [entry(text, number) for number, text in enumerate(fresh, count)]
    sketched = time.process_time()
    links = link(entries, known.index, lambda wanted: lookup(texts, wanted), PairBudget())
    linked = time.process_time()
    copies = {row_id(number) for number in range(count, count + NEW_TEXTS) if number % TEXTS_PER_COPY == 0}
    found = {one.a for one in links} | {one.b for one in links}
    return {
        "documents": count,
        "load_s": loaded - began,
        "sketch_us": (sketched - made) / NEW_TEXTS * 1e6,
        "query_us": (linked - sketched) / NEW_TEXTS * 1e6,
        "documents_per_s": NEW_TEXTS / (sketched - made + linked - sketched),
        "copies_found": len(copies & found) / len(copies),
        "memory_mib": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - bare) / 1024,
        "sketches_mib": sum(ref.size for ref in refs if ref.table == "sketches") / MIB,
    }


def measure(sizes: Sequence[int], *, out_of_core: bool) -> None:
    """Fill a store step by step, and measure it at each size."""
    texts, refs, written = Texts(), list[FileRef](), 0
    with tempfile.TemporaryDirectory(prefix="irtysh-dedup-") as scratch:
        store = DirectoryStore(Path(scratch) / "store")
        for count in sorted(sizes):
            for first in range(written, count, PACK_ROWS):
                refs += write(store, texts, range(first, min(first + PACK_ROWS, count)))
            written = count
            for task in (str(count), *(ENGINES if out_of_core else ())):
                files = json.dumps([[ref.table, ref.sha256, ref.rows, ref.size] for ref in refs])
                command = [sys.executable, "-m", "benchmarks.dedup_scale", str(Path(scratch) / "store"), task]
                done = subprocess.run(command, check=True, input=files, stdout=subprocess.PIPE, text=True).stdout
                values = json.loads(done).items()
                print(
                    "  ".join(
                        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
                        for name, value in values
                    ),
                    flush=True,
                )


def main() -> None:
    """Run one task of `measure`."""
    store, task = DirectoryStore(Path(sys.argv[1])), sys.argv[2]
    refs = [FileRef(*ref) for ref in json.load(sys.stdin)]
    print(json.dumps(far_join(store, task, refs) if task in ENGINES else one_size(store, int(task), refs)))


if __name__ == "__main__":
    main()
