"""CABAR.asia."""

from spiders.families import WordPress
from spiders.sources import Feed, Listing, Sitemap


class Cabar(WordPress):
    """An analytical platform on Central Asia of the Institute for War and Peace Reporting, in English and Russian."""

    domains = ("cabar.asia",)
    languages = ("en", "ru")
    country = "KG"
    kind = "analytical platform"
    sources = (
        Feed("https://cabar.asia/en/feed", pages="?paged={page}"),
        Listing("https://cabar.asia/ru/category/ru", pages="page/{page}", guessed=True),
        Sitemap("https://cabar.asia/en/sitemap.xml"),
    )
    article = r"https://cabar\.asia/(en|ru)/(?!category/|tag/|author/|page/|feed|sitemap)[^/?#]+/?"
    daily = 3
    seen = "addresses (2026): all match"
    guessed = ("country", "article", "daily")
