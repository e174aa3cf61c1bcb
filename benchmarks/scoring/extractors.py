"""Irtysh and its peers, as functions of the bytes and the URL of a page.

Peers get the page in the encoding that it declares, if they do not find it out themselves. Install them with
`pip install -c constraints.txt -e ".[benchmarks]"`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from lxml.html import defs
from w3lib.encoding import html_to_unicode

from articles.extract import extract
from articles.model import Capture, CaptureRef, Role
from benchmarks.scoring.measures import Prediction

FETCHED = datetime(2026, 12, 1, tzinfo=UTC)  # when the pages count as fetched: after the last of them was published
# Elements that begin a line of the text of markup that some peers return.
BLOCK_TAGS = (defs.block_tags - {"del", "ins"}) | {
    *("article", "aside", "br", "figcaption", "figure", "footer", "header", "main", "section")
}
Extractor = Callable[[bytes, str], Prediction]


class UnreadableError(Exception):
    """Raised by an extractor for a page that it cannot read."""


def irtysh(html: bytes, url: str) -> Prediction:
    """Extract a page with Irtysh, without an outlet's selectors."""
    headers = (("content-type", "text/html"),)
    outcome = extract(Capture(CaptureRef("", 0, ""), url, "benchmark", FETCHED, 200, headers, html, "benchmark"))
    removals = tuple((removal.rule, removal.text) for removal in outcome.removals)
    main = next((document for document in outcome.documents if document.role is Role.MAIN), None)
    if not main:
        return Prediction(removals=removals)
    return Prediction(main.text, main.title, main.published[:10], main.authors, removals)


def trafilatura_with(**options: Any) -> Extractor:
    """Return trafilatura with metadata and the given options."""
    trafilatura = import_module("trafilatura")

    def run(html: bytes, url: str) -> Prediction:
        found = trafilatura.bare_extraction(html, url=url, with_metadata=True, **options)
        if not found:
            return Prediction()
        authors = tuple(name.strip() for name in (found.author or "").split(";") if name.strip())
        return Prediction(found.text or "", found.title or "", found.date or "", authors)

    return run


def newspaper() -> Extractor:
    """Return newspaper4k."""
    article_class = import_module("newspaper").Article

    def run(html: bytes, url: str) -> Prediction:
        article = article_class(url, fetch_images=False)  # else it requests every image of the page
        article.download(input_html=decoded(html))
        article.parse()  # raises ImportError for languages that need an extra package
        published = article.publish_date
        date = published.date().isoformat() if published else ""
        return Prediction(article.text or "", article.title or "", date, tuple(article.authors))

    return run


def readability() -> Extractor:
    """Return readability-lxml, which extracts no dates and no authors."""
    document_class = import_module("readability").Document

    def run(html: bytes, url: str) -> Prediction:
        document = document_class(decoded(html), url=url)
        return Prediction(text_of(document.summary(html_partial=True)), document.short_title())

    return run


def resiliparse() -> Extractor:
    """Return resiliparse, which extracts no dates and no authors."""
    parse = import_module("resiliparse.parse.html").HTMLTree.parse
    plain = import_module("resiliparse.extract.html2text").extract_plain_text

    def run(html: bytes, url: str) -> Prediction:  # noqa: ARG001  the extractors share one signature
        tree = parse(decoded(html))
        return Prediction(plain(tree, main_content=True), tree.title or "")

    return run


def magic_html() -> Extractor:
    """Return magic-html, which extracts no dates and no authors. It needs Python 3.12."""
    extractor = import_module("magic_html").GeneralExtractor()

    def run(html: bytes, url: str) -> Prediction:
        found = extractor.extract(decoded(html), base_url=url)
        return Prediction(text_of(found.get("html") or ""), found.get("title") or "")

    return run


def htmldate() -> Extractor:
    """Return htmldate, which extracts dates only."""
    find_date = import_module("htmldate").find_date

    def run(html: bytes, url: str) -> Prediction:
        return Prediction(date=find_date(html, url=url, original_date=True) or "")

    return run


def peer(run: Extractor) -> Extractor:
    """Return an extractor of which a page cannot stop the measurement, whatever its parts raise. Ours may stop it."""

    def attempt(html: bytes, url: str) -> Prediction:
        try:
            return run(html, url)
        except Exception as error:
            raise UnreadableError(f"{type(error).__name__}: {error}") from error

    return attempt


def decoded(html: bytes) -> str:
    """Decode a page by its byte order mark or its declaration, else as UTF-8."""
    return html_to_unicode(None, html, default_encoding="utf-8")[1]


def text_of(markup: str) -> str:
    """Return the text of markup, one line per block."""
    if not markup.strip():
        return ""
    root = import_module("lxml.html").document_fromstring(f"<div>{markup}</div>")
    lines = [""]
    for event, element in import_module("lxml.etree").iterwalk(root, events=("start", "end")):
        if element.tag in BLOCK_TAGS and lines[-1]:
            lines.append("")
        visible = isinstance(element.tag, str) and element.tag not in {"script", "style"}
        lines[-1] += ((element.text or "") if visible else "") if event == "start" else (element.tail or "")
    return "\n".join(line for one in lines if (line := " ".join(one.split())))


PEERS: dict[str, Callable[[], Extractor]] = {
    "trafilatura": trafilatura_with,
    "trafilatura precision": lambda: trafilatura_with(favor_precision=True, include_comments=False),
    "trafilatura no comments": lambda: trafilatura_with(include_comments=False),
    "newspaper4k": newspaper,
    "readability-lxml": readability,
    "resiliparse": resiliparse,
    "magic-html": magic_html,
    "htmldate": htmldate,
}
NAMES = ("irtysh", *PEERS)
# Irtysh imports these for the first page that needs them, a second that a set of 400 pages should not pay for.
IMPORTED_LATE = ("trafilatura", "htmldate")


def load(name: str) -> Extractor:
    """Return an extractor by name, with what it imports loaded. Raises ImportError if it is not installed."""
    if name != "irtysh":
        return peer(PEERS[name]())
    for module in IMPORTED_LATE:
        import_module(module)
    return irtysh


# Measures that an extractor does not claim to have are not printed.
DATES_ONLY = frozenset({"htmldate"})
WITHOUT_DATES = frozenset({"readability-lxml", "resiliparse", "magic-html"})
