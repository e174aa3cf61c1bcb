"""`irtysh browse`: the pages of a snapshot, by requests and in a real browser."""

import asyncio
import codecs
import csv
import io
import json
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from urllib.parse import quote, urlsplit

import httpx
import pytest

from articles.errors import InputError, IrtyshError
from flows import process as stages
from flows.browsing import search, server, site
from flows.browsing.csv_answers import harmless_rows
from flows.cli import run
from spiders.fetching.browser import PROGRAM_NAMES, chromium
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from storage.objects.directory import DirectoryStore
from tests.e2e.commanding import ROOT, command, environment
from tests.flows.making import Seen, put, site_page
from tests.flows.tables import Direct, context, log_of, no_progress
from tests.site import manifest

HOSTILE = "<script>alert(1)</script>"
WAGONS = manifest.page("steppe", "wagons")
READ = [("lookout", "visit"), ("kurier", "standing-guest"), ("dala", "jaiylym")]
BASE = "http://127.0.0.1:8001"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two editions of a page, a text in two languages with a copy of one, a Kazakh text, and a page that is no article."""
    folder = tmp_path_factory.mktemp("browsed")
    store = DirectoryStore(folder / "store")
    seen = [
        site_page("steppe", WAGONS.path, 1),
        site_page("steppe", WAGONS.path, 2, hour=24),
        *(site_page(outlet, manifest.page(outlet, slug).path) for outlet, slug in READ),
        Seen("http://steppe.example/none", f"<p>{HOSTILE.replace('<', '&lt;')}</p>".encode()),
    ]
    put(store, folder / "spool", "run", seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        stages.process(context(store))
    return folder / "store"


@pytest.fixture(scope="module")
def database(store, tmp_path_factory):
    path = tmp_path_factory.mktemp("pulled") / "my corpus?.sqlite"
    pull(
        log_of(DirectoryStore(store)),
        0,
        path,
        form=PullFormat.SQLITE,
        selection=Selection(with_duplicates=True, with_review=True),
        since=None,
        progress=no_progress,
    )
    return path


@pytest.fixture(scope="module")
def get(store, database, tmp_path_factory):
    """Return a function that gets pages of the site."""
    link = tmp_path_factory.mktemp("served") / server.FILE_NAME
    link.symlink_to(database)
    app = server.application(link, DirectoryStore(store), local=True)

    def requested(path, **headers):
        async def answer():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
                return await client.get(path, headers=headers)

        return asyncio.run(answer())

    return requested


def rows(database, query, *values):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchall()


def number_of(database, url_end):
    (found,) = rows(database, "SELECT id FROM documents WHERE url LIKE ? ORDER BY lang LIMIT 1", f"%{url_end}")
    return found[0]


def test_a_pull_as_sqlite_explains_its_documents(database):
    about = dict(rows(database, "SELECT name, value FROM about"))
    assert (about["layout"], about["snapshot"], about["documents"]) == ("2", "0", "5")
    steppe = rows(database, "SELECT version, text IS NULL, silent FROM versions ORDER BY version")
    assert steppe == [(1, 0, 0), (2, 0, 0)]
    kinds = {kind for (kind,) in rows(database, "SELECT DISTINCT kind FROM edits")}
    assert {"headline", "number"} <= kinds
    pairs = rows(database, "SELECT substr(a_document_id, -2), substr(b_document_id, -2), a_text, b_text FROM sentences")
    assert {frozenset(pair[:2]) for pair in pairs} >= {frozenset(("en", "ru"))}
    assert all(all(pair) for pair in pairs)
    assert rows(database, "SELECT count(*) FROM removals WHERE rule = '' OR text = ''") == [(0,)]
    assert rows(database, "SELECT reason, times FROM rejections") == [("no_article", 1)]
    linked = {name: json.loads(found) for name, found in rows(database, "SELECT url, link_kinds FROM documents")}
    assert "duplicate_of" in linked["http://kurier.example" + manifest.page("kurier", "standing-guest").path]
    years = rows(database, "SELECT DISTINCT year FROM documents ORDER BY year")
    assert years == [("2023",), ("2024",)]


def test_the_same_snapshot_gives_the_same_database(store, database, tmp_path):
    selection = Selection(with_duplicates=True, with_review=True)
    log = log_of(DirectoryStore(store))
    path = tmp_path / "again.sqlite"
    pull(log, 0, path, form=PullFormat.SQLITE, selection=selection, since=None, progress=no_progress)
    assert path.read_bytes() == database.read_bytes()


@pytest.mark.parametrize("query", ["шекара", "ШЕКАРА", "шекара қол", '"Зейнеп Қарабай"', "хат зы"])
def test_words_are_found_in_any_form_and_case(get, database, query):
    found = get(f"/corpus/documents.json?_shape=objects&_q={quote(query)}").json()["rows"]
    wanted = [word.strip('"').lower() for word in ([query] if '"' in query else query.split())]
    texts = rows(database, "SELECT document_id, title || ' ' || text FROM documents")
    expected = {name for name, text in texts if all(word in text.lower() for word in wanted)}
    assert {row["document_id"] for row in found} == expected
    assert expected or query == "хат зы"


def test_a_snippet_marks_the_terms():
    text = "word " * 100 + "Шекарадағы шөп кімдікі? " + "more " * 100
    pieces = search.snippet(text, "шекара")
    assert pieces[0] == ("… ", False)
    assert ("Шекара", True) in pieces
    assert pieces[-1] == (" …", False)
    assert search.snippet("short", "") == [("short", False)]


def test_the_cells_of_csv_files_are_no_formulas(get, database):
    made = harmless_rows(b'a,"=1+1\r\nx",-3,"he said ""-"""\r\n')
    assert list(csv.reader(io.StringIO(made.decode(), newline=""))) == [["a", "'=1+1 \nx", "-3", 'he said "-"']]
    assert len(harmless_rows(b"x" * 500_000 + b"\r\n")) == 500_002
    query = quote("select '=HYPERLINK(1)' as title, -1 as number")
    file = get(f"/corpus.csv?sql={query}&_dl=on&_stream=on").content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(file))) == [["title", "number"], ["'=HYPERLINK(1)", "-1"]]
    saved = get("/corpus/documents.csv?_dl=on&_stream=on").content
    assert saved.startswith(codecs.BOM_UTF8)
    assert saved.count(codecs.BOM_UTF8) == 1
    texts = list(csv.DictReader(io.StringIO(saved.decode("utf-8-sig"))))
    assert sorted(row["text"] for row in texts) == sorted(
        text for (text,) in rows(database, "SELECT text FROM documents")
    )


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScript:x", "data:text/html,x", "http://[", "//x", " javascript:x", ""]
)
def test_only_web_addresses_become_links(url):
    assert site.web_address(url) == (url if url == "http://[" else "")


def test_the_list_has_filters_and_exports(get):
    page = get("/corpus/documents").text
    for heading in ("Outlet", "Language", "Year", "Kind of link", "One of each cluster"):
        assert f"<h2>{heading}</h2>" in page
    kazakh = get("/corpus/documents.csv?lang=kk&_stream=on").text
    assert {row["lang"] for row in csv.DictReader(io.StringIO(kazakh))} == {"kk"}
    linked = get("/corpus/documents.json?link_kinds__arraycontains=duplicate_of&_shape=array").json()
    assert len(linked) == 2
    for table in ("links", "versions", "edits", "sentences", "removals", "rejections"):
        assert get(f"/corpus/{table}").status_code == 200
        assert isinstance(get(f"/corpus/{table}.json?_shape=array").json(), list)


def test_the_page_of_an_article_shows_where_everything_comes_from(get, database):
    page = get(f"/corpus/documents/{number_of(database, WAGONS.path)}").text
    assert "2 versions" in page
    assert "json-ld is the first of the sources" in page
    assert "Removed from the page" in page
    guest = get(f"/corpus/documents/{number_of(database, manifest.page('kurier', 'standing-guest').path)}").text
    assert "Origin and duplicates" in guest
    assert "aligned sentences" in guest


def test_versions_are_compared_and_captures_shown(get, database):
    (name,) = rows(database, "SELECT document_id FROM edits LIMIT 1")[0]
    page = get(f"/-/compare/{name}").text
    assert "<ins>" in page
    assert "headline" in page
    number = number_of(database, WAGONS.path)
    capture = get(f"/-/capture/{number}").text
    assert "&lt;script" in capture  # the page's own, as source
    assert "<script" not in capture
    assert "Blocks, in page order" in get(f"/-/explain/{number}").text


def test_what_is_not_there_is_an_error_page(get):
    for path in ("/corpus/documents/999", "/-/compare/none", "/-/capture/999", "/nowhere"):
        found = get(path)
        assert found.status_code == 404
        assert "Not found" in found.text
    assert get("/corpus/documents/999.json").json()["ok"] is False
    assert "no such table" in get("/corpus?sql=select+1+from+nowhere").text


def test_other_sites_and_texts_cannot_do_anything(get):
    assert get("/", host="evil.example").status_code == 403
    found = get("/corpus/rejections")
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert "<script" not in found.text


@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_a_file_that_is_no_pull_is_refused(content, tmp_path, capfd):
    path = tmp_path / "x.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError):
        server.check_file(path)
    assert run(["browse", str(path)]) == 2
    assert "irtysh pull" in capfd.readouterr().err or content is not None


def test_a_port_that_is_taken_is_an_error(database):
    with server._listening("127.0.0.1", 0) as taken, pytest.raises(IrtyshError, match="--port names another"):
        server.serve(database, "127.0.0.1", taken.getsockname()[1], None, lambda _url: None)


@pytest.mark.skipif(
    not any(map(shutil.which, PROGRAM_NAMES)), reason="there is no Chromium on this machine (Debian's is `chromium`)"
)
def test_a_reader_searches_opens_compares_and_downloads(store, tmp_path):
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    asked = command("browse", "latest", "--store", store, "--port", "0", "--json")
    with subprocess.Popen(asked, env=environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            base = json.loads(process.stdout.readline())["url"]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), chromium_sandbox=False)
                page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
                requests: list[str] = []
                page.on("request", lambda request: requests.append(request.url))
                _read(page, base, tmp_path)
                browser.close()
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(base).netloc}


def _read(page, base, folder):
    page.goto(base)
    page.keyboard.type("тормоз")  # the search has the focus
    page.keyboard.press("Enter")
    page.wait_for_url("**_q=*")
    assert page.get_by_role("status").inner_text().startswith("0 documents")
    page.get_by_role("searchbox").fill("brake blocks")
    page.keyboard.press("Enter")
    page.wait_for_url("**brake*")
    assert page.locator("mark").first.inner_text().lower() in {"brake", "blocks"}
    page.goto(base + "corpus/documents?_q=" + quote("Шекарадағы"))
    assert page.get_by_role("link", name="Шекарадағы шөп кімдікі?").count() == 1
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of all rows").click()
    download.value.save_as(folder / "found.csv")
    (row,) = csv.DictReader(io.StringIO((folder / "found.csv").read_text(encoding="utf-8-sig")))
    assert row["lang"] == "kk"
    page.goto(base + "corpus/documents?_q=brake")
    page.locator("ol.found a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="compare with the version before").click()
    assert page.locator("ins").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")  # nothing sticks out of a phone
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(253, 252, 249)"  # it is dark
