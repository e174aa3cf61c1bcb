"""Decode pages, whatever they say about their encoding: declarations are often missing or wrong.

Believed is, in this order: a byte-order mark or the NUL bytes of UTF-16; valid UTF-8; what the header and the page declare,
if the text then reads like a language (`articles.page.letters`); the encoding in which it reads best. Most pages are valid
UTF-8, so guessing costs little. Text that was decoded wrongly before it was sent ("Ð¼Ð¾ÑÑ‚") is repaired
(`articles.page.mojibake`).
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from articles.model import Choice, Evidence
from articles.page import letters, mojibake

SNIFF_BYTES = 65_536  # beginning of a page in which its encoding is searched for; some declare it below long scripts
MAX_METAS = 3  # of a page that are tried
META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:. -]{2,40})", re.IGNORECASE)
XML_ENCODING = re.compile(rb"\s{0,100}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w:. -]{2,40})", re.IGNORECASE)
HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
BOMS = (  # UTF-32 first, since its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
MIN_NUL_SHARE = 0.1  # of the first bytes, for UTF-16 without a mark: of markup in ASCII half are NUL
MARKUP = re.compile("<[A-Za-z!?]")
HEAD_BYTES = 2048  # in which NUL bytes are counted
# Labels that browsers decode with a larger encoding (WHATWG Encoding Standard).
BROWSER_ENCODINGS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "cp1254",
    "windows-31j": "cp932",
    "koi8": "koi8-r",
    "x-mac-cyrillic": "mac-cyrillic",
    "dos-866": "cp866",
}
WINDOWS_LABEL = re.compile(r"(?:x-)?(?:windows|win|cp|ansi|ms)?[-_ ]?(125\d)")
UTF8_LABEL = re.compile(r"(?:unicode-1-1-)?utf[-_ ]?8.{0,4}")
# Python's codecs that are no encodings of web pages: they execute escapes, give half characters, fail or take quadratic time.
NOT_ENCODINGS = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
MAX_LABEL_CHARS = 40  # of an encoding; the longest known has 31
MISTAKABLE_FOR_UTF8 = frozenset({"iso-2022-jp"})  # its text is valid UTF-8
WIDE = re.compile(r"utf[-_]?(?:16|32)")  # a page whose declaration can be read as ASCII is not in these
MAX_UNDECODABLE_SHARE = 0.02  # of the characters; a page with more is unreadable
NO_CHARACTER = "\ufffd".encode()
FIRST_HIGH_BYTE = 0x80
MIN_JUDGED_BYTES = 8  # outside ASCII; fewer tell little
# Encodings of the languages at hand, the most frequent first: of equally plausible ones the first is chosen. KZ-1048 and
# PTCP154 are windows-1251 with Kazakh letters, and pages in them mostly declare that.
CANDIDATES = (
    "cp1251", "cp1252", "koi8-u", "cp866", "iso8859-5", "kz1048", "ptcp154", "mac-cyrillic", "cp1250", "cp1254", "iso8859-2", "mac-roman",
)  # fmt: skip
RELATIVES = {"cp1251": ("kz1048", "ptcp154")}
DECLARED_MARGIN = 0.06  # by which another encoding must surpass the declared one
FIELD = "encoding"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page in UTF-8. There is evidence only if not all agree that it is valid UTF-8."""

    source: bytes
    encoding: str
    evidence: tuple[Evidence, ...] = ()
    choices: tuple[Choice, ...] = ()


def decode(body: bytes, content_type: str) -> Decoded | str:
    """Return a page in UTF-8, or why it is unreadable."""
    wide = wide_encoding(body)
    if wide:
        text = body.decode(wide, "replace").lstrip("\ufeff").replace("\0", "")
        return _result(text, wide, [], "its bytes show it")
    marked = body.startswith(codecs.BOM_UTF8)
    body = body.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"")
    stated = list(
        dict.fromkeys((("mark", "utf-8"), *_stated(body, content_type)) if marked else _stated(body, content_type))
    )
    if not any(encoding in MISTAKABLE_FOR_UTF8 for _, encoding in stated):
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return _utf8(body, text, stated)
    return _declared(body, stated) or _guessed(body, stated)


def wide_encoding(body: bytes) -> str:
    """Return which of UTF-16 and UTF-32 a body is in, by its mark or its NUL bytes; empty if in neither."""
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return encoding
    head = body[:HEAD_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < MIN_NUL_SHARE * len(head) or min(even, odd) > MIN_NUL_SHARE * max(even, odd):
        return ""
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if MARKUP.search(head.decode(encoding, "replace")) else ""


def declared_encoding(body: bytes, content_type: str) -> str:
    """Return the encoding that the HTTP header or else the page declares, for Python's codecs; empty if it is none."""
    return next((encoding for _, encoding in _stated(body, content_type)), "")


def _stated(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Yield where an encoding is declared, and its name for Python's codecs, in the order of browsers."""
    in_header = HEADER_CHARSET.search(content_type)
    if in_header and (encoding := _known(in_header[1])):
        yield "header", encoding
    in_page = [
        *filter(None, [XML_ENCODING.match(body)]),
        *islice(META_CHARSET.finditer(body, 0, SNIFF_BYTES), MAX_METAS),
    ]
    for found in in_page:
        encoding = _known(found[1].decode("ascii", "replace"))
        if encoding and not WIDE.match(encoding):
            yield "page", encoding


def _known(label: str) -> str:
    """Return the name of an encoding for Python's codecs; empty if it is not one of text."""
    label = label.strip().lower()
    windows = WINDOWS_LABEL.fullmatch(label)
    if windows:
        return f"cp{windows[1]}" if is_encoding(f"cp{windows[1]}") else ""
    label = "utf-8" if UTF8_LABEL.fullmatch(label) else BROWSER_ENCODINGS.get(label, label)
    return label if is_encoding(label) else ""


def is_encoding(label: str) -> bool:
    """Return whether a label names an encoding of text. Labels are untrusted, and Python knows codecs of other kinds."""
    if not label.isascii() or len(label) > MAX_LABEL_CHARS:
        return False
    try:
        name = codecs.lookup(label).name
        b"x".decode(label, "replace")  # LookupError for codecs such as hex and zip, which give no text
    except (LookupError, ValueError):  # ValueError: "undefined" refuses everything
        return False
    return name.replace("_", "-") not in NOT_ENCODINGS


def _utf8(body: bytes, text: str, stated: list[tuple[str, str]]) -> Decoded | str:
    """Return a page that is valid UTF-8, with what was decoded wrongly before repaired."""
    text, wrong = mojibake.repaired(text, body)
    if wrong:
        how = f"UTF-8 that was read as {' and as '.join(wrong)} before it was sent"
        return _result(text, "utf-8", stated, how)
    most = MAX_UNDECODABLE_SHARE * len(text)
    if body.count(NO_CHARACTER[:1]) > most and body.count(NO_CHARACTER) > most:  # one byte is counted faster
        return "its letters were replaced before it was sent"
    if all(encoding == "utf-8" for _, encoding in stated):
        return Decoded(body, "utf-8")
    return _result(text, "utf-8", stated, "it is valid UTF-8")


def _declared(body: bytes, stated: list[tuple[str, str]]) -> Decoded | None:
    """Return a page in the first declared encoding in which it reads like a language, unless it reads better in another."""
    words = letters.sample(body)
    if sum(byte >= FIRST_HIGH_BYTE for byte in words) < MIN_JUDGED_BYTES:
        words = b""
    for _, encoding in stated:
        text = body.decode(encoding, "replace")
        if text.count("\ufffd") > MAX_UNDECODABLE_SHARE * len(text):
            continue
        own = letters.plausibility(letters.sample_of_text(text)) if words else 1.0
        if own < letters.PLAUSIBLE:
            continue
        better = _better(words, encoding, own)
        if better:
            why = f"it is declared as {encoding}, but reads better in this encoding"
            return _result(body.decode(better, "replace"), better, stated, why)
        return _result(text, encoding, stated, "it is declared, and reads like a language")
    return None


def _better(words: bytes, encoding: str, own: float) -> str:
    """Return the encoding in which words read clearly better than in the declared one, or an empty string."""
    chosen, high = "", own
    for name in CANDIDATES if words else ():
        score = letters.plausibility(words.decode(name, "replace"))
        margin = letters.MARGIN if name in RELATIVES.get(encoding, ()) else DECLARED_MARGIN
        if score > max(high, own + margin):
            chosen, high = name, score
    return chosen


def _guessed(body: bytes, stated: list[tuple[str, str]]) -> Decoded | str:
    """Return a page in the encoding in which it reads best."""
    declared = tuple(dict.fromkeys(name for _, name in stated))
    names = [name for name in dict.fromkeys((*declared, "utf-8", *CANDIDATES)) if name not in MISTAKABLE_FOR_UTF8]
    words = letters.sample(body)
    index, plausible = letters.best([words.decode(name, "replace") for name in names])
    text = body.decode(names[index], "replace")
    needed = letters.GARBAGE if names[index] in declared else letters.PLAUSIBLE
    judged = sum(byte >= FIRST_HIGH_BYTE for byte in words) >= MIN_JUDGED_BYTES
    strange = sum(byte >= FIRST_HIGH_BYTE for byte in body)
    if judged and plausible < needed and strange <= MAX_UNDECODABLE_SHARE * len(body):
        return _result(
            body.decode("utf-8", "replace"), "utf-8", stated, "nearly all of it is ASCII, the rest is unreadable"
        )
    if (judged and plausible < needed) or text.count("\ufffd") > MAX_UNDECODABLE_SHARE * len(text):
        return f"in no encoding that reads like a language; declared: {', '.join(declared) or 'none'}"
    return _result(text, names[index], stated, "it reads like a language in this encoding")


def _result(text: str, encoding: str, stated: list[tuple[str, str]], why: str) -> Decoded:
    evidence = [Evidence(FIELD, where, name, name == encoding) for where, name in stated]
    if not any(candidate.chosen for candidate in evidence):
        evidence.append(Evidence(FIELD, "text", encoding, chosen=True))
    return Decoded(text.encode("utf-8", "replace"), encoding, tuple(evidence), (Choice(FIELD, why),))
