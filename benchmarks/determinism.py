"""Test that extraction is deterministic: extract pages many times, in processes with different hash seeds.

    python benchmarks/determinism.py FOLDER [--runs 25] [--processes 4] [--limit N]

FOLDER holds pages as for `benchmarks/extraction.py`. Each process has its own hash seed and extracts all pages `--runs`
times, every second time from the last page to the first. It prints one SHA-256 for each run: of documents, removals, links,
reasons and row ids. Exit code 1 if the digests differ.
"""

import argparse
import gzip
import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from articles.links.fingerprint import row_id
from articles.model import Capture, CaptureRef

FETCHED = datetime(2026, 1, 1, tzinfo=UTC)
HEADERS = (("content-type", "text/html"),)


def digest(captures: list[Capture], *, backwards: bool) -> str:
    """Return the SHA-256 of the results of all captures, extracted in order or backwards, hashed in order."""
    from articles.extract import extract  # noqa: PLC0415  loading in a fresh process is part of the test

    outcomes = {}
    for index in reversed(range(len(captures))) if backwards else range(len(captures)):
        outcome = extract(captures[index])
        outcomes[index] = f"{outcome!r} {[row_id(document) for document in outcome.documents]}"
    found = hashlib.sha256()
    for index in range(len(captures)):
        found.update(outcomes[index].encode())
    return found.hexdigest()


def pages(folder: Path, limit: int | None) -> list[Capture]:
    """Return the pages of a folder as captures."""
    lines = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for line in [line for line in lines if line.strip()][:limit]:
        page = json.loads(line)
        body = gzip.decompress((folder / "pages" / f"{page['id']}.html.gz").read_bytes())
        found.append(Capture(CaptureRef("", 0, ""), page["url"], "benchmark", FETCHED, 200, HEADERS, body, "benchmark"))
    return found


def main() -> int:
    """Start the processes and compare their digests; with --child, be one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--limit", type=int, help="extract only so many pages")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        captures = pages(options.folder, options.limit)
        for run in range(options.runs):
            print(digest(captures, backwards=run % 2 == 1), flush=True)
        return 0
    children = [
        subprocess.Popen(
            [sys.executable, *sys.argv, "--child"],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )
        for seed in range(options.processes)
    ]
    outputs = [child.communicate()[0].split() for child in children]
    digests = {digest for lines in outputs for digest in lines}
    runs = sum(map(len, outputs))
    print(f"{runs} runs in {options.processes} processes: {len(digests)} digest{'s' * (len(digests) != 1)}")
    whole = runs == options.runs * options.processes and not any(child.returncode for child in children)
    return 0 if whole and len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
