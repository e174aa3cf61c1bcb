"""StanRadar."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing


class StanRadar(Outlet):
    """A digest of news and analysis from all over Central Asia, most of it reprinted."""

    domains = ("stanradar.com",)
    languages = ("ru",)
    country = "KG"
    kind = "regional digest"
    sources = (
        Feed("https://stanradar.com/news/rss"),
        Listing("https://stanradar.com/news/list/country/kz", pages="?page={page}", guessed=True),
    )
    article = r"https?://(www\.)?stanradar\.com/news/full/\d+-[^/]+\.html"
    daily = 10
    legal = "blocked in Kazakhstan"
    guessed = ("country", "daily")
    strip = ("#disqus_thread",)
