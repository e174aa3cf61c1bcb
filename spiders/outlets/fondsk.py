"""The Strategic Culture Foundation."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing


class Fondsk(Outlet):
    """The web magazine of a Russian foundation."""

    domains = ("fondsk.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "foundation's web magazine"
    sources = (Feed("https://www.fondsk.ru/rss/", guessed=True), Listing("https://www.fondsk.ru/news/", guessed=True))
    article = r"https?://www\.fondsk\.ru/news/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/]+-\d+\.html"
    daily = 8
    legal = "banned medium in the EU (Regulation 2025/395)"
    seen = "addresses (2026): all match"
    guessed = ("kind", "daily")
