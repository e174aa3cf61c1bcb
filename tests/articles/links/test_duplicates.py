import random
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.links import duplicate_index
from articles.links.duplicate_index import DuplicateEntry, DuplicateIndex, enough_shared
from articles.links.duplicates import compare, link
from articles.links.fingerprint import sketch, text_sha256
from articles.links.pair_budget import PairBudget
from articles.model import LinkKind

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "st", "ma", "lo")]


def dice(seed):
    return random.Random(seed)  # noqa: S311 - not used for cryptography


def prose(seed, length):
    rng = dice(seed)
    return " ".join(rng.choice(WORDS) for _ in range(length))


def edited(text, seed, share):
    """Replace a share of the words."""
    rng = dice(seed)
    return " ".join(rng.choice(WORDS) if rng.random() < share else word for word in text.split())


class Corpus:
    """Rows with their texts; looking up the text of an unknown row fails."""

    def __init__(self):
        self.texts, self.entries = {}, []

    def add(self, text, article, outlet="example.org", title=""):
        row_id = text_sha256(f"{article}\n{title}\n{text}")[:32]
        if row_id not in self.texts:
            self.texts[row_id] = text
            version = text_sha256(title + text)[:32]
            self.entries.append(DuplicateEntry(row_id, article, outlet, version, sketch(text), title))
        return row_id

    def lookup(self, row_ids):
        return {row_id: self.texts[row_id] for row_id in row_ids}

    def links(self, entries=None):
        return link(self.entries if entries is None else entries, DuplicateIndex(), self.lookup, PairBudget())


def one_link(a, b, first_title="", **second):
    corpus = Corpus()
    corpus.add(a, "article-a", "a.org", first_title)
    corpus.add(b, second.pop("article", "article-b"), second.pop("outlet", "b.org"), **second)
    links = corpus.links()
    assert len(links) <= 1
    return (links[0], corpus) if links else (None, corpus)


def test_equal_texts_are_duplicates():
    found, _ = one_link(prose(1, 300), prose(1, 300).upper())
    assert found.kind is LinkKind.DUPLICATE
    assert found.score == 1.0
    assert found.a < found.b


def test_an_edited_copy_is_a_duplicate():
    found, _ = one_link(prose(1, 400), edited(prose(1, 400), 2, 0.1))
    assert found.kind is LinkKind.DUPLICATE
    assert 0.6 < found.score < 0.9
    assert "shingles shared of" in found.evidence


def test_news_with_one_background_are_no_duplicates_and_a_copy_with_its_own_opening_is():
    background = prose(90, 200)
    stories = [f"{prose(seed, 90)}\n\n{background}" for seed in (91, 92)]
    likeness = compare(*stories)
    assert likeness.containment > 0.6  # enough, were it not for the openings
    assert likeness.kind() is None
    reopened = f"{prose(93, 40)}\n\n{stories[0]}"
    assert compare(stories[0], reopened).kind() is LinkKind.DUPLICATE
    rewritten = f"{prose(94, 35)}\n\n{prose(91, 90).split(' ', 40)[-1]}\n\n{background}"
    assert compare(stories[0], rewritten).kind() is LinkKind.DUPLICATE


def test_different_texts_of_the_same_vocabulary_are_no_duplicates():
    assert one_link(prose(1, 400), prose(2, 400))[0] is None
    assert one_link(prose(1, 400), edited(prose(1, 400), 2, 0.5))[0] is None


def test_an_excerpt_is_the_contained_text_whichever_row_id_is_smaller():
    kinds = set()
    for seed in range(6):
        text = prose(seed, 400)
        found, corpus = one_link(text, " ".join(text.split()[100:200]))
        assert found.kind is LinkKind.CONTAINED
        assert len(corpus.texts[found.a]) < len(corpus.texts[found.b])
        kinds.add(found.a < found.b)
    assert kinds == {True, False}


def test_rows_of_one_article_are_never_duplicates():
    assert one_link(prose(1, 300), edited(prose(1, 300), 2, 0.02), article="article-a")[0] is None


def rates(day, seed):
    rng = dice(seed)
    lines = (
        f"One unit of the {word} {word[::-1]} currency costs {rng.random() * 500:.2f} tenge today"
        for word in WORDS[:30]
    )
    return f"The national bank has set the rates for {day}. " + ". ".join(lines)


def test_two_issues_of_one_template_are_no_duplicates():
    likeness = compare(rates("Monday", 1), rates("Tuesday", 2))
    assert likeness.containment > 0.55
    assert likeness.kind() is None
    assert compare(rates("Monday", 1), rates("Tuesday", 1)).kind() is LinkKind.DUPLICATE


def weather(seed):
    rng = dice(seed)
    lines = (
        f"In {place} it will be {rng.choice(['clear', 'cloudy', 'foggy', 'dry'])}, {rng.randint(-9, 20)} degrees by day, "
        f"with a wind of {rng.randint(1, 20)} metres a second from the {rng.choice(['north', 'south'])}"
        for place in WORDS[:40]
    )
    return "The forecasters expect this. " + ". ".join(lines)


def test_equal_numbers_at_other_places_do_not_make_issues_of_a_template_duplicates():
    likeness = compare(weather(1), weather(2))
    assert likeness.containment > 0.55
    assert likeness.differ.share > 0.5
    assert likeness.kind() is None
    assert compare(weather(1), weather(1).replace("forecasters", "experts")).kind() is LinkKind.DUPLICATE


def test_a_shortened_edited_and_extended_copy_is_found_by_its_runs():
    text = prose(1, 600)
    copy = edited(" ".join(text.split()[:330]), 5, 1 / 13) + " " + prose(2, 200)
    likeness = compare(copy, text)
    assert 0.44 < likeness.containment < 0.55
    assert likeness.runs >= 0.5
    assert one_link(copy, text)[0].kind is LinkKind.DUPLICATE


def test_a_template_whose_every_sixth_word_differs_has_no_runs():
    fixed, *names = (dice(seed).sample(WORDS, 300) for seed in (1, 2, 3))
    issues = [" ".join(word for i in range(50) for word in (*fixed[5 * i : 5 * i + 5], f"dr{own[i]}")) for own in names]
    likeness = compare(*issues)
    assert likeness.containment > 0.44
    assert likeness.runs == 0
    assert likeness.kind() is None


def test_two_texts_that_share_less_than_half_are_no_duplicates():
    common = prose(3, 180)
    assert one_link(f"{prose(1, 110)} {common} {prose(2, 110)}", f"{prose(4, 150)} {common} {prose(5, 90)}")[0] is None


NOTICE = "You can choose what this site may keep on your computer. Press the button below to go on, or read the rules."
CONSENT = "We and our partners store information on a device. Press the button below to go on, or read the rules."
TITLES = "Almaty opens two metro stations", "Wheat harvest sinks after dry summer"
STORY = "The dry summer has cost the farmers of the north a third of their wheat harvest, the ministry said on Tuesday."


@pytest.mark.parametrize(
    ("text", "titles", "linked"),
    [
        (NOTICE, TITLES, False),
        (CONSENT, (TITLES[0], "Information on a device and our partners"), False),
        (NOTICE, (TITLES[0], f"{TITLES[0]}*"), True),
        (NOTICE, (TITLES[0], f"«{TITLES[0].upper()}» | Steppe News"), True),
        (NOTICE, ("", TITLES[0]), True),
        (STORY, TITLES, True),
        (STORY, ("Farmers lose third of wheat harvest", "Ministry: dry summer costs northern farmers dear"), True),
        (prose(1, 300), TITLES, True),
    ],
)
def test_one_sites_equal_texts_are_copies_unless_they_replace_articles(text, titles, linked):
    found, _ = one_link(text, text, titles[0], outlet="a.org", title=titles[1])
    assert (found is not None) is linked
    assert one_link(text, text, titles[0], outlet="b.org", title=titles[1])[0] is not None


def test_short_texts_are_linked_only_if_equal():
    assert one_link("The pass is open again", "the pass is open, again!")[0].kind is LinkKind.DUPLICATE
    assert one_link("The pass is open again", "The pass is open again today")[0] is None
    assert one_link("", "")[0] is None


def test_rows_already_in_the_index_are_skipped():
    corpus = Corpus()
    corpus.add(prose(1, 200), "a")
    corpus.add(prose(1, 200), "b")
    index = DuplicateIndex()
    assert len(link(corpus.entries, index, corpus.lookup, PairBudget())) == 1
    assert link(corpus.entries, index, corpus.lookup, PairBudget()) == []
    assert len(index) == 2
    assert corpus.entries[0].row_id in index


variants = st.tuples(st.integers(0, 3), st.sampled_from([5, 12, 60, 150]), st.sampled_from([0.0, 0.02, 0.1, 0.3]))


def build(shapes):
    corpus = Corpus()
    for number, (base, length, share) in enumerate(shapes):
        text = edited(" ".join(prose(base, 150).split()[:length]), number, share)
        corpus.add(text, f"article-{number // 2}", f"outlet-{number % 3}")
    return corpus


@settings(deadline=None, max_examples=40)
@given(st.lists(variants, min_size=2, max_size=14), st.randoms(use_true_random=False))
def test_links_do_not_depend_on_order_or_split_of_the_rows(shapes, rng):
    corpus = build(shapes)
    expected = corpus.links()
    shuffled = rng.sample(corpus.entries, len(corpus.entries))
    index, links = DuplicateIndex(), []
    while shuffled:
        size = rng.randint(1, len(shuffled))
        part, shuffled = shuffled[:size], shuffled[size:]
        if rng.random() < 0.3:  # reload the rows that an earlier run has linked
            fresh = DuplicateIndex()
            fresh.add(
                DuplicateEntry(*(getattr(e, n) for n in e.__slots__)) for e in corpus.entries if e.row_id in index
            )
            index = fresh
        links.extend(link(part, index, corpus.lookup, PairBudget()))
    assert sorted(links, key=lambda found: (found.a, found.b)) == expected


def brute_force(entries):
    for one, other in combinations(entries, 2):
        a, b = one.sketch.hashes >> np.uint64(29), other.sketch.hashes >> np.uint64(29)
        enough = len(np.intersect1d(a, b)) >= enough_shared(min(len(a), len(b)))
        equal = one.sketch.whole == other.sketch.whole and 0 < one.sketch.shingles < duplicate_index.SHORT_TEXT_SHINGLES
        if one.article_id != other.article_id and (enough or equal):
            yield frozenset((one.row_id, other.row_id))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(variants, min_size=2, max_size=30),
    st.sampled_from([1, 4, 4096]),
    st.sampled_from([2, 1024]),
    st.sampled_from([10, 4_000_000]),
)
def test_the_index_finds_every_pair_with_enough_in_common(shapes, chunk, block, joined):
    corpus = build(shapes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicate_index, "ROWS_PER_CHUNK", chunk)
        patch.setattr(duplicate_index, "ROWS_PER_BLOCK", block)
        patch.setattr(duplicate_index, "MAX_POSTINGS_PER_BLOCK", joined)
        index = DuplicateIndex()
        index.add(corpus.entries)
        found = [
            frozenset((index.row_ids[a], index.row_ids[b])) for pairs in index.pairs(0, PairBudget()) for a, b in pairs
        ]
    assert len(found) == len(set(found))
    assert set(found) == set(brute_force(corpus.entries))


@given(st.integers(0, 100_000))
def test_larger_sketches_must_share_more_hashes(size):
    assert 2 <= enough_shared(size) <= enough_shared(size + 1)
    assert enough_shared(size) <= max(3, 0.55 * size)


def test_likeness_is_symmetric():
    one, other = compare(prose(1, 90), prose(1, 60)), compare(prose(1, 60), prose(1, 90))
    assert (one.kind(), one.containment, one.differ) == (other.kind(), other.containment, other.differ)
