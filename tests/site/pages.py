"""Pages of the outlets: render an article's file with its template."""

import hashlib
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.site import dates, mustache, prose
from tests.site.editions import DELETED, EDITS, MODIFIED, REDESIGNED
from tests.site.outlets import OUTLETS, Outlet
from tests.site.prose import Article, Block
from tests.site.wire import Answer

TEASERS: Final = Path(__file__).parent / "prose" / "teasers"
MAX_RELATED: Final = 4  # entries in each list of related articles
GATED_PARAGRAPHS: Final = 2  # before a paywall, and repeated after it
LEAD_REPEATED_AFTER_BLOCKS: Final = 2  # where an aggregator repeats the lead
READ_ALSO_LABELS: Final = {
    "en": "Read also",
    "ru": "Читайте также",
    "kk": "Тағы оқыңыз",
    "kk-Latn": "Tağı oqıñız",
    "lt": "Taip pat skaitykite",
}
BLOCKS_BETWEEN_ADS: Final = 3
GONE: Final = "<!doctype html><title>410</title><h1>This page has been taken down</h1><p>Look at our front page.</p>"
MISSING: Final = "<!doctype html><title>{0}: not found</title><h1>Not found</h1><p><a href='/'>{0}</a></p>"

Values = dict[str, Any]


def answer(name: str, path: str, root: str, edition: int) -> Answer:
    """Return the page at a path of an outlet in an edition, with status 200, 301, 404 or 410.

    Unknown query parameters are ignored. A missing slash at the end causes a redirect.
    """
    outlet = OUTLETS[name]
    routes = by_path(name)
    if path not in routes:
        path, _, query = path.partition("?")
        if f"{path}/" in routes and not query:
            return Answer(301, [("Location", f"{root.format(name)}{path}/")])
    if path not in routes:
        return html_answer(MISSING.format(outlet.title), 404)
    slug = routes[path]
    if edition > 1 and (name, slug) in DELETED:
        return html_answer(GONE, 410)
    article = prose.article(name, slug, edition)
    text = mustache.render(article["template"] or outlet.template, values(article, root, edition))
    codec = article["charset"] or "utf-8"
    kind = "text/html" if article["charset"] else "text/html; charset=utf-8"
    body = text.encode(codec, "xmlcharrefreplace")
    headers = [("Content-Type", kind)]
    if outlet.validators:
        headers.append(("ETag", f'"{hashlib.sha256(body).hexdigest()[:16]}"'))
        headers.append(("Last-Modified", format_datetime(moment(modified(article, edition)), usegmt=True)))
    return Answer(200, headers, body)


def html_answer(text: str, status: int) -> Answer:
    return Answer(status, [("Content-Type", "text/html; charset=utf-8")], text.encode())


@cache
def by_path(name: str) -> dict[str, str]:
    """Return an outlet's slugs by path. ValueError if two pages have the same path."""
    routes: dict[str, str] = {}
    for article in prose.articles(name):
        if article["path"] in routes:
            raise ValueError(f"{name}: {routes[article['path']]} and {article.slug} share {article['path']}")
        routes[article["path"]] = article.slug
    return routes


def published(article: Article) -> str:
    """Return the time of publication with the outlet's offset, ISO 8601."""
    return article["published"] + OUTLETS[article.outlet].zone if article["published"] else ""


def modified(article: Article, edition: int) -> str:
    """Return the time of the last change with the outlet's offset, ISO 8601."""
    changed = edition > 1 and (article.outlet, article.slug) in {*EDITS, *REDESIGNED}
    local = MODIFIED if changed else article["modified"] or article["published"] or "2021-05-01T12:00:00"
    return local + OUTLETS[article.outlet].zone


def moment(iso: str) -> datetime:
    """Return a time in UTC."""
    return datetime.fromisoformat(iso).astimezone(UTC)


def values(article: Article, root: str, edition: int) -> Values:
    """Return all values that a template may use."""
    outlet = OUTLETS[article.outlet]
    base = root.format(outlet.name)
    lang = article["locale"] or article["lang"] or outlet.lang
    canonical = article["canonical"] or article["path"]
    authors = article.all("author")
    lists = related(article, root, edition)
    return {
        "site": outlet.title,
        "motto": outlet.motto,
        "host": outlet.host,
        "base": base,
        "lang": lang,
        "id": str(int(hashlib.sha256(article.slug.encode()).hexdigest()[:6], 16)),
        "url": base + article["path"],
        "canonical": base + canonical,
        "title": article["title"],
        "summary": article["summary"],
        "section": article["section"],
        "tags": [{"tag": tag} for tag in article.all("tag")],
        "authors": [{"author": author} for author in authors],
        "byline": ", ".join(authors),
        "published": published(article),
        "modified": modified(article, edition),
        "date": dates.visible(article["published"], lang),
        "blocks": with_insertions(article, lists["inline"]),
        "lead": article.blocks[0].html if article.blocks else "",
        "gated": [plain(block) for block in article.blocks[:GATED_PARAGRAPHS]] if article["lead"] == "gated" else [],
        "comments": [
            {"name": name, "comment": text, "number": n} for n, (name, text) in enumerate(article.parts("comment"), 1)
        ],
        "comment_list": bool(article.all("comment")),
        "comment_count": str(len(article.all("comment"))),
        "redesigned": edition > 1 and (article.outlet, article.slug) in REDESIGNED,
        "nonce": "@@nonce@@",
        "also_label": READ_ALSO_LABELS.get(lang, ""),
        "charset": article["charset"] or "utf-8",
        "line_breaks": bool(article["line_breaks"]),
        "paywall": bool(article["paywall"]),
        "json_ld": script_json(json_ld(article, base + canonical, edition)),
        "json_ld_with_body": script_json(json_ld(article, base + canonical, edition) | body_of(article)),
        "alternate": alternate(article, base),
        **credits_of(article, root),
        **{name: entries for name, entries in lists.items() if name != "inline"},
    }


def credits_of(article: Article, root: str) -> Values:
    """Return what a translation states about its original, and the original's text."""
    original = article.original
    outlet, _, path = article["source_page"].partition("/")
    return {
        "note": article["note"],
        "source_outlet": article["source_outlet"],
        "source_country": article["source_country"],
        "source_url": article["source_url"] or f"{root.format(outlet)}/{path}",
        "source_date": dates.visible(article["source_date"], "en"),
        "translators": ", ".join(article.all("translator")),
        "editors": ", ".join(article.all("editor")),
        "original": bool(original),
        "original_title": original["title"] if original else "",
        "original_blocks": [plain(block) for block in original.blocks] if original else [],
        "publication": article["publication"],
        "volume": article["volume"],
        "issue": article["issue"],
        "dateline": article["dateline"],
    }


def plain(block: Block) -> Values:
    kinds = {kind: block.kind == kind for kind in ("p", "h", "q")}
    return {**kinds, "html": block.html, "also": False, "figure": False, "ad": False, "lead_again": False}


def with_insertions(article: Article, inline: list[Values]) -> list[Values]:
    """Return the blocks with the insertions between them: read-also lines, pictures, advertisements."""
    also = {
        int(place): {"also_title": text, "also_url": link["href"]}
        for (place, text), link in zip(article.parts("also"), inline, strict=True)
    }
    pictures = {int(place): text for place, text in article.parts("caption")}
    found: list[Values] = []
    for n, block in enumerate(article.blocks, 1):
        caption, _, credit = pictures.get(n, "").partition("|")
        found.append(
            plain(block)
            | {"also": n in also, **also.get(n, {})}
            | {"figure": n in pictures, "caption": caption.strip(), "credit": credit.strip(), "picture": f"{n}.jpg"}
            | {"lead_again": article["lead"] == "twice" and n == LEAD_REPEATED_AFTER_BLOCKS}
            | {"ad": n % BLOCKS_BETWEEN_ADS == 0 and n < len(article.blocks), "ad_number": str(n)}
        )
    return found


def related(article: Article, root: str, edition: int) -> dict[str, list[Values]]:
    """Return the lists of other articles around one: invented teasers, and articles of the same outlet."""
    base = root.format(article.outlet)
    others = [other for other in prose.articles(article.outlet, edition) if other.slug != article.slug and other.blocks]
    entries = [
        {"other": other["title"], "href": base + other["path"], "by": ", ".join(other.all("author"))}
        for other in others
    ]
    made_up = [
        {"other": title, "href": f"{base}/archive/{n}/", "by": "admin"}
        for n, title in enumerate(teasers(article.outlet), 1)
    ]
    pool = made_up + entries
    start = len(article.slug) % len(pool) if pool else 0
    turned = pool[start:] + pool[:start]
    inline = [{"href": f"{base}/archive/also-{n}/"} for n, _ in enumerate(article.all("also"))]
    return {
        "related": turned[:MAX_RELATED],
        "hot": made_up[:MAX_RELATED],
        "latest": turned[MAX_RELATED : 2 * MAX_RELATED],
        "listed": entries,
        "inline": inline,
    }


@cache
def teasers(name: str) -> tuple[str, ...]:
    """Return the invented headlines of an outlet, if it has a list of them."""
    file = TEASERS / f"{name}.list"
    return tuple(file.read_text("utf-8").splitlines()) if file.exists() else ()


def json_ld(article: Article, url: str, edition: int) -> Values:
    """Return the JSON-LD of type NewsArticle."""
    outlet: Outlet = OUTLETS[article.outlet]
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article["title"],
        "description": article["summary"],
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "datePublished": published(article),
        "dateModified": modified(article, edition),
        "author": [{"@type": "Person", "name": author} for author in article.all("author")],
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.title},
        "articleSection": article["section"],
        "inLanguage": article["lang"],
        "isAccessibleForFree": True,
    }


def body_of(article: Article) -> Values:
    """Return the article body for JSON-LD, for pages that show the text by script only."""
    return {"articleBody": "\n\n".join(article.paragraphs)}


def script_json(data: Values) -> str:
    """Return JSON that is safe inside a script element."""
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")


def alternate(article: Article, base: str) -> list[Values]:
    """Return the link to the article in another language, if its file names one."""
    lang, _, path = article["alternate"].partition(" ")
    return [{"other_lang": lang, "other_url": base + path}] if lang else []
