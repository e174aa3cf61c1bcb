"""`irtysh outlets new` against a site that writes Python, regular expressions and foreign addresses into its sources."""

import ast
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from flows import cli
from flows.outlets.draft_file import class_name, file_text, template_of
from spiders.outlet import DATA_ATTRIBUTES
from spiders.outlet_file import check_draft
from spiders.outlets import find
from spiders.sources import Feed, Listing

STEAL = 'article="";is_article=len;mend_date=eval;legal=r"'
ADDRESSES = (
    f'https://x";{STEAL}/2022/11/24/a-ferry-on-the-river-1/',
    f'{{home}}/a";{STEAL}/2022/11/24/a-ferry-on-the-river-1/',
    f"{{home}}/{STEAL}/2022/11/24/a-ferry-on-the-river-1/",
    "{home}/(a+)+$/(((((/2022/11/24/a-ferry-on-the-river-1/",
    "{home}/{{yyyy.__class__}}/{{page:9999999999}}/2022/11/24/a-ferry-on-the-river-1/",
    "https://user:secret@evil.example/2022/11/24/a-ferry-on-the-river-1/",
    "http://169.254.169.254/2022/11/24/a-ferry-on-the-river-1/",
    "{home}/\\N{{BULLET}}\\\"\\'''\n#/2022/11/24/a-ferry-on-the-river-1/",
    "{home}/" + "a" * 8000 + "-/2022/11/24/x/",
)
TEXT = "".join(
    f"<p>The ferry on the river started again on day {day}, after {day} weeks of repairs at the yard of {town}.</p>"
    for day, town in enumerate(("Aksu", "Semey", "Omsk", "Tara", "Tobol", "Irbit"), start=3)
)


class HostileSite(BaseHTTPRequestHandler):
    """Answers a home page, a feed that names the given addresses, and articles everywhere else."""

    addresses: ClassVar[tuple[str, ...]] = ()
    page_type: ClassVar[str] = "text/html; charset=utf-8"

    def do_GET(self) -> None:
        home = f"http://{self.headers['Host']}"
        good = [f"{home}/2022/11/{day}/a-ferry-on-the-river-{day}/" for day in (21, 22, 23)]
        kind, body = (
            self.page_type,
            f"<html><body><h1>A ferry on the river</h1><article>{TEXT}</article></body></html>",
        )
        if self.path == "/":
            links = "".join(f'<a href="{url}">A ferry</a>' for url in good)
            feeds = '<link rel="alternate" type="application/rss+xml" href="/feed?a={yyyy.__class__}&amp;b=\'+eval+\'">'
            feeds += '<link rel="alternate" type="application/rss+xml" href="https://evil.example/feed">'
            body = f"<html><head>{feeds}</head><body>{links}</body></html>"
        elif self.path.startswith("/feed"):
            named = [*good, *(address.format(home=home) for address in self.addresses)]
            items = "".join(
                f"<item><link><![CDATA[{url}]]></link><pubDate>__import__('os')</pubDate></item>" for url in named
            )
            kind, body = "text/xml", f"<rss><channel>{items}</channel></rss>"
        elif self.path == "/robots.txt":
            kind, body = "text/plain", "Sitemap: https://evil.example/sitemap.xml\nSitemap: http://[\n"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        """Stay silent."""


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    started: list[ThreadingHTTPServer] = []

    def start(addresses: tuple[str, ...], page_type: str = HostileSite.page_type) -> str:
        handler = type("Site", (HostileSite,), {"addresses": addresses, "page_type": page_type})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def draft(tmp_path: Path, url: str, capfd: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    words = ["outlets", "new", "grassland", "--url", url, "--allow-private-hosts", "--delay", "0", "--json"]
    code = cli.run([*words, "--into", str(tmp_path / "outlets"), "--fixtures", str(tmp_path / "pages")])
    output = capfd.readouterr()
    return code, json.loads(output.out.splitlines()[-1]) if code < 2 else {"error": output.err}


def test_what_a_feed_says_stays_data(tmp_path, serve, capfd):
    url = serve(ADDRESSES)
    code, written = draft(tmp_path, url, capfd)
    assert code == 0, written
    text = (tmp_path / "outlets" / "grassland.py").read_text()
    check_draft(text)
    body = ast.parse(text).body[-1]
    assert isinstance(body, ast.ClassDef)
    assigned = [part.targets[0].id for part in body.body if isinstance(part, ast.Assign)]  # type: ignore[attr-defined]
    assert len(assigned) == len(set(assigned))
    assert set(assigned) <= DATA_ATTRIBUTES
    outlet = find("grassland", str(tmp_path / "outlets"))
    assert outlet.mend_date("1 + 1") == "1 + 1"
    assert outlet.is_article(f"{url}2022/11/21/a-ferry-on-the-river-21/")
    assert not outlet.is_article(ADDRESSES[0])
    assert not any("evil.example" in source.address for source in outlet.sources)
    assert "https://evil.example/feed" in written["refused"]
    assert "https://evil.example/sitemap.xml" in written["refused"]
    assert "own domain" in written["refused"]["https://evil.example/feed"]
    assert "secret" not in text


def test_a_charset_that_is_none_becomes_no_more_than_a_label(tmp_path, serve, capfd):
    code, _ = draft(tmp_path, serve((), 'text/html; charset="../../x";\\"'), capfd)
    assert code == 0
    expected = json.loads((tmp_path / "pages" / "grassland" / "expected.json").read_text())
    assert {page["charset"] for page in expected["pages"]} == {"utf-8"}
    assert {page["file"] for page in expected["pages"]} == {"page-1.html", "page-2.html", "page-3.html"}


GOOD = {
    "domains": ("steppe.example",),
    "languages": ("en",),
    "sources": (Listing("https://steppe.example/"),),
    "daily": 1.0,
}


@given(st.text(), st.text())
def test_any_text_of_an_attribute_comes_back_as_it_was(text, legal):
    written = file_text("steppe", {**GOOD, "kind": text, "legal": legal})
    body = ast.parse(written).body[-1]
    assert isinstance(body, ast.ClassDef)
    values = {part.targets[0].id: part.value for part in body.body if isinstance(part, ast.Assign)}  # type: ignore[attr-defined]
    assert ast.literal_eval(values["kind"]) == text
    assert ast.literal_eval(values["legal"]) == legal


@given(st.text(alphabet="{}:!.[]yaz09", max_size=20))
def test_braces_of_a_url_are_no_placeholders(path):
    source = Feed(template_of(f"https://steppe.example/{path}"))
    source.check()
    assert source.url.format() == f"https://steppe.example/{path}"


@pytest.mark.parametrize("attributes", [{"domains": ("a b",)}, {"mend_date": eval}, {"article": "("}, {"kind": len}])
def test_a_draft_that_is_no_outlet_is_refused(attributes):
    with pytest.raises(InputError, match="steppe"):
        file_text("steppe", {**GOOD, **attributes})


@pytest.mark.parametrize(
    ("name", "title"), [("24kz", "Site24kz"), ("none", "SiteNone"), ("feed", "SiteFeed"), ("a_b", "AB")]
)
def test_a_class_name_is_a_name_of_python(name, title):
    assert class_name(name) == title
    check_draft(file_text(name, GOOD))


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from os import system as Outlet",
        "from spiders.sources import Feed as Outlet",
        "print(1)",
        "class Other(Outlet): pass",
        "x = 1",
    ],
)
def test_only_our_own_names_are_imported(line):
    text = file_text("steppe", GOOD)
    with pytest.raises(InputError, match="not a plain outlet file"):
        check_draft(f"{line}\n{text}")


@pytest.mark.parametrize(
    "line",
    [
        "mend_date = None",
        "print(1)",
        "def mend(self, url): return url",
        "kind = open('x')",
        "kind = [].append",
        "kind = f'{1}'",
        "kind = (lambda: 1)()",
        "sources = (Feed(open('x')),)",
        "sources = (Feed(*'x'),)",
        "sources = (eval('x'),)",
        "daily = 2",
        "kind = legal = ''",
    ],
)
def test_a_draft_holds_literals_once_each(line):
    text = file_text("steppe", GOOD)
    with pytest.raises(InputError, match="not a plain outlet file"):
        check_draft(f"{text}    {line}\n")
