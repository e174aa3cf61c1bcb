"""Read what inline markup adds to or takes from a text: footnote numbers, quotation marks, links around paragraphs."""

import re
from itertools import islice

from lxml.etree import _Element

from articles.page.sizes import MIN_ARTICLE_PARAGRAPHS
from articles.page.tags import INLINE_TAGS

# The number of a footnote: in brackets, or as a link to a place on the page.
BRACKETED = re.compile(r"(?:\[(?:\d{1,3}|[a-z*†‡])\])+")
NUMBER = re.compile(r"\d{1,3}|[*†‡]")
BACK_LINK = re.compile("[↩↑⤴⏎^]\ufe0e?")  # from a footnote to its number in the text
NOTE_TARGET = re.compile(r"#_?(?:fn|ftn|footnote|endnote|note|ref|cite|sdfootnote)", re.IGNORECASE)
# What precedes a number without a link, for it to be a footnote's: a word that is no unit or formula, or a sentence's end.
BEFORE_NUMBER = re.compile(r"[^\W\d_]{6}$|[.,;:!?»”\"]$")
MAX_MARK_CHARS = 24  # of several numbers in a row
QUOTES = "“”„«»‹›‘’\"'"
CYRILLIC = re.compile("[а-яёәғқңөұүһіїєґў]", re.IGNORECASE)
NAME_PARTS, CHANGED, PUBLISHED = re.compile(r"[\s_-]+"), frozenset({"updated", "modified"}), "published"  # of a class
APART_TAGS = frozenset({"span", "time", "data"})  # that style sheets set apart
FIELD_PARENTS = frozenset({"div", "header", "li", "td", "section"})
MAX_CUSTOM_CHARS, MAX_CUSTOM_ELEMENTS = 80, 4  # in an element with a name of its own in a line
MIN_LAYOUT_CELL_CHARS = 300  # a cell this long, with breaks or elements in it, is a column of a page and not a value


def text_of(element: _Element) -> str:
    """Return the text of an element with all its descendants."""
    return "".join(str(part) for part in element.itertext())


def is_footnote_number(element: _Element, tag: str) -> bool:
    """Return whether a <sup> or <a> is the number of a footnote, and neither a power nor a unit."""
    href = element.get("href") or ""
    if tag == "a" and "#" not in href:
        return False
    text = text_of(element) if len(element) else element.text or ""
    if not text or len(text) > MAX_MARK_CHARS:
        return False
    text = "".join(text.split())
    if tag == "sup":
        if BRACKETED.fullmatch(text):
            return True
        if not NUMBER.fullmatch(text):
            return False
        parent = element.getparent()
        around = [parent] if parent is not None and parent.tag == "a" else []
        if any("#" in (link.get("href") or "") for link in (*element.iter("a"), *around)):
            return True
        before = element.getprevious()
        preceding = (parent.text if parent is not None else "") if before is None else before.tail
        return BEFORE_NUMBER.search(preceding or "") is not None
    if BACK_LINK.fullmatch(text):
        return True
    if not (BRACKETED.fullmatch(text) or NUMBER.fullmatch(text)):
        return False
    return "[" in text or next(element.iter("sup"), None) is not None or NOTE_TARGET.search(href) is not None


def is_custom_inline(element: _Element, tag: str) -> bool:
    """Return whether an element that is not of HTML belongs to the line around it: a name that Word marked, a tooltip."""
    if not (":" in tag or "-" in tag):
        return False
    inner = list(islice(element.iterdescendants(), MAX_CUSTOM_ELEMENTS + 1))
    if len(inner) > MAX_CUSTOM_ELEMENTS or any(part.tag not in INLINE_TAGS for part in inner):
        return False
    before, parent = element.getprevious(), element.getparent()
    preceding = before.tail if before is not None else None if parent is None else parent.text
    in_line = bool((preceding or "").strip() or (element.tail or "").strip())
    return in_line and len(text_of(element)) <= MAX_CUSTOM_CHARS


def stated_property(element: _Element) -> str:
    """Return the property that an element states in microdata, RDFa ("schema:datePublished") or as WordPress; empty if none."""
    stated = element.get("itemprop") or (element.get("property") or "").rpartition(":")[2]
    if not stated and element.tag == "time":
        names = NAME_PARTS.split((element.get("class") or "").lower())
        if not CHANGED.isdisjoint(names) and PUBLISHED not in names:
            return "dateModified"
    return stated


def is_glued(element: _Element, before: str) -> bool:
    """Return whether only a style sheet parts an element from that before it: two numbers, or two fields of several words.

    Fields have different tags or classes, and are no part of a paragraph.
    """
    previous, text = element.getprevious(), element.text or ""
    if previous is None or previous.tail or not text:
        return False
    if before[-1:].isdigit() and text[0].isdigit():
        return previous.tag in APART_TAGS and element.tag in APART_TAGS
    parent = element.getparent()
    return (
        parent is not None
        and parent.tag in FIELD_PARENTS
        and (previous.tag, previous.get("class")) != (element.tag, element.get("class"))
        and before[-1:].isalpha()
        and text[0].isalpha()
        and " " in before.strip()
        and " " in text.strip()
    )


def quotation_marks(element: _Element) -> tuple[str, str]:
    """Return the marks that browsers show around a <q>; none if its text is in quotation marks already."""
    text = text_of(element).strip()
    if not text or text[0] in QUOTES:
        return "", ""
    return ("«", "»") if CYRILLIC.search(text) else ("“", "”")


def wraps_paragraphs(link: _Element) -> bool:
    """Return whether a link contains a whole text: it was not closed, or the template wraps the article in it."""
    if not len(link):
        return False
    return len(list(islice(link.iter("p"), MIN_ARTICLE_PARAGRAPHS))) == MIN_ARTICLE_PARAGRAPHS


def is_layout_row(row: _Element) -> bool:
    """Return whether the cells of a table's row are columns of a page, so that each has a text of its own."""
    return any(
        cell.tag in ("td", "th")
        and next(cell.iter("br", "p", "div", "h1", "table"), None) is not None
        and len(text_of(cell)) >= MIN_LAYOUT_CELL_CHARS
        for cell in row
    )
