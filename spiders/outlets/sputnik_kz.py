"""Sputnik Kazakhstan."""

from spiders.families import RossiyaSegodnya
from spiders.sources import Sitemap


class SputnikKz(RossiyaSegodnya):
    """The Kazakhstan edition of a Russian state agency, in Russian and Kazakh."""

    domains = ("sputnik.kz", "sputniknews.kz")
    hosts = ("sputniknews.kz=sputnik.kz",)
    languages = ("ru", "kk")
    country = "KZ"
    kind = "state agency"
    sources = (Sitemap("https://ru.sputnik.kz/sitemap_article_index.xml"),)
    daily = 120
    legal = "EU sanctions against its publisher"
    seen = "addresses that others cite, with the old host"
    guessed = ("country", "daily", "legal")
