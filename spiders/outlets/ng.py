"""Nezavisimaya Gazeta."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing


class Ng(Outlet):
    """A Moscow newspaper with a section on the countries of the CIS."""

    domains = ("ng.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "newspaper"
    sources = (
        Feed("https://www.ng.ru/rss/"),
        Listing("https://www.ng.ru/cis/", links="div.anonce h3 a"),
    )
    article = r"https://www\.ng\.ru/([a-z_]+/(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)/\d+_\w+\.html|news/\d+\.html)"
    daily = 40
    seen = "addresses that others cite, old ones too"
    guessed = ("kind", "daily")
    body = ("article.typical",)
    date = ("p.info span.date",)
    strip = ("span.descrPhoto", ".b-article-share", ".sideitem")
