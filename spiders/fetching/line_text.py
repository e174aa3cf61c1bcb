"""Find the URL in a line as people write it: in quotes or brackets, with a note behind it, or without its scheme."""

import re

from articles.url import has_public_suffix

QUOTES = {'"': '"', "'": "'", "`": "`", "«": "»", "“": "”", "„": "“", "‘": "’", "<": ">", "(": ")", "[": "]"}
NOTE = re.compile(r"\s#.*$")
BULLET = re.compile(r"^(?:[-*•–—]|\d{1,6}[.)])\s+")
ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?:[/?#]\S*)?$")  # of IPv4, with or without a port
HOST = re.compile(r"(?P<host>[\w-]+(?:\.[\w-]+)+)\.?(?::\d{1,5})?(?:[/?#]\S*)?$")
SEPARATORS = ",;"
SCHEME = "https://"


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
