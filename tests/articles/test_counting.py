import pytest

from articles.counting import are, many


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 segments are"), (1, "1 segment is"), (2, "2 segments are"), (1_200, "1,200 segments are")],
)
def test_a_noun_and_its_verb_take_the_form_of_their_number(number, said):
    assert f"{many(number, 'segment')} {are(number)}" == said


def test_an_odd_plural_and_other_verbs_are_given():
    assert [f"{many(number, 'entry', 'entries')} {are(number, 'were')}" for number in (1, 2)] == [
        "1 entry was",
        "2 entries were",
    ]
    assert are(1, "have") == "has"
