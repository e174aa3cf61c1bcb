"""`irtysh explain`: pages of the store and local files, on a terminal, as JSON and as a safe HTML page."""

import json
import re
from typing import Any

import pytest
from lxml import etree
from lxml import html as lxml_html

from articles.explain import explain
from articles.model import Reason
from flows import process as stages
from flows.cli import run
from flows.display.explanation_page import render
from storage.objects.directory import DirectoryStore
from storage.snapshots import lookup_layers
from tests.articles.pages import ENGLISH, capture, page, paragraphs, tagdiv, wordpress
from tests.flows.making import Seen, put, site_page
from tests.flows.tables import Direct, context
from tests.site import manifest

HOSTILE = '<script>alert("steppe")</script><img src=http://elsewhere.example/x onerror=alert(1)>'
IN_TEXT = HOSTILE.replace("<", "&lt;")
FERRY = "http://steppe.example/2026/ferry"
WAGONS = manifest.page("steppe", "wagons")
LOADING = {"src", "href", "srcset", "style", "action", "data", "poster", "background"}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Two editions of a page, then a redirect and a 304; a rejected page; a page that timed out."""
    folder = tmp_path_factory.mktemp("explained")
    store = DirectoryStore(folder / "store")
    seen = [
        site_page("steppe", WAGONS.path, 1),
        site_page("steppe", WAGONS.path, 2, hour=24),
        site_page("steppe", WAGONS.path.rstrip("/"), 2, hour=30),
        Seen(f"http://steppe.example{WAGONS.path}", status=304, hour=48),
        Seen(FERRY, page("<p>Soon.</p>").encode()),
        Seen("http://steppe.example/no/answer/", missed=Reason.TIMEOUT),
        Seen("http://steppe.example/amp/77", wordpress().replace("</head>", LINK + "</head>").encode(), hour=1),
    ]
    put(store, folder / "spool", "run", seen)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.processing.table.Workers", Direct)
        patch.setattr(lookup_layers, "MIN_TEXTS", 0)  # captures are found in stored look-ups
        stages.process(context(store))
    return folder / "store"


LINK = '<link rel="canonical" href="http://steppe.example/world/77">'


def explain_as_json(capfd, *arguments: object) -> dict:
    assert run(["explain", *map(str, arguments), "--json"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    return json.loads(line)


def explain_as_text(capfd, *arguments: object) -> str:
    assert run(["explain", *map(str, arguments)]) == 0
    return capfd.readouterr().out


def file(folder, html: str):
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    return path


def test_the_newest_capture_is_explained_for_any_spelling_of_the_url(store, capfd):
    found = explain_as_json(capfd, f"https://www.steppe.example{WAGONS.path}?utm_source=letter", "--store", store)
    (expected,) = manifest.page("steppe", "wagons", 2).documents
    (document,) = found["outcome"]["documents"]
    assert document["paragraphs"] == list(expected.paragraphs)
    kept = [block["text"] for block in found["blocks"] if block["verdict"] == "kept"]
    assert kept == list(expected.paragraphs)
    assert len(found["blocks"]) == sum(found["counts"].values())
    assert found["about"][0] == "fetched 2026-11-02 12:00:00 UTC, HTTP status 200"
    assert found["about"][2] == "in snapshot 0: kept"


def test_a_page_is_found_by_its_canonical_url(store, capfd):
    found = explain_as_json(capfd, "http://steppe.example/world/77", "--store", store)
    assert found["url"] == "http://steppe.example/amp/77"
    assert found["outcome"]["documents"][0]["canonical_url"] == "http://steppe.example/world/77"


def test_a_rejected_page_shows_the_reason(store, capfd):
    said = explain_as_text(capfd, FERRY, "--store", store)
    assert "rejected, no_article: " in said
    assert "in snapshot 0: rejected, no_article" in said
    assert "Soon." in said


def test_a_url_without_a_page_and_an_unknown_url_are_errors(store, capfd):
    assert run(["explain", "http://steppe.example/no/answer/", "--store", str(store)]) == 2
    assert "failed: timeout so it is" in capfd.readouterr().err
    assert run(["explain", "http://steppe.example/unknown", "--store", str(store)]) == 2
    assert "`irtysh crawl http://steppe.example/unknown` fetches the page" in capfd.readouterr().err


def test_a_store_without_a_snapshot_is_an_error_with_the_next_step(tmp_path, capfd):
    assert run(["explain", FERRY, "--store", str(tmp_path / "none")]) == 2
    assert f"`irtysh crawl {FERRY}`" in capfd.readouterr().err


def test_the_url_of_a_file_is_the_given_one_or_its_canonical_one(tmp_path, capfd):
    plain, stating = wordpress(), wordpress().replace("</head>", LINK + "</head>")
    assert explain_as_json(capfd, file(tmp_path, plain), "--url", FERRY)["url"] == FERRY
    assert explain_as_json(capfd, file(tmp_path, stating))["url"] == "http://steppe.example/world/77"
    found = explain_as_json(capfd, file(tmp_path, plain))
    assert found["url"] == "http://page.invalid/page"
    assert "--url" in found["about"][1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-file.html"], "cannot read no-such-file.html"),
        ([FERRY, "--url", FERRY], "--url is for local files only"),
        (["ftp://steppe.example/a"], "not an absolute http(s) URL"),
    ],
)
def test_a_page_that_cannot_be_explained_is_named_in_the_error(store, capfd, arguments, said):
    assert run(["explain", *arguments, "--store", str(store)]) == 2
    assert said in capfd.readouterr().err


def test_text_output_shows_blocks_in_page_order_with_marks_and_rules(tmp_path, capfd):
    said = explain_as_text(capfd, file(tmp_path, tagdiv())).splitlines()
    marked = [line for line in said if re.match(r"[-+.~] ", line)]
    assert marked[0] == "- No Ferry  [title:headline · metadata]"
    assert marked[4].startswith("+ The ferry across the upper Irtysh stopped")
    assert marked[4].endswith("[paragraph · en]")
    assert marked[-1] == ". © The site's owners  [frame]"
    assert "  * h1: No Ferry" in said
    assert "authors: Pavel Strelkov  (the credits over the text name them, and win)" in said


def test_removed_blocks_are_coloured_and_struck_out(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    said = explain_as_text(capfd, file(tmp_path, wordpress()))
    assert "\x1b[9;31mLeave a Reply\x1b[0m" in said


def test_control_characters_of_a_page_are_not_printed(tmp_path, capfd):
    said = explain_as_text(capfd, file(tmp_path, wordpress(above="<p>Look \x1b[2J\x9b31m here\u202e, and there.</p>")))
    assert "\x1b" not in said
    assert "\x9b" not in said
    assert "\u202e" not in said
    assert "Look" in said


def test_the_html_page_shows_kept_and_removed_blocks_in_page_order(tmp_path, capfd):
    out = tmp_path / "out.html"
    assert explain_as_text(capfd, file(tmp_path, tagdiv()), "--html", out).startswith(f"{out}: 2 documents: en (main)")
    tree: Any = lxml_html.fromstring(out.read_bytes())
    blocks: Any = tree.xpath("//div[contains(@class, 'block')]")
    found = explain(capture(tagdiv()))
    assert [block.findtext("p") for block in blocks] == [row.text for row in found.rows]
    assert [block.get("class").split()[1] for block in blocks] == [row.verdict.value for row in found.rows]
    (removed,) = (block for block in blocks if block.findtext("p") == "Hot this week")
    assert removed.findtext("span") == "outside:related · related"
    assert removed.get("title").startswith("outside:related · related: block ")
    table = tree.xpath("//table")[0].text_content()
    assert "Pavel Strelkov" in table
    assert "✓ h1: No Ferry" in table


@pytest.mark.parametrize(
    "html",
    [
        wordpress(above=f"<p>{IN_TEXT}, says a sign at the ferry, and nobody knows why it does.</p>", title=IN_TEXT),
        tagdiv(title=IN_TEXT),
        page(f"<p>{IN_TEXT}</p>", title=IN_TEXT, head=f"<meta name='author' content='{IN_TEXT}\"&gt;'>"),
        page(f"<article>{paragraphs(ENGLISH)}<p>{IN_TEXT}</p></article>", lang="en&quot;&gt;&lt;script&gt;"),
    ],
)
def test_the_html_page_escapes_all_text_and_loads_nothing(html):
    explained = explain(capture(html, url="http://steppe.example/%22%3E%3Cscript%3E"))
    text = render(explained, ["read from <script>alert(2)</script>"])
    tree: Any = lxml_html.document_fromstring(text)
    tags = {element.tag for element in tree.iter(etree.Element)}
    assert not tags & {"script", "img", "link", "iframe", "object", "embed", "a", "form", "base", "svg", "video"}
    assert LOADING.isdisjoint({name for element in tree.iter(etree.Element) for name in element.attrib})
    (style,) = tree.iter("style")
    assert "url(" not in style.text
    assert "@import" not in style.text
    assert 'alert("steppe")' in tree.text_content()


def test_a_rejection_without_blocks_has_an_html_page():
    tree: Any = lxml_html.fromstring(render(explain(capture("", status=410)), []))
    assert "rejected, gone: 410" in tree.text_content()
    assert "refused before it was parsed" in tree.text_content()


def test_an_html_file_that_cannot_be_written_is_named_in_the_error(tmp_path, capfd):
    assert run(["explain", str(file(tmp_path, wordpress())), "--html", str(tmp_path)]) == 2
    assert "cannot write" in capfd.readouterr().err


def test_json_and_html_can_be_combined(tmp_path, capfd):
    found = explain_as_json(capfd, file(tmp_path, wordpress()), "--html", tmp_path / "out.html")
    assert found["counts"]["kept"] == len(ENGLISH)
    assert (tmp_path / "out.html").exists()
