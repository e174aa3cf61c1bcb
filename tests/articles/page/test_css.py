"""Looking selectors up finds what XPath finds; a page without their words is not searched."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import fromstring

from articles.errors import InputError
from articles.page.css import index, plan

TAGS, CLASSES, IDS = ("div", "p", "b"), ("x", "y", "xy"), ("i", "x")


@st.composite
def elements(draw, depth: int = 4):
    tag = draw(st.sampled_from(TAGS))
    names = " ".join(draw(st.lists(st.sampled_from(CLASSES), max_size=2)))
    identifier = draw(st.sampled_from(("", *IDS)))
    inner = draw(st.lists(elements(depth - 1), max_size=3)) if depth else []
    marks = (f' class=" {names}\n"' if names else "") + (f' id="{identifier}"' if identifier else "")
    return f"<{tag}{marks}>{''.join(inner)}</{tag}>"


COMPOUNDS = st.builds(
    lambda tag, names: (tag + "".join(names)) or "*",
    st.sampled_from(("", *TAGS)),
    st.lists(st.sampled_from([*(f".{name}" for name in CLASSES), *(f"#{name}" for name in IDS)]), max_size=2),
)
CHAINS = st.builds(
    lambda first, rest: first + "".join(combinator + compound for combinator, compound in rest),
    COMPOUNDS,
    st.lists(st.tuples(st.sampled_from((" ", " > ", " ~ ", " + ")), COMPOUNDS), max_size=2),
)
SELECTORS = st.one_of(
    st.lists(CHAINS, min_size=1, max_size=2).map(", ".join),
    st.builds("{}:not({})".format, COMPOUNDS, COMPOUNDS),
    st.builds("{}:has({})".format, COMPOUNDS, COMPOUNDS),
    st.builds('{}[class^="{}"]'.format, COMPOUNDS, st.sampled_from(CLASSES)),
)


def found(selector: str, root, source: bytes) -> list:
    ready = plan(selector)
    return ready.find(root, index(root, frozenset(ready.names)), source)


@given(page=elements(), selector=SELECTORS)
@example(page='<div class="x"><p><b class="y"></b></p><b class="y"></b></div>', selector=".x > .y")
@example(page='<div class="x"><div><div class="x"><p class="y"></p></div></div></div>', selector="div.x > div .y")
def test_what_is_looked_up_is_what_is_searched_for(page, selector):
    root = fromstring(f"<html><body>{page}</body></html>")
    looked_up = found(selector, root, page.encode())
    assert len(looked_up) == len(set(looked_up))
    assert set(looked_up) == set(plan(selector).xpath(root))


@pytest.mark.parametrize("selector", [".x", "#i", "div.x", "article .x > p.y", ".x, .y"])
def test_most_selectors_are_looked_up(selector):
    assert plan(selector).chains


@pytest.mark.parametrize("selector", [".x p", ".x ~ *", "p:has(.y)", "[class^='x']", ".x, p", "p", "//p"])
def test_the_others_are_asked_as_xpath(selector):
    assert not plan(selector).chains


def test_a_page_that_lacks_the_words_is_not_searched():
    root = etree.fromstring("<html><p class='tail'/><b/></html>")
    assert len(found(".tail ~ *", root, b"<p class='tail'/><b/>")) == 1
    assert found(".tail ~ *", root, b"<p/><b/>") == []
    assert len(found("p:not(.gone)", root, b"")) == 1  # what it must not have is no word of it
    assert len(found("[class='TAIL' i], [class^='tai']", root, b"tail")) == 1


@pytest.mark.parametrize(("text", "number"), [("on Friday", 1), ("On friday", 0)])
def test_words_are_found_as_they_are_spelled(text, number):
    assert len(found(f"p:contains('{text}')", fromstring("<div><p>We met on Friday.</p></div>"), b"")) == number


def test_what_the_parser_could_not_decode_is_no_answer():
    root = etree.fromstring("<html><p>a</p></html>")
    assert found("//p[normalize-space(.)='a']/@gone", root, b"") == []
    assert found("//p[gone(.)]", root, b"") == []


@pytest.mark.parametrize(
    "selector", ["", ".a >", "[x", "a::text", "//a[", "(count(//a))", "//html[gone()]", "a::before"]
)
def test_what_is_no_selector_is_an_input_error(selector):
    with pytest.raises(InputError, match="select"):
        plan(selector)
