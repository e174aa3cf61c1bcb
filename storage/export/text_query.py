"""Find documents whose title or text has given words."""

import re

import pyarrow as pa
import pyarrow.compute as pc

PART = re.compile(r'"([^"]+)"|(\S+)')


def terms_of(query: str) -> tuple[str, ...]:
    """Return the terms of a query in lower case: its words, and phrases in quotation marks."""
    return tuple(
        (phrase or word).strip('"').lower() for phrase, word in PART.findall(query) if (phrase or word).strip('" ')
    )


def found_in(query: str, *texts: str) -> bool:
    """Whether each term of a query occurs in one of the texts, in upper or lower case, also inside a word."""
    lowered = [text.lower() for text in texts]
    return all(any(term in text for text in lowered) for term in terms_of(query))


def matching(rows: pa.Table, query: str, columns: tuple[str, ...] = ("title", "text")) -> pa.Table:
    """Return the rows in which each term of a query occurs in one of the columns."""
    if not terms_of(query):
        return rows
    lowered = [pc.utf8_lower(rows.column(name)) for name in columns]
    for term in terms_of(query):
        hits = [pc.match_substring(column, term) for column in lowered]
        found = hits[0]
        for hit in hits[1:]:
            found = pc.or_kleene(found, hit)
        rows, lowered = rows.filter(found), [column.filter(found) for column in lowered]
    return rows
