"""Idel.Реалии."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing, Sitemap


class IdelReal(Outlet):
    """The Volga-Ural project of Radio Free Europe/Radio Liberty, in Russian."""

    domains = ("idelreal.org",)
    languages = ("ru",)
    country = "CZ"
    kind = "public broadcaster"
    sources = (
        Feed("https://www.idelreal.org/api/"),
        Listing("https://www.idelreal.org/interview", pages="?p={page}"),
        Sitemap("https://www.idelreal.org/sitemap.xml", guessed=True),
    )
    article = r"https://www\.idelreal\.org/a/([^/]+/)?\d+\.html"
    daily = 15
    legal = "blocked in Russia since 2022-03-04"
    guessed = ("country", "kind", "article", "daily", "body", "title", "strip")
    title = ("h1.pg-title",)
    body = ("#article-content .wsw",)
    strip = (".media-block.also-read", ".wsw__embed", "#comments", ".comments--fb", ".share--box", ".media-block-wrap")
