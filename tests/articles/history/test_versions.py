from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.history import versions as article_versions
from articles.history.versions import ChangeKind, Observation, diff, versions
from articles.model import CaptureRef

START = datetime(2024, 3, 1, tzinfo=UTC)


def seen(day, text, row=""):
    ref = CaptureRef("segment", day, f"record-{day}")
    if text == "gone":
        return Observation(START + timedelta(days=day), ref)
    return Observation(START + timedelta(days=day), ref, row or f"row-{text}", f"key-{text}")


def version_spans(*texts):
    found = versions("doc", [seen(day, text) for day, text in enumerate(texts)])
    assert [version.number for version in found] == list(range(1, len(found) + 1))
    return [
        (
            "gone" if version.gone else version.row_id,
            (version.first_seen - START).days,
            (version.last_seen - START).days,
        )
        for version in found
    ]


def test_the_same_text_again_extends_a_version():
    assert version_spans("a", "a", "a") == [("row-a", 0, 2)]


def test_a_text_that_returns_is_a_new_version():
    assert version_spans("a", "b", "a") == [("row-a", 0, 0), ("row-b", 1, 1), ("row-a", 2, 2)]


def test_a_gone_document_is_a_tombstone_until_it_is_seen_again():
    assert version_spans("a", "gone", "gone", "a", "gone") == [
        ("row-a", 0, 0),
        ("gone", 1, 2),
        ("row-a", 3, 3),
        ("gone", 4, 4),
    ]


def test_a_document_that_was_never_seen_has_no_tombstone():
    assert version_spans("gone", "gone") == []
    assert version_spans("gone", "a") == [("row-a", 1, 1)]


def test_a_tombstone_keeps_the_row_of_the_last_text():
    found = versions("doc", [seen(0, "a"), seen(1, "b"), seen(2, "gone")])
    assert found[-1].gone
    assert found[-1].row_id == "row-b"
    assert found[-1].captures == (CaptureRef("segment", 2, "record-2"),)


def test_a_version_has_the_last_of_its_rows():
    found = versions("doc", [seen(0, "a", "early"), seen(2, "a", "late"), seen(1, "a", "middle")])
    assert [version.row_id for version in found] == ["late"]
    assert [ref.offset for ref in found[0].captures] == [0, 1, 2]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["a", "b", "gone"])), max_size=10, unique_by=lambda s: s[0]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_observations_does_not_matter(days, rng):
    observations = [seen(day, text) for day, text in days]
    expected = versions("doc", observations)
    assert versions("doc", [*rng.sample(observations, len(observations)), *observations[:2]]) == expected
    changes = [observation.version_key for observation in sorted(observations)]
    while changes and not changes[0]:
        changes.pop(0)
    assert len(expected) == sum(i == 0 or key != changes[i - 1] for i, key in enumerate(changes))


OLD = [
    "The bridge over the river was closed on Monday.",
    "It will be repaired by autumn, the mayor said.",
    "A ferry runs every hour.",
    "Trains are not affected.",
]


def changes(old, new):
    return [paragraph.change for paragraph in diff(old, new)]


def test_a_changed_word_is_shown_within_its_paragraph():
    new = [OLD[0].replace("Monday", "Tuesday"), *OLD[1:]]
    found = diff(OLD, new)
    assert [paragraph.change for paragraph in found] == [ChangeKind.CHANGED, *[ChangeKind.EQUAL] * 3]
    assert [(run.old, run.new) for run in found[0].words if run.change is not ChangeKind.EQUAL] == [
        ("Monday", "Tuesday")
    ]


def test_added_and_deleted_paragraphs_are_found():
    new = [OLD[0], "Nobody knew why the cracks had not been found.", OLD[1], OLD[3]]
    assert changes(OLD, new) == [
        ChangeKind.EQUAL,
        ChangeKind.ADDED,
        ChangeKind.EQUAL,
        ChangeKind.DELETED,
        ChangeKind.EQUAL,
    ]


def test_an_edited_paragraph_is_found_after_a_new_one():
    new = ["Quite another beginning for readers.", OLD[0].replace("closed", "shut"), *OLD[2:]]
    assert changes(OLD, new) == [
        ChangeKind.ADDED,
        ChangeKind.CHANGED,
        ChangeKind.DELETED,
        ChangeKind.EQUAL,
        ChangeKind.EQUAL,
    ]


def test_typography_is_not_a_change():
    assert changes(['He said: "No" - and left'], ["He said: “No” —\u00a0and left"]) == [ChangeKind.EQUAL]


paragraphs = st.lists(
    st.lists(st.sampled_from(["road", "river", "“snow”", "-", " ", ",", "5", "é\u0301"]), max_size=6).map(" ".join),
    max_size=6,
)


@given(paragraphs, paragraphs)
def test_a_diff_contains_both_versions_completely(old, new):
    found = diff(old, new)
    assert [p.old for p in found if p.change is not ChangeKind.ADDED] == old
    assert [p.new for p in found if p.change is not ChangeKind.DELETED] == new


def test_a_long_rewritten_stretch_is_not_aligned():
    old, new = [f"old words {i}" for i in range(300)], [f"new words {i}" for i in range(300)]
    assert changes(old, new) == [ChangeKind.DELETED] * 300 + [ChangeKind.ADDED] * 300


def test_a_text_too_long_to_compare_is_changed_between_its_equal_ends():
    common = "same word " * 500
    (found,) = diff([f"{common}{'a b ' * 2_000}{common}"], [f"{common}{'b c ' * 2_000}{common}"])
    assert [run.change for run in found.words] == [ChangeKind.EQUAL, ChangeKind.CHANGED, ChangeKind.EQUAL]
    (found,) = diff([f"{common}old {common}"], [f"{common}new {common}"])
    assert [(run.old, run.new) for run in found.words if run.change is not ChangeKind.EQUAL] == [("old", "new")]


@given(paragraphs, paragraphs)
def test_a_diff_with_a_low_limit_contains_both_versions_completely(old, new):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(article_versions, "MAX_COMPARED_PAIRS", 2)
        found = diff(old, new)
    assert [p.old for p in found if p.change is not ChangeKind.ADDED] == old
    assert [p.new for p in found if p.change is not ChangeKind.DELETED] == new
