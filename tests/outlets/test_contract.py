"""Test every outlet's file with invented pages and a source in that outlet's template.

A folder per outlet beside this file holds `page-<n>.html`, one for each template in the file's `body`; `source.*`, the
response of its first source; and `expected.json`:

    pages         file, url, charset, document (lang, title, authors, published, text …) and struck: texts to be removed
    source        file, articles: the URLs of articles in it, in their order
    articles      URLs of articles, as the site and others write them
    no_articles   URLs of the site that are not articles
    same          other forms of an article's URL -> its canonical URL
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from articles.extract import extract
from articles.model import Capture, CaptureRef, Outcome
from spiders.discovery.feeds import read_source
from spiders.discovery.listings import read_json, read_page
from spiders.outlet import check_class
from spiders.outlets import load, outlet_name
from spiders.sources import Archive, JsonListing, Listing, Search

HERE = Path(__file__).parent
FETCHED = datetime(2022, 11, 25, tzinfo=UTC)
NAMES = sorted(load())


@cache
def expected(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((HERE / name / "expected.json").read_text(encoding="utf-8"))
    return content


PAGES = [(name, number) for name in NAMES for number in range(len(expected(name)["pages"]))]


@cache
def read(name: str, number: int) -> Outcome:
    page = expected(name)["pages"][number]
    capture = Capture(
        CaptureRef("captures/a.warc.gz", 0, "urn:uuid:1"),
        page["url"],
        name,
        FETCHED,
        200,
        (("Content-Type", f"text/html; charset={page['charset']}"),),
        (HERE / name / page["file"]).read_bytes(),
        "r",
    )
    return extract(capture, load()[name].site)


def test_every_outlet_has_a_folder_and_every_folder_an_outlet():
    assert sorted(path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__")) == NAMES


def test_our_own_files_are_valid_though_only_this_test_checks_them():
    for name, outlet in load().items():
        check_class(type(outlet), name)
        type(outlet)(name)


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_a_page_becomes_the_expected_document(name, number):
    wanted = expected(name)["pages"][number]["document"]
    outcome = read(name, number)
    assert len(outcome.documents) == 1, outcome.reason
    document = outcome.documents[0]
    got = {key: getattr(document, key) for key in wanted if key != "text"}
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in got.items()} == {
        key: value for key, value in wanted.items() if key != "text"
    }
    assert list(document.paragraphs) == wanted["text"]


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_every_removed_text_has_a_removal(name, number):
    removed = [removal.text for removal in read(name, number).removals]
    for text in expected(name)["pages"][number]["struck"]:
        assert any(text in block for block in removed), text


@pytest.mark.parametrize("name", NAMES)
def test_every_template_has_a_page(name):
    assert len(expected(name)["pages"]) >= len(load()[name].body)


@pytest.mark.parametrize("name", NAMES)
def test_article_urls_are_recognised(name):
    outlet = load()[name]
    for page in expected(name)["pages"]:
        assert outlet.is_article(page["url"])
        assert outlet_name(page["url"]) == name
    for url in expected(name).get("articles", ()):
        assert outlet.is_article(url), url
        assert outlet_name(url) == name
    for url in expected(name)["no_articles"]:
        assert not outlet.is_article(url), url
    for url, own in expected(name).get("same", {}).items():
        assert outlet.is_article(url), url
        assert outlet.mend(url) == own
        assert outlet.mend(own) == own


@pytest.mark.parametrize("name", NAMES)
def test_the_first_source_names_the_articles(name):
    outlet, wanted = load()[name], expected(name)["source"]
    source, body = outlet.sources[0], (HERE / name / wanted["file"]).read_bytes()
    address = source.address
    if isinstance(source, Archive | Listing | Search):
        found = read_page(body, address, source).found
    elif isinstance(source, JsonListing):
        found = read_json(body, address, source).found
    else:
        found = tuple(read_source(body, address))
    urls = [outlet.mend(entry.url) for entry in found]
    assert [url for url in urls if outlet.is_article(url)] == wanted["articles"]
