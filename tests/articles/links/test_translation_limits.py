"""Hostile texts and claims cost little, and give no link that their content does not bear out."""

import random
import time
import tracemalloc
from dataclasses import replace

import pytest

from articles.links.alignment import MAX_SENTENCES
from articles.links.translation import relate
from articles.links.translation_index import MAX_KEYS, TranslationIndex
from articles.model import LinkKind
from tests.articles.links.compared_texts import relation, row
from tests.parallel.making import event, write_report


def crowd(number, template):
    """A text of many sentences that all name the same."""
    return "\n\n".join(template.format(place) for place in range(number))


def test_texts_of_very_many_sentences_that_name_the_same_cost_little_and_link_by_their_beginnings():
    english = crowd(4_000, "President Tokayev met Putin in Astana and Moscow on 5 May 2024, said Gazprom {}.")
    russian = crowd(4_000, "Президент Токаев встретил Путина в Астане и Москве 5 мая 2024, сообщил Газпром {}.")
    rows = [row("a", "uz", [english]), row("b", "kk", [russian], published="2024-05-02")]
    tracemalloc.start()
    started = time.process_time()
    found = relation(rows[0], rows[1], encoder=None)
    spent, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.link.evidence.endswith("only the beginnings compared")
    assert len(found.pairs) == MAX_SENTENCES
    assert spent < 15  # seconds, under tracemalloc; every pair of sentences took 74 s and 3.3 GB without it
    assert peak < 100_000_000


def test_a_row_keeps_a_bounded_number_of_anchors_whatever_the_order():
    many, _ = row("a", "en", [crowd(3_000, "Number {0}7{0} is 9{0}.")])
    few, _ = row("b", "ru", ["Number 15715 is 915."])
    for rows in ([many, few], [few, many]):
        index = TranslationIndex()
        index.add(rows)
        assert len(index.of("row-a").keys) == MAX_KEYS < len(many.keys)
        assert set(index.of("row-a").keys) == set(many.keys[:MAX_KEYS])


def claimed(one, other, encoder=None):
    """The link of two texts of which `one` names the other as its original, in languages without vectors."""
    entry, text = row("a", "kk", one, source="article-b")
    second = row("b", "ru", other)
    return relate(entry, second[0], (text, second[1]), encoder, lambda *_: pytest.fail("no vectors"))


def test_a_claim_alone_links_no_unrelated_texts():
    dice = random.Random(3)  # noqa: S311  synthetic texts
    victim, thief = event(dice), event(dice)
    true, other = (write_report(one, "kk", dice).split("\n\n") for one in (victim, thief))
    original = write_report(victim, "ru", dice).split("\n\n")
    found = claimed(true, original)
    assert found.link.kind is LinkKind.TRANSLATION
    assert found.link.evidence.startswith("names it as its source")
    assert claimed(other, original) is None
    assert claimed(["Атауы жоқ мәтін, онда ешкім аталмайды."], original) is None
    assert claimed([*true, *other * 6], original) is None


def test_a_claim_of_one_page_gives_no_link_more_weight_than_its_content():
    dice = random.Random(3)  # noqa: S311  synthetic texts
    story = event(dice)
    true, original = (write_report(story, lang, dice).split("\n\n") for lang in ("kk", "ru"))
    (a, text), (b, other) = row("a", "kk", true, source="article-b"), row("b", "ru", original)
    one = relate(a, b, (text, other), None, lambda *_: pytest.fail("no vectors"))
    both = relate(a, replace(b, originals=("article-a",)), (text, other), None, lambda *_: pytest.fail("no vectors"))
    plain = relate(replace(a, originals=()), b, (text, other), None, lambda *_: pytest.fail("no vectors"))
    assert one.link.score == plain.link.score <= both.link.score
    assert both.link.score >= 0.5
