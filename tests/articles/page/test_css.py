"""Selectors that are looked up find what XPath finds; a page without a selector's words is not searched."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import fromstring

from articles.errors import InputError
from articles.page.css import compile_selector, index

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
    compiled = compile_selector(selector)
    return compiled.find(root, index(root, frozenset(compiled.names)), source)


@given(page=elements(), selector=SELECTORS)
@example(page='<div class="x"><p><b class="y"></b></p><b class="y"></b></div>', selector=".x > .y")
@example(page='<div class="x"><div><div class="x"><p class="y"></p></div></div></div>', selector="div.x > div .y")
def test_lookup_and_xpath_find_the_same_elements(page, selector):
    root = fromstring(f"<html><body>{page}</body></html>")
    looked_up = found(selector, root, page.encode())
    assert len(looked_up) == len(set(looked_up))
    by_xpath: Any = compile_selector(selector).xpath(root)
    assert set(looked_up) == set(by_xpath)


@pytest.mark.parametrize("selector", [".x", "#i", "div.x", "article .x > p.y", ".x, .y"])
def test_selectors_with_a_name_at_the_end_are_looked_up(selector):
    assert compile_selector(selector).chains


@pytest.mark.parametrize("selector", [".x p", ".x ~ *", "p:has(.y)", "[class^='x']", ".x, p", "p", "//p"])
def test_other_selectors_run_as_xpath(selector):
    assert not compile_selector(selector).chains


def test_a_page_without_the_words_of_a_selector_is_not_searched():
    root = etree.fromstring("<html><p class='tail'/><b/></html>")
    assert len(found(".tail ~ *", root, b"<p class='tail'/><b/>")) == 1
    assert found(".tail ~ *", root, b"<p/><b/>") == []
    assert len(found("p:not(.gone)", root, b"")) == 1  # a word that an element must not have is not required
    assert len(found("[class='TAIL' i], [class^='tai']", root, b"tail")) == 1


@pytest.mark.parametrize(("text", "number"), [("on Friday", 1), ("On friday", 0)])
def test_contains_respects_upper_and_lower_case(text, number):
    assert len(found(f"p:contains('{text}')", fromstring("<div><p>We met on Friday.</p></div>"), b"")) == number


def test_errors_while_evaluating_an_xpath_give_no_matches():
    root = etree.fromstring("<html><p>a</p></html>")
    assert found("//p[normalize-space(.)='a']/@gone", root, b"") == []
    assert found("//p[gone(.)]", root, b"") == []


@pytest.mark.parametrize(
    "selector", ["", ".a >", "[x", "a::text", "//a[", "(count(//a))", "//html[gone()]", "a::before"]
)
def test_an_invalid_selector_raises_input_error(selector):
    with pytest.raises(InputError, match="select"):
        compile_selector(selector)
