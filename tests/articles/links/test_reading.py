import random

from articles.links import reading
from articles.links.duplicates import DuplicateEntry, DuplicateIndex, link
from articles.links.fingerprint import sketch
from articles.links.pair_budget import PairBudget
from articles.links.reading import read_bounded


def test_texts_are_read_in_portions_until_they_are_too_long(monkeypatch):
    monkeypatch.setattr(reading, "MAX_CHARS_AT_ONCE", 1_000)
    monkeypatch.setattr(reading, "ROWS_PER_READ", 3)
    asked = []

    def texts(row_ids):
        asked.append(len(row_ids))
        return dict.fromkeys(row_ids, "x" * 100)

    names = [str(number) for number in range(10)]
    assert read_bounded(texts, names) == dict.fromkeys(names, "x" * 100)
    assert asked == [3, 3, 3, 1]
    assert read_bounded(texts, names, held=1) is None
    assert read_bounded(texts, [f"{name}0" for name in names * 100]) is None
    assert len(asked) == 4 + 4 + 4  # the rest was not read


def test_the_links_of_texts_too_long_for_memory_at_once_are_the_same(monkeypatch):
    dice = random.Random(1)  # noqa: S311  synthetic texts
    words = [f"word{number}" for number in range(500)]
    bases = [dice.choices(words, k=200) for _ in range(4)]
    contents = {f"row{number}": " ".join([*bases[number % 4], words[number]]) for number in range(16)}
    entries = [DuplicateEntry(name, name, name, name, sketch(text)) for name, text in contents.items()]

    def texts(row_ids):
        return {row_id: contents[row_id] for row_id in row_ids}

    expected = link(entries, DuplicateIndex(), texts, PairBudget())
    monkeypatch.setattr(reading, "MAX_CHARS_AT_ONCE", 5_000)
    assert link(entries, DuplicateIndex(), texts, PairBudget()) == expected != []
