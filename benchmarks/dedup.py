"""Score near-duplicate detection: Irtysh against MinHash as datasketch, rensa and datatrove's parameters have it.

    python benchmarks/dedup.py [TRUTH.jsonl]

The labelled set is made at run time: copies of texts as outlets make them (retyped, shortened, extended, edited, put
into another template, cut to an excerpt), and hard negatives (issues of one template, texts that share a quotation, a
notice or a vocabulary). The base texts are those of TRUTH.jsonl (a field "text"), or made up. datasketch and rensa are
compared where they are installed.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from articles.dedup import Entry, Index, compare, link
from articles.fingerprint import normalise, sketch, text_sha256, words

SHARE_DROPPED = 0.2
SHARE_EDITED = 1 / 12
UNLIKE = 0.3  # base texts have less in common; those that have more are left out
MIN_WORDS = 80  # of a base text
Pair = frozenset[int]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts, and which pairs of them are near duplicates. Pairs of neither list are negatives."""

    texts: list[str]
    duplicates: set[Pair]
    either: set[Pair]  # pairs that may be judged either way


def made_up(rng: random.Random, count: int) -> list[str]:
    """Return texts of one vocabulary whose words are distributed as in language."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    vocabulary = ["".join(rng.choices(syllables, k=rng.choice([1, 2, 2, 3, 3, 4]))) for _ in range(20_000)]
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    texts = []
    for _ in range(count):
        sentences = [
            " ".join(rng.choices(vocabulary, weights, k=rng.randint(8, 22))) for _ in range(rng.randint(8, 40))
        ]
        texts.append("\n\n".join(". ".join(sentences[i : i + 3]) + "." for i in range(0, len(sentences), 3)))
    return texts


def retyped(text: str, _rng: random.Random, _pool: list[str]) -> str:
    """Set other quotes, dashes and case."""
    return text.replace('"', "“").replace("'", "’").replace(" - ", " — ").replace("ё", "е").upper()


def shortened(text: str, rng: random.Random, _pool: list[str]) -> str:
    """Drop every fifth paragraph."""
    paragraphs = text.split("\n\n")
    return "\n\n".join([p for p in paragraphs if rng.random() > SHARE_DROPPED] or paragraphs)


def extended(text: str, rng: random.Random, pool: list[str]) -> str:
    """Add a third, in pieces of other texts."""
    pieces = [text]
    while sum(map(len, pieces)) < len(text) * 4 / 3:
        other = rng.choice(pool).split()
        start = rng.randrange(len(other))
        pieces.append(" ".join(other[start : start + 20]))
    return "\n\n".join(pieces)


def edited(text: str, rng: random.Random, pool: list[str]) -> str:
    """Replace one word in twelve."""
    other = rng.choice(pool).split()
    return " ".join(rng.choice(other) if rng.random() < SHARE_EDITED else word for word in text.split(" "))


def templated(text: str, rng: random.Random, pool: list[str]) -> str:
    """Put it between the lists and lines of a template."""
    lists = [" ".join(rng.choice(pool).split()[:9]) for _ in range(rng.randint(4, 14))]
    return "\n\n".join(["By our staff", text, "Read more", *lists, "Leave a reply"])


def excerpt(text: str, rng: random.Random, _pool: list[str]) -> str:
    """Keep the first third to two thirds."""
    found = text.split()
    return " ".join(found[: max(MIN_WORDS // 2, int(len(found) * rng.uniform(0.3, 0.6)))])


def agency(text: str, _rng: random.Random, _pool: list[str]) -> str:
    """Name the source before it and cut the end off."""
    paragraphs = text.split("\n\n")
    return "\n\n".join([f"As the agency reports, {paragraphs[0]}", *paragraphs[1:-1]])


def reworked(text: str, rng: random.Random, pool: list[str]) -> str:
    """Shorten, edit and extend it."""
    return extended(edited(shortened(text, rng, pool), rng, pool), rng, pool)


CHANGES = (retyped, shortened, extended, edited, templated, excerpt, agency, reworked)


def quoting(text: str, other: str) -> str:
    """Return the first text with a quarter of its length quoted from the other."""
    found = text.split()
    return " ".join([*found[: len(found) // 2], *other.split()[: len(found) // 4], *found[len(found) // 2 :]])


def rates(rng: random.Random, template: list[str]) -> str:
    """Return one issue of a daily notice."""
    lines = (f"for one unit of {word} the bank pays {rng.random() * 900:.2f} tenge" for word in template)
    return "The rates of the day are as follows. " + ". ".join(lines)


def unlike(bases: list[str]) -> list[str]:
    """Leave out base texts that an earlier one has much in common with."""
    kept: list[str] = []
    for base in bases:
        if all(compare(base, other).containment < UNLIKE for other in kept):
            kept.append(base)
    return kept


def labelled(bases: list[str], rng: random.Random) -> Labelled:
    """Return the labelled set."""
    texts: list[str] = []
    duplicates: set[Pair] = set()
    either: set[Pair] = set()
    for base in bases:
        first = len(texts)
        texts.append(base)
        texts.extend(change(base, rng, bases) for change in CHANGES)
        duplicates.update(frozenset((first, number)) for number in range(first + 1, len(texts)))
        either.update(frozenset(pair) for pair in combinations(range(first + 1, len(texts)), 2))
    template = [f"{a}{b}" for a in "bdfgkl" for b in ("aro", "eni", "olu", "ith")]
    texts.extend(rates(rng, template) for _ in range(60))
    notice = " ".join(bases[0].split()[:60])
    for one, other in zip(bases[1:41], bases[41:81], strict=False):
        texts.append(quoting(one, other) + " " + notice)
        either.update(frozenset((len(texts) - 1, number)) for number in range(len(bases) * (len(CHANGES) + 1)))
    return Labelled(texts, duplicates, either)


def irtysh(texts: list[str]) -> Iterator[Pair]:
    """Yield the pairs that Irtysh links."""
    ids = [text_sha256(f"{number} {text}")[:32] for number, text in enumerate(texts)]
    numbers = {row_id: number for number, row_id in enumerate(ids)}
    entries = (Entry(i, i[:16], i[:8], i, sketch(text)) for i, text in zip(ids, texts, strict=True))
    for found in link(entries, Index(), lambda wanted: {row_id: texts[numbers[row_id]] for row_id in wanted}):
        yield frozenset((numbers[found.a], numbers[found.b]))


def grams(text: str, size: int) -> set[str]:
    """Return a text's word n-grams."""
    found = words(text)
    return {" ".join(found[i : i + size]) for i in range(max(1, len(found) - size + 1))}


def with_datasketch(texts: list[str]) -> Iterator[Pair]:
    """MinHash LSH with 16 bands of 8 rows on word 5-grams, Jaccard estimate of .5."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - optional

    lsh = MinHashLSH(num_perm=128, params=(16, 8))
    for number, text in enumerate(texts):
        minhash = MinHash(num_perm=128, seed=1)
        minhash.update_batch([gram.encode() for gram in grams(text, 5)])
        for other in lsh.query(minhash):
            yield frozenset((number, other))
        lsh.insert(number, minhash)


def with_rensa(texts: list[str]) -> Iterator[Pair]:
    """R-MinHash LSH, 128 permutations in 16 bands, word 5-grams."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415 - optional

    lsh = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=16)
    for number, text in enumerate(texts):
        minhash = RMinHash(num_perm=128, seed=1)
        minhash.update(sorted(grams(text, 5)))
        for other in lsh.query(minhash):
            yield frozenset((number, other))
        lsh.insert(number, minhash)


def with_datatrove_parameters(texts: list[str]) -> Iterator[Pair]:
    """14 bands of 8 rows on word 5-grams: datatrove's defaults, computed with datasketch."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 - optional

    lsh = MinHashLSH(num_perm=112, params=(14, 8))
    for number, text in enumerate(texts):
        minhash = MinHash(num_perm=112, seed=1)
        minhash.update_batch([gram.encode() for gram in grams(normalise(text), 5)])
        for other in lsh.query(minhash):
            yield frozenset((number, other))
        lsh.insert(number, minhash)


def score(name: str, find: Callable[[list[str]], Iterator[Pair]], truth: Labelled) -> None:
    """Run one detector and print a line about it."""
    began = time.process_time()
    try:
        found = set(find(truth.texts))
    except ImportError as missing:
        print(f"{name:12} not installed ({missing.name})")
        return
    seconds = time.process_time() - began
    right, wrong = len(found & truth.duplicates), len(found - truth.duplicates - truth.either)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:12} recall {right / len(truth.duplicates):.4f}  precision {right / max(1, right + wrong):.4f}  "
        f"{len(truth.texts) / seconds:6.0f} documents/CPU-s  {memory:5.0f} MB"
    )
    for number, change in enumerate(CHANGES):
        of_kind = [pair for pair in truth.duplicates if max(pair) % (len(CHANGES) + 1) == number + 1]
        print(f"    {change.__name__:10} {len(found.intersection(of_kind)) / len(of_kind):.3f}", end="")
    print(f"    wrong {wrong}")


def main() -> None:
    """Build the set and score every detector on it."""
    rng = random.Random(7)  # noqa: S311 - a benchmark's dice
    if len(sys.argv) > 1:
        lines = Path(sys.argv[1]).read_text("utf-8").splitlines()
        bases = [text for line in lines if len((text := json.loads(line)["text"]).split()) >= MIN_WORDS]
    else:
        bases = made_up(rng, 650)
    truth = labelled(unlike(bases), rng)
    print(f"{len(truth.texts)} texts, {len(truth.duplicates)} pairs of near duplicates")
    score("irtysh", irtysh, truth)
    score("datasketch", with_datasketch, truth)
    score("rensa", with_rensa, truth)
    score("datatrove", with_datatrove_parameters, truth)


if __name__ == "__main__":
    main()
