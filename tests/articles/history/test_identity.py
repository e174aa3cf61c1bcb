from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from articles.history.view import view
from articles.model import Link, LinkKind, Purpose, Reason
from tests.articles.history.test_view import days, fetch, head

TITLE = "Wagons wait at the border"
BASE = "https://example.org/"


def at(row, path, claim="", key="", **changes):
    """A row fetched from a path of one host, which claims to be another path."""
    return head(
        row,
        path,
        key,
        url=BASE + path,
        **{"title": f"Title of {row}", "claim": claim, "claim_url": claim and BASE + claim, **changes},
    )


def of(heads, fetches, *links):
    return {name: one.head.row_id for name, one in view(heads, fetches, links).documents.items()}


def copies(a, b, kind=LinkKind.DUPLICATE):
    return Link(kind, a, b, 0.9, "why")


def shown(day, row, path, **changes):
    return replace(fetch(day, row, address=path), **changes)


def test_a_page_that_claims_to_be_another_with_another_text_keeps_its_own_url():
    heads = [at("victim", "story"), at("thief", "mine", "story")]
    found = view(heads, [shown(0, "victim", "story"), shown(1, "thief", "mine")], [])
    assert {name: one.head.url for name, one in found.documents.items()} == {
        "story-en": f"{BASE}story",
        "mine-en": f"{BASE}mine",
    }
    assert [len(one.versions) for one in found.documents.values()] == [1, 1]


def test_a_page_with_the_same_text_is_the_same_article():
    heads = [at("first", "story", key="k"), at("copy", "print", "story", key="k")]
    found = view(heads, [shown(0, "first", "story"), shown(1, "copy", "print")], [])
    assert list(found.documents) == ["story-en"]
    assert days(found.documents["story-en"]) == [(0, 1, False)]


def test_what_was_fetched_from_a_url_outranks_an_edited_copy_that_claims_it():
    heads = [at("victim", "story"), at("forged", "mine", "story")]
    fetches = [shown(0, "victim", "story"), shown(1, "forged", "mine")]
    assert of(heads, fetches, copies("forged", "victim")) == {"story-en": "victim"}
    gone = [*fetches, fetch(2, address="mine", reason=Reason.GONE)]
    assert not view(heads, gone, [copies("forged", "victim")]).documents["story-en"].gone


def test_other_forms_of_a_url_give_versions_of_its_article():
    heads = [at("first", "story"), at("edited", "story/amp", "story")]
    fetches = [shown(0, "first", "story"), shown(1, "edited", "story/amp")]
    assert of(heads, fetches, copies("edited", "first")) == {"story-en": "edited"}
    assert of(heads, fetches) == {"story-en": "first", "story/amp-en": "edited"}


def test_a_longer_text_keeps_its_own_url_and_a_part_does_not():
    heads = [at("short", "story"), at("long", "whole", "story")]
    fetches = [shown(0, "short", "story"), shown(1, "long", "whole")]
    kind = LinkKind.CONTAINED
    assert of(heads, fetches, copies("short", "long", kind)) == {"story-en": "short", "whole-en": "long"}
    assert of(heads, fetches, copies("long", "short", kind)) == {"story-en": "short"}


def test_a_page_that_was_never_captured_is_believed_of_one_page():
    assert of([at("amp", "a", "story")], [shown(0, "amp", "a")]) == {"story-en": "amp"}


def test_a_page_that_several_articles_name_is_no_canonical_page():
    names = ("a", "b", "c")
    heads = [at(name, name, "section") for name in names]
    fetches = [shown(day, name, name) for day, name in enumerate(names)]
    assert of(heads, fetches) == {f"{name}-en": name for name in names}
    same = [replace(one, title=TITLE) for one in heads]
    assert of(same, fetches) == {f"{name}-en": name for name in names}
    linked = of(heads, fetches, copies("a", "b"), copies("b", "c"))
    assert linked == {"section-en": "a"}


def test_a_page_that_is_no_article_is_no_canonical_page():
    heads, fetches = [at("a", "a", "section")], [shown(0, "a", "a")]
    assert of(heads, [*fetches, fetch(1, address="section", reason=Reason.NO_ARTICLE)]) == {"a-en": "a"}
    listing = replace(fetch(1, address="section"), purpose=Purpose.LISTING)
    assert of(heads, [*fetches, listing]) == {"a-en": "a"}
    assert of(heads, [*fetches, fetch(1, address="section", reason=Reason.HTTP_ERROR)]) == {"section-en": "a"}


def test_a_title_alone_counts_for_one_form_of_a_url_and_for_nothing_else():
    heads = [at("first", "story", title=TITLE), at("amp", "story/amp", "story", title=TITLE)]
    fetches = [shown(0, "first", "story"), shown(1, "amp", "story/amp")]
    assert of(heads, fetches) == {"story-en": "amp"}
    assert of([replace(one, title="News") for one in heads], fetches) == {"story-en": "first", "story/amp-en": "amp"}
    more = [*heads, at("print", "story/print", "story", title=TITLE)]
    assert len(of(more, [*fetches, shown(2, "print", "story/print")])) == 3
    other = [heads[0], at("a", "a", "story", title=TITLE)]
    assert of(other, [shown(0, "first", "story"), shown(1, "a", "a")]) == {"story-en": "first", "a-en": "a"}


def test_a_later_page_is_linked_to_the_page_before():
    heads = [at("first", "story", title=TITLE), at("two", "story/m", "story", title=TITLE, continues="story")]
    fetches = [shown(0, "first", "story"), shown(1, "two", "story/m")]
    found = view(heads, fetches, [])
    assert list(found.documents) == ["story-en", "story/m-en"]
    (link,) = found.links
    assert (link.kind, link.a_url, link.b_url) == (LinkKind.CONTINUES, f"{BASE}story/m", f"{BASE}story")


def test_claims_in_a_circle_count_for_nothing_and_chains_lead_to_their_end():
    circle = [at("a", "a", "b", key="k"), at("b", "b", "a", key="k")]
    fetches = [shown(0, "a", "a"), shown(1, "b", "b")]
    assert of(circle, fetches) == {"a-en": "a", "b-en": "b"}
    chain = [circle[0], at("b", "b", "c", key="k")]
    assert of(chain, fetches) == {"c-en": "b"}


def test_rows_of_older_stores_are_one_article_if_their_titles_agree():
    heads = [at("first", "story", title=TITLE), at("old", "a", "story", title=TITLE, compared=False)]
    other = at("older", "b", "story", title="Another title altogether", compared=False)
    fetches = [shown(0, "first", "story"), shown(1, "old", "a"), shown(2, "older", "b")]
    assert of([*heads, other], fetches) == {"story-en": "first", "b-en": "older"}


paths = st.sampled_from(["story", "story/amp", "a", "b", "c"])
drawn_heads = st.lists(
    st.tuples(paths, paths | st.just(""), st.sampled_from("xyz"), st.sampled_from([TITLE, "Other title of this"])),
    min_size=1,
    max_size=6,
)


@given(drawn_heads, st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4), st.randoms())
def test_identity_does_not_depend_on_order_and_never_replaces_what_was_fetched(drawn, pairs, rng):
    heads = [
        at(f"r{n}", path, claim if claim != path else "", key, title=title)
        for n, (path, claim, key, title) in enumerate(drawn)
    ]
    fetches = [shown(n, f"r{n}", path) for n, (path, *_) in enumerate(drawn)]
    links = [copies(f"r{a}", f"r{b}") for a, b in pairs if a != b]
    found = view(heads, fetches, links)
    assert found == view(
        rng.sample(heads, len(heads)), rng.sample(fetches, len(fetches)), rng.sample(links, len(links))
    )
    for one in heads:
        if one.article_id in {"a", "b", "c"} and not one.claim:
            by_own = {row.version_key for row in heads if row.article_id == one.article_id}
            assert found.documents[f"{one.article_id}-en"].head.version_key in by_own
