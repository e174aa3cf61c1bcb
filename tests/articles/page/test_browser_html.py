"""Markup that libxml2 reads otherwise than browsers do."""

import pytest

from articles.page.browser_html import rewritten


@pytest.mark.parametrize(
    "tag",
    ["<wbr>", "<WBR/>", "<wbr />", "<wbr></wbr>", '<wbr data-a="a>b">', "<wbr title='>' class=a>", '<wbr a="it\'s">'],
)
def test_a_place_for_a_break_is_removed_whole(tag):
    assert rewritten(f"<p>x{tag}y</p>".encode()) == b"<p>xy</p>"


@pytest.mark.parametrize("end", ["</body></html>", "</BODY></HTML>", "</Body></Html>", "</Html >"])
def test_an_end_with_text_behind_it_is_no_end(end):
    text = f"<p>{'Text behind the end. ' * 12}</p>"
    assert rewritten(f"<body><p>x</p>{end}{text}".encode()) == f"<body><p>x</p>{text}".encode()
    assert rewritten(f"<body>{text}{end}".encode()) == f"<body>{text}{end}".encode()
