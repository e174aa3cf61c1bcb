"""Rhythm of Eurasia."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing


class RitmEurasia(Outlet):
    """A Russian portal of analysis on Eurasian integration."""

    domains = ("ritmeurasia.org", "ritmeurasia.ru")
    languages = ("ru",)
    country = "RU"
    kind = "analysis portal"
    sources = (
        Feed("https://www.ritmeurasia.ru/rss.php", guessed=True),
        Listing("https://www.ritmeurasia.ru/", guessed=True),
    )
    article = r"https?://www\.ritmeurasia\.(org|ru)/news--(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)--[^/]+-\d+"
    daily = 6
    legal = "OFAC: listed under EO 14024"
    guessed = ("languages", "country", "kind", "article", "daily")
