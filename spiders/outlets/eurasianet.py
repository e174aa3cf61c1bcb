"""Eurasianet."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Eurasianet(Outlet):
    """Independent regional news on Central Asia and the Caucasus; a Drupal site with flat article addresses."""

    domains = ("eurasianet.org",)
    languages = ("en", "ru")
    country = "US"
    kind = "independent regional news"
    sources = (
        Feed("https://eurasianet.org/rss.xml", guessed=True),
        Sitemap("https://eurasianet.org/sitemap.xml", pages="?page={page}"),
    )
    article = r"https://(russian\.)?eurasianet\.org/(?!latest$|about$|search$|node$)[a-z0-9-]+"
    daily = 4
    guessed = ("country", "daily", "body")
    body = ("article .field--name-body",)
