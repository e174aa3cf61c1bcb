"""Kun.uz."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class KunUz(Outlet):
    """A private news site of Uzbekistan in Uzbek (both scripts), Russian and English."""

    domains = ("kun.uz",)
    languages = ("uz", "ru", "en")
    country = "UZ"
    kind = "private news site"
    sources = (
        Feed("https://kun.uz/news/rss"),
        Sitemap("https://kun.uz/sitemap/sitemap-news_article_{yyyy}_{m}_{d}.xml"),
    )
    article = r"https://kun\.uz/((ru|en|uz)/)?news/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+"
    daily = 45
    body = (".news-inner__content-page",)
    date = (".single-header__meta .date",)
