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
        ("today", "", ""),  # of an unknown zone
        ("Сегодня, 14:05, сообщили в порту", "kz", ""),
        ("Сегодня на берегу", "kz", ""),
    ],
)
def test_relative_dates_are_parsed_only_if_certain(line, country, value):
    assert relative_dates.parse(line, SERVED, country) == value


def test_a_relative_date_is_used_only_if_no_date_is_stated():
    def published(line, head=""):
        html = page(f"<article><h1>Парома нет</h1><p>{line}</p>{paragraphs(RUSSIAN)}</article>", title="Нет", head=head)
        return extract.read(capture(html, url="https://outlet.kz/a")).meta

    found = published("Сегодня, 00:01")
    assert found.published.startswith(FETCHED.date().isoformat()[:8])
    assert [candidate.source for candidate in found.evidence if candidate.field == "published"] == ["visible:relative"]
    stated = published("Сегодня, 00:01", '<meta property="article:published_time" content="2022-06-01">')
    assert stated.published == "2022-06-01"
