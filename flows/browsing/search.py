"""Full-text search in the SQLite file of a pull: the condition of a query, and the place to show of a text."""

import re
from dataclasses import dataclass

from storage.export.text_query import terms_of

MIN_INDEXED_CHARS = 3  # the index holds trigrams; shorter terms are looked for in the texts themselves
SNIPPET_CHARS = 240  # of a text, around the first term
BEFORE_CHARS = 80  # of these, before the term


@dataclass(frozen=True, slots=True)
class SearchCondition:
    """A condition on rows of `documents`, and its parameters."""

    clauses: list[str]
    values: dict[str, str]


def condition(query: str) -> SearchCondition:
    """Return the condition that title or text have all terms of a query, also inside longer words."""
    clauses, values = [], {}
    terms = terms_of(query)
    if indexed := [term for term in terms if len(term) >= MIN_INDEXED_CHARS]:
        clauses.append("id IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH :irtysh_terms)")
        values["irtysh_terms"] = " AND ".join('"' + term.replace('"', '""') + '"' for term in indexed)
    short = [term for term in terms if len(term) < MIN_INDEXED_CHARS]
    for number, term in enumerate(short):  # SQLite itself ignores the case of Latin letters only
        forms = sorted({term, term.upper(), term.capitalize()})
        names = {f"irtysh_short_{number}_{at}": form for at, form in enumerate(forms)}
        found = (f"instr(title, :{name}) OR instr(text, :{name})" for name in names)
        clauses.append(f"({' OR '.join(found)})")
        values |= names
    return SearchCondition(clauses, values)


def snippet(text: str, query: str) -> list[tuple[str, bool]]:
    """Return a part of a text around the first term of a query, in pieces; the flag says that a piece is a term."""
    terms = terms_of(query)
    pattern = re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True))) or "(?!)", re.IGNORECASE)
    first = pattern.search(text)
    start = max(0, first.start() - BEFORE_CHARS) if first else 0
    if start:  # begin with a whole word
        start = text.find(" ", start, first.start() if first else None) + 1 or start
    part = " ".join(text[start : start + SNIPPET_CHARS].split())
    pieces, at = [("… ", False)] if start else [], 0
    for match in pattern.finditer(part):
        pieces += [(part[at : match.start()], False), (match[0], True)]
        at = match.end()
    pieces.append((part[at:], False))
    if start + SNIPPET_CHARS < len(text):
        pieces.append((" …", False))
    return [piece for piece in pieces if piece[0]]
