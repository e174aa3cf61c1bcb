"""Read JSON that templates wrote by hand: with comments, stray quotes, missing or spare commas, or cut off.

A template that joins texts to JSON without escaping them breaks it: «"headline": "Завод "Урал" открыт"». Two percent of
the JSON-LD scripts of the development pages are no valid JSON.
"""

import json
import re
from html import unescape
from typing import Any

MAX_REPAIRED_CHARS = 200_000  # a longer script is data of a program
MAX_DEPTH = 50  # objects and lists open at once
WRAPPERS = re.compile(
    r"^\s*(?:/[/*]\s*)?(?:<!--|<!\[CDATA\[)(?:\s*\*/)?|(?:/[/*]\s*)?(?:-->|\]\]>|\]\]&gt;)(?:\s*\*/)?[\s;]*$"
)
# A comment that nothing ends goes to the end: to search its end at each "/*" would take quadratic time.
TOKEN = re.compile(r'\s+|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)|"|[{}\[\],:]|[^\s"{}\[\],:]+')
QUOTE = re.compile(r'\\.|"', re.DOTALL)
OTHER_QUOTES = str.maketrans("“”„‟″", '"' * 5)  # of an editor that sets them while one types
CLOSERS = {"{": "}", "[": "]"}
# What follows the quote that ends a string. In an object, a comma is followed by the next key.
AFTER_STRING = {
    "{": re.compile(r'\s*+(?:[:}\]]|$|,\s*+(?:"[\w@:.$-]{1,60}"\s*:|[}/])|(?<=\s)"[\w@:.$-]{1,60}"\s*:)'),
    "[": re.compile(r'\s*+(?:[\]}]|$|,\s*+["{\[\]/\d])'),
}


def parse(text: str) -> Any:
    """Return the value of a JSON text, a list if it holds several; None if it cannot be repaired."""
    stripped = WRAPPERS.sub("", text).strip().rstrip(";")
    try:
        return json.loads(stripped, strict=False)
    except (ValueError, RecursionError):  # invalid, a number too long for Python, or nested too deeply
        pass
    if len(stripped) > MAX_REPAIRED_CHARS or not stripped.startswith(("{", "[", "/")):
        return None
    if '"' not in stripped:
        stripped = unescape(stripped).translate(OTHER_QUOTES)
    if '"' not in stripped:
        stripped = stripped.replace("'", '"')
    try:
        values = json.loads(f"[{_repaired(stripped)}]", strict=False)
    except (ValueError, RecursionError):
        return None
    return values[0] if len(values) == 1 else values or None


def _repaired(text: str) -> str:
    """Return a text as JSON values with commas between them."""
    out: list[str] = []
    open_: list[str] = []
    at = 0
    while len(open_) <= MAX_DEPTH and (token := TOKEN.match(text, at)):
        mark, at = token[0], token.end()
        if mark.isspace() or mark.startswith(("//", "/*")):
            continue
        if mark == '"':
            mark, at = _string(text, at, open_[-1] if open_ else "{")
        if mark in CLOSERS.values():
            _close(out, open_, mark)
            continue
        if out and mark not in ",:" and out[-1] not in ("{", "[", ",", ":"):
            out.append(",")
        if mark in CLOSERS:
            open_.append(mark)
        if mark != "," or (out and open_ and out[-1] not in ("{", "[", ",", ":")):
            out.append(mark)
    while open_:
        _close(out, open_, CLOSERS[open_[-1]])
    return "".join(out)


def _close(out: list[str], open_: list[str], mark: str) -> None:
    """Close the object or list that `mark` ends, and those inside of it; nothing if none is open."""
    if mark not in [CLOSERS[one] for one in open_]:
        return
    while open_:
        if out[-1] == ",":
            out.pop()
        elif out[-1] == ":":
            out.append("null")
        closer = CLOSERS[open_.pop()]
        out.append(closer)
        if closer == mark:
            return


def _string(text: str, start: int, container: str) -> tuple[str, int]:
    """Return the string that begins at `start`, with its inner quotes escaped, and the place after it."""
    parts, at = ['"'], start
    for quote in QUOTE.finditer(text, start):
        if quote[0] != '"':
            continue
        parts.append(text[at : quote.start()])
        at = quote.end()
        if AFTER_STRING[container].match(text, at):
            parts.append('"')
            return "".join(parts), at
        parts.append('\\"')
    parts.append(text[at:].rstrip("\\"))
    return "".join([*parts, '"']), len(text)
