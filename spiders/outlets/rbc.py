"""RBC."""

from spiders.outlet import Outlet
from spiders.sources import Feed, JsonListing


class Rbc(Outlet):
    """Russian business news."""

    domains = ("rbc.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "business news"
    sources = (
        Feed("https://rssexport.rbc.ru/rbcnews/news/30/full.rss"),
        JsonListing(
            "https://www.rbc.ru/v10/ajax/get-news-feed/project/rbcnews/lastDate/{before}/limit/22",
            pages="https://www.rbc.ru/v10/ajax/get-news-feed/project/rbcnews/lastDate/{before}/limit/22",
            items="items",
            link="fronturl",
            date="publish_date_t",
            guessed=True,
        ),
    )
    article = r"https://www\.rbc\.ru/[a-z_]+/(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})/[0-9a-f]{24}"
    daily = 250
    guessed = ("daily",)
    body = (".article__text",)
    strip = (
        ".article__inline-item",
        ".article__special_container",
        ".js-subscribe-block",
        ".subscribe-infographic",
        ".article__header__share-block",
        ".js-rbcslider-multi-news",
        '.card-wrapper:has(p a[href^="https://t.me/"])',
    )
