"""Every outlet's file against pages and a source of our own writing in that outlet's template.

A folder beside this file holds `page-<n>.html`, one for each template that the file's `body` names, `source.*`, what its
first source answers, and `expected.json`:

    pages         file, url, charset, document (lang, title, authors, published, text …) and struck: what is not the article
    source        file, articles: the addresses to be taken from it, in their order
    no_articles   addresses of the site that are none
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from articles.extract import extract
from articles.model import Capture, CaptureRef, Outcome
from articles.site import Site
from spiders.discovery.feeds import read_source
from spiders.discovery.listings import read_json, read_page
from spiders.outlets import load, outlet_name
from spiders.sources import Archive, JsonListing, Listing, Search

HERE = Path(__file__).parent
FETCHED = datetime(2022, 11, 25, tzinfo=UTC)
NAMES = sorted(load())


@cache
def expected(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((HERE / name / "expected.json").read_text(encoding="utf-8"))
    return told


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
    return extract(capture, Site(load()[name].selectors))


def test_every_outlet_has_a_folder_and_every_folder_an_outlet():
    assert sorted(path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__")) == NAMES


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_a_page_becomes_the_document_that_it_holds(name, number):
    told = expected(name)["pages"][number]["document"]
    outcome = read(name, number)
    assert len(outcome.documents) == 1, outcome.reason
    document = outcome.documents[0]
    got = {key: getattr(document, key) for key in told if key != "text"}
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in got.items()} == {
        key: value for key, value in told.items() if key != "text"
    }
    assert list(document.paragraphs) == told["text"]


@pytest.mark.parametrize(("name", "number"), PAGES)
def test_what_is_not_the_article_is_accounted_for(name, number):
    removed = [removal.text for removal in read(name, number).removals]
    for text in expected(name)["pages"][number]["struck"]:
        assert any(text in one for one in removed), text


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_page_for_each_template(name):
    assert len(expected(name)["pages"]) >= len(load()[name].body)


@pytest.mark.parametrize("name", NAMES)
def test_addresses_of_articles_are_told_from_others(name):
    outlet = load()[name]
    for page in expected(name)["pages"]:
        assert outlet.is_article(page["url"])
        assert outlet_name(page["url"]) == name
    for url in expected(name)["no_articles"]:
        assert not outlet.is_article(url)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_source_names_the_articles(name):
    outlet, told = load()[name], expected(name)["source"]
    source, body = outlet.sources[0], (HERE / name / told["file"]).read_bytes()
    address = source.address
    if isinstance(source, Archive | Listing | Search):
        found = read_page(body, address, source).found
    elif isinstance(source, JsonListing):
        found = read_json(body, address, source).found
    else:
        found = tuple(read_source(body, address))
    urls = [outlet.mend(one.url) for one in found]
    assert [url for url in urls if outlet.is_article(url)] == told["articles"]
