import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from articles.alignment import align, sentences


def test_sentences_that_are_long_enough():
    paragraphs = ["The bridge over the river was closed. Why? “Nobody knows,” said the mayor of the town.", "Short."]
    assert sentences(paragraphs) == (
        "The bridge over the river was closed.",
        "“Nobody knows,” said the mayor of the town.",
    )
    assert sentences([]) == ()


def test_a_moved_sentence_stays_alone():
    vectors = np.eye(4, dtype=np.float32)
    found = align(vectors, vectors[[0, 2, 1, 3]], ([10] * 4, [10] * 4), 0.5)
    assert [pair[:2] for pair in found.pairs] in ([(0, 0), (1, 2), (3, 3)], [(0, 0), (2, 1), (3, 3)])
    assert found.coverage == (0.75, 0.75)


def test_nothing_aligns_with_nothing():
    assert align(np.eye(2, dtype=np.float32), np.empty((0, 2), np.float32), ([5, 5], []), 0.5).pairs == ()


matrices = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 5), st.just(2)), elements=st.sampled_from([0.0, 0.5, 1.0])
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


@given(matrices, matrices)
def test_the_alignment_is_in_order_and_the_best(a, b):
    found = align(a, b, ([1] * len(a), [1] * len(b)), 0.5)
    assert all(
        one[0] < other[0] and one[1] < other[1] for one, other in zip(found.pairs, found.pairs[1:], strict=False)
    )
    assert all(score >= 0.5 for _, _, score in found.pairs)
    assert sum(score for _, _, score in found.pairs) == np.float32(best_by_trial(a @ b.T))
    assert found.coverage == (len(found.pairs) / len(a), len(found.pairs) / len(b))
