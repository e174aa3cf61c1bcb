import random
import time
from dataclasses import replace

import pytest

from articles.history import edits
from articles.history.edits import Edit, EditKind, classify
from articles.model import Document, Role
from tests.articles.history.planted import planted

BASE = Document(
    article_id="0" * 16,
    url="https://example.org/a",
    canonical_url="https://example.org/a",
    outlet="example.org",
    lang="en",
    role=Role.MAIN,
    title="Bridge closed",
    paragraphs=(
        "The bridge over the river was closed on Monday after cracks were found by Anna Berg.",
        "“We could not wait any longer for the money,” the mayor of the town said.",
        "Repairs will cost 40 million tenge and last until autumn. Трубы заменят позже, сообщил Иванов.",
    ),
    modified="2024-05-01T10:00:00+05:00",
)


def version(*paragraphs):
    return replace(BASE, paragraphs=paragraphs)


def after(old, new):
    assert any(old in paragraph for paragraph in BASE.paragraphs)
    return replace(BASE, paragraphs=tuple(paragraph.replace(old, new) for paragraph in BASE.paragraphs))


def kinds(new):
    return [edit.kind for edit in classify(BASE, new).edits]


def test_changes_in_several_places_of_one_quotation_are_one_edit():
    (edit,) = classify(BASE, after("could not wait any longer for", "cannot wait even a day longer for all")).edits
    assert (edit.kind, edit.old, edit.new) == (
        EditKind.QUOTE,
        "could not wait any longer for",
        "cannot wait even a day longer for all",
    )


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("40 million", "45 million", EditKind.NUMBER),
        ("40 million", "1,400 million", EditKind.NUMBER),
        ("Anna Berg", "Maria Lund", EditKind.NAME),
        ("Berg", "Bergman", EditKind.NAME),
        ("Иванов", "Петров", EditKind.NAME),
        ("any longer", "one more day", EditKind.QUOTE),
        (" any longer", "", EditKind.QUOTE),
        ("for the money", "for 5 years", EditKind.QUOTE),
        ("cracks were found", "damage was seen", EditKind.WORDING),
        ("closed", "shut", EditKind.WORDING),
        ("Repairs", "Works", EditKind.WORDING),
        ("last until autumn", "surely last until autumn", EditKind.WORDING),
        ("river", "rivr", EditKind.TYPO),
        ("заменят", "заменьят", EditKind.TYPO),
        ("until autumn", "until autumn, if the snow does not come early", EditKind.ADDITION),
        (" after cracks were found by Anna Berg", "", EditKind.DELETION),
    ],
)
def test_an_edit_within_a_paragraph_has_its_kind(old, new, kind):
    found = classify(BASE, after(old, new))
    assert [edit.kind for edit in found.edits] == [kind], found


def test_headline_and_whole_paragraphs_are_edits():
    assert kinds(replace(BASE, title="Bridge open")) == [EditKind.HEADLINE]
    added = replace(BASE, paragraphs=(*BASE.paragraphs, "A ferry will run every hour from Tuesday on."))
    assert classify(BASE, added).edits == (
        Edit(EditKind.ADDITION, 3, "", "A ferry will run every hour from Tuesday on."),
    )
    assert kinds(replace(BASE, paragraphs=BASE.paragraphs[::2])) == [EditKind.DELETION]


def test_several_edits_are_found_with_their_places():
    new = after("40 million", "45 million")
    new = replace(new, title="Bridge shut", paragraphs=(new.paragraphs[0].replace("Berg", "Lund"), *new.paragraphs[1:]))
    assert [(edit.kind, edit.paragraph, edit.old, edit.new) for edit in classify(BASE, new).edits] == [
        (EditKind.HEADLINE, -1, "Bridge closed", "Bridge shut"),
        (EditKind.NAME, 0, "Berg", "Lund"),
        (EditKind.NUMBER, 2, "40", "45"),
    ]


def test_an_edit_is_silent_if_the_date_of_modification_is_unchanged():
    new = after("closed", "shut")
    assert classify(BASE, new).silent
    assert not classify(BASE, replace(new, modified="2024-05-02T10:00:00+05:00")).silent
    assert not classify(BASE, BASE).silent


def test_different_typography_is_not_an_edit():
    retyped = replace(
        BASE,
        title="Bridge  closed",
        paragraphs=tuple(p.replace("“", '"').replace("”", '"') for p in BASE.paragraphs),
        modified="",
    )
    assert classify(BASE, retyped).edits == ()


def test_spaces_and_punctuation_are_typography_and_equal_sides_are_no_edit():
    assert kinds(after("on Monday after", "on  Monday, after")) == [EditKind.TYPOGRAPHY]
    assert kinds(after("last until autumn.", "last until autumn!")) == [EditKind.TYPOGRAPHY]
    assert kinds(after("was closed", "was  closed")) == []
    found = classify(
        replace(BASE, paragraphs=("It cost 1 700 or 1.5",)), replace(BASE, paragraphs=("It cost 1700 or 15",))
    )
    assert [edit.kind for edit in found.edits] == [EditKind.TYPOGRAPHY, EditKind.NUMBER]
    assert all(edit.old != edit.new for edit in found.edits)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("autumn. Трубы", "autumn. Насосы", EditKind.WORDING),  # the first word of a sentence is no name
        ("until autumn. Трубы", "until spring. Насосы", EditKind.WORDING),
        ("сообщил Иванов", "сообщил мэр Иванов", EditKind.WORDING),
        ("the mayor of", "the mayor Lund of", EditKind.NAME),  # a single surname is one
        ("by Anna Berg", "by Anna", EditKind.NAME),
        ("the river", "the River", EditKind.TYPO),
    ],
)
def test_a_capital_that_starts_a_sentence_is_no_name_and_a_surname_is(old, new, kind):
    assert kinds(after(old, new)) == [kind]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Садыков осмотрел мост.", "Ермеков осмотрел мост.", EditKind.NAME),
        ("Smith saw the bridge. We asked Smith.", "Jones saw the bridge. We asked Smith.", EditKind.NAME),
        ("Потом осмотрели мост.", "Затем осмотрели мост.", EditKind.WORDING),
        ("Готов ответ о мосте.", "Таков ответ о мосте.", EditKind.WORDING),
    ],
)
def test_the_first_word_of_a_sentence_is_a_name_only_if_the_texts_or_its_ending_show_it(old, new, kind):
    found = classify(version(old), version(new))
    assert [edit.kind for edit in found.edits] == [kind]


def test_a_moved_break_between_paragraphs_and_another_yo_change_no_words():
    one, two = "Wagons wait at the bridge.", "The clerk counts them by hand."
    assert not classify(version(one, two), version(f"{one} {two}")).edits
    edits = classify(version("Ещё не пришли."), version("Еще не пришли.")).edits
    assert [edit.kind for edit in edits] == [EditKind.TYPOGRAPHY]


def test_a_teaser_that_rotated_is_no_edit_of_a_version_with_another():
    old = ["Wagons wait at the bridge.", "The clerk counts them by hand.", "Bakery wins prize for longest loaf"]
    new = ["Wagons wait at the bridge.", "The clerk counts them by eye.", "Swimmers cross frozen lake near lighthouse"]
    assert [(edit.old, edit.new) for edit in classify(version(*old), version(*new)).edits] == [("hand", "eye")]


def test_a_line_that_changes_with_every_fetch_is_no_edit():
    old, new = (replace(BASE, paragraphs=(*BASE.paragraphs, f"Views: {count}")) for count in (120, 156))
    assert classify(old, new).edits == ()
    assert not classify(old, new).silent


PLANTED = planted()


def test_the_planted_set_is_large_and_has_every_kind_in_several_languages():
    assert len(PLANTED) >= 200
    assert {edit.kind for edit in PLANTED} == set(EditKind)
    for kind in EditKind:
        assert len({edit.old.lang for edit in PLANTED if edit.kind is kind}) >= 6


@pytest.mark.parametrize("edit", PLANTED, ids=lambda edit: f"{edit.old.lang}-{edit.kind}-{edit.what[:20]}")
def test_every_planted_edit_is_found_with_its_kind_and_place(edit):
    found = classify(edit.old, edit.new)
    assert {(edited.kind, edited.paragraph) for edited in found.edits} == {(edit.kind, edit.place)}
    assert found.silent
    assert not found.reused


@pytest.mark.parametrize("lang", sorted({edit.old.lang for edit in PLANTED}))
def test_edits_of_several_paragraphs_are_found_separately(lang):
    rng = random.Random(lang)  # noqa: S311 - not used for security
    ours = [edit for edit in PLANTED if edit.old.lang == lang and len(edit.new.paragraphs) == len(edit.old.paragraphs)]
    for _ in range(20):
        chosen = {edit.place: edit for edit in rng.sample(ours, len(ours))}  # the last one at each place
        old = ours[0].old
        texts = [chosen[n].new.paragraphs[n] if n in chosen else text for n, text in enumerate(old.paragraphs)]
        new = replace(old, paragraphs=tuple(texts), title=chosen[-1].new.title if -1 in chosen else old.title)
        found = classify(old, new).edits
        assert {(edited.kind, edited.paragraph) for edited in found} == {
            (edit.kind, edit.place) for edit in chosen.values()
        }


def test_a_url_is_reused_if_neither_text_nor_title_resembles_the_old():
    other = replace(
        BASE, title="Snow in the hills", paragraphs=("Shepherds lost " + " ".join(map(str, range(40))),) * 2
    )
    assert classify(BASE, other).reused
    assert not classify(BASE, replace(other, title=BASE.title.upper())).reused
    assert not classify(BASE, replace(BASE, title=other.title, paragraphs=(*BASE.paragraphs, *other.paragraphs))).reused
    assert not classify(BASE, replace(BASE, title="Soon", paragraphs=("More to come.",))).reused


@pytest.mark.parametrize("mark", ["«", "“", "„", '"', '«„“"', "«, — a "])
def test_time_to_find_quotations_grows_with_the_length_of_the_text(mark):
    """A mark that is never closed made every later one read the rest of the text."""
    seconds = []
    for count in (20_000, 80_000):
        started = time.process_time()
        edits._spans(mark * count)
        seconds.append(time.process_time() - started)
    assert seconds[1] < max(10 * seconds[0], 0.5)


REPEATED = {
    "changed words between equal ones": ("one{0} b ", "two{0} b "),
    "names": ("Ann Bee{0} ", "Ann Cee{0} "),
    "marks that are never closed": ("«a “b „c{0} ", "«a “b „d{0} "),
    "paragraphs": ("\n\none {0}", "\n\ntwo {0}"),
}


@pytest.mark.no_cover  # a tracer doubles the time
@pytest.mark.parametrize("kind", REPEATED)
def test_time_to_classify_grows_with_the_length_of_the_text(kind):
    """The words before each name were copied from the beginning of the change."""
    seconds = []
    for count in (5_000, 40_000):
        texts = ["".join(text.format(number) for number in range(count)) for text in REPEATED[kind]]
        old, new = (replace(BASE, paragraphs=tuple(text.split("\n\n"))) for text in texts)
        started = time.process_time()
        classify(old, new)
        seconds.append(time.process_time() - started)
    assert seconds[1] < max(20 * seconds[0], 0.5)
