"""The local news web does what its names and its manifest say."""

import gzip
import html
import http.client
import json
import re
import socket
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from lxml import etree

from articles.model import Reason, Role
from tests.site import RunningSite, bulk, manifest, pages, prose, serve, site_process
from tests.site.editions import DELETED, EDITS, REDESIGNED
from tests.site.hostile import FORBIDDEN, RESOURCES, WALLS
from tests.site.manifest import ExpectedPage
from tests.site.outlets import OUTLETS, PUBLISHERS

TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1>|<[^>]+>")
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SLOW = [name for name, resource in RESOURCES.items() if resource.slow]


@dataclass
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """What a reader sees, spaces squeezed."""
        charset = "windows-1251" if b"charset=windows-1251" in self.body else "utf-8"
        return " ".join(html.unescape(TAGS.sub(" ", self.body.decode(charset))).split())


def get(site: RunningSite, url: str, method: str = "GET", **headers: str) -> Got:
    """Ask by the URL's host name, connect to loopback, follow nothing."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with closing(connection):
        connection.request(method, target, headers={"Host": parts.netloc, **named})
        with connection.getresponse() as answer:
            return Got(answer.status, answer.headers, answer.read())


def raw(site: RunningSite, path: str, wait: float = 5.0, most: int = 2_000_000) -> bytes:
    """Return what comes over the wire until the connection's end, a silence of `wait` seconds, or enough bytes."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=wait) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        found = b""
        try:
            while len(found) < most and (piece := connection.recv(65536)):
                found += piece
        except TimeoutError:
            return found
        return found


def every_page() -> list[object]:
    return [pytest.param(page, id=f"{page.outlet}-{page.slug}") for page in manifest.pages()]


def squeezed(text: str) -> str:
    return " ".join(text.split())


# pages and their truth


@pytest.fixture(scope="module")
def quiet_site() -> RunningSite:
    """A site that no test here changes."""
    with serve() as running:
        yield running


@pytest.mark.parametrize("page", every_page())
def test_a_page_shows_what_the_manifest_says(quiet_site: RunningSite, page: ExpectedPage):
    got = get(quiet_site, quiet_site.url(page.outlet, page.path))
    assert got.status == 200
    shown = squeezed(re.sub(r"\s+([,.;:!?…»”)])", r"\1", got.text))
    for document in page.documents:
        for text in (document.title, *document.paragraphs):
            assert re.sub(r"\s+([,.;:!?…»”)])", r"\1", squeezed(text)) in shown
        joined = "\n".join(document.paragraphs)
        assert [leak for leak in page.leaks if leak in joined] == []
    assert bool(page.documents) != bool(page.reasons)


@pytest.mark.parametrize("name", PUBLISHERS)
def test_by_host_and_by_path_a_page_links_within_itself(quiet_site: RunningSite, name: str):
    page = next(page for page in manifest.pages() if page.outlet == name and page.documents)
    by_path = get(quiet_site, quiet_site.url(name, page.path)).body.decode(errors="replace")
    by_host = get(quiet_site, quiet_site.url(name, page.path, by_host=True)).body.decode(errors="replace")
    assert f"{quiet_site.base}/{name}/" in by_path
    assert ".example:" not in by_path
    assert f"http://{name}.example:{quiet_site.port}/" in by_host
    assert quiet_site.base not in by_host


def test_every_fixed_leak_stands_on_some_page():
    seen = {leak for page in manifest.pages() for leak in page.leaks}
    for file in manifest.TEMPLATES.glob("*.leaks"):
        assert [line for line in file.read_text("utf-8").splitlines() if line not in seen] == [], file.name


def test_every_article_has_leaks_to_catch_and_text_to_keep():
    for page in manifest.pages():
        for document in page.documents:
            assert len(document.paragraphs) >= 3, page.slug
            assert sum(map(len, document.paragraphs)) > 500, page.slug
        if page.documents:
            assert len(page.leaks) >= 2, page.slug


def test_the_links_join_documents_that_exist():
    known = {(page.outlet, page.slug, d.lang) for page in manifest.pages() for d in page.documents}
    pairs = [(link.a, link.b) for link in manifest.LINKS] + list(manifest.UNLINKED)
    assert {end for pair in pairs for end in pair} <= known
    assert set(manifest.UNLINKED).isdisjoint((link.a, link.b) for link in manifest.LINKS)


def test_canonicals_name_pages_of_the_same_outlet():
    copies = [page for page in manifest.pages() if page.canonical != page.path]
    assert [page.slug for page in copies] == ["visit-wp"]
    original = manifest.page("lookout", copies[0].canonical)
    assert copies[0].documents[0].paragraphs != original.documents[0].paragraphs  # quotation marks differ
    straight = [text.translate(prose.STRAIGHT) for text in copies[0].documents[0].paragraphs]
    assert tuple(straight) == original.documents[0].paragraphs


def test_the_translation_page_holds_both_languages_and_its_credits():
    main, original = manifest.page("lookout", "visit").documents
    assert (main.lang, main.role, original.lang, original.role) == ("en", Role.MAIN, "ru", Role.ORIGINAL)
    assert main.source_page == ("kurier", manifest.page("kurier", "standing-guest").path)
    assert manifest.page("kurier", "standing-guest").documents[0].paragraphs == original.paragraphs
    assert main.translators
    assert main.editors
    assert main.note


def test_there_is_a_page_in_each_language_and_template_asked_for():
    langs = {d.lang for page in manifest.pages() for d in page.documents if page.on_topic}
    assert langs == {"en", "ru", "kk", "lt"}
    templates = {page.template for page in manifest.pages()}
    assert {"wordpress", "tagdiv", "pangea", "jamestown", "ltblog", "aggregator", "bitrix", "kazakh"} <= templates


def test_one_page_is_in_windows_1251(quiet_site: RunningSite):
    got = get(quiet_site, quiet_site.url("kurier", "/news/economy/20388/"))
    assert got.headers["Content-Type"] == "text/html"
    assert manifest.page("kurier", "les").documents[0].paragraphs[0] in got.body.decode("cp1251")


def test_unknown_pages_and_outlets_are_404(quiet_site: RunningSite):
    assert get(quiet_site, quiet_site.url("steppe", "/no/such/page/")).status == 404
    assert get(quiet_site, f"{quiet_site.base}/nobody/").status == 404
    assert get(quiet_site, f"http://nobody.example:{quiet_site.port}/").status == 404


# editions


def test_an_edition_changes_what_was_planted_and_nothing_else(site: RunningSite):
    before = {(p.outlet, p.slug): p for p in manifest.pages(1)}
    after = {(p.outlet, p.slug): p for p in manifest.pages(2)}
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key].documents != after[key].documents}
    borrowers = {("orda", "weekly")}  # holds the text of an edited article
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
            assert squeezed(part) in second.text
            assert (squeezed(part) in first.text) == (part in edit.old)
    assert first.headers["ETag"] != second.headers["ETag"]


@pytest.mark.parametrize(("outlet", "slug"), sorted(REDESIGNED))
def test_a_redesign_changes_the_page_and_not_its_text(site: RunningSite, outlet: str, slug: str):
    url = site.url(outlet, manifest.page(outlet, slug).path)
    first = get(site, url)
    site.edition = 2
    assert get(site, url).headers["ETag"] != first.headers["ETag"]
    assert get(site, url).body != first.body
    assert manifest.page(outlet, slug, 1).documents == manifest.page(outlet, slug, 2).documents


def test_the_edition_is_switched_over_http_too(site: RunningSite):
    url = site.url("steppe", manifest.page("steppe", "wagons").path)
    first = get(site, url).body
    assert get(site, f"{site.base}/__edition?n=2").body == b"2\n"
    assert site.edition == 2
    assert get(site, url).body != first
    assert get(site, f"{site.base}/__edition").body == b"2\n"


# conditional requests, compression, keep-alive


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


def test_an_old_etag_does_not_hide_an_edit(site: RunningSite):
    url = site.url("steppe", manifest.page("steppe", "wagons").path)
    etag = get(site, url).headers["ETag"]
    site.edition = 2
    assert get(site, url, If_None_Match=etag).status == 200


def test_an_outlet_without_validators_changes_its_bytes_at_every_request(quiet_site: RunningSite):
    url = quiet_site.url("kurier", manifest.page("kurier", "les").path)
    first, second = get(quiet_site, url), get(quiet_site, url)
    assert first.headers["ETag"] is None
    assert first.body != second.body
    assert first.text == second.text


def test_pages_are_gzipped_for_those_who_ask(quiet_site: RunningSite):
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
def test_nonsense_is_refused(quiet_site: RunningSite, nonsense: bytes):
    with socket.create_connection(("127.0.0.1", quiet_site.port), timeout=5) as connection:
        connection.sendall(nonsense)
        assert connection.recv(65536).startswith(b"HTTP/1.1 4")


# robots, feeds, sitemaps


@pytest.mark.parametrize("name", PUBLISHERS)
def test_robots_disallow_one_path_and_name_the_sitemap(quiet_site: RunningSite, name: str):
    text = get(quiet_site, quiet_site.url(name, "/robots.txt", by_host=True)).body.decode()
    assert f"Disallow: {OUTLETS[name].disallowed}\n" in text
    assert "Crawl-delay: 0.1\n" in text
    assert f"Sitemap: {quiet_site.url(name, '/sitemap.xml', by_host=True)}\n" in text
    common = get(quiet_site, f"{quiet_site.base}/robots.txt").body.decode()
    assert f"Disallow: /{name}{OUTLETS[name].disallowed}\n" in common


@pytest.mark.parametrize("name", PUBLISHERS)
def test_sitemaps_name_every_article_that_robots_allow(quiet_site: RunningSite, name: str):
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


def test_feeds_are_rss_atom_broken_and_none(quiet_site: RunningSite):
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


# hostile resources


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_resource_is_explained_and_has_a_fate(name: str):
    resource = RESOURCES[name]
    assert resource.says.endswith(".") or resource.says.endswith("<name of WALLS>, or 403 with ?status=403."), name
    assert resource.document or resource.reasons
    assert resource.sample.startswith(f"/{name}")


@pytest.mark.parametrize("path", manifest.hostile_paths())
def test_quick_resources_end_by_themselves(quiet_site: RunningSite, path: str):
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", quiet_site.port), timeout=10) as connection:
        connection.sendall(f"GET /hostile{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        while connection.recv(1 << 20):
            pass
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("name", sorted(set(SLOW) - {"delay"}))
def test_slow_resources_send_and_do_not_end(quiet_site: RunningSite, name: str):
    assert len(raw(quiet_site, f"/hostile/{name}", wait=0.6, most=5_000_000 if "endless" in name else 50)) >= 50


def test_delay(quiet_site: RunningSite):
    began = time.monotonic()
    assert get(quiet_site, f"{quiet_site.base}/hostile/delay/0.4").status == 200
    assert 0.4 <= time.monotonic() - began < 5


def test_connections_are_dropped_and_bodies_cut(quiet_site: RunningSite):
    assert raw(quiet_site, "/hostile/drop") == b""
    assert raw(quiet_site, "/hostile/cut-head").startswith(b"HTTP/1.1 200")
    for name in ("partial", "chunked-cut", "bad-chunk"):
        with pytest.raises(http.client.IncompleteRead):
            get(quiet_site, f"{quiet_site.base}/hostile/{name}")
    assert b"</html>" in get(quiet_site, f"{quiet_site.base}/hostile/chunked").body
    with pytest.raises(zlib.error):
        zlib.decompress(b"".join([get(quiet_site, f"{quiet_site.base}/hostile/gzip-cut").body]), 31)
    with pytest.raises(http.client.BadStatusLine):
        get(quiet_site, f"{quiet_site.base}/hostile/bad-status-line")


def test_failures_that_pass(site: RunningSite):
    def statuses(path: str, times: int) -> list[int]:
        return [get(site, site.url("hostile", path)).status for _ in range(times)]

    assert statuses("/429", 2) == [429, 200]
    assert statuses("/429?run=2", 2) == [429, 200]
    assert statuses("/500-then-200", 2) == [500, 200]
    assert statuses("/503-then-200", 3) == [503, 503, 200]
    assert statuses("/429-always", 3) == [429, 429, 429]
    assert get(site, site.url("hostile", "/429?run=3")).headers["Retry-After"] == "1"
    assert raw(site, "/hostile/drop-then-200") == b""
    assert statuses("/drop-then-200", 1) == [200]
    assert get(site, f"{site.base}/__reset").status == 200
    assert statuses("/429", 1) == [429]


def test_hits_are_counted(site: RunningSite):
    get(site, site.url("steppe", "/robots.txt"))
    get(site, site.url("steppe", "/robots.txt", by_host=True))
    assert site.web.hits["steppe/robots.txt"] == 2
    assert json.loads(get(site, f"{site.base}/__hits").body) == {"steppe/robots.txt": 2}


def test_redirects(quiet_site: RunningSite):
    def target(path: str) -> str:
        got = get(quiet_site, quiet_site.url("hostile", path))
        assert got.status in {301, 302}
        return str(got.headers["Location"]).encode("latin-1").decode()

    home = quiet_site.url("hostile", "")
    assert target("/self") == f"{home}/self"
    assert {target("/loop/a"), target("/loop/b")} == {f"{home}/loop/a", f"{home}/loop/b"}
    assert target("/maze/7") == f"{home}/maze/8"
    assert target("/chain/2") == f"{home}/chain/1"
    assert get(quiet_site, f"{home}/chain/0").status == 200
    assert target("/to-fragment").endswith("#comments")
    assert target("/to-unicode").endswith("/новости")
    assert get(quiet_site, target("/to-quoted")).status == 200
    assert target("/to/metadata") == "http://169.254.169.254/latest/meta-data/"
    assert target("/to/decimal") == f"http://2130706433:{quiet_site.port}/hostile/secret"
    assert len({target(f"/to/{name}") for name in FORBIDDEN}) == len(FORBIDDEN)
    assert get(quiet_site, f"{home}/to-nothing").headers["Location"] is None
    assert get(quiet_site, f"{home}/cookie-loop", Cookie="seen=1").status == 200


def test_bombs_are_small_on_the_wire_and_large_unpacked(quiet_site: RunningSite):
    for name, wbits in (("gzip-bomb", 31), ("deflate-bomb", 15)):
        packed = get(quiet_site, f"{quiet_site.base}/hostile/{name}").body
        assert len(packed) < 400_000
        unpacker = zlib.decompressobj(wbits)
        size = 0
        while not unpacker.eof:
            size += len(unpacker.decompress(packed, 1 << 24))
            packed = unpacker.unconsumed_tail
        assert size > 200_000_000
    assert len(get(quiet_site, f"{quiet_site.base}/hostile/gzip-twice-bomb").body) < 2000


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("charset-header-lies", "utf-8"),
        ("charset-header-lies-cyrillic", "cp1251"),
        ("charset-meta-lies", "cp1251"),
        ("charset-none", "cp1251"),
        ("charset-unknown", "utf-8"),
        ("utf16", "utf-16"),
    ],
)
def test_charsets_are_what_they_are_and_not_what_they_say(quiet_site: RunningSite, name: str, codec: str):
    got = get(quiet_site, f"{quiet_site.base}/hostile/{name}")
    text = got.body.decode(codec)
    assert len(re.findall("[а-яё]", text)) > 400
    assert f"charset={codec}" not in got.headers["Content-Type"]


def test_koi8_says_what_it_is(quiet_site: RunningSite):
    got = get(quiet_site, f"{quiet_site.base}/hostile/koi8")
    assert got.headers["Content-Type"] == "text/html; charset=koi8-r"
    assert len(re.findall("[а-яё]", got.body.decode("koi8-r"))) > 400


def test_contents(quiet_site: RunningSite):
    def body(name: str) -> bytes:
        return get(quiet_site, f"{quiet_site.base}/hostile/{name}").body

    assert body("nested").count(b"<div>") == 100_000
    assert body("siblings").count(b"<p>") == 100_000
    assert b"\x00" in body("nul")
    with pytest.raises(UnicodeDecodeError):
        body("invalid-utf8").decode()
    assert body("empty") == b""
    assert body("whitespace").strip() == b""
    assert body("paper.pdf").startswith(b"%PDF")
    assert body("photo.png").startswith(b"\x89PNG")
    assert not body("truncated").rstrip().endswith(b">")
    assert b'rel="canonical" href="https://elsewhere.example/' in body("canonical-elsewhere")
    assert f'rel="canonical" href="{quiet_site.url("hostile")}"'.encode() in body("canonical-home")
    assert b'http-equiv="refresh"' in body("meta-refresh")
    assert b"<base " in body("base-elsewhere")
    assert len({body(f"wall/{name}") for name in WALLS}) == len(WALLS)


def test_a_huge_header(quiet_site: RunningSite):
    assert raw(quiet_site, "/hostile/huge-header").index(b"\r\n\r\n") > 1_000_000


# bulk


def test_bulk_articles_are_the_same_for_ever_and_differ_from_each_other():
    made = bulk.article(1234)
    assert made == bulk.article(1234)
    shingles = []
    for n in range(0, 200, 10):
        words = re.findall(r"\w+", " ".join(bulk.article(n).paragraphs).lower())
        shingles.append(set(zip(words, words[1:], words[2:], strict=False)))
        assert len(words) > 100
    shares = [len(a & b) / min(len(a), len(b)) for i, a in enumerate(shingles) for b in shingles[:i]]
    assert max(shares) < 0.1


def test_bulk_pages_hold_their_article(quiet_site: RunningSite):
    sizes = []
    for n in (0, 1, 3, 4, 99_999):
        got = get(quiet_site, quiet_site.url("bulk", f"/{n}.html", by_host=True))
        made = bulk.article(n)
        assert all(squeezed(text) in got.text for text in (made.title, *made.paragraphs))
        sizes.append(len(got.body))
    assert min(sizes) > 25_000
    assert max(sizes) < 110_000
    assert get(quiet_site, quiet_site.url("bulk", f"/{bulk.LIMIT}.html")).status == 404
    assert {bulk.article(n).lang for n in range(20)} == {"en", "ru", "kk"}
    assert sum(bulk.article(n).on_topic for n in range(100)) == 80


def test_the_bulk_sitemap_lists_what_is_asked_for():
    with serve(bulk_pages=1500) as site:
        index = etree.fromstring(get(site, site.url("bulk", "/sitemap.xml")).body)
        parts = [loc.text or "" for loc in index.iter(f"{SITEMAP}loc")]
        found = [loc for part in parts for loc in etree.fromstring(get(site, part).body).iter(f"{SITEMAP}loc")]
        assert len(parts) == 2
        assert len({loc.text for loc in found}) == 1500


# starting and stopping


def test_the_command_line_prints_its_address_writes_urls_and_ends(tmp_path):
    file = tmp_path / "urls.txt"
    with site_process("--urls", str(file), "--by-host", "--hostile", "--bulk", "3", "--edition", "2") as site:
        urls = file.read_text().splitlines()
        assert urls == site.urls(by_host=True, hostile=True, bulk=3)
        assert get(site, f"{site.base}/__edition").body == b"2\n"
        assert get(site, urls[0]).status == 200
    assert site.process.returncode == 0


def test_stopping_cuts_connections_that_still_wait():
    with serve() as site, socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.sendall(b"GET /hostile/delay/30 HTTP/1.1\r\nHost: h\r\n\r\n")
        time.sleep(0.05)
        began = time.monotonic()
        site.close()
        assert time.monotonic() - began < 2
        assert connection.recv(10) == b""


def test_dates_carry_the_offset_of_the_outlet():
    for page in manifest.pages():
        article = prose.article(page.outlet, page.slug)
        if article["published"]:
            assert datetime.fromisoformat(pages.published(article)).utcoffset() is not None
