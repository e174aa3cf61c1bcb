"""An outlet's selectors come before the general rules; if they find nothing, this is reported and the rules decide."""

import pytest

from articles.extract import extract, read
from articles.site import PLAIN, Selectors, Site
from tests.articles.pages import ENGLISH, RUSSIAN, capture, page, paragraphs

PROMO = "Our readers in nine valleys keep this page alive with letters, apples and a good deal of patience."
STORY = paragraphs(ENGLISH)
HEAD = '<meta property="og:title" content="Ferry stops"><meta name="author" content="Ivan Petrov">'


def site(**selectors: tuple[str, ...]) -> Site:
    return Site(Selectors(**selectors))


def document(html: str, known: Site = PLAIN):
    (found,) = extract(capture(html), known).documents
    return found


def removals(html: str, known: Site) -> dict[str, str]:
    return {removal.text: removal.rule for removal in extract(capture(html), known).removals}


def test_the_body_selector_decides_where_the_text_is():
    html = page(f'<div class="q1">{paragraphs(RUSSIAN * 3)}</div><div class="q2">{STORY}</div>')
    assert len(extract(capture(html)).documents) > 1
    found = extract(capture(html), site(body=(".q2",)))
    assert [document.paragraphs for document in found.documents] == [ENGLISH]
    assert found.missed == ()


def test_the_first_selector_with_enough_text_counts():
    html = page(f'<div class="new"><p>Share this.</p></div><div class="old">{STORY}</div>')
    found = extract(capture(html), site(body=(".newest", ".new", ".old")))
    assert found.documents[0].paragraphs == ENGLISH
    assert found.missed == ()


def test_blocks_between_several_body_elements_are_removed():
    parts = "".join(f'<div class="t"><p>{text}</p></div><div class="z"><p>{PROMO}</p></div>' for text in ENGLISH)
    html = page(f"<main>{parts}</main>")
    known = site(body=("main .t",))
    assert document(html, known).paragraphs == ENGLISH
    assert removals(html, known)[PROMO] == "outlet:body"


@pytest.mark.parametrize("body", [(".gone",), (".byline",), ("//article[@class='gone']",)])
def test_a_missing_or_too_short_body_is_reported_and_the_general_rules_decide(body):
    html = page(f'<article><h1>Ferry stops</h1><p class="byline">By Ivan Petrov</p>{STORY}</article>')
    found = extract(capture(html), site(body=body))
    assert found.documents[0].paragraphs == extract(capture(html)).documents[0].paragraphs == ENGLISH
    assert found.missed == ("body",)


@pytest.mark.parametrize("selector", [".x1", "p.x1", "//p[@class='x1']", "p:contains('nine valleys')", ".mark ~ .x1"])
def test_a_stripped_block_becomes_a_removal_with_its_selector(selector):
    html = page(f'<article><h1>Ferry</h1>{STORY}<i class="mark"></i><p class="x1">{PROMO}</p></article>')
    assert PROMO in document(html).paragraphs
    known = site(strip=(".nothing", selector))
    assert document(html, known).paragraphs == ENGLISH
    assert removals(html, known)[PROMO] == f"outlet:strip {selector}"


def test_stripping_an_inline_element_keeps_the_rest_of_its_line_together():
    inner = ENGLISH[0].replace("running last week", 'running<span class="ad"> buy onions</span> last week')
    html = page(f"<article><p>{inner}</p>{paragraphs(ENGLISH[1:])}</article>")
    known = site(strip=("span.ad",))
    assert document(html, known).paragraphs == ENGLISH
    assert removals(html, known)["buy onions"] == "outlet:strip span.ad"


def test_stripped_text_does_not_count_towards_the_length_of_a_body():
    html = page(f'<div class="q1"><p class="x1">{PROMO * 3}</p></div><article>{STORY}</article>')
    found = extract(capture(html), site(body=(".q1",), strip=(".x1",)))
    assert found.documents[0].paragraphs == ENGLISH
    assert found.missed == ("body",)


def test_every_block_of_the_column_has_exactly_one_decision():
    html = page(f'<article><h1>Ferry</h1><div class="t">{STORY}</div><p class="x1">{PROMO}</p><p>Tail</p></article>')
    extraction = read(capture(html), site(body=(".t", "article"), strip=(".x1",)))
    positions = [decision.block.position for decision in extraction.decisions]
    assert positions == sorted(set(positions))
    assert set(extraction.column) <= set(positions)


def test_template_lines_are_removed_regardless_of_numbers_and_typography():
    html = page(f"<article>{STORY}<p>Read by «12 304» people today — thank you</p></article>")
    line = "Read by “9” people today - thank you"
    html = html.replace("12 304", "12304")
    known = site(lines=(line,))
    assert document(html, known).paragraphs == ENGLISH
    assert removals(html, known)["Read by «12304» people today — thank you"] == "outlet:line"


def test_the_lead_selector_finds_a_lead_anywhere_on_the_page():
    lead = "Traders from Semey lose their only road"
    html = page(f'<aside><b class="stand">{lead}</b></aside><h1>Ferry</h1><article>{STORY}</article>')
    assert lead not in document(html).paragraphs
    assert document(html, site(lead=("b.stand",))).paragraphs == (lead, *ENGLISH)


def test_selected_title_author_and_date_come_before_metadata():
    html = page(
        f'<div class="who">Anna Serikova</div><div class="when">19 ноября 2022</div><div class="name">No ferry today</div>'
        f"<article>{STORY}</article>",
        title="Outlet",
        head=HEAD + '<meta property="article:published_time" content="2022-11-21T10:00:00+05:00">',
    )
    found = document(html, site(title=(".name",), author=(".who",), date=(".when",)))
    assert (found.title, found.authors, found.published) == ("No ferry today", ("Anna Serikova",), "2022-11-19")
    for field in ("title", "authors", "published"):
        evidence = [entry for entry in found.evidence if entry.field == field]
        assert (evidence[0].source, evidence[0].chosen) == ("outlet", True)
        assert [entry.chosen for entry in evidence[1:]] == [False] * (len(evidence) - 1)
    assert all("outlet" in choice.why for choice in found.choices if choice.field in {"title", "authors", "published"})
    plain = document(html)
    assert (plain.title, plain.authors, plain.published[:10]) == ("Ferry stops", ("Ivan Petrov",), "2022-11-21")


def test_a_selected_date_without_time_gives_way_to_one_of_the_same_day_with_time():
    head = '<meta property="article:published_time" content="2022-11-19T10:00:00+05:00">'
    html = page(f'<h1>Ferry</h1><div class="when">19.11.2022</div><article>{STORY}</article>', head=head)
    found = document(html, site(date=(".when",)))
    assert found.published == "2022-11-19T10:00:00+05:00"
    assert [entry.source for entry in found.evidence if entry.field == "published" and entry.chosen] != ["outlet"]


def test_attributes_can_be_selected():
    html = page(
        f'<article data-who="Anna Serikova">{STORY}<time class="d" datetime="2022-11-19T10:00Z">x</time></article>'
    )
    found = document(html, site(author=("//article/@data-who",), date=("time.d",)))
    assert (found.authors, found.published[:10]) == (("Anna Serikova",), "2022-11-19")


def test_a_selected_author_that_is_not_a_person_is_ignored():
    html = page(f'<h1>Ferry</h1><div class="who">admin</div><article>{STORY}</article>', head=HEAD)
    assert document(html, site(author=(".who",))).authors == ("Ivan Petrov",)


def test_attributes_whose_selectors_find_nothing_are_reported():
    html = page(f"<h1>Ferry</h1><article>{STORY}</article>")
    known = site(body=("article",), lead=(".a",), title=("h1",), author=(".b",), date=("//time",), strip=(".c",))
    found = extract(capture(html), known)
    assert found.missed == ("lead", "author", "date")
    assert found.documents[0].paragraphs == ENGLISH


def test_the_key_of_a_site_depends_on_all_its_selectors():
    keys = {PLAIN.key, site(body=(".a",)).key, site(body=(".b",)).key, site(lead=(".a",)).key}
    assert len(keys) == 4
    assert PLAIN.key == ""
    assert site(body=(".a",)).key == site(body=(".a",)).key
