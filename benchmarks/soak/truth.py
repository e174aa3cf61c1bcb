"""Compare the corpus at the end of a soak with what was planted."""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from typing import Any

from articles.model import Capture
from benchmarks.soak.web import Article, PlantedWeb, ServedPage
from storage.captures.segments import list_segments, read_segment
from storage.corpus import StoredCorpus
from storage.export.selection import Selection
from storage.objects import open_store
from tests.site import bulk

EVERYTHING = Selection(with_duplicates=True, with_review=True)
MAX_NAMED = 20
OK = 200


def compare(
    store: str, web: PlantedWeb, served: AbstractSet[ServedPage], killed: AbstractSet[ServedPage]
) -> dict[str, Any]:
    """Compare the newest snapshot with what the outlets have now, and the captures with the pages that were served.

    `killed` are those of `served` that only a run got that was killed before it had stored them.
    """
    snapshot = StoredCorpus.open(store).snapshot()
    found = {article_at(row["url"]): row for row in snapshot.documents(EVERYTHING)}
    view = snapshot._contents.view.documents.values()  # noqa: SLF001  deleted articles are in no public listing
    gone = {article_at(document.head.url) for document in view if document.gone}
    asked = {page.article for page in served}
    present = sorted(article for article in asked if not web.is_deleted(article))
    missing = [article for article in present if article not in found]
    wrong, extra = [], 0
    for article in present:
        if article in found:
            others, more = _differs(web, article, found[article]["text"])
            extra += more
            if others:
                wrong.append(article)
    captured = captures(store)
    lost = {page for page in served if page not in captured}
    deleted = [article for article in asked if web.is_deleted(article)]
    published = {(name, number) for name in web.names for number in web.numbers(name)}
    never = [one for one in published - asked if web.deleted.get(one, web.day) >= web.day]
    return {
        "planted": len(present),
        "recall": round(1 - len(missing) / len(present), 4) if present else None,
        "missing": _named(missing),
        "never served": _named(sorted(never)),
        "wrong texts": len(wrong),
        "wrong": _named(wrong),
        "extra lines": extra,  # such as bylines
        "deleted": len(deleted),
        "seen as deleted": sum(article in gone for article in deleted),
        "pages served": len(served),
        "lost captures": len(lost - killed),
        "lost in kills": len(lost & killed),  # at most a minute of fetching each; fetched again later
    }


def article_at(url: str) -> Article:
    """Return the outlet and number that a URL names."""
    host, _, path = url.partition("://")[2].partition("/")
    return host.partition(".")[0], int(path.removeprefix("a/").removesuffix(".html"))


def captures(store: str) -> set[ServedPage]:
    """Return the pages whose captures are in the store."""
    opened = open_store(store)
    found = set()
    for key in list_segments(opened):
        for record in read_segment(opened.get(key), key):
            if isinstance(record, Capture) and record.status == OK and "/a/" in record.url:
                found.add(ServedPage(article_at(record.url), record.header("etag")))
    return found


def _differs(web: PlantedWeb, article: Article, text: str) -> tuple[bool, int]:
    """Return whether a text lacks lines or has lines of another edition, and how many lines it has besides."""
    lines = _lines(text.splitlines())
    wanted = _lines(web.paragraphs(*article))
    others = _lines(bulk.article(article[1], salt=article[0]).paragraphs) - wanted
    return bool(wanted - lines or others & lines), len(lines - wanted - others)


def _lines(texts: Collection[str]) -> set[str]:
    return {" ".join(text.split()) for text in texts} - {""}


def _named(articles: Collection[Article]) -> list[str]:
    return [f"{name}/{number}" for name, number in articles][:MAX_NAMED]
