import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.extract import extract
from articles.metadata import alternates
from articles.metadata.alternates import StatedAlternate
from articles.model import Alternate
from articles.url import canonicalize
from tests.articles.pages import ENGLISH, capture, page, paragraphs, tagdiv

URL = "https://outlet.example/en/world/ferry-on-the-irtysh"


def document(head="", body="", headers=()):
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}</article>{body}", title="No ferry", head=head)
    outcome = extract(capture(html, url=URL, headers=[("Content-Type", "text/html"), *headers]))
    return outcome.documents[0]


def link(lang, href, more=""):
    return f'<link rel="alternate" hreflang="{lang}" href="{href}"{more}>'


def test_hreflang_links_in_the_head_are_alternates():
    head = (
        link("en", URL)
        + link("ru-RU", "/ru/mir/paroma-net?utm_source=x")
        + link("kk", "https://KAZ.outlet.example/alem/parom")
        + link("x-default", "https://www.outlet.example/en/world/ferry-on-the-irtysh/")
        + link("uk", "/uk/")  # a home page
        + link("de", "mailto:a@outlet.example")
        + link("not a language", "/xx/ferry-on-the-irtysh")
        + link("fr", "/fr/feed.xml", ' type="application/rss+xml"')
    )
    assert document(head).alternates == (
        Alternate("ru-ru", "https://outlet.example/ru/mir/paroma-net", "hreflang"),
        Alternate("kk", "https://kaz.outlet.example/alem/parom", "hreflang"),
    )


def test_links_named_by_a_language_are_alternates():
    body = (
        '<div><a href="/ru/paroma-net-1187">Читать на русском</a></div><div><a href="/kk/parom-zhoq-1187">Қазақша</a></div>'
        '<div><a href="/ru/">Русский</a></div><p>Читать на русском <a href="/x-1">обычай такой, что в этих местах</a></p>'
        '<p><a hreflang="uk" href="/uk/poromu-nemaie-1187">UA</a></p>'
    )
    assert set(document(body=body).alternates) == {
        Alternate("ru", "https://outlet.example/ru/paroma-net-1187", "translation"),
        Alternate("kk", "https://outlet.example/kk/parom-zhoq-1187", "translation"),
        Alternate("uk", "https://outlet.example/uk/poromu-nemaie-1187", "hreflang"),
    }


def test_link_headers_of_the_response_are_alternates():
    header = ("Link", f'</ru/paroma-net>; rel="alternate"; hreflang="ru", <{URL}>; rel="canonical"')
    assert document(headers=[header]).alternates == (
        Alternate("ru", "https://outlet.example/ru/paroma-net", "hreflang"),
    )


def test_json_ld_names_originals_and_translations():
    thing = {
        "@type": "NewsArticle",
        "translationOfWork": {"@type": "NewsArticle", "inLanguage": "ru", "url": "https://vestnik.example/a/117"},
        "workTranslation": [{"@id": "/kk/parom-zhoq-1187", "inLanguage": "kk"}, 5, None],
        "isBasedOn": "https://vestnik.example/a/116",
        "translator": {"@type": "Person", "name": "Nadia Kerimova"},
        "editor": [{"name": "Tom Ashford"}, {"@type": "Organization", "name": "Outlet Example"}],
    }
    found = document(f'<script type="application/ld+json">{json.dumps(thing)}</script>')
    assert found.alternates == (
        Alternate("ru", "https://vestnik.example/a/117", "original"),
        Alternate("", "https://vestnik.example/a/116", "original"),
        Alternate("kk", "https://outlet.example/kk/parom-zhoq-1187", "translation"),
    )
    assert (found.translators, found.editors) == (("Nadia Kerimova",), ("Tom Ashford",))


def test_a_link_to_the_original_in_the_credits_is_an_alternate():
    main, original = extract(capture(tagdiv())).documents
    assert main.alternates == (Alternate("", "https://vestnik.example/a/117", "original"),)
    assert original.alternates == ()


def test_the_number_of_alternates_is_limited():
    assert (
        len(
            document(
                "".join(link("ru", f"/ru/{n}") + link(f"a{chr(97 + n % 26)}", f"/a/{n}") for n in range(500))
            ).alternates
        )
        <= alternates.MAX_ALTERNATES
    )


@given(st.lists(st.builds(StatedAlternate, st.text(max_size=8), st.text(max_size=40), st.just("hreflang")), max_size=5))
def test_all_alternates_have_canonical_urls(stated):
    for alternate in alternates.valid(stated, URL, URL):
        assert canonicalize(alternate.url) == alternate.url


@pytest.mark.parametrize("header", ["<" * 5_000, "<a>;" * 5_000, "<a>" + '; rel="alternate"' * 5_000])
def test_a_hostile_header_is_read_quickly_and_gives_nothing(header):
    assert alternates.of_response([("Link", header)]) == ()
