"""Text of a robots.txt, whatever its encoding and line ends, and the delay between requests that it asks for.

RFC 9309 §2.3 asks for UTF-8, and hosts serve other encodings. A file that is misread has no rules, so what it disallows
would be fetched.
"""

import codecs
import re

from protego import Protego

MAX_CRAWL_DELAY_SECONDS = 60.0  # longer delays are not meant for crawlers of news
MAX_RATE_SECONDS = 10**9  # of a Request-rate; a number of hundreds of digits cannot be divided
NUL_SHARE = 0.25  # of the bytes: rules in ASCII have half of them in UTF-16, three quarters in UTF-32, none in UTF-8
PADDING = bytes(4)  # no text in UTF-16 or UTF-32 has four NUL bytes in a row
BYTE_ORDER_MARKS = (  # UTF-32 first, since its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
LINE_END = re.compile(r"\r\n?|\n")
DELAY_LINE = re.compile(r"[ \t]*crawl[- ]delay[ \t]*:?[ \t]*(?P<asked>[^#]*)", re.IGNORECASE)
NUMBER = re.compile(r"\+?(?P<whole>\d{0,20})(?:[.,](?P<part>\d{1,6}))?")
ENDLESS = re.compile(r"\+?(?:\d{20}|inf|\d{1,20}(?:[.,]\d{1,20})?e\+?\d)", re.IGNORECASE)


def text_of(body: bytes, content_type: str = "") -> str:
    """Return the text of a robots.txt, with LF as line end and each Crawl-delay as a plain number of seconds."""
    lines = LINE_END.split(_decoded(body, content_type).replace("\ufeff", "").replace("\0", ""))
    return "\n".join(map(_with_plain_delay, lines))


def delay_of(rules: Protego, agent: str) -> float:
    """Return the seconds between two requests that rules ask of an agent, at most `MAX_CRAWL_DELAY_SECONDS`."""
    rate = rules.request_rate(agent)
    asked = max(
        rules.crawl_delay(agent) or 0.0,
        min(rate.seconds, MAX_RATE_SECONDS) / rate.requests if rate is not None else 0.0,
    )
    return min(asked, MAX_CRAWL_DELAY_SECONDS)


def _decoded(body: bytes, content_type: str) -> str:
    """Decode by byte order mark, by the places of NUL bytes, as UTF-8, by the declared charset: the first that fits."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    head = body.partition(PADDING)[0]
    if head.count(0) > NUL_SHARE * len(head):
        return body.decode(_wide_encoding(head), "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = CHARSET.search(content_type)
    try:
        text = body.decode(declared[1]) if declared else ""
    except (LookupError, UnicodeError):
        text = ""
    return text if _keeps_ascii(body, text) else body.decode("utf-8", "replace")


def _wide_encoding(body: bytes) -> str:
    """Return which of UTF-16 and UTF-32 has its NUL bytes where a text has them that is mostly ASCII."""
    nuls = [body[place::4].count(0) for place in range(4)]
    most = max(nuls)
    present = [count > most / 2 for count in nuls]
    if sum(present) > 2:  # noqa: PLR2004 - of four bytes, UTF-32 has three that are NUL
        return "utf-32-le" if not present[0] else "utf-32-be"
    return "utf-16-le" if present[1] else "utf-16-be"


def _keeps_ascii(body: bytes, text: str) -> bool:
    """Return whether a decoded text has the ASCII bytes of its body: rules are ASCII in all encodings that are used."""
    return bool(text) and [byte for byte in body if byte < 0x80] == [ord(sign) for sign in text if sign < "\x80"]  # noqa: PLR2004 - the end of ASCII


def _with_plain_delay(line: str) -> str:
    """Return a line whose Crawl-delay is a plain number: "2,5" and "2.5 s" are 2.5, and no number is endless."""
    found = DELAY_LINE.match(line)
    if found is None:
        return line
    asked = found["asked"].strip()
    if ENDLESS.match(asked):
        return f"Crawl-delay: {MAX_CRAWL_DELAY_SECONDS}"
    number = NUMBER.match(asked)
    if number is None or not (number["whole"] or number["part"]):
        return line
    return f"Crawl-delay: {number['whole'] or '0'}.{number['part'] or '0'}"
