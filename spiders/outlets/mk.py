"""Moskovskij Komsomolets."""

from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, Sitemap


class Mk(Outlet):
    """A tabloid of Moscow with an edition for nearly each region of Russia, all on one template."""

    domains = ("mk.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "tabloid"
    sources = (
        Feed("https://www.mk.ru/rss/index.xml"),
        Archive("https://www.mk.ru/news/{yyyy}/{m}/{d}/", links="a.news-listing__item-link"),
        Sitemap("https://www.mk.ru/sitemap/index.xml"),
    )
    article = r"https://[a-z-]+\.mk\.ru/[a-z0-9/-]+/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+\.html"
    refuse = r"mk\.ru/(video|photo)/"
    daily = 400
    delay = 4.0
    legal = "answers 429 above about 15 pages a minute"
    seen = "a page without text (2020) and a home page: both rejected"
    guessed = ("daily",)
    title = ("h1.article__title", "h1[itemprop=headline]")
    body = (".article__body", ".inread-content")
    date = (".article__meta time.meta__text", "span.date")
    strip = (
        ".article__subscription",
        '.article__body p:has(a[href^="https://max.ru/"])',
        ".article-grid__good-top",
        "#ya_feed_cont",
        '[class^="good-place"]',
    )
