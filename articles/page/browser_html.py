"""Change markup that libxml2 reads otherwise than browsers do, so that it reads the same tree.

It knows the elements of HTML 4 only: it reads what follows `<wbr>` or `<embed>` as their content. Behind `</html>` it
reads nothing, and what follows `</body>` is not in the body; browsers go on in the body.
"""

import re

# In capitals or small letters, as pages write them; a look for each is faster than one that ignores case.
VOID_STARTS = tuple(
    f"<{name}".encode() for tag in ("wbr", "embed", "bgsound", "spacer", "keygen") for name in (tag, tag.upper())
)
# Nothing in these two reads past the next "<", so that the time is linear. A tag has up to 1,000 parts: values, and what lies
# between them. Their group is not possessive, since Python before 3.11.4 matches such groups otherwise.
BREAK_OPPORTUNITY = re.compile(rb"</?wbr(?:[\s/](?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'){0,1000})?>", re.IGNORECASE)
VOID = re.compile(
    rb"<(embed|bgsound|spacer|keygen)\b(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'){0,1000}>(?!\s*+</\1\b)", re.IGNORECASE
)
ENDS = (b"</body", b"</html", b"</BODY", b"</HTML")
END = re.compile(rb"</(?:body|html)\s*>", re.IGNORECASE)
MIN_TEXT_BYTES = 200  # behind the end of a page, for it to be no end


def rewritten(markup: bytes) -> bytes:
    """Return HTML that libxml2 reads as browsers read the given one."""
    if any(start in markup for start in VOID_STARTS):
        markup = VOID.sub(rb"\g<0></\1>", BREAK_OPPORTUNITY.sub(b"", markup))
    first = min((at for end in ENDS if (at := markup.find(end)) >= 0), default=-1)
    if first < 0:
        mixed = END.search(markup)
        first = mixed.start() if mixed else len(markup)
    return END.sub(b"", markup) if first < len(markup) - MIN_TEXT_BYTES else markup
