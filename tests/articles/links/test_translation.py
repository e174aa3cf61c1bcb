from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.links.best_links import BY_ANCHORS, keep_best
from articles.links.pair_budget import PairBudget
from articles.links.translation import relate
from articles.links.translation_index import TranslationIndex
from articles.model import Link, LinkKind
from tests.articles.links.compared_texts import link, pairs, relation, respelled, row, story


def test_a_full_translation_links_to_the_earlier_text():
    original, copy = row("z", "xx", story(1, "xx")), row("a", "yy", story(1, "yy"), "2024-05-03")
    found = relation(original, copy)
    assert found == relation(copy, original)
    assert (found.link.kind, found.link.a, found.link.b) == (LinkKind.TRANSLATION, "row-a", "row-z")
    assert (found.link.score, found.extent, found.link.method) == (1.0, "full", "concepts 1")
    assert found.link.evidence.startswith("full: 12 sentences aligned")
    assert [copy[1].text[slice(*a)] for a, _, _ in found.pairs] == story(1, "yy")
    assert [original[1].text[slice(*b)] for _, b, _ in found.pairs] == story(1, "xx")


def test_a_page_that_names_its_source_is_the_later_one():
    original, copy = row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy"), "2024-04-03", "article-a")
    assert link(original, copy).a == "row-b"
    assert "names it as its source" in link(original, copy).evidence


def site(pair, domain, *, others=()):
    return replace(pair[0], site=domain, others=others), pair[1]


def test_a_claim_counts_only_from_the_same_site_or_if_both_pages_make_it():
    original = row("a", "xx", story(1, "xx", 8))
    loose = row("b", "yy", [*story(1, "yy", 8)[:4], *story(2, "yy", 4)], "2024-05-02")
    claims, claimed = ("article-a",), ("article-b",)

    def kind(one, other):
        return relation(one, other).link.kind

    assert kind(site(original, "a.example"), site(loose, "a.example")) is LinkKind.SAME_EVENT
    assert kind(site(original, "a.example"), site(loose, "b.example", others=claims)) is LinkKind.SAME_EVENT
    assert kind(site(original, ""), site(loose, "", others=claims)) is LinkKind.SAME_EVENT  # rows of earlier versions
    assert kind(site(original, "a.example"), site(loose, "a.example", others=claims)) is LinkKind.TRANSLATION
    both = site(original, "a.example", others=claimed), site(loose, "b.example", others=claims)
    assert kind(*both) is LinkKind.TRANSLATION
    thief = replace(both[1][0], articles=("article-x", "article-b")), both[1][1]  # fetched elsewhere
    assert kind(both[0], thief) is LinkKind.SAME_EVENT


def test_a_source_named_by_a_page_of_another_site_lowers_nothing():
    original = site(row("a", "xx", story(1, "xx", 8)), "a.example")
    loose = site(row("b", "yy", [*story(1, "yy", 8)[:4], *story(2, "yy", 4)], source="article-a"), "b.example")
    assert relation(original, loose).link.kind is LinkKind.SAME_EVENT
    numbers = iter(range(1000, 9999, 37))
    issue = [
        " ".join(word if word[0].isalpha() else f"{next(numbers)}." for word in p.split()) for p in story(1, "yy", 8)
    ]
    assert relation(original, site(row("c", "yy", issue, source="article-a"), "b.example")) is None


def test_pages_of_two_urls_are_compared_whatever_they_claim():
    index = TranslationIndex()
    one, other = (
        replace(row(name, lang, story(1, lang))[0], keys=row(name, "xx", story(1, "xx"))[0].keys)
        for name, lang in (("a", "xx"), ("b", "yy"))
    )
    index.add([one, replace(other, articles=("article-b", "article-a"))])
    assert list(index.pairs(0, PairBudget())) == [(1, 0)]
    both = TranslationIndex()
    both.add([one, replace(other, articles=one.articles)])
    assert list(both.pairs(0, PairBudget())) == []


def test_a_page_that_names_a_translator_is_the_later_one():
    original = row("a", "xx", story(1, "xx"))
    copy = row("b", "yy", story(1, "yy"), "2024-04-03", translated=True)
    assert link(original, copy).a == "row-b"


def test_a_translation_of_a_part_is_partial():
    found = relation(row("a", "xx", story(1, "xx", 20)), row("b", "yy", story(1, "yy", 20)[:8]))
    assert found.extent == "partial"
    assert found.link.evidence.startswith("partial: 8 sentences aligned")


def test_a_short_text_whose_sentences_lie_scattered_in_a_longer_one_is_a_report_of_the_same_event():
    brief = story(1, "yy", 24)[::4]
    found = relation(row("a", "xx", story(1, "xx", 24)), row("b", "yy", brief))
    assert (found.link.kind, len(found.pairs)) == (LinkKind.SAME_EVENT, 6)


def test_names_and_figures_decide_on_texts_of_few_sentences():
    found = relation(row("a", "xx", story(1, "xx", 3)), row("b", "yy", story(1, "yy", 3)))
    assert (found.link.kind, found.extent) == (LinkKind.TRANSLATION, "full")
    nameless = [" ".join(word for word in sentence.split() if word.islower()) + "." for sentence in story(1, "yy", 3)]
    assert relation(row("a", "xx", story(1, "xx", 3)), row("b", "yy", nameless)) is None


def test_a_few_sentences_are_an_excerpt_of_a_longer_text_that_has_them_without_a_gap():
    long = row("a", "xx", story(1, "xx", 8))
    found = relation(long, row("b", "yy", story(1, "yy", 8)[:3]))
    assert (found.link.kind, found.extent) == (LinkKind.TRANSLATION, "partial")
    assert relation(long, row("b", "yy", story(1, "yy", 8)[:6:2])).link.kind is LinkKind.SAME_EVENT


@pytest.mark.parametrize("other", [story(2, "yy"), [], story(1, "yy", 2) + story(2, "yy", 9)])
def test_texts_with_too_little_in_common_are_not_linked(other):
    assert relation(row("a", "xx", story(1, "xx")), row("b", "yy", other)) is None


def test_some_aligned_sentences_give_a_same_event_link():
    found = relation(row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy")[:6] + story(2, "yy", 9)))
    assert (found.link.kind, found.extent) == (LinkKind.SAME_EVENT, "")


def test_texts_with_different_numbers_are_issues_of_a_template():
    numbers = iter(range(1000, 9999, 37))
    issue = [" ".join(word if word[0].isalpha() else f"{next(numbers)}." for word in p.split()) for p in story(1, "yy")]
    assert relation(row("a", "xx", story(1, "xx")), row("b", "yy", issue)) is None


def test_without_vectors_a_named_source_makes_a_link():
    original, copy = row("a", "ru", story(1, "xx")), row("b", "kk", story(1, "xx"), source="article-a")
    found = relation(original, copy)
    assert (found.link.score, found.link.method) == (1.0, BY_ANCHORS)
    assert len(found.pairs) == 12
    other = row("c", "kk", story(2, "xx"), source="article-a")
    assert relation(original, other) is None  # another text, whatever its page states
    assert relation((replace(original[0], others=("article-c",)), original[1]), other) is None  # nor if both state it


def test_without_vectors_pages_that_name_each_other_need_one_common_name():
    whole, short = row("a", "ru", story(1, "xx")), row("b", "kk", story(1, "xx")[:2], source="article-a")
    both = relation((replace(whole[0], others=("article-b",)), whole[1]), short)
    assert (both.link.kind, both.link.method) == (LinkKind.TRANSLATION, BY_ANCHORS)
    assert both.link.score >= 0.5
    claiming = (replace(short[0], articles=("article-x", "article-b")), short[1])  # fetched elsewhere
    assert relation((replace(whole[0], others=("article-b",)), whole[1]), claiming) is None


def test_without_vectors_anchors_in_order_make_a_link():
    one, other = row("a", "ru", story(1, "xx")), row("b", "kk", story(1, "yy"))
    found = relation(one, other)
    assert (found.link.kind, found.link.method, found.extent) == (LinkKind.TRANSLATION, BY_ANCHORS, "")
    assert relation(one, row("c", "kk", story(2, "yy"))) is None
    assert relation(row("d", "xx", story(1, "xx")), row("e", "qq", story(1, "qq"))) is None


def test_without_an_encoder_anchors_make_a_link_in_any_language():
    one, other = row("a", "ru", story(1, "xx")), row("b", "en", story(1, "yy"))
    assert (
        relate(one[0], other[0], (one[1], other[1]), None, lambda *_: np.empty((0, 4), np.int8)).link.method
        == "anchors"
    )


def test_a_rewrite_has_the_same_meaning_and_few_common_words():
    found = link(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 4), "2024-05-02"))
    assert (found.kind, found.a, found.b) == (LinkKind.REWRITE, "row-b", "row-a")
    assert (
        "0.00 of the shingles"
        in link(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 0))).evidence
    )
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(1, "xx"))) is None
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(2, "xx"))) is None


def test_an_abridged_rewrite_covers_the_shorter_text():
    long = story(1, "xx", 12)
    found = link(row("a", "xx", long), row("b", "xx", respelled([*long[:5], *long[6:7]], 4), "2024-05-02"))
    assert (found.kind, found.score) == (LinkKind.REWRITE, 1.0)
    assert "abridged" in found.evidence
    scattered = respelled(long[::2], 4)
    assert relation(row("a", "xx", long), row("b", "xx", scattered)) is None


def test_reports_that_share_a_quotation_and_some_facts_are_no_rewrites():
    common = story(1, "xx", 4)
    one, other = [*common[:2], *story(2, "xx", 6), *common[2:]], [*story(3, "xx", 5), *respelled(common, 5)]
    assert relation(row("a", "xx", one), row("b", "xx", other)) is None


def test_two_texts_of_one_article_are_not_linked():
    one = row("a", "xx", story(1, "xx"))
    assert relation(one, one) is None


def test_rows_far_apart_in_time_or_anchors_are_no_candidates():
    rows = [
        row("a", "xx", story(1, "xx"), "2024-01-01"),
        row("b", "yy", story(1, "yy"), "2024-12-31"),
        row("c", "yy", story(3, "yy"), "2024-01-01"),
        row("d", "yy", story(1, "yy"), "2024-12-30", "article-a"),
        row("e", "yy", story(1, "yy"), ""),
        row("f", "yy", story(1, "yy"), "2024-02-29"),
        row("g", "yy", story(1, "yy"), "tomorrow"),
    ]
    assert pairs([entry for entry, _ in rows]) == {
        "ad",
        "ae",
        "bd",
        "be",
        "de",
        "af",
        "ef",
        "ag",
        "bg",
        "dg",
        "eg",
        "fg",
    }


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["xx", "yy"]), st.integers(1, 9)), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_candidates_do_not_depend_on_order_or_split(drawn, rng):
    rows = [row(str(n), lang, story(seed, lang), f"2024-05-0{day}")[0] for n, (seed, lang, day) in enumerate(drawn)]
    shuffled, index = rng.sample(rows, len(rows)), TranslationIndex()
    cut = rng.randint(0, len(rows))
    found = []
    for batch in (shuffled[:cut], shuffled[cut:]):
        first = len(index)
        index.add(batch)
        found += [
            "".join(sorted((index[a].row_id[4:], index[b].row_id[4:]))) for a, b in index.pairs(first, PairBudget())
        ]
    assert Counter(found) == Counter(pairs(rows))


def test_links_by_anchors_are_kept_if_they_are_best_for_both_rows():
    def by_anchors(a, b, score):
        return Link(LinkKind.TRANSLATION, a, b, score, "", BY_ANCHORS)

    best, as_good = by_anchors("kk1", "ru1", 0.5), by_anchors("kk1", "ru2", 0.5)
    other_language = by_anchors("kk1", "en1", 0.2)
    by_vectors = Link(LinkKind.TRANSLATION, "kk1", "ru3", 0.1, "", "e 1")
    worse = [by_anchors("kk1", "ru3", 0.4), by_anchors("kk2", "ru1", 0.49)]
    kept = [best, as_good, other_language, by_vectors]
    assert keep_best([*worse, *kept], lambda row_id: row_id[:2]) == kept
