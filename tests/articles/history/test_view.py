from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from articles.history.view import RowHead, view
from articles.model import CaptureRef, Discovery, Fetch, Link, LinkKind, Purpose, Reason

START = datetime(2024, 3, 1, tzinfo=UTC)


def head(row, article="a1", key="", **changes):
    found = RowHead(row, f"{article}-en", article, f"https://{article}.org/", key or row, "2024-03-01", False, 500)
    return replace(found, **changes)


def fetch(day, *rows, address="a1", reason="", record=""):
    status = {Reason.GONE: 404, Reason.NOT_MODIFIED: 304}.get(reason, 200)
    ref = CaptureRef(f"segment-{day}", 0, record or f"record-{day}-{address}")
    when = START + timedelta(days=day)
    url = f"https://{address}.org/"
    return Fetch(url, address, f"{address}.org", when, status, reason, "", rows, "", "", "", ref, "run", "x")


def days(document):
    return [
        ((version.first_seen - START).days, (version.last_seen - START).days, version.gone)
        for version in document.versions
    ]


def test_a_document_has_two_versions_in_order_of_time():
    found = view([head("r1"), head("r2")], [fetch(3, "r2"), fetch(0, "r1"), fetch(1, "r1")], [])
    document = found.documents["a1-en"]
    assert days(document) == [(0, 1, False), (3, 3, False)]
    assert document.head.row_id == "r2"
    assert (document.first_seen, document.last_seen) == (START, START + timedelta(days=3))
    assert document.representative
    assert not document.gone


def test_an_unchanged_page_extends_the_version_that_it_showed():
    fetches = [
        fetch(0, "r1"),
        fetch(2, "r2"),
        fetch(5, reason=Reason.NOT_MODIFIED),
        fetch(1, reason=Reason.NOT_MODIFIED),
    ]
    assert days(view([head("r1"), head("r2")], fetches, []).documents["a1-en"]) == [(0, 1, False), (2, 5, False)]


def test_a_gone_page_makes_its_document_gone():
    found = view([head("r1")], [fetch(0, "r1"), fetch(4, reason=Reason.GONE)], []).documents["a1-en"]
    assert found.gone
    assert found.head.row_id == "r1"
    assert found.last_seen == START
    assert view([], [fetch(4, reason=Reason.GONE)], []).documents == {}


def test_a_gone_old_url_does_not_make_a_moved_document_gone():
    moved = [fetch(0, "r1", address="old"), fetch(1, "r1"), fetch(2, address="old", reason=Reason.GONE)]
    assert not view([head("r1")], moved, []).documents["a1-en"].gone
    assert view([head("r1")], [moved[0], moved[2]], []).documents["a1-en"].gone
    assert view([head("r1")], [*moved, fetch(3, reason=Reason.GONE)], []).documents["a1-en"].gone


def test_other_failures_do_not_change_a_document():
    fetches = [fetch(0, "r1"), fetch(1, reason=Reason.HTTP_ERROR), fetch(2, reason=Reason.BLOCKED)]
    assert days(view([head("r1")], fetches, []).documents["a1-en"]) == [(0, 0, False)]


def test_a_capture_processed_again_counts_once_with_its_last_result():
    fetches = [fetch(0, "r1", record="same"), fetch(1, "r2"), fetch(0, "r2", record="same")]
    found = view([head("r1"), head("r2")], fetches, []).documents["a1-en"]
    assert days(found) == [(0, 1, False)]
    assert found.head.row_id == "r2"


def test_one_capture_can_show_two_languages():
    heads = [head("r1"), head("r2", document_id="a1-ru")]
    found = view(heads, [fetch(0, "r1", "r2"), fetch(1, reason=Reason.GONE)], []).documents
    assert {name: document.gone for name, document in found.items()} == {"a1-en": True, "a1-ru": True}


def test_rows_that_were_taken_down_are_skipped():
    assert view([head("r1")], [fetch(0, "r1", "r9")], []).documents.keys() == {"a1-en"}


def link(kind, a, b):
    return Link(kind, a, b, 0.9, "why")


def test_only_links_of_current_rows_count():
    heads = [head("r1"), head("r2"), head("r3", "a2"), head("r4", "a3", published="2024-02-01")]
    fetches = [fetch(0, "r1"), fetch(1, "r2"), fetch(0, "r3", address="a2"), fetch(0, "r4", address="a3")]
    links = [
        link(LinkKind.DUPLICATE, "r1", "r4"),
        link(LinkKind.DUPLICATE, "r2", "r3"),
        link(LinkKind.TRANSLATION, "r4", "r2"),
    ]
    found = view(heads, fetches, links)
    assert {name: document.cluster_id for name, document in found.documents.items()} == {
        "a1-en": "a1-en",
        "a2-en": "a1-en",
        "a3-en": "a3-en",
    }
    assert [(shown.kind, shown.a_url, shown.b_document_id) for shown in found.links] == [
        (LinkKind.DUPLICATE, "https://a1.org/", "a2-en"),
        (LinkKind.TRANSLATION, "https://a3.org/", "a1-en"),
    ]


events = st.tuples(
    st.integers(0, 5),
    st.sampled_from([("r1",), ("r2",), ("r3",), ("r1", "r3"), ()]),
    st.sampled_from(["a1", "a2"]),
    st.sampled_from([Reason.GONE, Reason.NOT_MODIFIED, Reason.OFF_TOPIC]),
)


@given(st.lists(events, max_size=10, unique_by=lambda event: event[::2]), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_links_does_not_matter(drawn, rng):
    heads = [head("r1"), head("r2"), head("r3", "a2")]
    fetches = [fetch(day, *rows, address=at, reason="" if rows else why) for day, rows, at, why in drawn]
    links = [link(LinkKind.DUPLICATE, "r1", "r3"), link(LinkKind.CONTAINED, "r2", "r3")]
    assert view(heads, fetches, links) == view(
        rng.sample(heads, 3), rng.sample(fetches, len(fetches)), rng.sample(links, 2)
    )


def test_feed_entries_make_no_version_once_the_page_is_extracted():
    entry = replace(fetch(0, "e1"), purpose=Purpose.ENTRY)
    edited = replace(fetch(2, "e2"), purpose=Purpose.ENTRY)
    heads = [head("e1"), head("e2"), head("p1"), head("e3", article="a2")]
    by_feed = view(heads, [entry, edited], []).documents["a1-en"]
    assert days(by_feed) == [(0, 0, False), (2, 2, False)]
    other = replace(fetch(1, "e3", address="a2"), purpose=Purpose.ENTRY)
    both = view(heads, [entry, edited, other, fetch(1, "p1")], []).documents
    assert days(both["a1-en"]) == [(1, 1, False)]
    assert both["a1-en"].head.row_id == "p1"
    assert both["a2-en"].head.row_id == "e3"
    refused = replace(fetch(3, reason=Reason.BLOCKED), status=403)
    assert view(heads, [entry, refused], []).documents["a1-en"].head.row_id == "e1"


def copies(*stories):
    """The view of copies of one text: (name, published, day seen, changes of the head, date in a feed)."""
    heads, fetches = [], []
    for name, published, day, changes, listed in stories:
        heads.append(head(f"r-{name}", name, published=published, **changes))
        found = Discovery("feed", f"https://{name}.org/feed", listed) if listed else None
        fetches.append(replace(fetch(day, f"r-{name}", address=name), discovery=found))
    names = sorted(one.row_id for one in heads)
    return view(heads, fetches, [link(LinkKind.DUPLICATE, a, b) for a, b in combinations(names, 2)]).documents


FAKED: Any = ("a1", "1999-12-31", 2, {}, "")


def first(found):
    (name,) = {document.origin.first for document in found.values()}
    (leader,) = {document.cluster_id for document in found.values()}
    assert leader == name
    return name.removesuffix("-en")


def test_a_faked_early_date_takes_over_no_cluster_and_is_flagged():
    found = copies(FAKED, ("a2", "2024-03-01", 0, {}, ""), ("a3", "2024-03-02", 1, {}, ""))
    assert first(found) == "a2"
    assert found["a1-en"].date_doubt == (
        "1999-12-31 is 8829 days before the text was first seen, and no other evidence confirms it"
    )
    assert found["a2-en"].date_doubt == found["a3-en"].date_doubt == ""


def test_an_address_or_a_feed_bears_out_an_early_date():
    in_address = {"url": "https://a2.org/2023/05/09/story"}
    honest = "2023-05-09T10:00:00+05:00"
    assert first(copies(("a1", "2024-03-01", 0, {}, ""), ("a2", honest, 5, in_address, ""))) == "a2"
    assert (
        first(copies(("a1", "2024-03-01", 0, {}, ""), ("a2", honest, 5, {}, "Tue, 09 May 2023 10:00:00 +0500"))) == "a2"
    )
    assert first(copies(("a1", "2024-03-01", 0, {}, ""), ("a2", honest, 5, {}, ""))) == "a1"


def test_the_span_of_an_outlet_with_a_file_bears_out_its_dates_and_it_comes_before_others():
    known = {"outlet": "tengrinews"}
    spanning = head("old", "a8", outlet="tengrinews", url="https://a8.org/2009/01/01/x", published="2009-01-01")
    backfilled = head("r1", "a9", outlet="tengrinews", published="2010-02-02")
    found = view([spanning, backfilled], [fetch(0, "old", address="a8"), fetch(0, "r1", address="a9")], []).documents
    assert {document.date_doubt for document in found.values()} == {""}
    faked = {"url": "https://a1.org/2024/02/01/story"}  # its address says so too
    assert first(copies(("a1", "2024-02-01", 2, faked, ""), ("a2", "2024-03-01", 0, known, ""))) == "a2"
    assert first(copies(("a1", "2024-02-01", 2, faked, ""), ("a2", "2024-03-01", 5, {}, ""))) == "a1"


def test_a_wire_copy_leaves_the_agency_first():
    agency = {"url": "https://tass.com/world/1"}
    reprint = {"reprint": True, "source": "TASS", "outlet": "tengrinews"}
    for copied in ("2024-03-01", "2024-03-02", "2023-02-28"):
        told = ("a2", copied, 0, {**reprint, "outlet": "copy.org"}, "")
        assert first(copies(("a1", "2024-03-01", 4, agency, ""), told)) == "a1"
    assert first(copies(("a1", "2024-03-01", 9, agency, ""), ("a2", "2024-03-02", 1, reprint, ""))) == "a1"


def test_an_edit_makes_no_text_younger_but_another_text_on_the_page_does():
    heads = [head("r1"), head("r2"), head("r3", "a2", published="2024-03-02")]
    fetches = [fetch(0, "r1"), fetch(20, "r2"), fetch(1, "r3", address="a2")]
    edited = [link(LinkKind.DUPLICATE, "r1", "r3"), link(LinkKind.DUPLICATE, "r2", "r3")]
    assert first(view(heads, fetches, edited).documents) == "a1"
    assert first(view(heads, fetches, edited[1:]).documents) == "a2"  # the first text of the page was another one
