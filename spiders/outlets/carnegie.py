"""Carnegie Politika."""

from spiders.outlet import Outlet
from spiders.sources import Listing, Sitemap


class Carnegie(Outlet):
    """Commentary on Russia and Eurasia of the Carnegie Endowment, in English and Russian; older texts are on legacy hosts."""

    domains = ("carnegieendowment.org", "carnegie.ru", "carnegiemoscow.org")
    languages = ("en", "ru")
    country = "US"
    kind = "think-tank"
    sources = (
        Listing("https://carnegieendowment.org/russia-eurasia/politika", guessed=True),
        Listing("https://carnegieendowment.org/ru/russia-eurasia/politika", guessed=True),
        Sitemap("https://carnegieendowment.org/sitemap.xml", guessed=True),
    )
    article = r"https://(carnegieendowment\.org/(ru/)?russia-eurasia/(politika|research)/(?P<y>\d{4})/(?P<m>\d\d)/[a-z0-9-]+/?(\?lang=[a-z]{2})?|carnegie\.ru/commentary/\d+)"
    daily = 2
    legal = "declared undesirable in Russia"
    seen = "addresses that others cite (2026)"
    guessed = ("country", "daily", "legal")
    body = (".article-body",)
    author = (".post-author",)
