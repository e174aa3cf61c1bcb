"""Make fixtures and repairs of an outlet from the captures that a check kept: `irtysh outlets adopt`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from articles.errors import InputError
from articles.model import Capture, Document
from flows.outlets.new import fixture
from flows.processing.limited_pages import PageReader
from spiders.outlet import Outlet


def add_fixtures(outlet: Outlet, pages: Sequence[Capture], fixtures: Path) -> list[Path]:
    """Add pages to an outlet's test fixtures with what is extracted from them now; return the paths of new pages.

    Pages whose URL is in the fixtures already are left out. InputError if the fixtures' list cannot be read.
    """
    folder = fixtures / outlet.name
    folder.mkdir(parents=True, exist_ok=True)
    listed = folder / "expected.json"
    try:
        expected: dict[str, Any] = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    except ValueError as error:
        raise InputError(f"{listed} is not valid JSON: {error}") from error
    known = expected.setdefault("pages", [])
    expected.setdefault("no_articles", [])
    urls = {page["url"] for page in known}
    added = []
    for page, document in _documents(outlet, pages):
        if page.url in urls:
            continue
        number = next(number for number in range(1, len(known) + 2) if not (folder / f"page-{number}.html").exists())
        known.append(fixture(folder, number, page, document))
        added.append(folder / f"page-{number}.html")
    listed.write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return added


def _documents(outlet: Outlet, pages: Sequence[Capture]) -> list[tuple[Capture, Document]]:
    with PageReader() as reader:
        outcomes = [(page, reader.outcome(page, outlet.site)) for page in pages]
    return [(page, outcome.documents[0]) for page, outcome in outcomes if outcome.documents]
