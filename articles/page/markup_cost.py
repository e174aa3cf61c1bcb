"""What parsing HTML or XML would cost, judged from the bytes alone in linear time. Parsers need quadratic time for some.

A tag ends where parsers end it: a `>` inside a quoted value does not count, and a quote counts only after `=`.
"""

import re
from collections.abc import Iterator

LESS_THAN = ord("<")
MIN_ATTRIBUTE_BYTES = 2  # of one attribute in a tag: a letter and a space
# Scripts and styles hold no tags. The quantifiers are possessive, so no byte is read twice.
TAG = re.compile(
    rb"<[Ss](?:[Cc][Rr][Ii][Pp][Tt]|[Tt][Yy][Ll][Ee])\b[^>]*+>(?:[^<]++|<(?!/[Ss]))*+"
    rb"|(<[A-Za-z_:\x80-\xff](?:[^>=]++|=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)?+)*+)"
)
VALUE = re.compile(rb"=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"']*+)")
BETWEEN = re.compile(rb"[\s/]++")


def tag_count(body: bytes) -> int:
    """Return the number of "<" in a body."""
    import numpy as np  # noqa: PLC0415  a crawl that reads no sources does without it

    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == LESS_THAN))  # bytes.count is ten times slower


def crowded_tag(body: bytes, most: int) -> int:
    """Return the number of attributes of the first tag with more than `most` attributes; 0 if there is none."""
    for tag in _long_tags(body, most * MIN_ATTRIBUTE_BYTES):
        attributes = attribute_count(tag)
        if attributes > most:
            return attributes
    return 0


def attribute_count(tag: bytes) -> int:
    """Return the number of attributes of a tag."""
    return len(BETWEEN.split(VALUE.sub(b" ", tag).strip())) - 1


def _long_tags(body: bytes, size: int) -> Iterator[bytes]:
    """Yield the tags longer than `size` bytes, also an unclosed one at the end."""
    for found in TAG.finditer(body):
        if found.end(1) - found.start(1) > size:
            yield found[1]
