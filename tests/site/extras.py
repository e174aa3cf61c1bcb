"""The other resources of an outlet: robots.txt, feeds, sitemaps, pictures and styles."""

import gzip
from collections.abc import Iterable
from email.utils import format_datetime
from html import escape
from typing import Final

from tests.site import pages, prose
from tests.site.hostile.contents import png
from tests.site.outlets import OUTLETS, PUBLISHERS, Outlet
from tests.site.prose import Article
from tests.site.wire import Answer

CRAWL_DELAY: Final = 0.1  # seconds, in robots.txt
XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS: Final = "http://www.google.com/schemas/sitemap-news/0.9"
MAX_FEED_ENTRIES: Final = 8


def answer(name: str, path: str, root: str, edition: int) -> Answer | None:
    """Return the resource at a path of an outlet, or None if the path is not one of these."""
    outlet = OUTLETS[name]
    base = root.format(name)
    found = [a for a in prose.articles(name, edition) if a.blocks and not a["path"].startswith(outlet.disallowed)]
    match path:
        case "/robots.txt":
            return typed("text/plain; charset=utf-8", robots(outlet, base))
        case "/feed/" if outlet.feed != "none":
            return typed(*feed(outlet, base, found[:MAX_FEED_ENTRIES], edition))
        case "/sitemap.xml":
            return typed("application/xml", sitemap_index(base))
        case "/sitemap-articles.xml.gz":
            return Answer(
                200,
                [("Content-Type", "application/gzip")],
                gzip.compress(sitemap(base, found, edition).encode(), mtime=0),
            )
        case "/sitemap-news.xml":
            return typed("application/xml", news_sitemap(outlet, base, found[:MAX_FEED_ENTRIES]))
        case _ if path.endswith((".jpg", ".png", ".ico")):
            return Answer(200, [("Content-Type", "image/png")], png())
        case _ if path.endswith((".css", ".js")):
            return typed("text/css" if path.endswith(".css") else "text/javascript", "/* nothing */\n")
    return None


def typed(kind: str, text: str) -> Answer:
    return Answer(200, [("Content-Type", kind)], text.encode())


def robots(outlet: Outlet, base: str) -> str:
    rules = [
        "User-agent: *",
        f"Disallow: {outlet.disallowed}",
        f"Crawl-delay: {CRAWL_DELAY}",
        "",
        f"Sitemap: {base}/sitemap.xml",
    ]
    return "\n".join([*rules, ""])


def common_robots() -> str:
    """Return the robots.txt of the server itself, where every outlet is a folder."""
    folders = [f"Disallow: /{name}{OUTLETS[name].disallowed}" for name in PUBLISHERS]
    return "\n".join(["User-agent: *", *folders, f"Crawl-delay: {CRAWL_DELAY}", ""])


def feed(outlet: Outlet, base: str, found: list[Article], edition: int) -> tuple[str, str]:
    """Return the type and text of an outlet's feed."""
    if outlet.feed == "atom":
        return "application/atom+xml; charset=utf-8", atom(outlet, base, found, edition)
    text = rss(outlet, base, found)
    if outlet.feed == "broken":  # a bare ampersand, an unknown entity, an unclosed tag, a missing end
        text = text.replace("<channel>", "<channel><copyright>Курьер & Ко&nbsp;2024</copyright><ttl>", 1)
        text = text.removesuffix("</channel></rss>\n")
    return "application/rss+xml; charset=utf-8", text


def rss(outlet: Outlet, base: str, found: list[Article]) -> str:
    items = "".join(
        f"<item><title>{escape(article['title'])}</title><link>{base}{escape(article['path'])}</link>"
        f'<guid isPermaLink="false">{outlet.name}-{article.slug}</guid>'
        f"<pubDate>{format_datetime(pages.moment(pages.published(article)))}</pubDate>"
        f"<category>{escape(article['section'])}</category>"
        f"<description><![CDATA[<p>{article['summary']}</p>]]></description></item>\n"
        for article in found
    )
    return (
        f'{XML_HEAD}<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{outlet.title}</title>'
        f"<link>{base}/</link><description>{outlet.motto}</description><language>{outlet.lang}</language>"
        f'<atom:link href="{base}/feed/" rel="self" type="application/rss+xml"/>\n{items}</channel></rss>\n'
    )


def atom(outlet: Outlet, base: str, found: list[Article], edition: int) -> str:
    entries = "".join(
        f"<entry><title>{escape(article['title'])}</title><id>tag:{outlet.host},2020:{article.slug}</id>"
        f'<link rel="alternate" href="{base}{escape(article["path"])}"/>'
        f"<published>{pages.published(article)}</published><updated>{pages.modified(article, edition)}</updated>"
        f"<summary>{escape(article['summary'])}</summary></entry>\n"
        for article in found
    )
    newest = max(pages.modified(article, edition) for article in found)
    return (
        f'{XML_HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.lang}"><title>{outlet.title}</title>'
        f'<id>tag:{outlet.host},2020:feed</id><updated>{newest}</updated><link href="{base}/"/>\n{entries}</feed>\n'
    )


def sitemap_index(base: str) -> str:
    parts = "".join(
        f"<sitemap><loc>{base}/{part}</loc></sitemap>" for part in ("sitemap-articles.xml.gz", "sitemap-news.xml")
    )
    return f'{XML_HEAD}<sitemapindex xmlns="{SITEMAP}">{parts}</sitemapindex>\n'


def sitemap(base: str, found: Iterable[Article], edition: int) -> str:
    rows = "".join(
        f"<url><loc>{base}{escape(article['path'])}</loc><lastmod>{pages.modified(article, edition)}</lastmod></url>\n"
        for article in found
    )
    return f'{XML_HEAD}<urlset xmlns="{SITEMAP}">{rows}</urlset>\n'


def news_sitemap(outlet: Outlet, base: str, found: Iterable[Article]) -> str:
    rows = "".join(
        f"<url><loc>{base}{escape(article['path'])}</loc><news:news><news:publication><news:name>{outlet.title}</news:name>"
        f"<news:language>{article['lang']}</news:language></news:publication>"
        f"<news:publication_date>{pages.published(article)}</news:publication_date>"
        f"<news:title>{escape(article['title'])}</news:title></news:news></url>\n"
        for article in found
    )
    return f'{XML_HEAD}<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}">{rows}</urlset>\n'
