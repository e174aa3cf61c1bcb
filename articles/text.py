"""Small things that every reader of text needs: how titles and lines are compared."""

import re

NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return letters and digits only, case-folded."""
    return NOT_WORD.sub("", text.casefold())
