"""News of kinds whose texts resemble each other: which are copies, in `benchmarks/links/kinds.yaml`."""

import pytest

from articles.links import numbers
from benchmarks.links import kinds


def wrong(half):
    texts = [item for _, item in kinds.items(half)]
    found = kinds.evidence_of(texts)
    return [pair for pair in found if len({(texts[number].family, texts[number].issue) for number in pair}) > 1]


@pytest.mark.parametrize("half", kinds.HALVES)
def test_different_news_are_no_near_duplicates(half):
    assert wrong(half) == []


def test_a_notice_whose_date_alone_differs_would_be_one(monkeypatch):
    monkeypatch.setattr(numbers, "MAX_SHIFT_DIFFERENCE_DAYS", -1)
    assert wrong(kinds.HALVES[0])
