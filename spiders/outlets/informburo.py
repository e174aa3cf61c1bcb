"""Informburo."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing, Sitemap


class Informburo(Outlet):
    """The news site of Channel 31 of Kazakhstan, in Russian and Kazakh."""

    domains = ("informburo.kz",)
    languages = ("ru", "kk")
    country = "KZ"
    kind = "news site of a broadcaster"
    sources = (
        Sitemap("https://informburo.kz/sitemap.xml"),
        Listing("https://informburo.kz/novosti", links=".uk-nav-default > li a"),
        Feed("https://informburo.kz/rss/pubsubhubbub-feed.xml"),
    )
    article = r"https://informburo\.kz/(?!rss/|tags?/|search)[a-z-]+/[^/?#]+(\.html)?"
    daily = 80
    seen = "addresses (2026): all match"
    guessed = ("languages", "kind", "daily")
    strip = (".telegram-card", ".whatsapp-promo", ".web-share-button")
