"""Kursiv Media."""

from spiders.families import WordPress
from spiders.sources import Feed, Sitemap


class Kursiv(WordPress):
    """The business press of Kazakhstan in Russian, Kazakh and English."""

    domains = ("kz.kursiv.media",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "business press"
    sources = (
        Feed("https://kz.kursiv.media/feed/", pages="?paged={page}"),
        Sitemap("https://kz.kursiv.media/sitemaps/ru/sitemap.xml"),
        Sitemap("https://kz.kursiv.media/sitemaps/kk/sitemap.xml"),
        Sitemap("https://kz.kursiv.media/sitemaps/en/sitemap.xml"),
    )
    article = r"https://kz\.kursiv\.media/((kk|en)/)?(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)/[^/?#]+/?"
    daily = 60
    seen = "addresses (2026): all match"
    guessed = ("article", "daily")
