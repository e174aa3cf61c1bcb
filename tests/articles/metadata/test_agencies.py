import pytest

from articles import extract
from articles.extract import extract as documents
from articles.metadata import agencies
from tests.articles.pages import ENGLISH, RUSSIAN, capture, page, paragraphs

URL = "https://outlet.example/a"


@pytest.mark.parametrize(
    ("written", "agency"),
    [
        ("Reuters", "Reuters"),
        ("The Associated Press", "Associated Press"),
        ("агентство «Интерфакс-Казахстан»", "Interfax-Kazakhstan"),
        ("ТАСС-қа", "TASS"),
        ('МИА "Казинформ"', "Kazinform"),
        ("Reuters Street", ""),
        ("", ""),
    ],
)
def test_an_agency_is_recognised_by_its_name(written, agency):
    assert agencies.agency(written) == agency


@pytest.mark.parametrize(
    ("sentence", "name", "where"),
    [
        ("MOSCOW, Nov 28 (Reuters) - The ferry has stopped.", "Reuters", "dateline"),
        ("MOSCOW, November 28. /TASS/. The ferry has stopped.", "TASS", "dateline"),
        ("МОСКВА, 28 ноя — РИА Новости. Паром остановлен.", "RIA Novosti", "dateline"),
        ("АСТАНА. КАЗИНФОРМ – Паром остановлен.", "Kazinform", "dateline"),
        ("VILNIUS, BNS — Keltas sustabdytas.", "BNS", "dateline"),
        ("Паром остановлен, сообщает Zakon.kz со ссылкой на ТАСС.", "TASS", "attribution"),
        ("Паром остановлен, передаёт корреспондент агентства Kazinform.", "Kazinform", "attribution"),
        ("Паром тоқтады, деп хабарлайды ҚазАқпарат.", "Kazinform", "attribution"),
        ("ТАСС-қа сілтеме жасап, паром тоқтағаны айтылды.", "TASS", "attribution"),
        ("Пором зупинено, повідомляє Укрінформ.", "Ukrinform", "attribution"),
        ("The ferry has stopped, the portal said, citing Interfax.", "Interfax", "attribution"),
        ("Die Fähre ruht, meldet die Nachrichtenagentur dpa.", "dpa", "attribution"),
        ("По данным министерства, паром остановлен.", None, None),
        ("Корреспондент Reuters приехал на берег.", None, None),
        ("In Pavlodar (a town) the ferry has stopped.", None, None),
    ],
)
def test_the_first_and_last_paragraphs_name_the_source(sentence, name, where):
    found = agencies.attribution([sentence, *ENGLISH], URL)
    assert (found and (found.name, found.where)) == (name and (name, where))


def test_an_agency_in_the_middle_of_a_text_is_not_its_source():
    text = [*ENGLISH[:2], "The ferry has stopped, said the portal, citing Interfax.", *ENGLISH[2:]]
    assert agencies.attribution(text, URL) is None


@pytest.mark.parametrize("url", ["https://www.inform.kz/a", "https://qazinform.com/a", "https://kazinform.example/a"])
def test_an_agency_is_not_the_source_of_its_own_pages(url):
    assert agencies.attribution(["Паром остановлен, передаёт Kazinform.", *RUSSIAN], url) is None


def test_a_document_has_its_source_with_reason_and_link():
    first = '<p>Паром остановлен, сообщает портал <a href="https://tass.ru/obschestvo/1187">со ссылкой на ТАСС</a>. Об этом рассказали в порту.</p>'
    html = page(f"<article><h1>Парома нет</h1>{first}{paragraphs(RUSSIAN)}</article>", title="Парома нет", lang="ru")
    (document,) = documents(capture(html)).documents
    assert (document.source_outlet, document.source_url) == ("TASS", "https://tass.ru/obschestvo/1187")
    assert next(choice.why for choice in document.choices if choice.field == "source") == "the text is attributed to it"


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("Источник: Вестник переправ", "Вестник переправ"),
        ("Quelle: outlet.example, ino/dpa", "dpa"),
        ("Quelle: outlet.example", ""),
        ("Source: Getty Images", ""),
    ],
)
def test_a_source_line_for_the_site_or_a_picture_is_ignored(line, outlet):
    html = page(f"<article><h1>No ferry</h1>{paragraphs(ENGLISH)}<p>{line}</p></article>", title="No ferry")
    assert extract.read(capture(html)).credits.source_outlet == outlet


def test_a_source_line_with_slashes_above_the_text_belongs_to_the_picture():
    html = page(
        f"<article><h1>No ferry</h1><p>Quelle: pa/dpa/A. Lee</p>{paragraphs(ENGLISH)}</article>", title="No ferry"
    )
    assert extract.read(capture(html)).credits.source_outlet == ""
