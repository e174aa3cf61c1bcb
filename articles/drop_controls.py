"""Drop control characters, direction marks and passwords from the outcome of a page, and record what was dropped."""

from collections import Counter
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from articles.harmless import CONTROL, controls_in, without_controls, without_passwords, without_user
from articles.model import Document, Outcome, Reason, Removal
from articles.page.sizes import MIN_TEXT_CHARS

RULE = "characters:control"
REASON = "characters"


def drop_controls(outcome: Outcome) -> Outcome:
    """Return the outcome with harmless texts; one removal with the counts of the dropped characters is added.

    A page whose text consists of such characters has no article.
    """
    dropped: Counter[str] = Counter()
    documents = tuple(_document(document, dropped) for document in outcome.documents)
    removals = tuple(_cleaned(removal, Counter()) for removal in outcome.removals)
    detail = without_passwords(without_controls(outcome.detail))
    if dropped:
        counts = ", ".join(f"{name} x{number}" for name, number in sorted(dropped.items()))
        removals = (Removal(RULE, REASON, counts, 0), *removals)
        if _size(documents) < MIN_TEXT_CHARS <= _size(outcome.documents):
            return Outcome.rejected(Reason.NO_ARTICLE, "control characters in place of a text", removals)
    return replace(outcome, documents=documents, removals=removals, detail=detail)


def _document(document: Document, dropped: Counter[str]) -> Document:
    cleaned: Document = _cleaned(document, dropped)
    return replace(
        cleaned,
        paragraphs=_filled(cleaned.paragraphs),
        authors=_filled(cleaned.authors),
        translators=_filled(cleaned.translators),
        editors=_filled(cleaned.editors),
        tags=_filled(cleaned.tags),
        source_url=without_user(cleaned.source_url),
    )


def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(filter(None, texts))


def _size(documents: tuple[Document, ...]) -> int:
    return sum(len(text) for document in documents for text in document.paragraphs)


def _cleaned(value: Any, dropped: Counter[str]) -> Any:
    """Return a value with all texts inside of it cleaned; the value itself if nothing is dropped."""
    if type(value) is str:
        if value.isprintable() or CONTROL.search(value) is None:  # no character of `CONTROL` is printable
            return value
        dropped.update(controls_in(value))
        return without_controls(value)
    if isinstance(value, tuple):
        parts = tuple(_cleaned(part, dropped) for part in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for name in _names(type(value)):
            part = getattr(value, name)
            new = _cleaned(part, dropped)
            if new is not part:
                changed[name] = new
        return replace(value, **changed) if changed else value
    return value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))
