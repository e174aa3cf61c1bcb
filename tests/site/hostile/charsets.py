"""Hostile encodings: Russian articles whose header, meta and bytes disagree, and bytes that are not text."""

from typing import Final

from articles.model import Reason
from tests.site import bulk
from tests.site.hostile.registry import HTML, Call, resource, story
from tests.site.wire import Answer

RUSSIAN_ARTICLE: Final = 21  # number of a Russian bulk article


def russian(name: str, meta: str) -> str:
    """Return a page with a Russian article and a `<meta charset>` (none if the charset is empty)."""
    made = bulk.article(RUSSIAN_ARTICLE, f"hostile{name}")
    declared = f'<meta charset="{meta}">' if meta else ""
    return (
        f'<!DOCTYPE html><html lang="ru"><head>{declared}<title>{made.title}</title></head><body><article>'
        f"<h1>{made.title}</h1>\n{bulk.article_html(made)}</article></body></html>"
    )


def coded(name: str, header: str, meta: str, codec: str) -> Answer:
    """Return a Russian page with the given charsets of header, meta element and bytes."""
    kind = "text/html" + (f"; charset={header}" if header else "")
    return Answer(200, [("Content-Type", kind)], russian(name, meta).encode(codec, "xmlcharrefreplace"))


@resource("charset-header-lies")
def charset_header_lies(call: Call) -> Answer:
    """UTF-8 with a right meta and a header that says iso-8859-1."""
    return coded(call.name, "iso-8859-1", "utf-8", "utf-8")


@resource("charset-header-lies-cyrillic", Reason.UNREADABLE, document=True)
def charset_header_lies_cyrillic(call: Call) -> Answer:
    """windows-1251 with a right meta and a header that says utf-8."""
    return coded(call.name, "utf-8", "windows-1251", "cp1251")


@resource("charset-meta-lies")
def charset_meta_lies(call: Call) -> Answer:
    """windows-1251 with a right header and a meta that says utf-8."""
    return coded(call.name, "windows-1251", "utf-8", "cp1251")


@resource("charset-none", Reason.UNREADABLE, document=True)
def charset_none(call: Call) -> Answer:
    """windows-1251, stated nowhere."""
    return coded(call.name, "", "", "cp1251")


@resource("charset-unknown")
def charset_unknown(call: Call) -> Answer:
    """UTF-8 under an unknown charset name."""
    return coded(call.name, "x-steppe-8", "", "utf-8")


@resource("koi8")
def koi8(call: Call) -> Answer:
    """KOI8-R, stated correctly in the header."""
    return coded(call.name, "koi8-r", "", "koi8-r")


@resource("utf16")
def utf16(call: Call) -> Answer:
    """UTF-16 with a byte order mark, stated nowhere else."""
    return coded(call.name, "", "", "utf-16")


@resource("invalid-utf8")
def invalid_utf8(call: Call) -> Answer:
    """An article in UTF-8 with broken bytes between its paragraphs."""
    return Answer(200, [HTML], story(call.name).encode().replace(b"</p>", b" \xff\xfe\xc3</p>"))


@resource("nul")
def nul(call: Call) -> Answer:
    """An article with NUL and control bytes in its text."""
    return Answer(200, [HTML], story(call.name).encode().replace(b"</p>", b"\x00\x01\x0b</p>"))
