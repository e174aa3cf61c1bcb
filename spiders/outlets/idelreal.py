"""Idel.Realii."""

from spiders.families import Pangea
from spiders.sources import Feed, Listing, Sitemap


class IdelReal(Pangea):
    """The Volga-Ural project of Radio Free Europe/Radio Liberty, in Russian."""

    domains = ("idelreal.org",)
    languages = ("ru",)
    clock = "ru"
    sources = (
        Feed("https://www.idelreal.org/api/"),
        Listing("https://www.idelreal.org/interview", pages="?p={page}"),
        Sitemap("https://www.idelreal.org/sitemap.xml"),
    )
    daily = 15
    legal = "blocked in Russia since 2022-03-04"
    seen = "sitemaps (2025)"
    guessed = ("country", "kind", "daily", "title", "body", "strip")
