"""Sputnik Kazakhstan."""

from spiders.outlet import Outlet
from spiders.sources import Sitemap


class SputnikKz(Outlet):
    """The Kazakhstan edition of a Russian state agency, in Russian and Kazakh."""

    domains = ("sputnik.kz",)
    languages = ("ru", "kk")
    country = "KZ"
    kind = "state agency"
    sources = (Sitemap("https://ru.sputnik.kz/sitemap_article_index.xml"),)
    article = r"https://(ru\.)?sputnik\.kz/(?P<ymd>\d{8})/[^/?#]+\.html"
    daily = 120
    legal = "EU sanctions against its publisher"
    guessed = ("country", "article", "daily", "legal")
    body = (".article .article__block .article__text", ".article__text")
    strip = ('[class*="b-inject"]', 'div[data-type="article"]', "//p[contains(., 'Также на Sputnik:')]")
