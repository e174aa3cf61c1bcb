"""Load the planted edits: articles of our own in several languages, each edited on purpose in one place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from articles.history.edits import EditKind
from articles.model import Document, Role

WITHIN = ("number", "name", "quote", "wording", "typography", "typo", "addition", "deletion")


@dataclass(frozen=True, slots=True)
class Planted:
    """One edit, with the article before and after it."""

    kind: EditKind
    what: str
    place: int  # number of the paragraph in the new version; -1 is the title
    old: Document
    new: Document


def planted() -> list[Planted]:
    """Return every edit of `planted_edits.yaml`."""
    data = yaml.safe_load(Path(__file__).with_name("planted_edits.yaml").read_text("utf-8"))
    return [edit for lang, article in data.items() for edit in _in_article(lang, article)]


def _in_article(lang: str, article: dict[str, Any]) -> Iterator[Planted]:
    old = Document(
        article_id="0" * 16,
        url="https://example.org/a",
        canonical_url="https://example.org/a",
        outlet="example.org",
        lang=lang,
        role=Role.MAIN,
        title=article["title"],
        paragraphs=tuple(article["text"]),
        modified="2024-05-07T10:00:00+05:00",
    )
    for before, after in article["headline"]:
        yield Planted(EditKind.HEADLINE, after, -1, old, replace(old, title=_once(old.title, before, after)))
    for kind in WITHIN:
        for before, after in article[kind]:
            (place,) = (number for number, text in enumerate(old.paragraphs) if before in text)
            texts = list(old.paragraphs)
            texts[place] = _once(texts[place], before, after)
            yield Planted(EditKind(kind), after or before, place, old, replace(old, paragraphs=tuple(texts)))
    for edit in article["paragraphs"]:
        texts = list(old.paragraphs)
        if isinstance(edit, int):
            yield Planted(EditKind.DELETION, texts.pop(edit), edit, old, replace(old, paragraphs=tuple(texts)))
        else:
            place, text = edit
            texts.insert(place, text)
            yield Planted(EditKind.ADDITION, text, place, old, replace(old, paragraphs=tuple(texts)))


def _once(text: str, before: str, after: str) -> str:
    assert text.count(before) == 1, before
    return text.replace(before, after)
