"""Find the URL in a line as people write it: in quotes or brackets, with a note behind it, or without its scheme."""

import re
from difflib import get_close_matches

from articles.url import has_public_suffix

QUOTES = {'"': '"', "'": "'", "`": "`", "«": "»", "“": "”", "„": "“", "‘": "’", "<": ">", "(": ")", "[": "]"}
NOTE = re.compile(r"\s#.*$")
BULLET = re.compile(r"^(?:[-*•–—]|\d{1,6}[.)])\s+")
ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:[/?#]\S*)?$")  # of IPv4, with or without a port
HOST = re.compile(r"(?P<host>[\w-]+(?:\.[\w-]+)+)\.?(?::\d{1,5})?(?:[/?#]\S*)?$")
SEPARATORS = ",;"
SCHEME = "https://"
SCHEMES = ("http", "https")
URL_INSIDE = re.compile(r"https?://[^\s<>\"'\])}]+", re.IGNORECASE)
MISWRITTEN = re.compile(
    r"(?P<scheme>[a-z]{3,6})[:;]?/{0,3}(?P<rest>[^/:;\s]\S*)$", re.IGNORECASE
)  # htp://, http:/, https//
MAIL = re.compile(r"(?:mailto:)?[^\s/@:]+@[\w.-]+$", re.IGNORECASE)


def url_text(line: str) -> tuple[str, bool]:
    """Return the URL of a line, and whether its scheme is assumed. A line that holds none is returned as it is."""
    text = NOTE.sub("", BULLET.sub("", line)).strip()
    text = text.rstrip(SEPARATORS).rstrip()  # the lines were the cells of a list
    while len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    if text.startswith("//"):
        return SCHEME + text[2:], True
    found = HOST.match(text)
    if ADDRESS.match(text):
        return SCHEME + text, True
    if found and (text.lower().startswith("www.") or has_public_suffix(found["host"])):
        return SCHEME + text, True
    return text, False


def advice(text: str) -> str:
    """Return what a line without a URL that can be fetched may mean, and how to write it; empty if that is not plain."""
    if MAIL.match(text):
        return "this is a mail address"
    inside = URL_INSIDE.findall(text)
    if len(inside) > 1:
        return "write each URL on a line of its own"
    if inside:
        if not text.startswith(inside[0]):
            return f"did you mean {inside[0]}?"
        return "write a blank in a URL as %20, and a note behind it as ` # note`" if " " in text else ""
    if HOST.match(text):
        return f"did you mean {SCHEME}{text}?"
    found = MISWRITTEN.match(text)
    near = get_close_matches(found["scheme"].lower(), SCHEMES, n=1) if found else []
    if found and near and HOST.match(found["rest"]):
        return f"did you mean {near[0]}://{found['rest']}?"
    return ""
