import json

import pytest

from articles import extract
from tests.articles.pages import ENGLISH, capture, page, paragraphs


def read(*things, head=""):
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}</article>", title="No ferry", head=scripts + head)
    return extract.read(capture(html)).meta


def crumbs(*names):
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(names, 1)],
    }


META = '<meta property="article:section" content="Rivers">'


@pytest.mark.parametrize(
    ("things", "head", "section"),
    [
        ([{"@type": "NewsArticle", "articleSection": ["World", "Rivers"]}], META, "World"),
        ([{"@type": "NewsArticle", "articleSection": "No ferry"}], META, "Rivers"),
        ([crumbs("Home", "World", "Transport", "No ferry")], "", "Transport"),
        ([{"@type": "WebPage", "breadcrumb": crumbs("Главная", "Общество")}], "", "Общество"),
        ([{"@graph": [{"@type": "NewsArticle", "headline": "No ferry"}, crumbs("Home", "No ferry")]}], "", ""),
        ([{"@type": "NewsArticle", "articleSection": "https://outlet.example/world"}], "", ""),
        ([{"@type": "NewsArticle", "articleSection": "x" * 61}], "", ""),
        ([{"@type": "BreadcrumbList", "itemListElement": {"name": "World"}}], "", ""),
        ([], "", ""),
    ],
)
def test_the_section_is_stated_or_the_last_breadcrumb(things, head, section):
    assert read(*things, head=head).section == section


def test_the_name_of_the_site_is_not_a_section_and_candidates_are_kept():
    head = '<meta property="og:site_name" content="River Post">' + META
    meta = read({"@type": "NewsArticle", "articleSection": "River Post"}, crumbs("River Post", "Transport"), head=head)
    assert meta.section == "Rivers"
    assert [(found.source, found.value, found.chosen) for found in meta.evidence if found.field == "section"] == [
        ("meta:article:section", "Rivers", True),
        ("breadcrumbs", "Transport", False),
    ]
