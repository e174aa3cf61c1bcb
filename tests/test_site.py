"""The local news web: pages, editions, feeds, bulk articles, start and stop."""

import gzip
import re
import socket
import time

import pytest
from lxml import etree

from articles.model import Reason
from tests.site import RunningSite, bulk, manifest, serve, site_process
from tests.site.client import get, single_spaced
from tests.site.editions import DELETED, EDITS, REDESIGNED
from tests.site.outlets import OUTLETS, PUBLISHERS

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_edition_2_changes_only_what_was_planted(site: RunningSite):
    before = {(p.outlet, p.slug): p for p in manifest.pages(1)}
    after = {(p.outlet, p.slug): p for p in manifest.pages(2)}
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key].documents != after[key].documents}
    borrowers = {("orda", "weekly"), ("steppe", "wagons-amp")}  # contain the text of an edited article
    assert changed == EDITS.keys() | DELETED | borrowers
    for outlet, slug in DELETED:
        assert after[outlet, slug].reasons == {Reason.GONE}
        site.edition = 1
        assert get(site, site.url(outlet, after[outlet, slug].path)).status == 200
        site.edition = 2
        assert get(site, site.url(outlet, after[outlet, slug].path)).status == 410


@pytest.mark.parametrize(("outlet", "slug"), sorted(EDITS))
def test_planted_edits_are_served(site: RunningSite, outlet: str, slug: str):
    url = site.url(outlet, manifest.page(outlet, slug).path)
    first = get(site, url)
    site.edition = 2
    second = get(site, url)
    for edit in EDITS[outlet, slug]:
        for part in edit.new.removeprefix("title: ").split("\n\n"):
            assert single_spaced(part) in second.text
            assert (single_spaced(part) in first.text) == (part in edit.old)
    assert first.headers["ETag"] != second.headers["ETag"]


@pytest.mark.parametrize(("outlet", "slug"), sorted(REDESIGNED))
def test_a_redesign_changes_the_page_but_not_its_text(site: RunningSite, outlet: str, slug: str):
    url = site.url(outlet, manifest.page(outlet, slug).path)
    first = get(site, url)
    site.edition = 2
    assert get(site, url).headers["ETag"] != first.headers["ETag"]
    assert get(site, url).body != first.body
    assert manifest.page(outlet, slug, 1).documents == manifest.page(outlet, slug, 2).documents


def test_the_edition_can_be_switched_over_http(site: RunningSite):
    url = site.url("steppe", manifest.page("steppe", "wagons").path)
    first = get(site, url).body
    assert get(site, f"{site.base}/__edition?n=2").body == b"2\n"
    assert site.edition == 2
    assert get(site, url).body != first
    assert get(site, f"{site.base}/__edition").body == b"2\n"


def test_304_by_etag_and_by_date(quiet_site: RunningSite):
    url = quiet_site.url("steppe", manifest.page("steppe", "wagons").path)
    first = get(quiet_site, url)
    etag, date = first.headers["ETag"], first.headers["Last-Modified"]
    same = get(quiet_site, url, If_None_Match=etag)
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", etag)
    assert get(quiet_site, url, If_None_Match='"other"').status == 200
    assert get(quiet_site, url, If_None_Match='"other"', If_Modified_Since=date).status == 200
    assert get(quiet_site, url, If_Modified_Since=date).status == 304
    assert get(quiet_site, url, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200


def test_an_old_etag_gets_the_edited_page(site: RunningSite):
    url = site.url("steppe", manifest.page("steppe", "wagons").path)
    etag = get(site, url).headers["ETag"]
    site.edition = 2
    assert get(site, url, If_None_Match=etag).status == 200


def test_an_outlet_without_validators_sends_different_bytes_each_time(quiet_site: RunningSite):
    url = quiet_site.url("kurier", manifest.page("kurier", "les").path)
    first, second = get(quiet_site, url), get(quiet_site, url)
    assert first.headers["ETag"] is None
    assert first.body != second.body
    assert first.text == second.text


def test_pages_are_gzipped_on_request(quiet_site: RunningSite):
    url = quiet_site.url("steppe", manifest.page("steppe", "wagons").path)
    packed = get(quiet_site, url, Accept_Encoding="gzip, deflate")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(quiet_site, url).body


def test_keep_alive_pipelining_and_head(quiet_site: RunningSite):
    ask = "{} /hostile/fine HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\nabc"
    with socket.create_connection(("127.0.0.1", quiet_site.port), timeout=5) as connection:
        connection.sendall((ask.format("GET") + ask.format("HEAD")).encode())
        connection.sendall(b"GET /hostile/gone HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        got = b""
        while piece := connection.recv(65536):
            got += piece
    assert got.count(b"HTTP/1.1 200 OK") == 2
    assert got.count(b"<article>") == 1
    assert got.count(b"HTTP/1.1 410 Gone") == 1


@pytest.mark.parametrize("nonsense", [b"hello\r\n\r\n", b"GET /\r\n\r\n", b"x" * 70_000])
def test_invalid_requests_get_a_client_error(quiet_site: RunningSite, nonsense: bytes):
    with socket.create_connection(("127.0.0.1", quiet_site.port), timeout=5) as connection:
        connection.sendall(nonsense)
        assert connection.recv(65536).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("name", PUBLISHERS)
def test_robots_txt_disallows_one_path_and_names_the_sitemap(quiet_site: RunningSite, name: str):
    text = get(quiet_site, quiet_site.url(name, "/robots.txt", by_host=True)).body.decode()
    assert f"Disallow: {OUTLETS[name].disallowed}\n" in text
    assert "Crawl-delay: 0.1\n" in text
    assert f"Sitemap: {quiet_site.url(name, '/sitemap.xml', by_host=True)}\n" in text
    common = get(quiet_site, f"{quiet_site.base}/robots.txt").body.decode()
    assert f"Disallow: /{name}{OUTLETS[name].disallowed}\n" in common


@pytest.mark.parametrize("name", PUBLISHERS)
def test_sitemaps_list_every_allowed_article(quiet_site: RunningSite, name: str):
    index = etree.fromstring(get(quiet_site, quiet_site.url(name, "/sitemap.xml")).body)
    parts = [loc.text or "" for loc in index.iter(f"{SITEMAP}loc")]
    assert len(parts) == 2
    packed = get(quiet_site, parts[0]).body
    listed = {loc.text for loc in etree.fromstring(gzip.decompress(packed)).iter(f"{SITEMAP}loc")}
    with_text = [p for p in manifest.pages() if p.outlet == name and not p.disallowed]
    wanted = {quiet_site.url(name, p.path) for p in with_text if p.documents or Reason.PAYWALLED in p.reasons}
    assert listed == wanted
    news = etree.fromstring(get(quiet_site, parts[1]).body)
    assert {loc.text for loc in news.iter(f"{SITEMAP}loc")} <= wanted
    titles = [e.text for e in news.iter("{http://www.google.com/schemas/sitemap-news/0.9}title")]
    assert all(titles)


def test_feeds_are_rss_atom_broken_or_missing(quiet_site: RunningSite):
    kinds = {name: OUTLETS[name].feed for name in PUBLISHERS}
    assert set(kinds.values()) == {"rss", "atom", "broken", "none"}
    for name, kind in kinds.items():
        got = get(quiet_site, quiet_site.url(name, "/feed/"))
        if kind == "none":
            assert got.status == 404
            continue
        assert quiet_site.url(name).encode() in got.body
        if kind == "broken":
            with pytest.raises(etree.XMLSyntaxError):
                etree.fromstring(got.body)
            assert got.body.count(b"<item>") >= 3
            continue
        tags = [element.tag.rpartition("}")[2] for element in etree.fromstring(got.body).iter()]
        assert tags.count({"rss": "item", "atom": "entry"}[kind]) >= 2


def test_bulk_articles_are_deterministic_and_differ_from_each_other():
    made = bulk.article(1234)
    assert made == bulk.article(1234)
    shingles = []
    for n in range(0, 200, 10):
        words = re.findall(r"\w+", " ".join(bulk.article(n).paragraphs).lower())
        shingles.append(set(zip(words, words[1:], words[2:], strict=False)))
        assert len(words) > 100
    shares = [len(a & b) / min(len(a), len(b)) for i, a in enumerate(shingles) for b in shingles[:i]]
    assert max(shares) < 0.1


def test_bulk_pages_contain_their_article(quiet_site: RunningSite):
    sizes = []
    for n in (0, 1, 3, 4, 99_999):
        got = get(quiet_site, quiet_site.url("bulk", f"/{n}.html", by_host=True))
        made = bulk.article(n)
        assert all(single_spaced(text) in got.text for text in (made.title, *made.paragraphs))
        sizes.append(len(got.body))
    assert min(sizes) > 25_000
    assert max(sizes) < 110_000
    assert get(quiet_site, quiet_site.url("bulk", f"/{bulk.MAX_PAGES}.html")).status == 404
    assert {bulk.article(n).lang for n in range(20)} == {"en", "ru", "kk"}
    assert sum(bulk.article(n).on_topic for n in range(100)) == 80


def test_the_bulk_sitemap_lists_the_requested_number_of_pages():
    with serve(bulk_pages=1500) as site:
        index = etree.fromstring(get(site, site.url("bulk", "/sitemap.xml")).body)
        parts = [loc.text or "" for loc in index.iter(f"{SITEMAP}loc")]
        found = [loc for part in parts for loc in etree.fromstring(get(site, part).body).iter(f"{SITEMAP}loc")]
        assert len(parts) == 2
        assert len({loc.text for loc in found}) == 1500


def test_the_command_line_prints_its_address_and_writes_urls(tmp_path):
    file = tmp_path / "urls.txt"
    with site_process("--urls", str(file), "--by-host", "--hostile", "--bulk", "3", "--edition", "2") as site:
        urls = file.read_text().splitlines()
        assert urls == site.urls(by_host=True, hostile=True, bulk=3)
        assert get(site, f"{site.base}/__edition").body == b"2\n"
        assert get(site, urls[0]).status == 200
    assert site.process.returncode == 0


def test_close_ends_waiting_connections():
    with serve() as site, socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.sendall(b"GET /hostile/delay/30 HTTP/1.1\r\nHost: h\r\n\r\n")
        while not site.web.hits["hostile/delay/30"]:
            time.sleep(0.01)
        began = time.monotonic()
        site.close()
        assert time.monotonic() - began < 10
        assert connection.recv(10) == b""
