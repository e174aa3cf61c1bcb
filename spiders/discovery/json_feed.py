"""Parse JSON Feeds (jsonfeed.org): a feed whose entries are objects instead of elements."""

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from spiders.date_window import MAX_DATE_CHARS
from spiders.discovery import source_form
from spiders.discovery.entries import MAX_TEXT_CHARS, FeedText, SourceEntry

LINK_KEYS = ("url", "external_url", "id")  # the first one that gives a URL is used; an id need not be one


def read_json_feed(data: bytes, absolute: Callable[[str], str], *, full_text: bool) -> Iterator[SourceEntry]:
    """Yield the entries of a JSON Feed; other JSON yields nothing. `SourceError` if it has too many values."""
    feed = source_form.load_json(data)
    items = feed.get("items") if isinstance(feed, dict) else None
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        links = [_string(item, key) for key in LINK_KEYS if key != "id" or "://" in _string(item, key)]
        address = next((url for link in links if (url := absolute(link))), "")
        if address:
            yield SourceEntry(
                address,
                _string(item, "date_published")[:MAX_DATE_CHARS],
                _string(item, "date_modified")[:MAX_DATE_CHARS],
                text=_text(item) if full_text else None,
            )


def _string(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""


def _text(item: dict[str, Any]) -> FeedText | None:
    """Return the article text of an item; None if it has none."""
    lines = _string(item, "content_text").splitlines()
    html = _string(item, "content_html") or "".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())
    named = item.get("authors", [item.get("author")])
    authors = (
        [_string(author, "name") for author in named if isinstance(author, dict)] if isinstance(named, list) else []
    )
    title = _string(item, "title")
    return FeedText(title, html, tuple(filter(None, authors))) if 0 < len(html) <= MAX_TEXT_CHARS else None
