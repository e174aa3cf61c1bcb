"""Pages of our own wording, each with one difficulty, and what must come of them.

Each folder of `cases` holds `page.html` and `expected.json`: `url`, and any of `must` (texts that the document holds),
`mustnot`, `title`, `published`, `modified` (a value, or a list of right ones), `authors`, `paragraphs` (their number),
`content_type`, `fetched` (when the page was captured) and `rejected` (true: the page is no article). To add a case, add
a folder.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from articles.extract import extract
from articles.model import Capture, CaptureRef

CASES = Path(__file__).parent / "cases"
FETCHED = "2026-11-26T12:00:00"  # UTC, unless a case says otherwise


@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir() if folder.is_dir()))
def test_case(name: str) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    assert faults(name, expected) == []


def faults(name: str, expected: dict[str, Any]) -> list[str]:
    """Return what is wrong with the outcome of a case, in words."""
    fetched = datetime.fromisoformat(expected.get("fetched", FETCHED)).replace(tzinfo=UTC)
    headers = (("content-type", expected.get("content_type", "text/html")),)
    body = (CASES / name / "page.html").read_bytes()
    got = extract(Capture(CaptureRef("case", 0, name), expected["url"], "case", fetched, 200, headers, body, "case"))
    if expected.get("rejected"):
        return [] if got.reason else ["kept as a document"]
    if got.reason:
        return [f"rejected: {got.reason} {got.detail}"]
    main, text = got.documents[0], "\n".join("\n".join(document.paragraphs) for document in got.documents)
    found = [f"missing {part!r}" for part in expected.get("must", ()) if part not in text]
    found += [f"holds {part!r}" for part in expected.get("mustnot", ()) if part in text]
    for key in ("title", "published", "modified"):
        right = expected.get(key)
        if right is not None and getattr(main, key) not in (right if isinstance(right, list) else [right]):
            found.append(f"{key} {getattr(main, key)!r}, not {right!r}")
    if "authors" in expected and list(main.authors) != expected["authors"]:
        found.append(f"authors {list(main.authors)}, not {expected['authors']}")
    if "paragraphs" in expected and len(main.paragraphs) != expected["paragraphs"]:
        found.append(f"{len(main.paragraphs)} paragraphs, not {expected['paragraphs']}")
    return found
