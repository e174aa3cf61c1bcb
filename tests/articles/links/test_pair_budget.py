"""Many hostile texts cost no more to link than they are; the rows that were not compared with all others are named."""

import random

import pytest

from articles.links import duplicate_index, duplicates, pair_budget, translation_index
from articles.links.anchors import anchors
from articles.links.duplicates import DuplicateEntry, DuplicateIndex, Likeness, link
from articles.links.fingerprint import sketch
from articles.links.numbers import Differences
from articles.links.pair_budget import LINK_UNITS, MAX_ROW_UNITS, PAIR_UNITS, PairBudget
from articles.links.translation_index import TranslationEntry, TranslationIndex

WORDS = [f"word{number}" for number in range(300)]


def copies(count, words=400):
    """Texts that differ in their last word."""
    dice = random.Random(1)  # noqa: S311  synthetic texts
    base = " ".join(dice.choices(WORDS, k=words))
    return {f"row{number:04}": f"{base} end{number}" for number in range(count)}


def entries(texts):
    return [DuplicateEntry(name, name, name, name, sketch(text)) for name, text in texts.items()]


def linked(texts, budget):
    return link(entries(texts), DuplicateIndex(), lambda names: {name: texts[name] for name in names}, budget)


@pytest.fixture
def small(monkeypatch):
    """Limits that tests can reach: `small(units of a row, units of the pool)`."""

    def limit(row, pool=0):
        monkeypatch.setattr(pair_budget, "ROW_UNITS", row)
        monkeypatch.setattr(pair_budget, "POOL_UNITS", pool)

    return limit


def test_a_row_is_compared_while_its_budget_lasts():
    budget = PairBudget()
    assert budget.left("a") == MAX_ROW_UNITS
    assert budget.allows("a")
    budget.spend("a", MAX_ROW_UNITS + 1)
    assert budget.left("a") == 0
    assert budget.cut == set()
    assert not budget.allows("a")
    assert budget.cut == {"a"}
    assert budget.allows("b")


def test_a_row_spends_its_own_units_before_those_of_the_pool(small):
    small(100, 50)
    budget = PairBudget()
    budget.spend("a", 90)
    assert budget.left("a") == 50
    budget.spend("a", 40)
    assert budget.left("a") == 20
    budget.spend("b", 160)
    assert not budget.allows("a")
    assert budget.left("c") == 100


def test_copies_are_all_linked_within_the_budget():
    budget = PairBudget()
    assert len(linked(copies(30), budget)) == 30 * 29 // 2
    assert budget.cut == set()


def test_too_many_candidates_are_cut_and_named(small):
    small(5 * (PAIR_UNITS + LINK_UNITS + 1_000))
    budget = PairBudget()
    found = linked(copies(30), budget)
    assert 30 < len(found) < 30 * 6
    assert "row0000" not in budget.cut
    assert len(budget.cut) > 20


def test_a_cut_row_keeps_the_candidates_that_are_most_alike(small):
    texts = copies(40, words=2_000)
    dice = random.Random(2)  # noqa: S311  synthetic texts
    half = texts["row0000"].split()[:1_000]
    likeliest = " ".join([*half, *dice.choices([word.upper() + "x" for word in WORDS], k=1_000)])
    texts |= {"source": likeliest, "target": likeliest + " end"}
    small(8_000)
    budget = PairBudget()
    found = linked(texts, budget)
    assert "target" in budget.cut
    assert ("source", "target") in {(one.a, one.b) for one in found}


def test_a_row_that_meets_too_many_postings_is_looked_up_by_its_rarest_keys(monkeypatch):
    texts = copies(60)
    monkeypatch.setattr(duplicate_index, "MAX_POSTINGS_PER_BLOCK", 300)
    monkeypatch.setattr(duplicate_index, "MAX_POSTINGS_PER_ROW", 300)
    sizes = []
    listed = duplicate_index._Join.pairs

    def pairs(join):
        sizes.append(join.size)
        return listed(join)

    monkeypatch.setattr(duplicate_index._Join, "pairs", pairs)
    budget = PairBudget()
    index = DuplicateIndex()
    index.add(entries(texts))
    list(index.pairs(0, budget))
    assert max(sizes) <= 300
    assert budget.cut


def test_anchors_that_too_many_rows_have_are_not_looked_up(monkeypatch):
    monkeypatch.setattr(translation_index, "MAX_POSTINGS_PER_BLOCK", 500)
    monkeypatch.setattr(translation_index, "MAX_POSTINGS_PER_ROW", 500)
    names = " ".join(f"{a}{b}{c}ov" for a in "BDGKLM" for b in "aeiou" for c in "rstvz")
    keys = anchors(f"{names} 12345", "en")
    rare = anchors(f"{names} Qarqaraly Semipalatinsk 98765", "en")
    index = TranslationIndex()
    for number in range(50):
        index.add([_entry(f"row{number}", keys)])
    index.add([_entry("one", rare), _entry("two", rare)])
    budget = PairBudget()
    found = {(index[a].row_id, index[b].row_id) for a, b in index.pairs(0, budget)}
    assert budget.cut
    assert ("two", "one") in found


def _entry(name, keys):
    return TranslationEntry(name, (name,), "en", "2026-01-01", False, (), (), keys)


def test_the_number_of_comparisons_of_hostile_copies_is_linear(monkeypatch, small):
    small(100_000)
    compared = []

    def compare(one, other):
        compared.append((one, other))
        return Likeness(0, 1, 1, Differences(1, 0), 0.0)

    monkeypatch.setattr(duplicates, "_compare", compare)

    def comparisons(count):
        compared.clear()
        linked(copies(count), PairBudget())
        return len(compared)

    assert comparisons(50) > 500
    assert comparisons(400) <= 2.2 * comparisons(200)


def test_candidates_are_listed_in_portions(monkeypatch):
    texts = copies(60)
    expected = linked(texts, PairBudget())
    monkeypatch.setattr(duplicate_index, "PAIRS_AT_ONCE", 7)
    index = DuplicateIndex()
    index.add(entries(texts))
    portions = list(index.pairs(0, PairBudget()))
    assert max(map(len, portions)) <= 7
    assert len({pair for portion in portions for pair in portion}) == sum(map(len, portions))
    assert linked(texts, PairBudget()) == expected


def test_of_very_many_pages_that_name_one_article_some_are_compared(monkeypatch):
    monkeypatch.setattr(translation_index, "MAX_NAMED_ROWS", 5)
    index = TranslationIndex()
    none = anchors("", "en")
    index.add(
        [
            TranslationEntry(f"row{number}", (f"a{number}",), "en", "", False, ("victim",), (), none)
            for number in range(20)
        ]
    )
    index.add([TranslationEntry("victim", ("victim",), "ru", "", False, (), (), none)])
    budget = PairBudget()
    assert len(list(index.pairs(20, budget))) == 5
    assert budget.cut == {"victim"}
