"""Kommersant."""

from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, Sitemap


class Kommersant(Outlet):
    """A business newspaper of Moscow."""

    domains = ("kommersant.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "newspaper"
    sources = (
        Feed("https://www.kommersant.ru/RSS/news.xml"),
        Feed("https://www.kommersant.ru/rss/section-world.xml"),
        Sitemap("https://www.kommersant.ru/sitemaps/sitemap_news.xml"),
        Archive("https://www.kommersant.ru/archive/list/77/{yyyy}-{mm}-{dd}"),
    )
    article = r"https://www\.kommersant\.ru/doc/\d+"
    drop = ("from",)
    daily = 200
    legal = "robots.txt probably bars unknown robots: what it bars is recorded as refused"
    seen = "a page (2025); text: F1 1.00, date and author right"
    guessed = ("daily", "legal")
    body = (".article_text_wrapper",)
    author = ("p.document_authors", "//article/@data-analytics-authors")
    strip = (
        "p.document_authors",
        ".incut",
        ".doc_footer",
        ".doc_footer__subscribe",
        ".gs_subscribe",
        ".network_share",
        ".crumbs",
        ".js-social",
    )
    lines = ("Выйти из полноэкранного режима Развернуть на весь экран",)
