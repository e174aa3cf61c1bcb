"""The made collection of one topic has what linking must look at: reports of one event, copies, translations and rewrites."""

from benchmarks.links.topical import topical_texts

LINES = [
    {
        lang: f"{word} {number} {name} {word} Mister Petrov {word}."
        for lang, word, name in (
            ("ru", "слово", "Иванов"), ("kk", "сөз", "Иванов"), ("en", "word", "Ivanov"), ("uk", "слово", "Іванов"),
            ("uz", "so'z", "Ivanov"), ("ky", "сөз", "Иванов"), ("de", "wort", "Ivanov"), ("pl", "słowo", "Ivanov"),
            ("tr", "söz", "Ivanov"),
        )
    }
    for number in range(40)
]  # fmt: skip


def test_the_collection_is_the_same_each_time_and_has_all_kinds():
    made = topical_texts(LINES, 600)
    assert made == topical_texts(LINES, 600)
    assert len({one.name for one in made}) == 600
    assert {one.kind for one in made} == {"report", "copy", "translation", "rewrite"}
    shares = {kind: sum(one.kind == kind for one in made) / 600 for kind in ("copy", "translation", "rewrite")}
    assert 0.05 < shares["copy"] < 0.15
    assert 0.01 < shares["translation"] < 0.06
    by_name = {one.name: one for one in made}
    for one in made:
        original = by_name[f"t{one.told}"]
        assert original.event == one.event
        assert (original.lang != one.lang) == (one.kind == "translation")
