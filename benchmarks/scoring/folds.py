"""Folds for cross-validation. All pages of a host are in one fold: a model is never tested on a host that it saw."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

FOLDS = 5


def folds(hosts: Sequence[str], count: int = FOLDS) -> list[int]:
    """Return the fold of each page, given the host (registrable domain) of each.

    Folds have nearly equal numbers of pages. They depend on the hosts alone, not on the order of the pages.
    """
    sizes = Counter(hosts)
    totals = [0] * count
    fold_of: dict[str, int] = {}
    for host in sorted(sizes, key=lambda host: (-sizes[host], _digest(host))):
        fold = min(range(count), key=lambda number: (totals[number], number))
        fold_of[host] = fold
        totals[fold] += sizes[host]
    return [fold_of[host] for host in hosts]


def splits(hosts: Sequence[str], count: int = FOLDS) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the indices of training pages and of test pages, for each fold."""
    fold_of = folds(hosts, count)
    for number in range(count):
        yield (
            [index for index, fold in enumerate(fold_of) if fold != number],
            [index for index, fold in enumerate(fold_of) if fold == number],
        )


def _digest(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()
