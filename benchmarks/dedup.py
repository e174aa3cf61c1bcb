"""Score near-duplicate detection: Irtysh against MinHash with datasketch, with rensa, and with datatrove's parameters.

    python -m benchmarks.dedup [TRUTH.jsonl …]
    python -m benchmarks.dedup --scale 100000 1000000 [--far]

The labelled set (`benchmarks.labelled`) is made at run time from the texts of TRUTH.jsonl (a field "text"), or from
synthetic texts. Precision counts every pair found, including hard negatives. Irtysh also knows the outlet of a text, which
the others do not use; "failed" counts pairs that only the outlet tells apart. Each detector runs in a separate process, so
that its memory can be measured. For `--scale` see `benchmarks.dedup_scale`.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex
from articles.links.duplicates import link
from articles.links.fingerprint import normalise, sketch, text_sha256, words
from articles.links.pair_budget import PairBudget
from articles.model import LinkKind
from benchmarks import dedup_scale
from benchmarks.labelled import KINDS, TRAPS, Item, Labelled, Pair, labelled, made_up

SYNTHETIC_TEXTS = 650  # base texts, if no file is given
SEED = 7
Finder = Callable[[list[Item]], Iterator[tuple[Pair, LinkKind | None]]]


def irtysh(items: list[Item]) -> Iterator[tuple[Pair, LinkKind]]:
    """Yield the pairs that Irtysh links."""
    ids = [text_sha256(f"{number} {item.text}")[:32] for number, item in enumerate(items)]
    numbers = {row_id: number for number, row_id in enumerate(ids)}
    entries = (
        DuplicateEntry(
            row_id, item.article, item.outlet, text_sha256(item.title + item.text), sketch(item.text), item.title
        )
        for row_id, item in zip(ids, items, strict=True)
    )

    def texts(wanted: Sequence[str]) -> dict[str, str]:
        return {row_id: items[numbers[row_id]].text for row_id in wanted}

    for found in link(entries, DuplicateIndex(), texts, PairBudget()):
        yield frozenset((numbers[found.a], numbers[found.b])), found.kind


def grams(text: str, size: int) -> set[str]:
    """Return a text's word n-grams."""
    found = words(text)
    return {" ".join(found[i : i + size]) for i in range(max(1, len(found) - size + 1))}


def with_datasketch(items: list[Item]) -> Iterator[tuple[Pair, None]]:
    """Yield the pairs of datasketch: MinHash LSH with 16 bands of 8 rows on word 5-grams, Jaccard estimate of 0.5."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - optional

    lsh = MinHashLSH(num_perm=128, params=(16, 8))
    for number, text in enumerate(item.text for item in items):
        minhash = MinHash(num_perm=128, seed=1)
        minhash.update_batch([gram.encode() for gram in grams(text, 5)])
        for other in lsh.query(minhash):
            yield frozenset((number, other)), None
        lsh.insert(number, minhash)


def with_rensa(items: list[Item]) -> Iterator[tuple[Pair, None]]:
    """Yield the pairs of rensa: R-MinHash LSH, 128 permutations in 16 bands, word 5-grams."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415 - optional

    lsh = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=16)
    for number, text in enumerate(item.text for item in items):
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update(sorted(grams(text, 5)))
        for other in lsh.query(minhash):
            yield frozenset((number, other)), None
        lsh.insert(number, minhash)


def with_datatrove_parameters(items: list[Item]) -> Iterator[tuple[Pair, None]]:
    """Yield the pairs with datatrove's defaults: 14 bands of 8 rows on word 5-grams, computed with datasketch."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - optional

    lsh = MinHashLSH(num_perm=112, params=(14, 8))
    for number, text in enumerate(item.text for item in items):
        minhash = MinHash(num_perm=112, seed=1)
        minhash.update_batch([gram.encode() for gram in grams(normalise(text), 5)])
        for other in lsh.query(minhash):
            yield frozenset((number, other)), None
        lsh.insert(number, minhash)


FINDERS: dict[str, Finder] = {
    "irtysh": irtysh,
    "datasketch": with_datasketch,
    "rensa": with_rensa,
    "datatrove": with_datatrove_parameters,
}


def score(name: str, truth: Labelled) -> None:
    """Run one detector and print its scores."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        found = dict(FINDERS[name](truth.items))
    except ImportError as missing:
        print(f"{name:10} not installed ({missing.name})")
        return
    seconds = time.process_time() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    right = [kind for pair, kind in truth.duplicates.items() if pair in found]
    wrong = [pair for pair in found if truth.wrong(pair)]
    print(
        f"{name:10} recall {len(right) / len(truth.duplicates):.4f}  "
        f"precision {len(right) / max(1, len(right) + len(wrong)):.4f}  "
        f"{len(truth.items) / seconds:6.0f} documents/CPU-s  {grown:5.0f} MB"
    )
    of_kind, found_of_kind = Counter(truth.duplicates.values()), Counter(right)
    print("    found", *(f"{kind} {found_of_kind[kind] / of_kind[kind]:.3f}" for kind in KINDS))
    caught = Counter(truth.traps.get(pair, "others") for pair in wrong)
    print("    wrong", *(f"{trap} {caught[trap]}" for trap in (*TRAPS, "others")))
    judged = [(found[pair], kind) for pair, kind in truth.kinds.items() if found.get(pair)]
    if judged:
        print(f"    kind right {sum(one is other for one, other in judged) / len(judged):.4f} of {len(judged)}")


def truth_of(paths: list[str]) -> Labelled:
    """Return the labelled set, made from the texts of the files, or from synthetic texts if there are none."""
    rng = random.Random(SEED)  # noqa: S311 - a benchmark
    lines = [line for path in paths for line in Path(path).read_text("utf-8").splitlines()]
    return labelled([json.loads(line)["text"] for line in lines] or made_up(rng, SYNTHETIC_TEXTS), rng)


def main() -> None:
    """Make the labelled set and score every detector on it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", nargs="*", help="JSON Lines with a field text")
    parser.add_argument(
        "--scale", nargs="+", type=int, help="measure synthetic corpora of these numbers of documents instead"
    )
    parser.add_argument("--far", action="store_true", help="with --scale: also join out of core")
    parser.add_argument("--only", choices=FINDERS, help="score only this detector, in this process")
    options = parser.parse_args()
    if options.scale:
        dedup_scale.measure(options.scale, out_of_core=options.far)
    elif options.only:
        score(options.only, truth_of(options.truth))
    else:
        truth = truth_of(options.truth)
        of_trap = Counter(truth.traps.values())
        print(f"{len(truth.items)} texts, {len(truth.duplicates)} pairs of near duplicates; hard negatives:", end=" ")
        print(*(f"{trap} {of_trap[trap]}" for trap in TRAPS), flush=True)
        for name in FINDERS:
            command = [sys.executable, "-m", "benchmarks.dedup", *options.truth, "--only", name]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
