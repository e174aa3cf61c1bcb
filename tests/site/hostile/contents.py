"""Hostile contents: other types than HTML, empty and huge markup, misleading heads."""

import json
import struct
import zlib
from typing import Final

from articles.model import Reason
from tests.site import bulk
from tests.site.hostile.registry import HTML, Call, notice, page, resource, story
from tests.site.wire import Answer

NESTED: Final = 100_000
SIBLINGS: Final = 100_000
ATTRIBUTES: Final = 50_000


def png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")


PDF: Final = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


@resource("paper.pdf", Reason.NOT_HTML)
def pdf(call: Call) -> Answer:
    """A PDF."""
    return Answer(200, [("Content-Type", "application/pdf")], PDF)


@resource("pdf-as-html", Reason.NOT_HTML, Reason.UNREADABLE, Reason.NO_ARTICLE)
def pdf_as_html(call: Call) -> Answer:
    """A PDF that says it is HTML."""
    return Answer(200, [HTML], PDF)


@resource("photo.png", Reason.NOT_HTML)
def photo(call: Call) -> Answer:
    """A picture."""
    return Answer(200, [("Content-Type", "image/png")], png())


@resource("photo-as-html", Reason.NOT_HTML, Reason.UNREADABLE, Reason.NO_ARTICLE)
def photo_as_html(call: Call) -> Answer:
    """A picture that says it is HTML."""
    return Answer(200, [HTML], png())


@resource("data.json", Reason.NOT_HTML)
def data(call: Call) -> Answer:
    """JSON."""
    body = {"articles": [{"title": "Wagons", "text": "Freight moved again on Monday."}] * 20}
    return Answer(200, [("Content-Type", "application/json")], json.dumps(body).encode())


@resource("plain.txt", Reason.NOT_HTML)
def plain_text(call: Call) -> Answer:
    """Plain text."""
    return Answer(200, [("Content-Type", "text/plain")], "\n\n".join(bulk.article(0, "plain").paragraphs).encode())


@resource("html-without-type")
def html_without_type(call: Call) -> Answer:
    """An article without a Content-Type."""
    return Answer(200, [], story(call.name).encode())


@resource("html-as-octets", Reason.NOT_HTML, document=True)
def html_as_octets(call: Call) -> Answer:
    """An article as application/octet-stream: a document or a rejection is right."""
    return Answer(200, [("Content-Type", "application/octet-stream")], story(call.name).encode())


@resource("xhtml")
def xhtml(call: Call) -> Answer:
    """An article as application/xhtml+xml."""
    return Answer(200, [("Content-Type", "application/xhtml+xml; charset=utf-8")], story(call.name).encode())


@resource("empty", Reason.EMPTY)
def empty(call: Call) -> Answer:
    """200 with an empty body."""
    return Answer(200, [HTML])


@resource("no-content", Reason.EMPTY, Reason.HTTP_ERROR)
def no_content(call: Call) -> Answer:
    """204."""
    return Answer(204)


@resource("whitespace", Reason.EMPTY, Reason.NO_ARTICLE)
def whitespace(call: Call) -> Answer:
    """Only spaces and line ends."""
    return Answer(200, [HTML], b" \r\n\t \n" * 4000)


@resource("empty-html", Reason.EMPTY, Reason.NO_ARTICLE)
def empty_html(call: Call) -> Answer:
    """Tags without text."""
    return Answer(200, [HTML], b"<!DOCTYPE html><html><head></head><body><div id='root'></div></body></html>")


@resource("truncated", Reason.UNREADABLE, document=True)
def truncated(call: Call) -> Answer:
    """HTML that ends inside a tag after two thirds, with a matching length: it may be extracted."""
    text = story(call.name).encode()
    return Answer(200, [HTML], text[: len(text) * 2 // 3] + b"<p class='te")


@resource("nested", Reason.TOO_COSTLY, Reason.UNREADABLE, Reason.NO_ARTICLE)
def nested(call: Call) -> Answer:
    """100,000 tags, each inside the one before, with text at the bottom."""
    return Answer(
        200, [HTML], b"<html><body>" + b"<div>" * NESTED + b"<p>deep</p>" + b"</div>" * NESTED + b"</body></html>"
    )


@resource("siblings", Reason.TOO_COSTLY, Reason.NO_ARTICLE)
def siblings(call: Call) -> Answer:
    """100,000 paragraphs of one word."""
    return Answer(
        200, [HTML], b"<html><body>" + b"".join(b"<p>w%d</p>" % n for n in range(SIBLINGS)) + b"</body></html>"
    )


@resource("attributes", Reason.TOO_COSTLY, document=True)
def attributes(call: Call) -> Answer:
    """An article whose body tag has 50,000 attributes."""
    many = " ".join(f'data-a{n}="{n}"' for n in range(ATTRIBUTES))
    return Answer(200, [HTML], story(call.name).replace("<body>", f"<body {many}>").encode())


@resource("unclosed", Reason.TOO_COSTLY, document=True)
def unclosed(call: Call) -> Answer:
    """An article with 5,000 unclosed <b>."""
    return page(call.name, inside="<b>" * 5000)


@resource("entities")
def entities(call: Call) -> Answer:
    """An article after a billion-laughs DTD, which HTML ignores."""
    bomb = '<!ENTITY a "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    text = story(call.name, inside="<p>&a9;</p>").replace("<!DOCTYPE html>", f"<!DOCTYPE html [{bomb}]>")
    return Answer(200, [HTML], text.encode())


@resource("long-line", Reason.TOO_LARGE, Reason.TOO_COSTLY, Reason.NO_ARTICLE)
def long_line(call: Call) -> Answer:
    """One paragraph of 5 MB without a space."""
    return Answer(200, [HTML], b"<html><body><p>" + b"x" * 5_000_000 + b"</p></body></html>")


@resource("base-elsewhere")
def base_elsewhere(call: Call) -> Answer:
    """An article with a <base> of another domain."""
    return page(call.name, '<base href="https://elsewhere.example/deep/">')


@resource("canonical-elsewhere")
def canonical_elsewhere(call: Call) -> Answer:
    """An article whose canonical URL is on another domain: it must be ignored."""
    return page(call.name, '<link rel="canonical" href="https://elsewhere.example/stolen">')


@resource("canonical-home")
def canonical_home(call: Call) -> Answer:
    """An article whose canonical URL is the site's home page: it must be ignored."""
    return page(call.name + call.argument, f'<link rel="canonical" href="{call.base}/">')


@resource("canonical-garbage")
def canonical_garbage(call: Call) -> Answer:
    """Several canonical URLs: empty, invalid, relative."""
    links = (
        '<link rel="canonical" href=""><link rel="canonical" href="http://[broken"><link rel="canonical" href="#top">'
    )
    return page(call.name, links)


@resource("canonical-javascript")
def canonical_javascript(call: Call) -> Answer:
    """A canonical URL that is not an http(s) URL."""
    return page(call.name, '<link rel="canonical" href="javascript:history.back()">')


@resource("soft-404", Reason.NO_ARTICLE, Reason.GONE)
def soft_404(call: Call) -> Answer:
    """200 with a page that says "not found"."""
    return notice("Page not found", "We looked everywhere, but this page is not here any more.")


@resource("json-ld-broken")
def json_ld_broken(call: Call) -> Answer:
    """An article with invalid JSON-LD and invalid dates."""
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x",,,</script><meta property="og:title">'
    )
    return page(call.name, head + '<meta property="article:modified_time" content="yesterday, 25:61">')


@resource("script-in-title")
def script_in_title(call: Call) -> Answer:
    """An article with markup and line ends in a meta value."""
    return page(call.name, '<meta name="author" content="&lt;script&gt;alert(1)&lt;/script&gt;&#10;&#0;Nobody">')
