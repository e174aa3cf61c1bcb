"""Planted translations and rewrites are linked: a small version of `benchmarks/translation.py`."""

import random
from itertools import pairwise
from typing import Any

import pytest

from articles.links.anchors import anchors
from articles.links.best_links import keep_best
from articles.links.duplicates import compare
from articles.links.encoder import default_encoders
from articles.links.pair_budget import PairBudget
from articles.links.translation_index import TranslationEntry
from articles.model import LinkKind
from flows.processing.translation_links import TranslationLinker
from storage.tables import packs
from tests.parallel.labelled import make


def entries_of(made):
    return [
        TranslationEntry(f"{number:04}", (f"a{number}",), lang, day.isoformat(), False, (), (), anchors(text, lang))
        for number, (text, lang, day) in enumerate(made.texts)
    ]


def link_all(made, entries, store, linker):
    return linker.link(store, entries, (), lambda rows: {row: made.texts[int(row)][0] for row in rows}, PairBudget())


def test_all_planted_pairs_are_linked_and_no_others(directory_store):
    made = make(random.Random(7), 0.05, 20)  # noqa: S311  made-up texts
    texts = [text for text, _, _ in made.texts]
    langs = [lang for _, lang, _ in made.texts]
    linked = link_all(made, entries_of(made), directory_store, TranslationLinker(default_encoders()))
    found: dict[LinkKind, set[Any]] = {kind: set() for kind in LinkKind}
    for link in keep_best(linked.links, lambda row: langs[int(row)]):
        found[link.kind].add(frozenset((int(link.a), int(link.b))))
    pairs = made.pairs
    assert found[LinkKind.TRANSLATION] <= pairs["en-ru"] | pairs["kk-ru"]
    assert len(pairs["en-ru"] - found[LinkKind.TRANSLATION]) <= 1
    assert len(pairs["kk-ru"] - found[LinkKind.TRANSLATION]) <= 2
    assert found[LinkKind.REWRITE] <= pairs["rewrite"]
    missed = [sorted(pair) for pair in pairs["rewrite"] - found[LinkKind.REWRITE]]
    assert all(compare(texts[one], texts[other]).kind() is LinkKind.DUPLICATE for one, other in missed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_links_do_not_depend_on_order_or_split_into_runs(directory_store, seed):
    dice = random.Random(seed)  # noqa: S311  made-up texts
    made = make(dice, 0.04, 10)
    whole = link_all(made, entries_of(made), directory_store, TranslationLinker(default_encoders()))
    shuffled = dice.sample(entries_of(made), len(made.texts))
    cuts = [0, *sorted(dice.sample(range(1, len(shuffled)), 3)), len(shuffled)]
    parts: list[Any] = []
    files: list[Any] = []
    for start, end in pairwise(cuts):
        linker = TranslationLinker(default_encoders())  # a new process knows only what is stored
        linker.follow(
            directory_store, *([ref for ref in files if ref.table == name] for name in ("anchors", "vectors"))
        )
        done = link_all(made, shuffled[start:end], directory_store, linker)
        parts += done.links
        files += done.files
    assert whole.links
    assert sorted(map(repr, parts)) == sorted(map(repr, whole.links))
    for table in ("anchors", "vectors", "alignments"):
        stored = [
            sorted(
                map(
                    repr,
                    packs.read_all(directory_store, [one for one in refs if one.table == table], table).to_pylist(),
                )
            )
            for refs in (files, whole.files)
        ]
        assert stored[0] == stored[1]
