"""News of kinds whose texts resemble each other: which are copies, in `benchmarks/links/kinds.yaml`."""

import pytest

from articles.links import named_days
from benchmarks.links import kinds

MISSED = {"look": 1, "score": 0}  # a report of 60 words whose sketch has one hash


def found_of(half):
    """Return the pairs that are linked, and those that are copies."""
    texts = [item for _, item in kinds.items(half)]
    return set(kinds.evidence_of(texts)), kinds.copies(texts)


@pytest.mark.parametrize("half", kinds.HALVES)
def test_copies_and_only_these_are_near_duplicates(half):
    found, true = found_of(half)
    assert found <= true
    assert len(true - found) <= MISSED[half]


def test_a_notice_whose_date_alone_differs_would_be_one(monkeypatch):
    monkeypatch.setattr(named_days, "MAX_LEAD_DIFFERENCE_DAYS", -1)
    found, true = found_of(kinds.HALVES[0])
    assert found - true
