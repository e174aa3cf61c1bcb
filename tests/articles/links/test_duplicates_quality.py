"""Quality of near duplicates on a small labelled set: the figures of docs/measurements.md §5 hold in every run."""

import random
from collections import Counter

import pytest

from benchmarks import labelled
from benchmarks.dedup import irtysh

RECALL, PRECISION = 0.98, 0.998


@pytest.fixture(scope="module")
def truth():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ISSUES", "QUOTES", "EVENTS", "DIGESTS"):
            patch.setattr(labelled, name, 15)
        rng = random.Random(11)  # noqa: S311 - not the set on which the thresholds were chosen
        return labelled.labelled(labelled.made_up(rng, 70), rng)


@pytest.fixture(scope="module")
def found(truth):
    return dict(irtysh(truth.items))


def test_copies_are_found_and_nothing_else(truth, found):
    assert len(truth.duplicates) > 400
    right = len(found.keys() & truth.duplicates.keys())
    wrong = sum(truth.wrong(pair) for pair in found)
    assert right >= RECALL * len(truth.duplicates)
    assert right >= PRECISION * (right + wrong)


@pytest.mark.parametrize("trap", labelled.TRAPS)
def test_no_trap_is_linked(truth, found, trap):
    ours = [pair for pair, name in truth.traps.items() if name == trap]
    assert len(ours) >= 15
    assert not found.keys() & set(ours)


def test_excerpts_and_digests_are_distinguished_from_copies(truth, found):
    results = Counter(
        (truth.duplicates[pair], found[pair] is kind) for pair, kind in truth.kinds.items() if pair in found
    )
    assert set(results) == {(name, True) for name in labelled.EXACT}
