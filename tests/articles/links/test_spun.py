import pytest

from articles.links.spun import marks, with_spun_hint
from articles.model import Document, Role

SPUN = (
    "The Overseas Minister met the Chinese language President on Might 17.",
    "Their nations have drawn pink lines, he instructed the New York Instances.",
    "The Commonwealth of Unbiased States will talk about sanctions in opposition to its members.",
)
PLAIN = (
    "The Foreign Minister met the Chinese President on 17 May, might he say.",
    "He bought a pink ribbon and read the New York Times. Might 20 people come? They might.",
    "The Republican Party talks of an overseas visit, and of gas pipelines in the Middle East.",
)


def document(paragraphs, lang="en"):
    url = "http://a.example/b"
    return Document("0" * 16, url, url, "a.example", lang, Role.MAIN, "A title", paragraphs)


def test_marks_of_spun_text_are_found():
    assert (
        marks("\n\n".join(SPUN))
        == (
            "Chinese language President",
            "Commonwealth of Unbiased States",
            "Might 17",
            "New York Instances",
            "Overseas Minister",
            "pink lines",
            "sanctions in opposition to",
            "Unbiased States",
        )[:-1]
    )


@pytest.mark.parametrize("line", PLAIN)
def test_text_written_by_people_has_no_marks(line):
    assert marks(line) == ()


def test_a_spun_text_gets_a_hint_in_its_evidence():
    (hint,) = with_spun_hint(document(SPUN)).evidence
    assert (hint.field, hint.source) == ("spun", "phrases")
    assert hint.value.startswith("7 marks: Chinese language President, ")
    for other in (document(PLAIN), document(SPUN[:1]), document(SPUN, "de")):
        assert with_spun_hint(other) is other
