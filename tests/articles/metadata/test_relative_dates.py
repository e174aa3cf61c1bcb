from datetime import UTC, datetime

import pytest

from articles import extract
from articles.metadata import relative_dates
from tests.articles.pages import FETCHED, RUSSIAN, capture, page, paragraphs

SERVED = datetime(2024, 9, 12, 20, 30, tzinfo=UTC)  # in Kazakhstan it is the 13th, 01:30


@pytest.mark.parametrize(
    ("line", "country", "value"),
    [
        ("Сегодня, 00:05", "kz", "2024-09-13T00:05"),
        ("Бүгін 00:05", "kz", "2024-09-13T00:05"),
        ("вчера в 14:05", "kz", "2024-09-12T14:05"),
        ("Кеше", "kz", "2024-09-12"),
        ("Heute, 21:15", "de", "2024-09-12T21:15"),
        ("10 минут назад", "kz", "2024-09-13"),
        ("3 сағат бұрын", "kz", "2024-09-12"),
        ("1 час назад", "kz", ""),  # on either side of midnight
        ("2 days ago", "kz", "2024-09-11"),
        ("5 saat önce", "tr", "2024-09-12"),
        ("90 days ago", "kz", ""),
        ("today", "", ""),  # whose?
        ("Сегодня, 14:05, сообщили в порту", "kz", ""),
        ("Сегодня на берегу", "kz", ""),
    ],
)
def test_lines(line, country, value):
    assert relative_dates.parse(line, SERVED, country) == value


def test_a_page_that_states_a_date_is_not_counted_back():
    def published(line, head=""):
        html = page(f"<article><h1>Парома нет</h1><p>{line}</p>{paragraphs(RUSSIAN)}</article>", title="Нет", head=head)
        return extract.read(capture(html, url="https://outlet.kz/a")).meta

    found = published("Сегодня, 00:01")
    assert found.published.startswith(FETCHED.date().isoformat()[:8])
    assert [one.source for one in found.evidence if one.field == "published"] == ["visible:relative"]
    stated = published("Сегодня, 00:01", '<meta property="article:published_time" content="2022-06-01">')
    assert stated.published == "2022-06-01"
