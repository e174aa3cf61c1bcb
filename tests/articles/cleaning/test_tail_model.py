"""The end of a text: the stretch of blocks that the model's scores together say is none."""

import pytest

from articles.cleaning import tail_model


@pytest.mark.parametrize(
    ("scores", "removed"),
    [
        ([0.9, 0.9, 0.1, 0.05], 2),
        ([0.9, 0.9, 0.1, 0.5, 0.05], 3),  # a paragraph about the author between two lines of the site
        ([0.9, 0.9, 0.5, 0.5], 0),  # undecided blocks are text
        ([0.9, 0.1, 0.9, 0.9], 0),  # a line among paragraphs is no end
        ([0.9, 0.0, 0.97, 0.97, 0.2], 1),  # one sure line does not outweigh two sure paragraphs below it
        ([0.9, 0.36, 0.31, 0.28, 0.30], 0),  # small doubts, none of them sure
        ([], 0),
    ],
)
def test_the_end_is_the_stretch_that_is_no_text_taken_together(scores, removed):
    indices = [2 * number for number in range(len(scores))]
    assert tail_model.end(indices, lambda index: scores[index // 2]) == indices[len(indices) - removed :]


def test_the_search_for_the_end_stops_above_sure_paragraphs():
    asked = []
    scores = [0.01, *[0.97] * 50]

    def score(index):
        asked.append(index)
        return scores[index]

    assert tail_model.end(list(range(len(scores))), score) == []
    assert len(asked) == 2


def test_no_blocks_have_no_scores():
    assert tail_model.text_scores([]) == []
