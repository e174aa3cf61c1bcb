"""Lines with dates, authors and rubrics around a text are removed; headings with dates are kept."""

import pytest

from articles.extract import extract
from tests.articles.cleaning.making import QUIET, kept, outcome_with
from tests.articles.pages import ENGLISH, capture, page, paragraphs, wordpress


def test_a_subheading_in_capitals_is_kept():
    assert "WAITING FOR ICE" in kept(outcome_with(inside="<h4>WAITING FOR ICE</h4>"))


def test_a_byline_that_names_the_site_is_removed():
    html = page(
        f"<h1>No Ferry</h1><div><p>By Outlet</p>{paragraphs(ENGLISH)}</div>",
        head='<meta property="og:site_name" content="Outlet">',
    )
    assert kept(extract(capture(html))) == ENGLISH


@pytest.mark.parametrize(
    "line",
    [
        "12.09.2022 | Автор: Иван Петров | Рубрика: Общество | Просмотров: 512",
        "River Bureau, Semey | Updated : 19 November 2022, 09:01 AM",
    ],
)
def test_a_dateline_with_labels_is_removed(line):
    assert kept(outcome_with(before=f"<div>{line}</div>")) == ENGLISH
    assert kept(outcome_with(before=f"<p>{line}</p>")) == ENGLISH


def test_a_heading_with_a_date_and_without_labels_is_kept():
    assert "Semey, 19 November 2022: nobody crosses" in kept(
        outcome_with(inside="<h3>Semey, 19 November 2022: nobody crosses</h3>")
    )


def test_a_byline_below_the_lead_is_removed():
    html = wordpress().replace("<p>The ferry", f"<p>{QUIET}</p><p>By Ann Roe</p><p>The ferry", 1)
    assert "By Ann Roe" not in kept(extract(capture(html)))


def test_times_and_a_single_date_in_headings_head_parts_of_a_report():
    texts = [paragraphs(ENGLISH[n : n + 1]) for n in range(3)]
    report = f"<h3>14:30</h3>{texts[0]}<h3>15:10</h3>{texts[1]}"
    assert {"14:30", "15:10"} <= set(kept(outcome_with(inside=report)))
    assert "6 July 1998" in kept(outcome_with(inside="<h3>6 July 1998</h3>"))
    assert "6 July 1998" not in kept(outcome_with(before="<div>6 July 1998</div>"))
