"""Eurasianet."""

from spiders.outlet import Outlet


class Eurasianet(Outlet):
    """Independent regional news on Central Asia and the Caucasus; a Drupal site with flat article addresses."""

    domains = ("eurasianet.org",)
    languages = ("en", "ru")
    country = "US"
    kind = "independent regional news"
    feeds = ("https://eurasianet.org/rss.xml",)
    sitemaps = ("https://eurasianet.org/sitemap.xml",)
    article = r"https://(russian\.)?eurasianet\.org/(?!latest$|about$|search$|node$)[a-z0-9-]+"
    guessed = ("country", "feeds")
