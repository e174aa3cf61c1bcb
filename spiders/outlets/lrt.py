"""LRT."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Lrt(Outlet):
    """The public broadcaster of Lithuania."""

    domains = ("lrt.lt",)
    languages = ("lt",)
    country = "LT"
    kind = "public broadcaster"
    sources = (
        Feed("https://www.lrt.lt/?rss"),
        Feed("https://www.lrt.lt/naujienos/pasaulyje?rss"),
        Sitemap("https://www.lrt.lt/servisai/sitemap/sitemap-index.xml"),
    )
    article = r"https://www\.lrt\.lt/([a-z-]+/)+\d+/\d+/[^/?#]+"
    daily = 150
    refuse = r"lrt\.lt/(en/)?mediateka/"
    seen = "2 pages (2020, 2024); text: F1 1.00, dates 2 of 2, author right"
    guessed = ("daily",)
    title = ("h1.title-block__heading", "article h1")
    body = ("div.article-content.js-text-selection",)
    strip = (
        ".media-block",
        ".gallery-block",
        ".article-content__inline-block",
        "//p[starts-with(normalize-space(), 'Taip pat skaitykite')]",
        "//p[starts-with(normalize-space(), 'Skaitykite daugiau')]",
        "//p[starts-with(normalize-space(), 'Daugiau apie')]",
        "//p[starts-with(normalize-space(), 'LRT.lt primena')]",
    )
