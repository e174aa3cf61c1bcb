"""Refuse sources by their form, in linear time, before a parser reads them. `SourceError` says why."""

import codecs
import json
from typing import Any

from articles.errors import SourceError
from articles.page.markup_cost import crowded_tag, tag_count

MAX_XML_TAGS = 4_500_000  # forty elements, opened and closed, for each of the 50,000 entries that a sitemap may have
MAX_HTML_TAGS = 150_000  # as `articles.page.intake` allows a page
MAX_ATTRIBUTES = 1_000  # of one element; a feed's root has some thirty, with its namespaces
MAX_JSON_VALUES = 2_000_000  # 20,000 captures of an index have 160,000; a value takes up to 100 bytes of memory
PROLOGUE_BYTES = 1_024  # of the XML declaration; a usual one has 40
BLANKS = b" \t\r\n\x0b\x0c"
JSON_SEPARATORS = b",:[{"


def check_xml(body: bytes) -> None:
    """Raise `SourceError` if parsing a feed or sitemap would cost too much."""
    _check_markup(body, MAX_XML_TAGS)


def check_html(body: bytes) -> None:
    """Raise `SourceError` if parsing a listing would cost too much."""
    _check_markup(body, MAX_HTML_TAGS)


def load_json(body: bytes) -> Any:
    """Return the value of a JSON text; None if it is none. `SourceError` if it has too many values or levels."""
    import numpy as np  # noqa: PLC0415  takes 0.1 s; the crawl itself imports this module, but reads no source

    data = np.frombuffer(body, np.uint8)
    values = sum(int(np.count_nonzero(data == byte)) for byte in JSON_SEPARATORS)
    if values > MAX_JSON_VALUES:
        raise SourceError(f"{values} values in JSON; at most {MAX_JSON_VALUES} are read")
    try:
        return json.loads(body)
    except RecursionError:
        raise SourceError("JSON nested too deep") from None
    except ValueError:  # also a number of over 4,300 digits
        return None


def is_xml(body: bytes) -> bool:
    """Return whether a body begins like XML: blanks, a byte-order mark, blanks, `<`; or with a mark of UTF-16."""
    return body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _without_blanks(body).startswith(b"<")


def names_encoding(body: bytes) -> bool:
    """Return whether an XML body states its encoding itself, by a byte-order mark or in its declaration."""
    if body.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    declaration = _without_blanks(body)[:PROLOGUE_BYTES].partition(b">")[0]
    return declaration.startswith(b"<?xml") and b"encoding" in declaration


def _without_blanks(body: bytes) -> bytes:
    """Return the beginning of a body after blanks and a byte-order mark."""
    start = body.lstrip(BLANKS)[:PROLOGUE_BYTES]
    return start.removeprefix(codecs.BOM_UTF8).lstrip(BLANKS)


def _check_markup(body: bytes, most: int) -> None:
    body = body.replace(b"\0", b"")  # UTF-16
    tags = tag_count(body)
    if tags > most:
        raise SourceError(f"{tags} tags; at most {most} are read")
    attributes = crowded_tag(body, MAX_ATTRIBUTES)
    if attributes:
        raise SourceError(f"an element with {attributes} attributes; at most {MAX_ATTRIBUTES} are read")
