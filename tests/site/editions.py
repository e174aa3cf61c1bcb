"""What edition 2 of the web changes: planted edits, a deleted article, pages of which only the template changes."""

from typing import Final, NamedTuple


class Edit(NamedTuple):
    """One planted change in an article's file. `kind` is headline, number, quote, paragraph or correction."""

    kind: str
    old: str
    new: str


EDITS: Final[dict[tuple[str, str], tuple[Edit, ...]]] = {}
MODIFIED: Final = "2024-10-02T09:15:00"  # local time of the edits, shown by pages that tell it
DELETED: Final = frozenset[tuple[str, str]]()  # (outlet, slug) of articles that answer 410
REDESIGNED: Final = frozenset[tuple[str, str]]()  # same text under another template
