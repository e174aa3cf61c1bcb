"""Repair feeds and sitemaps as real servers send them, before a parser reads them. Linear in the size of a body.

Warnings of PHP or blank lines before the XML, `&` that is not escaped, entities of HTML, and UTF-16 are frequent. A parser
that recovers from them loses the whole file, or part of a URL.
"""

import codecs
import re
from html.entities import html5

from spiders.discovery.source_form import BLANKS

PREAMBLE_BYTES = 16_384  # before the XML; a warning of PHP with its trace has some kB
XML_START = re.compile(rb"<\?xml\b|<(?:[\w-]{1,40}:)?(?:rss|rdf|feed|urlset|sitemapindex|channel)[\s>]", re.IGNORECASE)
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# In CDATA an ampersand is a letter like others. The quantifiers are possessive, so no byte is read twice.
AMPERSAND = re.compile(
    rb"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+"
    rb"|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,30});|(?!#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[\w:.-]{1,64};))"
)
XML_NAMES = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
# In a URL: an ampersand that was escaped once more than needed.
ESCAPED_AMPERSAND = re.compile(r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)+", re.IGNORECASE)


def repaired(data: bytes) -> tuple[bytes, str]:
    """Return a body with its XML at the start and all ampersands escaped, and its encoding if it is known for sure."""
    encoding = ""
    if data.startswith(UTF16_BOMS):
        data, encoding = data.decode("utf-16", "replace").encode("utf-8", "replace"), "utf-8"
    data = data.lstrip(BLANKS).removeprefix(codecs.BOM_UTF8).lstrip(BLANKS)
    start = XML_START.search(data, 0, PREAMBLE_BYTES)
    if start is None:
        return data, encoding
    data = data[start.start() :]
    return AMPERSAND.sub(_escaped, data) if b"&" in data else data, encoding


def plain_url(address: str) -> str:
    """Return a URL whose ampersands are not escaped."""
    return ESCAPED_AMPERSAND.sub("&", address) if "&" in address else address


def _escaped(found: re.Match[bytes]) -> bytes:
    """Return CDATA and entities of XML as they are, an entity of HTML as numbers, and any other ampersand escaped."""
    text, name = found[0], found["name"]
    if text != b"&" and (name is None or name in XML_NAMES):
        return text
    signs = html5.get(f"{name.decode('ascii')};", "") if name else ""
    if signs:
        return b"".join(b"&#%d;" % ord(sign) for sign in signs)
    return b"&amp;" if text == b"&" else text
