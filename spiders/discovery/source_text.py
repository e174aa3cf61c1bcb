"""Repair feeds and sitemaps as real servers send them, before a parser reads them. Linear in the size of a body.

Warnings of PHP or blank lines before the XML, `&` and `<` that are not escaped, entities of HTML, and UTF-16 are frequent.
A parser that recovers from them loses the whole file, or part of a URL.
"""

import codecs
import re
from html.entities import html5

from spiders.discovery.source_form import BLANKS

PREAMBLE_BYTES = 16_384  # before the XML; a warning of PHP with its trace has some kB
XML_START = re.compile(rb"<\?xml\b|<(?:[\w-]{1,40}:)?(?:rss|rdf|feed|urlset|sitemapindex|channel)[\s>]", re.IGNORECASE)
ROOT = re.compile(XML_START.pattern.replace(rb"<\?xml\b|", b""), re.IGNORECASE)
PROLOGUE = re.compile(
    rb"(?:\s++|<\?(?:[^?]++|\?(?!>))*+\?>|<!--(?:[^-]++|-(?!->))*+-->|<!DOCTYPE(?:[^\[>]++|\[[^\]]*+\])*+>)*+",
    re.IGNORECASE,
)
DECLARATION = re.compile(rb"<\?xml\b[^>]{0,200}\?>", re.IGNORECASE)
WIDE = re.compile(rb"encoding\s*=\s*[\"'](?:utf-?(?:16|32)|ucs-?[24]|iso-10646-ucs)", re.IGNORECASE)
JSON_START = re.compile(rb'\{\s*"(?:version|title|home_page_url|feed_url|items)"\s*:')
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# In CDATA an ampersand is a letter like others. The quantifiers are possessive, so no byte is read twice.
# So is `<`, where no tag, comment or instruction can begin.
BARE = re.compile(
    rb"<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+"
    rb"|<(?![A-Za-z_/!?:\x80-\xff])"
    rb"|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,30});|"
    rb"#0{0,20}(?P<number>5[5-7][0-9]{3}|[1-9][0-9]{6});|"
    rb"#[xX]0{0,20}(?P<hex>[dD][89A-Fa-f][0-9A-Fa-f]{2}|[1-9A-Fa-f][0-9A-Fa-f]{5});"
    rb"|(?!#0{0,20}[0-9]{1,7};|#[xX]0{0,20}[0-9A-Fa-f]{1,6};|[\w:.-]{1,64};))"
)
SURROGATES = range(0xD800, 0xE000)  # halves of a character, which XML cannot hold: JavaScript writes emoji with them
LAST_CHARACTER = 0x10FFFF
MAX_DECLARATION_BYTES = 200
XML_NAMES = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
# In a URL: an ampersand that was escaped once more than needed.
ESCAPED_AMPERSAND = re.compile(r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)+", re.IGNORECASE)


def repaired(data: bytes) -> tuple[bytes, str]:
    """Return a body with its XML or JSON at the start and bare signs escaped, and its encoding if it is known for sure."""
    encoding = ""
    if data.startswith(UTF16_BOMS):
        data, encoding = data.decode("utf-16", "replace").encode("utf-8", "replace"), "utf-8"
    while (clean := data.lstrip(BLANKS).removeprefix(codecs.BOM_UTF8)) != data:
        data = clean
    start = XML_START.search(data, 0, PREAMBLE_BYTES)
    if start is None:
        json = JSON_START.search(data, 0, PREAMBLE_BYTES)
        return data[json.start() : data.rfind(b"}") + 1] if json else data, encoding
    data = _without_preamble(data[start.start() :])
    if WIDE.search(data, 0, MAX_DECLARATION_BYTES) and b"\0" not in data[:MAX_DECLARATION_BYTES]:
        encoding = "utf-8"  # the declaration was read as ASCII, so it is wrong
    return BARE.sub(_escaped, data), encoding


def _without_preamble(data: bytes) -> bytes:
    """Return XML without what cannot stand between its declaration and its root: a warning, a second declaration."""
    root = ROOT.search(data, 0, PREAMBLE_BYTES)
    prologue = PROLOGUE.match(data, 0, PREAMBLE_BYTES)
    if root is None or prologue is None or prologue.end() >= root.start():
        return data
    declaration = DECLARATION.match(data)
    return (declaration[0] if declaration else b"") + data[root.start() :]


def plain_url(address: str) -> str:
    """Return a URL whose ampersands are not escaped."""
    return ESCAPED_AMPERSAND.sub("&", address) if "&" in address else address


def _escaped(found: re.Match[bytes]) -> bytes:
    """Return CDATA and entities of XML as they are, an entity of HTML as numbers, and any other sign escaped; no character that is none."""
    text, name = found[0], found["name"]
    if found["number"] or found["hex"]:
        number = int(found["number"] or found["hex"], 10 if found["number"] else 16)
        return b"" if number in SURROGATES or number > LAST_CHARACTER else text
    if text == b"<":
        return b"&lt;"
    if text != b"&" and (name is None or name in XML_NAMES):
        return text
    signs = html5.get(f"{name.decode('ascii')};", "") if name else ""
    if signs:
        return b"".join(b"&#%d;" % ord(sign) for sign in signs)
    return b"&amp;" if text == b"&" else text
