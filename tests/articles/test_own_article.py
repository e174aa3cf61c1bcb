"""Many articles on one page, none, or another's: the page's own article is taken, or the page is rejected."""

import pytest

from articles.addresses import Addresses
from articles.extract import extract
from articles.model import Document, Outcome, Reason
from articles.page.sizes import MIN_ARTICLE_CHARS
from articles.site import Selectors, Site
from tests.articles.pages import ENGLISH, RUSSIAN, capture, paragraphs

TITLE = "No ferry across the upper Irtysh for a week"
OTHER = (
    "The fair in another town went by without much noise, and there were fewer buyers than a year ago, say the sellers.",
    "The organisers promise more rows for the coming year, though the price of a stand will hardly rise, they believe.",
    "Nobody believes them yet, as the square is to be dug up in spring, and the works are said to last until the autumn.",
)
IMPRINT = (
    "Все права на материалы, опубликованные на сайте, принадлежат редакции и охраняются в соответствии с законодательством.",
    "Свидетельство о регистрации СМИ Эл № ФС77-00000 выдано Роскомнадзором. Учредитель: АО «Редакция газеты „Степь“».",
    "Главный редактор: А. А. Степной. Адрес редакции: город, улица, дом. Телефон редакции: (000) 000-00-00.",
)
RULES = (
    "Пользователь обязуется своими действиями не нарушать действующее законодательство Российской Федерации.",
    "Комментарий пользователя будет удален, если он не соответствует тематике страницы или содержит рекламу.",
    "Администрация имеет право заблокировать пользователю доступ к странице в случае грубого нарушения правил комментирования.",
)


def slide(title: str, texts, *, state: str = "") -> str:
    return f"<div class='slide {state}'><div class='head'><span class='t'>{title}</span></div><div class='text'>{paragraphs(texts)}</div></div>"


def html(main: str, title: str = TITLE, head: str = "") -> str:
    return f"<html><head><title>{title}</title><meta property='og:title' content='{title}'>{head}</head><body>{main}</body></html>"


PLAIN_SITE = Site()


def read(
    main: str, site: Site = PLAIN_SITE, *, url: str = "https://steppe.example/a/1.html", title: str = TITLE
) -> Outcome:
    return extract(capture(html(main, title), url=url), site)


def document(outcome: Outcome) -> Document:
    assert outcome.documents, (outcome.reason, outcome.detail)
    return outcome.documents[0]


@pytest.mark.parametrize("site", [Site(), Site(Selectors(body=(".text",)))])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_of_several_articles_that_of_the_title_is_taken(site, place):
    slides = [slide("A fair in another town", OTHER), slide("A second fair in another town", OTHER * 3)]
    slides.insert(place, slide(TITLE, ENGLISH, state="current"))
    assert document(read("<div class='slider'>" + "".join(slides) + "</div>", site)).paragraphs == ENGLISH


def test_parts_of_one_article_are_no_other_articles():
    texts = (ENGLISH, OTHER)
    parts = "".join(f"<div class='part'><h2>Part {n} of it</h2>{paragraphs(texts[n])}</div>" for n in range(2))
    text = document(read(f"<article><h1>{TITLE}</h1>{parts}</article>")).text
    assert "Part 0" in text
    assert "Part 1" in text


@pytest.mark.parametrize("notice", [IMPRINT, RULES])
def test_a_page_whose_only_text_is_about_the_site_is_rejected(notice):
    outcome = read(f"<h1>{TITLE}</h1><div class='footer-like'>{paragraphs(notice)}</div>")
    assert outcome.reason is Reason.NO_ARTICLE
    assert not outcome.documents


def test_an_article_beside_longer_rules_for_comments_is_found():
    main = f"<h1>{TITLE}</h1><div class='a'>{paragraphs(RUSSIAN)}</div><div class='popup'>{paragraphs(RULES * 4)}</div>"
    assert document(read(main)).paragraphs[0] == RUSSIAN[0]


def test_an_article_may_quote_a_phrase_of_an_imprint():
    texts = (
        *RUSSIAN,
        "В документе сказано: «Свидетельство о регистрации средства массовой информации отозвано судом».",
    )
    assert document(read(f"<h1>{TITLE}</h1>{paragraphs(texts)}")).paragraphs == texts


def test_a_short_text_above_the_headline_is_not_the_article():
    outcome = read(f"<div class='poll'>{paragraphs(OTHER[:2])}</div><div class='head'><h1>{TITLE}</h1></div>")
    assert outcome.reason is Reason.NO_ARTICLE


def test_a_home_page_of_a_known_outlet_is_rejected_whatever_it_holds():
    site = Site(addresses=Addresses(r"https://steppe\.example/a/\d+\.html"))
    main = f"<h1>{TITLE}</h1>{paragraphs(ENGLISH)}"
    assert read(main, site, url="https://steppe.example/").detail == "the home page of the outlet"
    assert read(main, site, url="https://steppe.example/politics/").reason is Reason.NO_ARTICLE
    assert read(main, site).documents


def test_a_date_that_the_text_shows_does_not_beat_the_address():
    main = f"<h1>{TITLE}</h1><p>1 марта 2019</p>{paragraphs(RUSSIAN)}"
    site = Site(addresses=Addresses(r"https://steppe\.example/(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})/\w+"))
    assert document(read(main, site, url="https://steppe.example/24/10/2017/a1")).published == "2017-10-24"
    assert document(read(main, url="https://steppe.example/a/2017/10/24/a1")).published == "2017-10-24"


def test_a_selector_that_finds_another_articles_date_does_not_beat_the_address():
    main = f"<h1>{TITLE}</h1><span class='date'>1 марта 2019</span>{paragraphs(RUSSIAN)}"
    found = read(main, Site(Selectors(date=("span.date",))), url="https://steppe.example/a/2017/10/24/a1")
    assert document(found).published == "2017-10-24"


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        ("20220407T0800", "2022-04-07T08:00:00+03:00"),
        ("20171024T1348+0300Z", "2017-10-24T13:48+03:00"),
        ("2022-04-07", "2022-04-07"),
    ],
)
def test_a_time_without_a_zone_is_that_of_the_outlets_clock(stated, published):
    head = f"<meta property='article:published_time' content='{stated}'>"
    page = capture(html(f"<h1>{TITLE}</h1>{paragraphs(RUSSIAN)}", head=head), url="https://steppe.example/a/1.html")
    assert document(extract(page, Site(clock="ru"))).published == published


def test_a_script_that_sets_texts_is_no_hidden_article():
    script = "var hint = {}; " + " ".join(
        f"hint.errors.field{n} = 'Введите, пожалуйста, верный адрес почты.';" for n in range(20)
    )
    assert len(script) > MIN_ARTICLE_CHARS
    assert not read(f"<h1>{TITLE}</h1><noscript></noscript><template>{script}</template>").documents


def test_a_list_of_authors_is_no_article():
    people = "".join(
        f"<div class='author'><a href='/authors/{n}/'>Ivan Petrov{n}</a><p>On how the country lives and what comes next, as number {n} sees it.</p></div>"
        for n in range(9)
    )
    outcome = read(f"<h1>{TITLE}</h1>{people}")
    assert outcome.reason is Reason.NO_ARTICLE
    assert document(read(f"<h1>{TITLE}</h1>{paragraphs(ENGLISH)}{people}")).paragraphs[: len(ENGLISH)] == ENGLISH
