"""Orda."""

from spiders.outlet import Outlet
from spiders.sources import Listing, Sitemap


class Orda(Outlet):
    """An independent news site of Kazakhstan in Russian, Kazakh and English."""

    domains = ("orda.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "independent news"
    sources = (
        Sitemap("https://orda.kz/sitemap/sitemap_news1.xml", pages="https://orda.kz/sitemap/sitemap_news{page}.xml"),
        Sitemap(
            "https://kaz.orda.kz/sitemap/sitemap_news1.xml", pages="https://kaz.orda.kz/sitemap/sitemap_news{page}.xml"
        ),
        Sitemap(
            "https://en.orda.kz/sitemap/sitemap_news1.xml", pages="https://en.orda.kz/sitemap/sitemap_news{page}.xml"
        ),
        Listing("https://orda.kz/last-news/"),
    )
    article = r"https://((kaz|en)\.)?orda\.kz/(?!.*(__trashed|%ef%bf%bc|%ef%b8%8f))(?!last-news|sitemap|category|tag)[^/?#]+(-[^/?#]+){2,}/?"
    daily = 100
    seen = "addresses (2026): all match"
    guessed = ("kind", "article", "daily")
    date = ("time[datetime]",)
    strip = (".donate", ".fsoc", ".ad2")
    lines = ("RU | KZ | EN",)
