"""The general rules, and the selectors of outlets that use these templates, on forty pages of our own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from articles.extract import extract
from articles.model import Capture, CaptureRef, Document
from articles.site import PLAIN, Site
from spiders.outlets import load, outlet_name
from tests.articles.corner.templates import TEMPLATES, TemplatePage

ARTICLES = yaml.safe_load((Path(__file__).parent / "articles.yaml").read_text(encoding="utf-8"))
FETCHED = datetime(2025, 3, 1, tzinfo=UTC)
PAGES = [
    pytest.param(template(article), id=f"{name}-{article['lang']}-{article['id']}")
    for name, template in TEMPLATES.items()
    for article in ARTICLES
]


def document_of(page: TemplatePage, site: Site) -> Document:
    headers = (("Content-Type", page.content_type),)
    outcome = extract(Capture(CaptureRef("", 0, ""), page.url, "test", FETCHED, 200, headers, page.body, "r"), site)
    assert len(outcome.documents) == 1, (outcome.reason, outcome.detail)
    return outcome.documents[0]


@pytest.mark.parametrize("page", PAGES)
def test_the_general_rules_give_the_article(page: TemplatePage):
    found = document_of(page, PLAIN)
    assert found.paragraphs == page.text
    assert found.title == page.title
    assert found.published in page.published
    assert found.authors == page.authors


@pytest.mark.parametrize("page", [one for one in PAGES if outlet_name(one.values[0].url) in load()])
def test_the_outlets_selectors_give_the_same(page: TemplatePage):
    found = document_of(page, Site(load()[outlet_name(page.url)].selectors))
    assert found.paragraphs == page.text
    assert found.title == page.title
