import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from articles.links.alignment import MIN_SENTENCE_CHARS, NO_ALIGNMENT, Alignment, align, fill, sentences, with_parts


def cut(text):
    return [text[start:end] for start, end in sentences(text)]


def test_only_sentences_that_are_long_enough_are_returned():
    text = "The bridge over the river was closed. Why? “Nobody knows,” said the mayor of the town.\n\nShort."
    assert cut(text) == ["The bridge over the river was closed.", "“Nobody knows,” said the mayor of the town."]
    assert cut("") == []


@pytest.mark.parametrize(
    "text",
    [
        "The price rose to 3.5 dollars a kilo, said Mr. Brown, who buys apples in the U.S. every year.",
        "Дорога длиной 40 тыс. км обойдётся в 3 млрд. руб. и будет готова к 2030 г. в лучшем случае.",
        "Жол 2030 ж. дейін салынады деп хабарлады Ә. Сейітова жиналыста сөйлеген сөзінде.",
    ],
)
def test_an_abbreviation_ends_no_sentence(text):
    assert cut(text) == [text]


def test_a_quotation_mark_stays_with_its_sentence():
    assert cut('"We have counted all the wagons of the train." Then he went home to his old mother.') == [
        '"We have counted all the wagons of the train."',
        "Then he went home to his old mother.",
    ]


@given(st.text(st.sampled_from("aB.!? \n\u00a0«»"), max_size=300))
def test_sentences_are_in_order_and_do_not_overlap(text):
    found = sentences(text)
    assert all(end - start >= MIN_SENTENCE_CHARS and text[start:end] == text[start:end].strip() for start, end in found)
    assert all(one[1] <= other[0] for one, other in pairwise(found))


def test_a_moved_sentence_is_not_aligned():
    likeness = np.eye(4, dtype=np.float32)[:, [0, 2, 1, 3]]
    found = align(likeness, ([10] * 4, [10] * 4), 0.5)
    assert [pair[:2] for pair in found.pairs] in ([(0, 0), (1, 2), (3, 3)], [(0, 0), (2, 1), (3, 3)])
    assert found.coverage == (0.75, 0.75)


def test_empty_texts_have_no_alignment():
    assert align(np.empty((2, 0), np.float32), ([5, 5], []), 0.5) == NO_ALIGNMENT
    assert fill(NO_ALIGNMENT, ([5, 5], [5])) == NO_ALIGNMENT


def test_sentences_between_aligned_ones_are_paired_if_their_lengths_agree():
    aligned = Alignment(((0, 0, 0.9), (3, 3, 0.8)), (0.5, 0.5))
    assert fill(aligned, ([50] * 4, [60] * 4)).pairs == ((0, 0, 0.9), (1, 1, 0.0), (2, 2, 0.0), (3, 3, 0.8))
    assert fill(aligned, ([50, 50, 50, 50], [60, 200, 60, 60])).pairs == aligned.pairs
    assert fill(aligned, ([50] * 5, [60] * 6)).pairs[-1] == (3, 3, 0.8)
    assert fill(aligned, ([50] * 4, [60] * 4)).coverage == (1.0, 1.0)


matrices = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    elements=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
)


def best_by_trial(likeness):
    if not likeness.size:
        return 0.0
    first, rest = likeness[0], likeness[1:]
    return max(
        [
            best_by_trial(rest),
            *(first[j] + best_by_trial(rest[:, j + 1 :]) for j in range(len(first)) if first[j] >= 0.5),
        ]
    )


@given(matrices)
def test_the_alignment_is_in_order_and_optimal(likeness):
    rows, columns = likeness.shape
    found = align(likeness, ([1] * rows, [1] * columns), 0.5)
    assert all(one[0] < other[0] and one[1] < other[1] for one, other in pairwise(found.pairs))
    assert all(score >= 0.5 for _, _, score in found.pairs)
    assert sum(score for _, _, score in found.pairs) == best_by_trial(likeness)
    assert found.coverage == (len(found.pairs) / rows, len(found.pairs) / columns)


def test_time_to_cut_a_paragraph_grows_with_its_length():
    seconds = []
    for count in (20_000, 80_000):
        started = time.process_time()
        assert sentences("Word. " * count) == ()
        seconds.append(time.process_time() - started)
    assert seconds[1] < 10 * seconds[0]


@pytest.mark.parametrize(
    ("pairs", "density"),
    [((), (0.0, 0.0)), (((2, 3, 0.5),), (1.0, 1.0)), (((0, 1, 0.9), (1, 3, 0.9), (2, 10, 0.8)), (1.0, 0.3))],
)
def test_density_is_the_share_of_aligned_sentences_of_the_stretch_that_they_span(pairs, density):
    assert Alignment(pairs, (0.5, 0.5)).density == density


def test_the_other_part_of_a_split_sentence_is_covered_but_makes_no_pair():
    likeness = np.array([[0.7, 0.6, 0.1], [0.1, 0.1, 0.8]], np.float32)  # the first sentence is split in two
    lengths = ([120, 60], [70, 50, 60])
    found = with_parts(align(likeness, lengths, 0.5), likeness, lengths, 0.5)
    assert [pair[:2] for pair in found.pairs] == [(0, 0), (1, 2)]
    assert found.parts == (frozenset(), frozenset({1}))
    assert found.coverage == (1.0, 1.0)
    assert found.density == (1.0, 1.0)
    short = ([70, 60], [70, 50, 60])  # no longer than its partner: nothing was split
    assert with_parts(align(likeness, short, 0.5), likeness, short, 0.5).parts[1] == frozenset()
