"""An outlet's selectors are compiled when its file is loaded."""

import pytest

from articles.errors import InputError
from spiders.outlets import load
from tests.spiders.test_outlets import write


def test_an_outlets_selectors_are_read_from_its_file(tmp_path):
    more = """body = ("div.text:has(> p)", "//article[@id='old']")
    author = ("//article/@data-author",)
    strip = (".tail, .tail ~ *", ".form")
    lines = ("Back to the list",)"""
    selectors = load(str(write(tmp_path, "steppe", more=more)))["steppe"].selectors
    assert selectors
    assert selectors.body == ("div.text:has(> p)", "//article[@id='old']")
    assert selectors.strip == (".tail, .tail ~ *", ".form")
    assert selectors.lines == ("Back to the list",)
    assert selectors.lead == ()
    assert not load(str(write(tmp_path, "kurier")))["kurier"].selectors


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("body = ('div.a >',)", "outlet steppe: body: 'div.a >' is not a valid CSS or XPath selector"),
        ("strip = ('.a', '//a[')", r"outlet steppe: strip: '//a\[' is not a valid CSS or XPath selector"),
        ("title = ('//a/foo()',)", r"outlet steppe: title: '//a/foo\(\)' is not a valid CSS or XPath selector"),
        ("date = ('//html[foo()]',)", r"outlet steppe: date: '//html\[foo\(\)\]' is not a valid CSS or XPath selector"),
        ("author = ('a::text',)", "outlet steppe: author: 'a::text' is not a valid CSS or XPath selector"),
        ("author = ('(count(//a))',)", "outlet steppe: author: .* selects no elements: it returns a float"),
        ("lead = '.lead'", "outlet steppe: lead must be a tuple of strings"),
        ("lines = (' ',)", "outlet steppe: lines: a line is empty"),
    ],
)
def test_an_invalid_selector_is_named_with_its_outlet(tmp_path, more, complaint):
    with pytest.raises(InputError, match=complaint):
        load(str(write(tmp_path, "steppe", more=more)))
