"""Measure what linking costs on top of extraction: `python -m benchmarks.links.cost FOLDER …`.

FOLDER has pages as `pages/*.html.gz` and, in `truth.jsonl`, their `id` and `url`. Both are measured in one run, in CPU
seconds of one process, without the time to load models.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from articles.links import duplicates
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.encoder import Codes, Encoder, default_encoders
from articles.links.pair_budget import PairBudget
from articles.model import Capture, CaptureRef
from articles.pipeline import DocumentRow, read_capture, warm_up
from articles.topics import topic
from flows.processing.translation_links import TranslationLinker, entry
from storage.objects.directory import DirectoryStore

FETCHED = datetime(2026, 3, 5, tzinfo=UTC)
WARM_UP = "A sentence that is long enough to be encoded, so that the model is loaded."


class Counted:
    """An encoder that counts its sentences."""

    def __init__(self, encoder: Encoder) -> None:
        encoder.encode([WARM_UP], "en")
        self._encoder = encoder
        self.name, self.languages, self.min_likeness = encoder.name, encoder.languages, encoder.min_likeness
        self.is_slow = encoder.is_slow
        self.glance = encoder.glance
        self.sentences = 0
        self.seconds = 0.0

    def encode(self, sentences: Sequence[str], lang: str) -> Codes:
        """Return the vectors of sentences."""
        start = time.process_time()
        found = self._encoder.encode(sentences, lang)
        self.seconds += time.process_time() - start
        self.sentences += len(sentences)
        return found


def captures(folders: Sequence[Path]) -> Iterator[Capture]:
    """Yield the pages of folders."""
    for folder in folders:
        for number, line in enumerate((folder / "truth.jsonl").read_text("utf-8").splitlines()):
            page = json.loads(line)
            path = folder / "pages" / f"{page['id']}.html.gz"
            if path.exists():
                url = page.get("url") or f"https://{folder.name}.example/{number}"
                body = gzip.decompress(path.read_bytes())
                ref = CaptureRef("", number, page["id"])
                yield Capture(ref, url, url.split("/")[2], FETCHED, 200, (("content-type", "text/html"),), body, "any")


def linking(rows: Sequence[DocumentRow], encoders: Sequence[Counted]) -> tuple[float, int]:
    """Return the CPU seconds of linking rows, and the number of links."""
    texts = {row.row_id: row.document.text for row in rows}
    start = time.process_time()
    near = duplicates.link(
        [
            DuplicateEntry(
                row.row_id,
                row.document.article_id,
                row.document.outlet,
                row.version_key,
                row.sketch,
                row.document.title,
                row.document.published,
            )
            for row in rows
        ],
        DuplicateIndex(),
        lambda wanted: {name: texts[name] for name in wanted},
        PairBudget(),
    )
    with tempfile.TemporaryDirectory() as folder:
        found = TranslationLinker(encoders).link(
            DirectoryStore(Path(folder) / "store"),
            [entry(row.row_id, row.document, row.anchors) for row in rows],
            (),
            lambda wanted: {name: texts[name] for name in wanted},
            PairBudget(),
        )
    return time.process_time() - start, len(near) + len(found.links)


def main() -> None:
    """Print seconds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    judges = {"any": topic.builtin("any")}
    encoders = [Counted(encoder) for encoder in default_encoders()]
    warm_up()
    pages = list(captures(options.folders))
    start = time.process_time()
    found = {row.row_id: row for page in pages for row in read_capture(page, judges).rows}
    extracting = time.process_time() - start
    seconds, links = linking(list(found.values()), encoders)
    print(
        f"{len(pages)} pages, {len(found)} rows: extraction {extracting:.1f} s, linking {seconds:.1f} s, {links} links"
    )
    print(f"linking / extraction: {seconds / extracting:.3f}")
    for encoder in encoders:
        print(f"{encoder.name}: {encoder.sentences} sentences, {encoder.seconds:.1f} s")


if __name__ == "__main__":
    main()
