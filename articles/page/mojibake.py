"""Repair UTF-8 that was decoded as a single-byte encoding, once or more often, and then encoded again: "Ð¼Ð¾ÑÑ‚"."""

import re
from functools import cache
from typing import NamedTuple

import numpy as np

MISREAD_AS = ("cp1252", "cp1251", "koi8-r", "cp866", "mac-roman")
MAX_ROUNDS = 3  # a text may have been encoded wrongly more than once
MIN_MISREAD_SHARE = 0.5  # of the characters outside ASCII that lie in sequences of UTF-8, for a text to be repaired
MIN_LEAD_SHARE = (
    0.2  # of the characters outside ASCII that a first look takes for such sequences; 0.5 if all of a text is
)
MIN_LEADS = 4  # of them; a shorter text is left as it is
LOOKED_AT = 20_000  # characters outside ASCII
FIRST_LEAD = 0xC2  # of a character in UTF-8
FIRST_LEAD_OF_THREE = 0xE0  # of a character of three bytes
# In UTF-8 of Latin, Cyrillic and Kazakh letters, and of quotation marks.
LEADS = (0xC2, 0xC3, 0xC4, 0xC5, 0xD0, 0xD1, 0xD2, 0xD3, 0xE2)
KOI8 = "koi8-r"
KOI8_LEADS = (0xC2, 0xC3, 0xD0, 0xD1, 0xE2)  # the others are frequent letters of Russian there
LAST_ONE_BYTE = 0x80
NO_CHARACTER = 0xFFFD
CONTROLS = range(0x80, 0xA0)  # in ISO 8859-1; Windows has letters and punctuation there


class _Form(NamedTuple):
    """How UTF-8 looks that was read as an encoding."""

    sequence: re.Pattern[str]
    codes: dict[int, int]  # character -> byte


def suspects(body: bytes) -> tuple[str, ...]:
    """Return the encodings that a page in UTF-8 may have been misread as, by a first look at its bytes."""
    data = np.frombuffer(body, np.uint8)
    places = np.flatnonzero(data >= FIRST_LEAD)[: LOOKED_AT + 1]
    if len(places) <= MIN_LEADS:
        return ()
    begins = data[places[:-1]]
    # A misread sequence is two or more characters side by side.
    joined = np.diff(places) == np.where(begins >= FIRST_LEAD_OF_THREE, 3, 2)
    codes = (begins.astype(np.uint16) << 8 | data[places[:-1] + 1])[joined]
    met = np.bincount(_codes()[codes], minlength=1 << len(MISREAD_AS))  # set of encodings -> sequences that begin so
    counts = [int(met[_sets_with(row)].sum()) for row in range(len(MISREAD_AS))]
    enough = max(MIN_LEADS, MIN_LEAD_SHARE * len(places))
    return tuple(name for name, count in zip(MISREAD_AS, counts, strict=True) if count >= enough)


def repaired(text: str, body: bytes) -> tuple[str, tuple[str, ...]]:
    """Return a page's text with misread sequences decoded, and the encodings that they were read as, the last one first.

    `body` is the text in UTF-8. If it was not misread, the text is returned as it is.
    """
    wrong: list[str] = []
    while len(wrong) < MAX_ROUNDS and (names := suspects(body)):
        total = len(text) - len(text.encode("ascii", "ignore"))
        most, name = max((_misread(text, name), name) for name in names)
        if most < max(MIN_LEADS, MIN_MISREAD_SHARE * total):
            break
        text = _decoded(text, _form(name))
        body = text.encode("utf-8", "replace")
        wrong.append(name)
    return text, tuple(wrong)


def _misread(text: str, name: str) -> int:
    """Return how many characters lie in sequences of UTF-8 that was read as an encoding."""
    return sum(map(len, _form(name).sequence.findall(text)))


def _decoded(text: str, form: _Form) -> str:
    return form.sequence.sub(
        lambda found: found[0].translate(form.codes).encode("latin-1").decode("utf-8", "replace"), text
    )


@cache
def _form(name: str) -> _Form:
    signs = {byte: _sign(byte, name) for byte in range(LAST_ONE_BYTE, 0x100)}
    rest = _set(signs, 0x80, 0xBF)
    two, three, four = _set(signs, 0xC2, 0xDF), _set(signs, 0xE0, 0xEF), _set(signs, 0xF0, 0xF4)
    sequence = re.compile(f"{two}{rest}|{three}{rest}{{2}}|{four}{rest}{{3}}")
    return _Form(sequence, {ord(sign): byte for byte, sign in signs.items()})


def _sign(byte: int, encoding: str) -> str:
    """Return the character of a byte; browsers read one that is not assigned as a control character."""
    sign = bytes((byte,)).decode(encoding, "replace")
    return chr(byte) if ord(sign) == NO_CHARACTER else sign


def _set(signs: dict[int, str], first: int, last: int) -> str:
    """Return a set of a regular expression: the characters of some bytes, also as ISO 8859-1 has them."""
    controls = [chr(byte) for byte in range(first, last + 1) if byte in CONTROLS]
    return "[" + "".join(map(re.escape, [*(signs[byte] for byte in range(first, last + 1)), *controls])) + "]"


@cache
def _codes() -> np.ndarray:
    """Return for two bytes, the first ones of a character in UTF-8, in which encodings they may begin a misread sequence.

    The encodings are a set of bits.
    """
    table = np.zeros(1 << 16, np.uint8)
    for row, name in enumerate(MISREAD_AS):
        for lead in LEADS if name != KOI8 else KOI8_LEADS:
            code = _sign(lead, name).encode()
            table[code[0] << 8 | code[1]] |= 1 << row
    return table


@cache
def _sets_with(row: int) -> np.ndarray:
    """Return which sets of encodings hold the one in a row of `MISREAD_AS`."""
    return (np.arange(1 << len(MISREAD_AS)) >> row & 1).astype(bool)
