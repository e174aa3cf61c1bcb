import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.discovery.entries import SourceEntry
from spiders.discovery.listings import MAX_LINKS, ListingPage, charset_of, read_json, read_page
from spiders.sources import Archive, JsonListing, Listing

BASE = "https://n.example/news/"
ANY = Listing(BASE)


def page_of(html, source=ANY, **headers):
    return read_page(html.encode() if isinstance(html, str) else html, BASE, source, **headers)


def urls(html, source=ANY):
    return [found.url.removeprefix("https://n.example") for found in page_of(html, source).found]


def test_every_link_is_returned_once_in_page_order():
    html = "<a href='/b'>b</a><p><a href='c#x'>c</a> <a href='/b'>b</a> <a href='mailto:x'>x</a> <a href='http://['>x</a> <a>y</a>"
    assert urls(html) == ["/b", "/news/c"]


@pytest.mark.parametrize(
    ("links", "html"),
    [
        ("a.t", "<a class=t href=/1>1</a><a href=/2>2</a>"),
        (".t", "<h3 class=t><a href=/1>1</a></h3><h3><a href=/2>2</a></h3>"),
        ("h3", "<a href=/1><h3>1</h3></a><a href=/2><h4>2</h4></a>"),
        ("div.t a", "<div class='x t'><p><a href=/1>1</a></div><a href=/2>2</a>"),
        (".none", "<h3 class=t><a href=/1>1</a></h3>"),
    ],
)
def test_a_selector_finds_links_at_inside_or_around_its_element(links, html):
    assert urls(html, Listing(BASE, links=links)) == ([] if links == ".none" else ["/1"])
    assert urls(html, Archive("https://n.example/{yyyy}/", links=links)) == ([] if links == ".none" else ["/1"])


def test_a_card_gives_a_link_and_its_date():
    source = Listing(BASE, cards=".card", links="h3 a", date=".when")
    html = """<div class=card><a href=/x><img></a><h3><a href=/1>1</a></h3><span class=when> 3 сентября\n 2024 </span></div>
      <div class=card><h3><a href=/2>2</a></h3><time class=when datetime=2024-09-03T10:00>yesterday</time></div>
      <div class=card><h3>no link</h3></div><h3><a href=/3>3</a></h3>"""
    assert page_of(html, source).found == (
        SourceEntry("https://n.example/1", "3 сентября 2024"),
        SourceEntry("https://n.example/2", "2024-09-03T10:00"),
    )
    plain = Listing(BASE, cards=".card")
    html = "<li class=card><a href=/1>1</a><time>03.09.2024</time></li>"
    assert page_of(html, plain).found == (SourceEntry("https://n.example/1", "03.09.2024"),)
    assert page_of("<li class=card><a href=/1>1</a></li>", plain).found == (SourceEntry("https://n.example/1"),)


@pytest.mark.parametrize(
    ("html", "nearby"),
    [
        ("<div><h3><a href=/1>1</a></h3><h5>3 сентября 2024</h5></div><div><a href=/2>2</a><i>2.9.2024</i></div>", ["2024-09-03", "2024-09-02"]),
        ("<li><a href=/1>1 <time datetime='2024-09-03T10:00:00Z'>an hour ago</time></a></li>", ["2024-09-03T10:00:00+00:00"]),
        ("<h2>3 September 2024</h2><ul><li><a href=/1>1</a><li><a href=/2>2</a></ul>", ["2024-09-03", "2024-09-03"]),
        ("<ul><li><a href=/1>1</a><li><a href=/2>2</a></ul><i>2.9.2024</i><i>3.9.2024</i>", ["", ""]),
        ("<li><a href=/1>What the court of 3 September 2024 said of the railway</a></li>", [""]),
    ],
)  # fmt: skip
def test_the_only_date_near_a_link_is_found(html, nearby):
    found = page_of(f"<main>{html}</main>").found
    assert [entry.nearby for entry in found] == nearby
    assert [entry.published for entry in found] == [""] * len(nearby)


def test_the_next_page_is_found_by_a_selector():
    html = "<div class=nav><a href=?page=1>1</a><a href=?page=3>older</a></div>"
    assert page_of(html, Listing(BASE, next=".nav a:last-child")).next == "https://n.example/news/?page=3"
    assert page_of(html, Listing(BASE, next=".no a")).next == ""


def test_a_base_element_is_respected():
    assert urls("<base href='/old/'><a href=1>1</a>") == ["/old/1"]
    assert urls("<base href='http://['><a href=1>1</a>") == ["/news/1"]


@pytest.mark.parametrize(
    ("html", "charset"),
    [
        ("<a href='/ж'>ж</a>".encode("cp1251"), "windows-1251"),
        ("<meta charset=windows-1251><a href='/ж'>ж</a>".encode("cp1251"), ""),
        ("<meta charset=utf-8><a href='/ж'>ж</a>".encode(), "no-such-charset"),
    ],
)
def test_the_charset_comes_from_the_header_or_else_from_the_page(html, charset):
    assert [found.url for found in page_of(html, charset=charset).found] == ["https://n.example/ж"]


def test_a_compressed_page_is_read():
    assert len(page_of(gzip.compress(b"<a href=/1>1</a>"), encoding="gzip").found) == 1


def test_the_number_of_links_per_page_is_limited():
    assert len(urls("".join(f"<a href=/{n}>" for n in range(MAX_LINKS + 50)))) == MAX_LINKS


@given(st.binary(max_size=300), st.sampled_from(["", "<a href='", "<div class=card><a href=/1><time>"]))
def test_no_page_raises(noise, head):
    for source in (ANY, Listing(BASE, cards=".card", date="time", next="a")):
        for found in page_of(head.encode() + noise, source).found:
            assert found.url.startswith("http")


def read(answer, **declared):
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return read_json(body, "https://n.example/api/", JsonListing("https://n.example/api/", **declared))


@pytest.mark.parametrize(
    ("answer", "declared", "found"),
    [
        ([{"url": "/1", "at": "2024-09-03"}], {"link": "url", "date": "at"}, SourceEntry("https://n.example/1", "2024-09-03")),
        ({"a": {"b": [{"u": {"x": "1"}}]}}, {"items": "a.b", "link": "u.x"}, SourceEntry("https://n.example/api/1")),
        ({"items": {"k": {"u": "/1"}}}, {"items": "items", "link": "u"}, SourceEntry("https://n.example/1")),
        ({"items": ["news/1"]}, {"items": "items", "base": "https://n.example/"}, SourceEntry("https://n.example/news/1")),
        ([["/1", 1725357600]], {"link": "0", "date": "1"}, SourceEntry("https://n.example/1", "2024-09-03T10:00:00+00:00")),
        ([["/1", 1725357600000]], {"link": "0", "date": "1"}, SourceEntry("https://n.example/1", "2024-09-03T10:00:00+00:00")),
        ([["/1", "1725357600"]], {"link": "0", "date": "1"}, SourceEntry("https://n.example/1", "2024-09-03T10:00:00+00:00")),
        ([["/1", None], {"u": "/2"}, 3, None], {"link": "0", "date": "1"}, SourceEntry("https://n.example/1", "")),
    ],
)  # fmt: skip
def test_json_is_read_by_paths(answer, declared, found):
    assert read(answer, **declared).found == (found,)


def test_json_names_its_next_page():
    assert (
        read({"items": [], "meta": {"next": "?page=2"}}, items="items", next="meta.next").next
        == "https://n.example/api/?page=2"
    )


@pytest.mark.parametrize("answer", [b"", b"{", b"<html>", b"null", b'"x"', {"items": 3}, {"items": None}])
def test_invalid_json_gives_an_empty_page(answer):
    assert read(answer, items="items", link="u") == ListingPage()


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["items", "u", "d"]), inner)))  # fmt: skip
def test_no_json_raises(answer):
    read(answer, items="items", link="u", date="d", next="u")


def test_charset_of_a_content_type():
    assert charset_of("text/html; Charset='windows-1251'") == "windows-1251"
    assert charset_of("text/html") == ""
