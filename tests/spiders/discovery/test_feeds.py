import gzip
import time
import zlib

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.discovery import feeds
from spiders.discovery.entries import FeedText, SourceEntry
from spiders.discovery.feeds import read_source
from spiders.discovery.unpacking import MAX_SOURCE_BYTES, unpack

BASE = "https://news.example/feed"


def urls(body: str | bytes) -> list[str]:
    return [found.url for found in read_source(body if isinstance(body, bytes) else body.encode(), BASE)]


def test_rss_gives_links_and_dates():
    body = b"""<?xml version="1.0"?><rss version="2.0"><channel><link>https://news.example/</link>
      <image><link>https://news.example/</link></image>
      <item><title>One</title><link> https://news.example/1 </link><pubDate>Tue, 03 Sep 2024 10:00:00 +0500</pubDate></item>
      <item><link><![CDATA[/2?a=1&b=2]]></link></item></channel></rss>"""
    assert list(read_source(body, BASE)) == [
        SourceEntry("https://news.example/1", "Tue, 03 Sep 2024 10:00:00 +0500"),
        SourceEntry("https://news.example/2?a=1&b=2"),
    ]


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<guid>https://news.example/g</guid>", "https://news.example/g"),
        ("<guid isPermaLink='false'>17</guid><link>/l</link>", "https://news.example/l"),
        ("<link>/counted</link><f:origLink xmlns:f='f'>https://news.example/o</f:origLink>", "https://news.example/o"),
        ("<media:content xmlns:media='m' url='x'/><link>/l</link>", "https://news.example/l"),
    ],
)
def test_an_item_gets_the_best_of_its_urls(item, url):
    assert urls(f"<rss><channel><item>{item}</item></channel></rss>") == [url]


def test_an_atom_entry_gives_its_alternate_link_and_both_dates():
    body = b"""<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/><entry><link rel="self" href="/s"/>
      <link rel="alternate" href="/a"/><published>2024-09-01T10:00:00Z</published><updated>2024-09-03T10:00:00Z</updated>
      </entry></feed>"""
    assert list(read_source(body, BASE)) == [
        SourceEntry("https://news.example/a", "2024-09-01T10:00:00Z", "2024-09-03T10:00:00Z")
    ]


def test_rss_1_is_read():
    body = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
      <item rdf:about="https://news.example/r"><title>x</title></item></rdf:RDF>"""
    assert urls(body) == ["https://news.example/r"]


def test_image_urls_of_a_sitemap_are_ignored_and_an_index_is_recognised():
    body = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="i" xmlns:news="n">
      <url><image:image><image:loc>https://news.example/1.jpg</image:loc></image:image><loc>https://news.example/1</loc>
      <news:news><news:publication_date>2024-09-03T10:00+05:00</news:publication_date></news:news></url></urlset>"""
    assert list(read_source(body, BASE)) == [SourceEntry("https://news.example/1", "2024-09-03T10:00+05:00")]
    index = b"<sitemapindex><sitemap><loc>https://news.example/s.xml.gz</loc></sitemap></sitemapindex>"
    assert list(read_source(index, BASE)) == [SourceEntry("https://news.example/s.xml.gz", nested=True)]


def test_a_plain_list_of_urls_is_a_sitemap():
    assert urls("https://news.example/1\r\nnothing\nhttp:[\nhttp://[\nhttps://news.example/2") == [
        "https://news.example/1",
        "https://news.example/2",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<rss><channel><copyright>A & B&nbsp;</copyright><ttl><item><link>https://news.example/1</link></item>",
        "\n  <?xml version='1.0'?><rss><item><link>https://news.example/1</link></item></rss>",
        "<rss><item><link>http://[</link></item><item><link>https://news.example/1</link></item></rss>",
        "<rss><item><link>mailto:x</link></item><item><link>https://news.example/1</link></item><item><link>",
        "<rss><item><link>https://news.example/1</link><title>\x01\x02</title></item></rss>",
    ],
)
def test_broken_feeds_are_read_up_to_the_error(body):
    assert urls(body) == ["https://news.example/1"]


def test_a_declared_encoding_is_read():
    body = '<?xml version="1.0" encoding="windows-1251"?><rss><item><title>Ж</title><link>/ж</link></item></rss>'
    assert urls(body.encode("cp1251")) == ["https://news.example/ж"]


@pytest.mark.parametrize(
    "body", ["", "<", "<html><body><a href='/x'>x</a></body></html>", "{}", "\x00\x01", "<a>" * 100_000]
)
def test_other_formats_give_no_entries(body):
    assert urls(body) == []


def test_entities_are_neither_expanded_nor_loaded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("https://news.example/secret")
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">{laughs}<!ENTITY x SYSTEM "file://{secret}">]>'
    one = "<item><link>https://news.example/1</link></item>"
    found = urls(f"{head}<rss><item><link>&x;</link></item>{one}</rss>")
    assert "https://news.example/secret" not in found
    assert "https://news.example/1" in found
    began = time.process_time()
    assert urls(f"{head}<rss>{one}<item><title>&e11;</title></item></rss>") == ["https://news.example/1"]
    assert time.process_time() - began < 1


def test_a_zip_bomb_is_unpacked_up_to_the_size_limit():
    stream = unpack(gzip.compress(bytes(MAX_SOURCE_BYTES * 2)), "")
    assert sum(len(piece) for piece in iter(lambda: stream.read(1 << 20), b"")) == MAX_SOURCE_BYTES


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"<rss/>", ""),
        (gzip.compress(b"<rss/>"), ""),
        (gzip.compress(b"<rss/>"), "gzip"),
        (gzip.compress(gzip.compress(b"<rss/>")), "gzip"),
        (gzip.compress(b"<rss") + gzip.compress(b"/>"), ""),
        (zlib.compress(b"<rss/>"), "deflate"),
        (b"<rss/>", "gzip"),
        (gzip.compress(b"<rss/>") + b"garbage", ""),
    ],
    ids=["plain", "packed", "declared", "twice", "members", "deflate", "declared only", "garbage behind"],
)
def test_every_compression_of_a_source_is_decoded(body, encoding):
    assert unpack(body, encoding).readall() == b"<rss/>"


@pytest.mark.parametrize("head", [b"<urlset>", b"<urlset><url>", b"<rss><channel><item>"])
def test_endless_elements_do_not_fill_memory(head):
    body = gzip.compress(head + b"<x/>" * 600_000, 1)
    tracked = psutil.Process()
    before = tracked.memory_info().rss
    assert list(read_source(body, BASE)) == []
    assert tracked.memory_info().rss - before < 24 << 20


def test_a_truncated_file_gives_the_entries_before_the_cut():
    body = b"".join(b"<url><loc>https://n.example/%d</loc></url>" % number for number in range(50_000))
    packed = gzip.compress(b"<urlset>" + body + b"</urlset>")
    found = list(read_source(packed[: len(packed) // 2], BASE))
    assert 1_000 < len(found) < 50_000
    assert found[999].url == "https://n.example/999"


def test_the_number_of_entries_per_file_is_limited(monkeypatch):
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 5_000)
    body = b"<urlset>" + b"<url><loc>https://n.example/</loc></url>" * 5_005 + b"</urlset>"
    assert sum(1 for _ in read_source(body, BASE)) == 5_000


@pytest.mark.parametrize(
    ("entry", "html"),
    [
        ("<content:encoded xmlns:content='c'><![CDATA[<p>All of it.</p>]]></content:encoded>", "<p>All of it.</p>"),
        ("<description>&lt;p&gt;Escaped, all.&lt;/p&gt;</description>", "<p>Escaped, all.</p>"),
        (
            "<yandex:full-text xmlns:yandex='y'>Plain text.</yandex:full-text><description>P.</description>",
            "Plain text.",
        ),
        ("<content type='xhtml'><div><p>As <b>XHTML</b>.</p></div></content>", "<div><p>As <b>XHTML</b>.</p></div>"),
    ],
)
def test_the_longest_text_of_an_entry_is_its_article(entry, html):
    body = f"<rss><item><title>A &amp;amp; B</title><link>/1</link><author>Ann</author>{entry}</item></rss>"
    (found,) = read_source(body.encode(), BASE, full_text=True)
    assert found.text == FeedText("A &amp; B", html, ("Ann",))
    assert next(read_source(body.encode(), BASE)).text is None


def test_an_entry_with_only_an_author_has_no_text():
    body = b"<feed><entry><link href='/1'/><author><name>Ann</name></author></entry></feed>"
    assert next(read_source(body, BASE, full_text=True)).text is None


@pytest.mark.parametrize(
    ("body", "charset", "url"),
    [
        ("<rss><item><link>/ж</link></item></rss>".encode("cp1251"), "windows-1251", "https://news.example/ж"),
        ("<rss><item><link>/ж</link></item></rss>".encode(), "no-such-charset", "https://news.example/ж"),
        ("<?xml version='1.0' encoding='utf-8'?><rss><item><link>/ж</link></item></rss>".encode(), "cp1251", "https://news.example/ж"),
        ("\ufeff<rss><item><link>/ж</link></item></rss>".encode("utf-16-le"), "", "https://news.example/ж"),
        (b"<rss><item><title>\xc6\xff</title><link>/1</link></item></rss>", "", "https://news.example/1"),
        (b"<?xml version='1.0' encoding='nonsense'?><rss><item><link>/1</link></item></rss>", "", "https://news.example/1"),
    ],
)  # fmt: skip
def test_the_charset_of_the_header_is_used_if_the_file_names_none(body, charset, url):
    assert [found.url for found in read_source(body, BASE, charset=charset)] == [url]


def test_xml_base_is_respected():
    body = "<feed xml:base='https://old.example/x/'><entry xml:base='y/'><link href='1'/></entry></feed>"
    assert urls(body) == ["https://old.example/x/y/1"]


@given(st.binary(max_size=400), st.sampled_from(["", "<rss><item><link>", "<urlset><url>"]))
def test_no_input_raises(noise, head):
    for found in read_source(head.encode() + noise, BASE):
        assert found.url.startswith("http")
