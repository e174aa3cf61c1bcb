"""Recognise an article in records of captures: its URLs, and its paragraphs in whatever coding, charset and markup."""

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from articles.errors import InputError
from articles.page.decoding import decode as decode_page
from articles.url import article_key, site_host
from storage.captures.decode import decode, unchunk

MAX_BODY_BYTES = 64 << 20  # decoded, of a record that is searched
MIN_QUOTE_CHARS = 40  # of a paragraph by which a feed or a copy is recognised: shorter ones stand in many texts
QUOTE_CHARS = 60  # the beginning of a paragraph: feeds cut texts short
MIN_WORD_CHARS = 5  # of the words that a body must hold before its markup is taken off, which takes longer
MIN_PATH_CHARS = 6  # of a path that stands for its URL on pages of the same host
TARGET = re.compile(rb"^WARC-Target-URI: *<?([^>\r\n]+)", re.MULTILINE | re.IGNORECASE)
PURPOSE = re.compile(rb"^Irtysh-Purpose: *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
ARTICLE_PURPOSES = frozenset({b"", b"page", b"entry"})
HTTP_FIELD = r"^{}: *([^\r\n]*)"
ELEMENT = re.compile(r"<[^<>]{0,2000}>")
JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))  # soft hyphens, joiners: texts lack them
WORD = re.compile(r"\w+")
# Letters written as escapes, once or twice, invisible ones, and markup within a word; not the escapes that stand between words.
SPLIT_WORDS = re.compile(
    "&#|&(?!(?:amp|lt|gt|quot|apos|nbsp|[lr]aquo|[lr]dquo|[nm]dash|hellip);)[A-Za-z]|&amp;[A-Za-z#]|\\\\u|[\u00ad\u200b-\u200d\u2060]"
    "|\\w<\\\\?/?(?:a|abbr|b|em|font|i|mark|span|strong|sub|sup|u)\\b[^<>]{0,200}>\\w"
)
HOST = re.compile(r"^[^/?]*/?")  # of a key
NOT_WORD = re.compile(r"[\W_]+")  # inline markup puts spaces where a text has none
MIN_LETTERS = 20  # of the beginning of a paragraph: a line of dashes stands in many texts
URL = re.compile(r"""https?://[^\s<>"'`{}|^]{1,2000}""", re.IGNORECASE)
AFTER_URL = ".,;:!?)]*"  # of a sentence that ends with one
BEGIN_OF_PATH = r"(?<![\w.-])"  # of a relative URL; before that of another site stands its host
BEGIN_OF_URL = BEGIN_OF_PATH + r"(?:(?:www|m|mobile|wap)\.)*"  # as `articles.url.article_key` leaves them out
END_OF_URL = r"(?![/.-]*[\w%])"  # otherwise a longer path goes on


def read_head(record: bytes) -> tuple[str, bool] | None:
    """Return the URL of a record and whether it is an article's; None if it has no URL."""
    head = record.partition(b"\r\n\r\n")[0]
    if not (target := TARGET.search(head)):
        return None
    purpose = PURPOSE.search(head)
    is_article = purpose is None or purpose[1].strip().lower() in ARTICLE_PURPOSES
    return target[1].decode("utf-8", "replace").strip(), is_article


def body_of(record: bytes) -> str:
    """Return the body of a record as text: unchunked, decompressed, and by its charset."""
    http, _, body = record.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")
    if "chunked" in _field(http, "Transfer-Encoding").lower():
        body = unchunk(body, MAX_BODY_BYTES)
    data = decode(body, _field(http, "Content-Encoding"), MAX_BODY_BYTES)[0]
    found = decode_page(data, _field(http, "Content-Type"))
    return (data if isinstance(found, str) else found.source).decode("utf-8", "replace")


def plain(text: str) -> str:
    """Return a text without markup and escapes of HTML and JSON, also if it stands escaped in a feed, with single spaces."""
    opened = ELEMENT.sub(" ", _unescaped(text.replace("<![CDATA[", "").replace("]]>", "")))
    shown = ELEMENT.sub(" ", html.unescape(opened)).translate(INVISIBLE)
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def quotes_of(text: str) -> set[str]:
    """Return the paragraphs by which a text is recognised."""
    return {line for line in text.split("\n") if len(line) >= MIN_QUOTE_CHARS}


class Quotes:
    """The paragraphs and the URLs of articles, to be found in records."""

    def __init__(self, paragraphs: Iterable[str], urls: Iterable[str]) -> None:
        begun = {plain(html.escape(one, quote=False))[:QUOTE_CHARS] for one in paragraphs}
        letters = {one: NOT_WORD.sub("", one) for one in begun}
        self._beginnings = [
            (letters[one], _long_words(one)) for one in sorted(begun) if len(letters[one]) >= MIN_LETTERS
        ]
        keys = {article_key(url) for url in urls}
        self._varied = {key for key in keys if "?" in key or "xn--" in key}  # have other spellings than their own
        self._named = _any_of(keys)
        self._paths: dict[str, re.Pattern[str] | None] = {
            site: _any_of(
                {"/" + path for key in keys if _site(key) == site and (path := HOST.sub("", key))}, relative=True
            )
            for site in map(_site, keys)
        }

    def quoted_in(self, body: str) -> bool:
        """Return whether a body holds the beginning of a paragraph."""
        if not SPLIT_WORDS.search(body):
            words = set(WORD.findall(unicodedata.normalize("NFC", body)))
            if not any(wanted <= words for _, wanted in self._beginnings):
                return False
        text = NOT_WORD.sub("", plain(body))
        return any(begun in text for begun, _ in self._beginnings)

    def named_in(self, body: str, url: str) -> bool:
        """Return whether a body, fetched from `url`, holds one of the URLs; on pages of the same site also its path alone."""
        shown = _unescaped(body)
        text = unquote(shown)
        if self._named is not None and self._named.search(text):
            return True
        if self._varied and not self._varied.isdisjoint(map(_key, URL.findall(shown))):
            return True
        try:
            paths = self._paths.get(_site(article_key(url)))
        except InputError:  # imported archives hold records of other kinds, such as `dns:`
            return False
        return paths is not None and paths.search(text) is not None


def _any_of(texts: Iterable[str], *, relative: bool = False) -> re.Pattern[str] | None:
    """Return a pattern for URLs, or for paths that begin a relative one; None without any."""
    long = [unquote(one) for one in sorted(texts) if len(one) >= MIN_PATH_CHARS]
    if not long:
        return None
    forms = "|".join(re.escape(one).replace(r"\?", r"/?\?") for one in long)  # keys have no slash before a query
    return re.compile((BEGIN_OF_PATH if relative else BEGIN_OF_URL) + f"(?:{forms})" + END_OF_URL)


def _key(url: str) -> str:
    try:
        return article_key(url.rstrip(AFTER_URL))
    except InputError:
        return ""


def _site(key: str) -> str:
    return site_host(f"http://{key}")


def _long_words(text: str) -> frozenset[str]:
    """Return the words of a text that are whole: its last one may be cut."""
    return frozenset(word for word in WORD.findall(text)[1:-1] if len(word) >= MIN_WORD_CHARS)


def _unescaped(text: str) -> str:
    """Return a text without the escapes of JSON and HTML."""
    if "\\" in text:
        text = JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        text = text.replace("\\/", "/").replace('\\"', '"').replace("\\n", " ").replace("\\t", " ")
    return html.unescape(text)


def _field(head: bytes, name: str) -> str:
    found = re.search(HTTP_FIELD.format(name).encode(), head, re.MULTILINE | re.IGNORECASE)
    return found[1].decode("latin-1") if found else ""
