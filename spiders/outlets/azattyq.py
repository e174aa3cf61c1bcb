"""Azattyq."""

from spiders.families import Pangea
from spiders.sources import Feed, Listing, Sitemap


class Azattyq(Pangea):
    """The Kazakh service of Radio Free Europe/Radio Liberty, in Kazakh and Russian."""

    domains = ("azattyq.org",)
    languages = ("kk", "ru")
    clock = "kz"
    sources = (
        Feed("https://rus.azattyq.org/api/zgroqe_uoq"),
        Feed("https://rus.azattyq.org/api/z_roperuom"),
        Feed("https://rus.azattyq.org/api/zjrooeyuoo"),
        Feed("https://rus.azattyq.org/api/zororegtor"),
        Listing("https://rus.azattyq.org/z/360", pages="?p={page}"),
        Listing("https://rus.azattyq.org/z/2231", pages="?p={page}"),
        Sitemap("https://www.azattyq.org/sitemap.xml"),
        Sitemap("https://rus.azattyq.org/sitemap.xml"),
    )
    daily = 40
    legal = "blocked in Russia"
    seen = "sitemaps (2025), whose videos are told by address"
    guessed = ("country", "kind", "daily", "legal")
    body = ("#article-content .wsw", ".intro")
    lines = ("Доступность ссылок", "Срочные новости:")
