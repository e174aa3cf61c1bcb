"""What near-duplicate detection costs in large corpora, and how it grows.

    python -m benchmarks.dedup --scale 100000 1000000

Each size is measured in a process of its own: an index of so many synthetic texts (360 words on average, one in ten an
edited copy of an earlier one) is loaded from Parquet sketches, as a run loads it, then 2,000 new texts are sketched,
added and linked. Memory is the process's peak. The texts are made again from their numbers when they are asked for.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from articles.dedup import Entry, Index, link
from articles.fingerprint import sketch
from storage.tables import SCHEMAS, sketch_of, sketch_row

NEW = 2_000
COPIES = 10  # one text in so many is a copy of an earlier one
EDITED = 1 / 15  # of a copy's words
VOCABULARY = 60_000
FILE_ROWS = 20_000
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
MIB = 2**20


class Texts:
    """A corpus whose texts are made from their numbers: words of Zipf's distribution."""

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        parts = np.array(SYLLABLES)
        self._words = np.array(["".join(rng.choice(parts, rng.integers(1, 5))) for _ in range(VOCABULARY)])
        weights = 1 / (np.arange(VOCABULARY) + 3.0)
        self._steps = np.cumsum(weights / weights.sum())

    def __getitem__(self, number: int) -> str:
        rng = np.random.default_rng(number)
        if number % COPIES == 0 and number:
            words = self._draw(np.random.default_rng(original := self._copied(number)), original)
            places = np.flatnonzero(rng.random(len(words)) < EDITED)
            words[places] = self._pick(rng, len(places))
        else:
            words = self._draw(rng, number)
        return " ".join(words.tolist())

    @staticmethod
    def _copied(number: int) -> int:
        """Return which earlier text a copy is made from: no copy itself."""
        original = int(np.random.default_rng([number, 1]).integers(0, number))
        return original - 1 if original % COPIES == 0 and original else original

    def _draw(self, rng: np.random.Generator, _number: int) -> np.ndarray:
        return self._pick(rng, int(rng.integers(120, 600)))

    def _pick(self, rng: np.random.Generator, count: int) -> np.ndarray:
        return self._words[np.minimum(np.searchsorted(self._steps, rng.random(count)), VOCABULARY - 1)]


def row_id(number: int) -> str:
    """Return the row id of a text."""
    return f"{number:032x}"


def lookup(texts: Texts, wanted: Sequence[str]) -> dict[str, str]:
    """Return texts by their row ids."""
    return {one: texts[int(one, 16)] for one in wanted}


def entry(text: str, number: int) -> Entry:
    """Return what the index is told of a text."""
    return Entry(row_id(number), f"{number:016x}", f"outlet-{number % 50}", row_id(number), sketch(text))


def write(texts: Texts, count: int, folder: Path) -> None:
    """Write the sketches of texts as the `sketches` table keeps them."""
    for first in range(0, count, FILE_ROWS):
        numbers = range(first, min(first + FILE_ROWS, count))
        rows = [sketch_row(row_id(number), sketch(texts[number])) for number in numbers]
        table = pa.Table.from_pylist(rows, schema=SCHEMAS["sketches"])
        pq.write_table(table, folder / f"{first:09}.parquet", compression="zstd", compression_level=3)


def stored(folder: Path) -> Iterator[Entry]:
    """Yield the entries of stored sketches."""
    for path in sorted(folder.glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            number = int(row["row_id"], 16)
            yield Entry(row["row_id"], f"{number:016x}", f"outlet-{number % 50}", row["row_id"], sketch_of(row))


def one_size(count: int, folder: Path) -> dict[str, float]:
    """Measure one size, in this process."""
    texts = Texts()
    bare = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    index = Index()
    index.add(stored(folder))
    loaded = time.process_time()
    fresh = [texts[number] for number in range(count, count + NEW)]
    made = time.process_time()
    entries = [entry(text, number) for number, text in enumerate(fresh, count)]
    sketched = time.process_time()
    links = link(entries, index, lambda wanted: lookup(texts, wanted))
    linked = time.process_time()
    known = {row_id(number) for number in range(count, count + NEW) if number % COPIES == 0}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "documents": count,
        "load_s": loaded - began,
        "sketch_us": (sketched - made) / NEW * 1e6,
        "query_us": (linked - sketched) / NEW * 1e6,
        "documents_per_s": NEW / (sketched - made + linked - sketched),
        "links": len(links),
        "copies_found": len(known & ({one.a for one in links} | {one.b for one in links})) / len(known),
        "memory_mib": (peak - bare) / 1024,
        "bytes_on_disk": sum(path.stat().st_size for path in folder.glob("*.parquet")),
    }


def measure(sizes: Sequence[int]) -> None:
    """Measure sizes one after the other and print a line each."""
    columns = ("documents", "load_s", "sketch_us", "query_us", "documents_per_s", "copies_found", "memory_mib")
    print(" ".join(f"{name:>15}" for name in (*columns, "disk_mib")), flush=True)
    for count in sizes:
        with tempfile.TemporaryDirectory(prefix="irtysh-dedup-") as folder:
            write(Texts(), count, Path(folder))
            command = [sys.executable, "-m", "benchmarks.dedup_scale", str(count), folder]
            done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        values = [*(done[name] for name in columns), done["bytes_on_disk"] / MIB]
        print(" ".join(f"{value:15.3f}" if isinstance(value, float) else f"{value:15}" for value in values), flush=True)


if __name__ == "__main__":
    print(json.dumps(one_size(int(sys.argv[1]), Path(sys.argv[2]))))
