"""Feeds and sitemaps as real servers send them: a folder each, with the source and the URLs that it holds."""

import json
from pathlib import Path

import pytest

from spiders.discovery.feeds import read_source

CASES = Path(__file__).parent / "cases"
BASE = "https://news.example/feed"


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_a_source_gives_the_urls_of_its_articles(folder):
    wanted = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    source = next(path for path in folder.iterdir() if path.name != "expected.json")
    assert [found.url for found in read_source(source.read_bytes(), wanted["base"])] == wanted["urls"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<urlset><url><loc>/ru/1</loc><link rel='alternate' hreflang='kk' href='/kk/1'/></url></urlset>", "/ru/1 /kk/1"),
        ("<urlset><url><loc>/ru/1</loc><xhtml:link rel='alternate' hreflang='kk' href='/kk/1'/></url><url><loc>/kk/1</loc></url></urlset>", "/ru/1 /kk/1"),
        ("<urlset><url><loc>/1</loc><xhtml:link rel='alternate' media='handheld' hreflang='ru' href='/m'/><xhtml:link rel='amphtml' href='/a'/></url></urlset>", "/1"),
        ("<rss><item><feedburner:origLink>/1</feedburner:origLink><link>https://proxy.example/</link></item></rss>", "/1"),
        ("<feed><entry><link rel='alternate' type='application/pdf' href='/p'/><link type='application/xhtml+xml' href='/1'/></entry></feed>", "/1"),
        ("<feed><entry><source><link href='https://other.example/'/></source><link rel='http://www.iana.org/assignments/relation/alternate' href='/1'/></entry></feed>", "/1"),
        ("<rss><item><title>A < B and <b>C</title><link>/1</link></item><item><link>/2</link></item></rss>", "/1 /2"),
        ("<rss><item><link>/1</link><description><![CDATA[x</description></item><item><link>/2</link></item></rss>", "/1 /2"),
        ("<rss><item><link>/1</link></item></rss><rss><item><link>/2</link></item></rss>", "/1 /2"),
        ("<?xml version='1.0'?><br/><b>Notice</b>: x<rss><item><link>/1</link></item></rss>", "/1"),
        ("<?xml version='1.0' encoding='utf-16'?><rss><item><link>/1</link></item></rss>", "/1"),
        ('Warning: x in y.php\n{"version": "https://jsonfeed.org/version/1.1", "items": [{"url": "/1"}]}', "/1"),
        ("<rss><item><link>https:/news.example/1\u200b</link></item></rss>", "/1"),
        ("<rss><item><link>&lt;a href='/1'&gt;</link></item></rss>", ""),
        ("See:\nnews.example/1\nHTTPS://news.example/2\n", "/1 /2"),
        ("<rss><item><link/>https://news.example/1\n<title>x</title></item></rss>", "/1"),
        ("<RSS><ITEM><GUID ISPERMALINK='FALSE'>https://news.example/g</GUID><LINK>/l</LINK></ITEM></RSS>", "/l"),
        ("<rss><item><title>A&nbsp;B &laquo;C&raquo; R&D</title><link>/1?a=1&b=2&copy=3</link></item></rss>", "/1?a=1&b=2&copy=3"),
        ("<rss><item><link>/1?a=1&#038;b=2</link></item></rss>", "/1?a=1&b=2"),
        ("<rss><item><link>/1&#055296;&#x0D83D;&#xDE00;&#9999999;</link></item></rss>", "/1"),
        ("<rss><item><link><![CDATA[/1?a=1&amp;b=2]]></link></item></rss>", "/1?a=1&b=2"),
        ("Deprecated: x\n<b>Notice</b>\n\n<urlset><url><loc>/1</loc></url></urlset>", "/1"),
        ("\ufeffhttps://news.example/1\nhttps://news.example/2", "/1 /2"),
        ('{"items": [{"id": "2024/5", "external_url": "/1"}, {"id": "https://news.example/2"}, {"id": "3"}, 4]}', "/1 /2"),
        ("<rss><item><link>HTTPS://news.example/1</link></item></rss>", "/1"),
        ("<urlset><url><loc>www.news.example/1</loc></url></urlset>", "www"),
    ],
)  # fmt: skip
def test_what_servers_send_in_place_of_well_formed_sources_is_read(source, found):
    wanted = (
        ["https://www.news.example/1"] if found == "www" else [f"https://news.example{path}" for path in found.split()]
    )
    assert [entry.url for entry in read_source(source.encode(), BASE)] == wanted


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_source_in_another_unicode_encoding_is_read_whatever_it_declares(encoding):
    source = '<?xml version="1.0" encoding="UTF-16"?><urlset><url><loc>/ж?a=1&b=2</loc></url></urlset>'
    if encoding != "utf-16":
        source = source.replace("UTF-16", "UTF-8")
    assert [entry.url for entry in read_source(source.encode(encoding), BASE)] == ["https://news.example/ж?a=1&b=2"]


def test_the_text_of_a_json_feed_is_read():
    item = '{"url": "/1", "title": "T", "content_text": "A\\n\\nB & C", "date_published": "2024-03-05T10:00:00Z", "authors": [{"name": "N"}]}'
    (entry,) = read_source(f'{{"items": [{item}]}}'.encode(), BASE, full_text=True)
    assert entry.published == "2024-03-05T10:00:00Z"
    assert entry.text is not None
    assert (entry.text.title, entry.text.html, entry.text.authors) == ("T", "<p>A</p><p>B &amp; C</p>", ("N",))
