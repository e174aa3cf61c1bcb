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
    article = r"https://(www|kaz)\.nur\.kz/(([a-z-]+/)+\d+-[^/?#]+/?|\d+-[^/?#]+\.html)"
    daily = 250
    seen = "the template (2024) and old addresses"
    guessed = ("kind", "article", "daily")
    title = ("h1.main-headline",)
    body = (".formatted-body__content", "main article")
    author = (".author-item__link",)
    date = ("p.datetime__wrapper time", "p.datetime__wrapper")
    strip = (
        ".formatted-body__block-hidden",
        "a.article-read-also",
        "aside",
        "ul.breadcrumbs",
        ".article__datetime-and-share",
        "ul.article-footer__tags",
        ".js-article-share",
        ".subscription",
        "//p[contains(., 'WhatsApp NUR.KZ')]",
    )
