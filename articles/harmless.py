"""Make texts from outside harmless: in a corpus, on a terminal, in a spreadsheet; and addresses without passwords.

Control characters may make a terminal obey. Characters that set the direction of writing can show a text in another order
than it has, tag characters and others hide one in it. ZWJ and ZWNJ stay: Persian, Indic scripts and emoji need them.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

BREAKS = "\x0b\x0c\x1c-\x1f\x85\u2028\u2029"  # other characters that end a line or a field
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # the property Bidi_Control of Unicode, UAX #9
# C0 but tab and line feed, DEL, C1, direction, deprecated format controls, annotations, halves of pairs, non-characters
UNWANTED = (
    f"\x00-\x08\x0d-\x1b\x7f-\x84\x86-\x9f{BIDI}\u206a-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
)
FLAG = "\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f"  # of a region, UTS #51: the one use of tag characters
CONTROL = re.compile(f"(?P<flag>{FLAG})|[{BREAKS}{UNWANTED}\U000e0000-\U000e007f]")
BREAK = re.compile(f"[{BREAKS}\r]")
BLANKS = re.compile(r"[ \t]{2,}")
C0 = re.compile(r"[\x00-\x1f]")
C0_PICTURES = 0x2400  # "␛" stands for the escape character
# What a spreadsheet takes for the start of a formula, also in the wide forms of East Asian keyboards (OWASP, CSV Injection)
FORMULA_START = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
FORMULA_BREAK = re.compile(r"[\t\r]")
# What stands before a user name: "https://" and its sloppy forms, or "//" at the start of an address without a scheme
BEFORE_USER = r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}:[/\\]+|\bhttps?:(?![/\\])|(?<![\w:/\\])[/\\]{2}"
# User and password; the password may hold "/", "?" and the like, but not if the part before it is host and port
USER = re.compile(
    rf"({BEFORE_USER})(?:[^\s/\\?#@:\"'<>]*:(?!\d+(?:[/\\?#]|$))[^\s\"'<>@]*@)?(?:[^\s/\\?#\"'<>@]*@)*", re.IGNORECASE
)
RUN = re.compile(r"[^\s\"'<>]+")  # what may hold an address


def without_controls(text: str) -> str:
    """Return a text without control characters and direction marks; those that end a line become one blank.

    The function is idempotent. Tabs and line feeds stay, and so do texts that have none of the others, as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    cleaned = CONTROL.sub(_dropped, text)
    return text if cleaned == text else BLANKS.sub(" ", cleaned).strip()


def _dropped(match: re.Match[str]) -> str:
    return match.group() if match["flag"] else " " if BREAK.match(match.group()) else ""


def controls_in(text: str) -> Counter[str]:
    """Count the characters that `without_controls` drops, by their names ("U+202E")."""
    if text.isascii() and text.isprintable():
        return Counter()
    return Counter(f"U+{ord(match.group()):04X}" for match in CONTROL.finditer(text) if not match["flag"])


def harmless(text: str) -> str:
    """Return a text that a terminal or a log shows and does not obey; each such character becomes U+FFFD.

    Passwords in addresses are hidden. Tabs and line feeds stay.
    """
    if not (text.isascii() and text.isprintable()):
        text = CONTROL.sub(_mark, text)
    return without_passwords(text)


def harmless_line(text: str) -> str:
    """Return the same for a text that must stay one line: its tabs, line feeds and other C0 characters become pictures."""
    return harmless(C0.sub(lambda match: chr(C0_PICTURES + ord(match.group())), text))


def _mark(match: re.Match[str]) -> str:
    return match.group() if match["flag"] else "\ufffd"


def without_passwords(text: str) -> str:
    """Return a text whose addresses have "…" in place of a user name and password."""
    return _in_addresses(_hidden, text)


def _in_addresses(replace: Callable[[re.Match[str]], str], text: str) -> str:
    """Replace what `USER` finds. Only what a sign @ follows in the same run is searched, so the time is linear."""

    def replaced(run: re.Match[str]) -> str:
        whole = run.group()
        end = whole.rfind("@") + 1
        return USER.sub(replace, whole[:end]) + whole[end:]

    return RUN.sub(replaced, text) if "@" in text else text


def _hidden(match: re.Match[str]) -> str:
    return f"{match[1]}…@" if match.end() > match.end(1) else match[1]


def without_user(url: str) -> str:
    """Return an address without a user name and password."""
    return _in_addresses(lambda match: match[1], url)


def spreadsheet_cell(value: object) -> object:
    """Return a value for a cell of a spreadsheet: a text that would be a formula begins with an apostrophe instead."""
    if not isinstance(value, str):
        return value
    text = FORMULA_BREAK.sub(" ", without_controls(value))
    return f"'{text}" if FORMULA_START.match(value) or FORMULA_START.match(text) else text


def json_line(value: Any) -> str:
    """Return a value as one line of JSON, with the characters that a terminal may obey escaped and passwords hidden."""
    text = json.dumps(
        _without_passwords_in(value), ensure_ascii=False, default=lambda other: without_passwords(str(other))
    )
    return CONTROL.sub(_escaped, text)


def _without_passwords_in(value: Any) -> Any:
    if isinstance(value, str):
        return without_passwords(value)
    if isinstance(value, dict):
        return {key: _without_passwords_in(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_passwords_in(part) for part in value]
    return value


def _escaped(match: re.Match[str]) -> str:
    return match.group() if match["flag"] else json.dumps(match.group())[1:-1]
