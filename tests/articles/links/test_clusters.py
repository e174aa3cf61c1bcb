from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.links.clusters import ClusterMember, clusters, origins
from articles.model import Link, LinkKind


def member(name, **changes):
    return replace(ClusterMember(f"doc-{name}", name, reprint=False, published="2024-05-01", length=1_000), **changes)


def duplicate(a, b):
    return Link(LinkKind.DUPLICATE, min(a, b), max(a, b), 0.9, "")


def contained(part, whole):
    return Link(LinkKind.CONTAINED, part, whole, 0.9, "")


def groups(names, links, **changes):
    found = clusters([member(name, **changes.get(name, {})) for name in names], links)
    return {frozenset(d[4:] for d in found if found[d] == cluster) for cluster in found.values()}


def sets(*names):
    return {frozenset(name) for name in names}


def test_duplicates_form_a_cluster_and_a_single_document_represents_itself():
    assert groups("abcd", [duplicate("a", "b"), duplicate("b", "c")]) == sets("abc", "d")
    assert clusters([member("d")], []) == {"doc-d": "doc-d"}


def test_links_of_unknown_rows_and_of_other_kinds_are_ignored():
    other = Link(LinkKind.TRANSLATION, "a", "b", 0.9, "")
    assert groups("ab", [duplicate("a", "x"), duplicate("x", "b"), other]) == sets("a", "b")


def test_an_excerpt_joins_its_article_and_a_digest_joins_nothing():
    assert groups("ab", [contained("a", "b")]) == sets("ab")
    assert groups("abd", [contained("a", "d"), contained("b", "d")]) == sets("a", "b", "d")
    assert groups("abd", [contained("a", "d"), contained("b", "d"), duplicate("a", "b")]) == sets("abd")


def test_an_article_joins_no_digest_that_is_mostly_a_copy_of_another():
    assert groups("abd", [duplicate("a", "d"), contained("b", "d")]) == sets("ad", "b")
    assert groups("abcd", [duplicate("a", "c"), duplicate("a", "d"), contained("b", "d")]) == sets("acd", "b")


def test_an_excerpt_joins_an_article_if_most_copies_contain_it():
    links = [duplicate("a", "b"), duplicate("b", "c"), contained("e", "a"), contained("e", "b")]
    assert groups("abce", links) == sets("abce")


def test_a_notice_under_several_articles_joins_none():
    assert groups("nab", [contained("n", "a"), contained("n", "b")]) == sets("n", "a", "b")


def test_a_chain_of_containing_texts_is_one_cluster():
    links = [contained("a", "b"), contained("b", "c"), contained("a", "c")]
    assert groups("abc", links) == sets("abc")


@pytest.mark.parametrize(
    ("changes", "links", "best"),
    [
        ({}, [], "a"),
        ({"b": {"length": 1_001}}, [], "b"),
        ({"a": {"length": 9_000}, "b": {"published": "2024-04-30T23:00:00+05:00"}}, [], "b"),
        ({"b": {"published": "2024-05-01T01:00:00Z", "length": 999}}, [], "a"),
        ({"a": {"published": ""}}, [], "b"),
        ({"a": {"published": "2024-04-01", "reprint": True}}, [], "b"),
        ({"a": {"published": "2024-04-01"}, "b": {"reprint": True}}, [contained("a", "b")], "b"),
    ],
)
def test_the_representative_is_chosen_by_rank(changes, links, best):
    members = [member(name, **changes.get(name, {})) for name in "ab"]
    assert set(clusters(members, [*links, *([] if links else [duplicate("a", "b")])]).values()) == {f"doc-{best}"}


names = st.sampled_from("abcdefgh")
some_links = st.lists(
    st.tuples(st.sampled_from([duplicate, contained]), names, names)
    .filter(lambda drawn: drawn[1] != drawn[2])
    .map(lambda drawn: drawn[0](*drawn[1:])),
    max_size=12,
    unique_by=lambda found: (found.kind, found.a, found.b),
)


@given(some_links, st.randoms(use_true_random=False))
def test_the_order_of_members_and_links_does_not_matter(links, rng):
    members = [member(name, length=ord(name) * 7 % 5, reprint=name in "ace") for name in "abcdefgh"]
    found = clusters(members, links)
    assert found == clusters(rng.sample(members, len(members)), rng.sample(links, len(links)))
    assert all(found[representative] == representative for representative in found.values())


def test_a_document_under_review_represents_only_others_under_review():
    older = {"review": True, "published": "2024-01-01", "length": 9_000}
    links = [duplicate("a", "b"), duplicate("c", "d")]
    members = [member("a", **older), member("b"), member("c", **older), member("d", review=True)]
    found = clusters(members, links)
    assert found == {"doc-a": "doc-b", "doc-b": "doc-b", "doc-c": "doc-c", "doc-d": "doc-c"}


def origin(*members):
    (found,) = origins(members, dict.fromkeys((member.document_id for member in members), "doc-a")).values()
    return found.source, found.first[4:]


def test_the_origin_of_a_cluster_is_the_source_that_its_documents_name():
    tass, kazinform = {"source": "TASS", "reprint": True}, {"source": "Kazinform", "reprint": True}
    assert origin(member("a"), member("b")) == ("", "a")
    assert origin(member("a", **tass), member("b")) == ("TASS", "b")
    assert origin(member("a", **tass), member("b", **kazinform), member("c", **tass)) == ("TASS", "a")
    assert origin(member("a", **tass), member("b", **kazinform)) == ("Kazinform", "a")
    assert origin(member("a", **tass), member("b", agency="Kazinform")) == ("Kazinform", "b")
    assert origin(member("a", agency="Zakon.kz", **kazinform)) == ("Kazinform", "a")


def test_the_first_document_of_a_cluster_is_the_earliest():
    assert origin(member("a"), member("b", published="2024-04-30", reprint=True)) == ("", "b")
    assert origin(member("a", published=""), member("b", published="2025-01-01")) == ("", "b")
    assert origin(member("b", published="2024-05-01T23:00:00Z"), member("a", reprint=True)) == ("", "b")


def test_a_day_that_nothing_bears_out_counts_from_the_earliest_that_is_borne_out():
    faked = {"published": "1999-01-01", "seen": "2024-05-03", "borne_out": False}
    honest = {"seen": "2024-05-01"}
    assert origin(member("b", **honest), member("a", **faked)) == ("", "b")
    assert origin(member("b", **honest, reprint=True), member("a", **faked)) == ("", "b")
    assert origin(member("b", published=""), member("a", **faked)) == ("", "a")
    members = [member("b", **honest, reprint=True), member("a", length=9_000, **faked)]
    assert set(clusters(members, [duplicate("a", "b")]).values()) == {"doc-b"}


def test_no_document_counts_as_earlier_than_an_outlet_with_a_file_unless_its_text_was_seen_before():
    known = {"known": True, "seen": "2024-05-01"}
    faked = {"published": "2024-04-01", "seen": "2024-05-02"}  # its own address bears the date out
    assert origin(member("b", **known), member("a", **faked)) == ("", "b")
    assert origin(member("b", **known), member("a", **faked | {"seen": "2024-04-30"})) == ("", "b")  # time zones
    assert origin(member("b", **known), member("a", **faked | {"seen": "2024-04-29"})) == ("", "a")
    assert origin(member("b", known=True, published="", seen="2024-05-01"), member("a", **faked)) == ("", "b")
    longer = member("a", length=9_000, **faked)
    for links in ([duplicate("a", "b")], [contained("b", "a")]):
        assert set(clusters([member("b", reprint=True, **known), longer], links).values()) == {"doc-b"}
    earlier = member("a", **faked | {"seen": "2024-04-20"})
    assert set(clusters([member("b", reprint=True, **known), earlier], [duplicate("a", "b")]).values()) == {"doc-a"}


def test_where_nothing_bears_out_a_day_the_days_of_two_outlets_support_each_other():
    def late(name, published, seen="2025-03-01"):
        return member(name, published=published, seen=seen, borne_out=False, outlet=f"{name}.org")

    honest = late("b", "2010-05-01", "2025-03-09"), late("c", "2010-05-02", "2025-03-09")
    assert origin(*honest, late("a", "1999-01-01")) == ("", "b")
    assert origin(honest[0], late("a", "1999-01-01", "2025-03-10")) == ("", "b")  # by the first sighting
    assert origin(honest[0], late("a", "1999-01-01", "2025-03-01")) == ("", "a")


@settings(deadline=None)
@given(st.permutations("abcdef"), st.data())
def test_the_first_document_does_not_depend_on_order(order, data):
    days = st.sampled_from(["", "1999-01-01", "2024-05-01", "2024-05-02", "2024-05-20"])
    members = {
        name: member(
            name,
            published=data.draw(days),
            seen=data.draw(st.sampled_from(["2024-05-01", "2024-05-04", "2024-06-01"])),
            borne_out=data.draw(st.booleans()),
            known=data.draw(st.booleans()),
            outlet=data.draw(st.sampled_from(["x", "y"])),
        )
        for name in "abcdef"
    }
    links = [duplicate("a", name) for name in "bcdef"]
    mixed = [members[name] for name in order]
    assert origin(*mixed) == origin(*members.values())
    assert clusters(mixed, links) == clusters(members.values(), links)


def test_copies_on_one_host_count_by_the_days_that_they_state():
    late = {"seen": "2025-03-01", "borne_out": False}

    def copies(host):
        return member("b", published="2010-01-01", host="b.org", **late), member(
            "a", published="2011-01-01", host=host, **late
        )

    assert origin(*copies("b.org")) == ("", "b")
    assert origin(*copies("c.org")) == ("", "a")  # nothing tells them apart


def test_no_chain_of_links_joins_what_hardly_any_link_joins():
    names = "abcdefghijklmnop"
    chained = groups(names, [duplicate(*pair) for pair in pairwise(names)])
    assert max(map(len, chained)) <= 3
    copies = [duplicate(a, b) for a in names for b in names if a < b]
    assert groups(names, copies) == sets(names)
    bridged = [duplicate(a, b) for group in ("abcd", "efgh") for a in group for b in group if a < b]
    assert groups("abcdefgh", [*bridged, duplicate("d", "e")]) == sets("abcd", "efgh")
