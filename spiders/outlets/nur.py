"""NUR.KZ."""

from spiders.outlet import Outlet
from spiders.sources import Sitemap


class Nur(Outlet):
    """A large portal of Kazakhstan in Russian and Kazakh."""

    domains = ("nur.kz",)
    languages = ("ru", "kk")
    country = "KZ"
    kind = "portal"
    sources = (Sitemap("https://www.nur.kz/article-index-sitemap.xml"),)
    article = r"https://(www|kaz)\.nur\.kz/([a-z-]+/)+\d+-[^/?#]+/?"
    daily = 250
    guessed = ("kind", "article", "daily")
    body = ("main article",)
    strip = (
        "a.article-read-also",
        "aside",
        "ul.breadcrumbs",
        ".article__datetime-and-share",
        "ul.article-footer__tags",
        ".js-article-share",
        ".subscription",
        "//p[contains(., 'WhatsApp NUR.KZ')]",
    )
