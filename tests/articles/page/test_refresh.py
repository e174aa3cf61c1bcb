"""Pages that lead to another page by themselves."""

import pytest

from articles.extract import extract
from articles.model import Reason
from articles.page.refresh import target
from tests.articles.pages import ENGLISH, capture, page, paragraphs

URL = "https://news.example/old?a=1"


@pytest.mark.parametrize(
    ("markup", "reached"),
    [
        ('<meta http-equiv="refresh" content="0; url=/new">', "https://news.example/new"),
        ("<META content='3;URL=\"https://other.example/x?a=1&amp;b=2\"' HTTP-EQUIV=Refresh>", "https://other.example/x?a=1&b=2"),
        ('<meta http-equiv="refresh" content="0.5, url=new">', "https://news.example/new"),
        ('<meta http-equiv="refresh" content="300">', ""),
        ('<meta http-equiv="refresh" content="300; url=/new">', ""),
        ('<meta http-equiv="refresh" content="5; url=https://news.example/old?a=1#top">', ""),
        ('<noscript><meta http-equiv="refresh" content="0; url=/plain"></noscript>', ""),
        ('<!-- <meta http-equiv="refresh" content="0; url=/plain"> -->', ""),
        ("<script>x = '<meta http-equiv=\"refresh\" content=\"0; url=/plain\">'</script>", ""),
        ('<meta name="refresh" content="0; url=/new">', ""),
        ('<meta http-equiv="refresh" content="0; url=http://[">', ""),
    ],
)  # fmt: skip
def test_a_page_leads_where_a_browser_would_go_within_seconds(markup, reached):
    assert target(f"<html><head>{markup}</head><body></body></html>".encode(), URL) == reached


def test_a_page_that_leads_away_is_redirected_and_its_detail_is_the_target():
    html = page(f"<h1>No Ferry</h1>{paragraphs(ENGLISH)}", head='<meta http-equiv="refresh" content="1;url=/moved">')
    outcome = extract(capture(html, url="https://outlet.example/world/ferry"))
    assert (outcome.reason, outcome.detail) == (Reason.REDIRECTED, "https://outlet.example/moved")
