"""Every page of the local news web agrees with the manifest."""

import re
from datetime import datetime

import pytest

from articles.model import Role
from tests.site import RunningSite, manifest, pages, prose
from tests.site.client import get, single_spaced
from tests.site.manifest import ExpectedPage
from tests.site.outlets import PUBLISHERS


def every_page() -> list[object]:
    return [pytest.param(page, id=f"{page.outlet}-{page.slug}") for page in manifest.pages()]


@pytest.mark.parametrize("page", every_page())
def test_a_page_contains_the_documents_of_the_manifest(quiet_site: RunningSite, page: ExpectedPage):
    got = get(quiet_site, quiet_site.url(page.outlet, page.path))
    assert got.status == 200
    shown = single_spaced(re.sub(r"\s+([,.;:!?…»”)])", r"\1", got.text))
    for document in page.documents:
        for text in (document.title, *document.paragraphs):
            assert re.sub(r"\s+([,.;:!?…»”)])", r"\1", single_spaced(text)) in shown
        joined = "\n".join(document.paragraphs)
        assert [leak for leak in page.leaks if leak in joined] == []
    assert bool(page.documents) != bool(page.reasons)


@pytest.mark.parametrize("name", PUBLISHERS)
def test_a_page_links_to_urls_of_the_form_that_was_requested(quiet_site: RunningSite, name: str):
    page = next(page for page in manifest.pages() if page.outlet == name and page.documents)
    by_path = get(quiet_site, quiet_site.url(name, page.path)).body.decode(errors="replace")
    by_host = get(quiet_site, quiet_site.url(name, page.path, by_host=True)).body.decode(errors="replace")
    assert f"{quiet_site.base}/{name}/" in by_path
    assert ".example:" not in by_path
    assert f"http://{name}.example:{quiet_site.port}/" in by_host
    assert quiet_site.base not in by_host


def test_every_listed_leak_is_on_some_page():
    seen = {leak for page in manifest.pages() for leak in page.leaks}
    for file in manifest.TEMPLATES.glob("*.leaks"):
        assert [line for line in file.read_text("utf-8").splitlines() if line not in seen] == [], file.name


def test_every_article_has_leaks_and_enough_text():
    for page in manifest.pages():
        for document in page.documents:
            assert len(document.paragraphs) >= 3, page.slug
            assert sum(map(len, document.paragraphs)) > 500, page.slug
        if page.documents:
            assert len(page.leaks) >= 2, page.slug


def test_links_join_existing_documents():
    known = {(page.outlet, page.slug, d.lang) for page in manifest.pages() for d in page.documents}
    pairs = [(link.a, link.b) for link in (*manifest.LINKS, *manifest.OPTIONAL_LINKS)] + list(manifest.UNLINKED)
    assert {end for pair in pairs for end in pair} <= known
    assert set(manifest.UNLINKED).isdisjoint((link.a, link.b) for link in manifest.LINKS)


def test_canonical_urls_are_pages_of_the_same_outlet():
    copies = [page for page in manifest.pages() if page.canonical != page.path]
    assert {page.slug for page in copies} == {"visit-wp", "wagons-amp"}
    assert all(manifest.page(page.outlet, page.canonical).documents for page in copies)


def test_two_templates_of_one_article_differ_only_in_quotation_marks():
    curly, original = manifest.page("lookout", "visit-wp"), manifest.page("lookout", "visit")
    assert curly.canonical == original.path
    assert curly.documents[0].paragraphs != original.documents[0].paragraphs
    straight = [text.translate(prose.STRAIGHT_QUOTES) for text in curly.documents[0].paragraphs]
    assert tuple(straight) == original.documents[0].paragraphs


def test_the_translation_page_has_both_languages_and_credits():
    main, original = manifest.page("lookout", "visit").documents
    assert (main.lang, main.role, original.lang, original.role) == ("en", Role.MAIN, "ru", Role.ORIGINAL)
    assert main.source_page == ("kurier", manifest.page("kurier", "standing-guest").path)
    assert manifest.page("kurier", "standing-guest").documents[0].paragraphs == original.paragraphs
    assert main.translators
    assert main.editors
    assert main.note


def test_each_language_and_template_has_a_page():
    langs = {d.lang for page in manifest.pages() for d in page.documents if page.on_topic}
    assert langs == {"en", "ru", "kk", "lt"}
    templates = {page.template for page in manifest.pages()}
    assert {"wordpress", "tagdiv", "pangea", "jamestown", "ltblog", "aggregator", "bitrix", "kazakh"} <= templates


def test_one_page_is_in_windows_1251(quiet_site: RunningSite):
    got = get(quiet_site, quiet_site.url("kurier", "/news/economy/20388/"))
    assert got.headers["Content-Type"] == "text/html"
    assert manifest.page("kurier", "les").documents[0].paragraphs[0] in got.body.decode("cp1251")


def test_spellings_of_one_url_have_the_same_canonical_url(quiet_site: RunningSite):
    page = manifest.page("steppe", "wagons")
    canonical = f'<link rel="canonical" href="{quiet_site.url("steppe", page.path)}"'.encode()
    for spelling in manifest.SPELLINGS:
        got = get(quiet_site, quiet_site.url("steppe", spelling))
        if got.status == 301:
            assert got.headers["Location"] == quiet_site.url("steppe", page.path)
        else:
            assert canonical in got.body, spelling
    assert len(manifest.SPELLINGS) == len(set(manifest.SPELLINGS))
    assert get(quiet_site, quiet_site.url("lookout", "/print/?id=1")).status == 404


def test_unknown_pages_and_outlets_are_404(quiet_site: RunningSite):
    assert get(quiet_site, quiet_site.url("steppe", "/no/such/page/")).status == 404
    assert get(quiet_site, f"{quiet_site.base}/nobody/").status == 404
    assert get(quiet_site, f"http://nobody.example:{quiet_site.port}/").status == 404


def test_dates_have_the_offset_of_the_outlet():
    for page in manifest.pages():
        article = prose.article(page.outlet, page.slug)
        if article["published"]:
            assert datetime.fromisoformat(pages.published(article)).utcoffset() is not None
