"""What a topic says of a document: its verdict, and the words on which it rests."""

from dataclasses import dataclass
from enum import StrEnum


class Relevance(StrEnum):
    """Whether a document is about what its topic asks for."""

    ACCEPT = "accept"
    REVIEW = "review"  # it falls a little short: kept with this flag, for a person to look at
    REJECT = "reject"


class Place(StrEnum):
    """Where in a document a word stands."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a topic in a document, those alike in one place together."""

    term: str  # what they count as: "KZ:capital", "bilateral", "context", "other:france", "genre:sport"
    form: str  # as the document has it
    place: Place
    offsets: tuple[int, ...]  # characters into the title or, for lead and body, into the document's text
