"""Paired bootstrap over hosts: the interval of the difference of two extractors on the same pages.

Hosts are drawn with replacement, and all pages of a drawn host come together: pages of one host resemble each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from benchmarks.scoring.measures import PageScore

DRAWS = 10_000
SEED = 20261130
INTERVAL = (2.5, 97.5)  # percentiles: 95%
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two extractors, and its 95% interval."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


def differences(ours: Sequence[PageScore], theirs: Sequence[PageScore]) -> dict[str, Difference]:
    """Return ours minus theirs, for each measure."""
    hosts = {host: number for number, host in enumerate(dict.fromkeys(one.host for one in ours))}
    once = np.ones((1, len(hosts)))
    draws = _draws(len(hosts))
    mine, other = _sums(ours, hosts), _sums(theirs, hosts)
    point_mine, point_other = _measures(once, mine), _measures(once, other)
    drawn_mine, drawn_other = _measures(draws, mine), _measures(draws, other)
    found = {}
    for name in point_mine:
        low, high = np.percentile(drawn_mine[name] - drawn_other[name], INTERVAL)
        found[name] = Difference(float(point_mine[name][0] - point_other[name][0]), float(low), float(high))
    return found


@cache
def _draws(hosts: int) -> Floats:
    """Return how often each host is drawn, one row for each draw."""
    generator = np.random.default_rng(SEED)
    return generator.multinomial(hosts, np.full(hosts, 1 / hosts), size=DRAWS).astype(np.float64)


def _sums(scores: Sequence[PageScore], hosts: dict[str, int]) -> Floats:
    """Return one row of sums for each host."""
    sums = np.zeros((len(hosts), 9))
    for one in scores:
        sums[hosts[one.host]] += (
            one.precision or 0.0,
            one.precision is not None,
            one.recall or 0.0,
            one.recall is not None,
            one.lost,
            one.paragraphs,
            one.exact,
            one.extra,
            1,
        )
    return sums


def _measures(draws: Floats, sums: Floats) -> dict[str, Floats]:
    """Return the measures of each draw. A draw says how often each host was drawn."""
    precisions, predicted, recalls, referenced, lost, paragraphs, exact, extra, pages = (draws @ sums).T
    precision, recall = precisions / np.maximum(1, predicted), recalls / np.maximum(1, referenced)
    both = precision + recall
    return {
        "F1": np.where(both > 0, 2 * precision * recall / np.where(both > 0, both, 1), 0),
        "P": precision,
        "R": recall,
        "lost %": 100 * lost / np.maximum(1, paragraphs),
        "exact": exact / np.maximum(1, pages),
        "extra": extra / np.maximum(1, pages),
    }
