"""The accounting columns add up for any results."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from articles.accounting import COLUMNS, FAILED, REFUSED, add, column_of, count, total
from articles.links.fingerprint import sketch
from articles.model import Purpose, Reason
from articles.pipeline import DocumentRow, PageResult, fetch_of
from tests.flows.making import capture
from tests.storage.samples import document

WITHOUT_ROWS = ("off_topic", "rejected", "refused", "held", "failed", "redirected", "gone")


def a_row(number, version):
    return DocumentRow(
        f"row-{number}-{version}", f"version-{version}", document(number), sketch(""), np.empty(0, np.uint32)
    )


rows = st.lists(st.builds(a_row, st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=2)
outcomes = st.one_of(rows, st.sampled_from(Reason))


@st.composite
def results(draw):
    """Draw a result with any outcome, outlet and purpose."""
    outcome = draw(outcomes)
    outlet = draw(st.sampled_from(["a.example", "b.example"]))
    purpose = draw(st.sampled_from([Purpose.PAGE, Purpose.PAGE, Purpose.FEED, Purpose.ATTEMPT]))
    if isinstance(outcome, Reason):
        return PageResult(fetch_of(capture(outlet=outlet), reason=outcome), purpose=purpose)
    return PageResult(fetch_of(capture(outlet=outlet), rows=outcome), tuple(outcome), purpose=purpose)


batches = st.lists(results(), max_size=12)
seen = st.dictionaries(
    st.sampled_from([document(number).document_id for number in range(4)]),
    st.frozensets(st.sampled_from(["version-0", "version-1", "version-2"]), min_size=1),
)
duplicates = st.frozensets(st.builds(lambda n, v: f"row-{n}-{v}", st.integers(0, 3), st.integers(0, 2)))


@given(batches, seen, duplicates)
def test_every_page_is_counted_once(found, known, alike):
    for outlet, tally in count(found, known, alike).items():
        ours = [one for one in found if one.purpose is Purpose.PAGE and one.fetch.outlet == outlet]
        assert tuple(tally) == COLUMNS
        assert tally["asked"] == len(ours)
        assert tally["asked"] == tally["kept"] + sum(tally[column] for column in WITHOUT_ROWS)
        assert tally["kept"] == tally["new"] + tally["changed"] + tally["unchanged"]
        assert tally["duplicate"] <= tally["kept"]
        assert tally["new"] + tally["changed"] <= sum(bool(one.rows) for one in ours)


@given(batches, batches, seen, duplicates)
def test_the_sum_of_two_counts_is_the_count_of_both(one, other, known, alike):
    apart = add(count(one, known, alike), count(other, known, alike))
    assert apart == count(one + other, known, alike)
    assert total(apart)["asked"] == sum(result.purpose is Purpose.PAGE for result in one + other)


def test_every_reason_has_a_column_of_its_own_kind():
    columns = {reason: column_of(reason) for reason in Reason}
    assert set(columns.values()) <= set(COLUMNS)
    assert {reason for reason, column in columns.items() if column == "refused"} == REFUSED
    assert {reason for reason, column in columns.items() if column == "failed"} == FAILED
    assert columns[Reason.NOT_MODIFIED] == "unchanged"
    assert columns[Reason.GONE] == "gone"
    assert columns[Reason.NO_ARTICLE] == columns[Reason.TOO_COSTLY] == "rejected"


def page(*rows):
    return PageResult(fetch_of(capture(outlet="a.example"), rows=rows), rows)


def tally(result, known=None, alike=()):
    counted = count([result], known or {}, frozenset(alike))["a.example"]
    return {column for column, number in counted.items() if number}


def test_new_changed_and_unchanged_pages_are_distinguished():
    known = {document(1).document_id: frozenset({"version-0"})}
    assert tally(page(a_row(1, 0))) == {"asked", "kept", "new"}
    assert tally(page(a_row(1, 0)), known) == {"asked", "kept", "unchanged"}
    assert tally(page(a_row(1, 1)), known) == {"asked", "kept", "changed"}
    assert tally(page(a_row(1, 0), a_row(2, 0)), known) == {"asked", "kept", "new"}  # a second language was added
    assert tally(page()) == {"asked", "kept", "unchanged"}  # the same body was processed before
    assert tally(page(a_row(1, 0)), known, {"row-1-0"}) == {"asked", "kept", "unchanged", "duplicate"}


def test_the_duplicate_column_counts_pages_not_rows():
    counted = count([page(a_row(1, 0), a_row(2, 0))], {}, frozenset({"row-1-0", "row-2-0"}))
    assert counted["a.example"]["duplicate"] == 1
