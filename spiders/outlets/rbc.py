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
    article = r"https?://([a-z]+\.)?rbc\.ru/([a-z0-9_-]*[a-z][a-z0-9_-]*/)+((?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})/)?[0-9a-f]{24}"
    refuse = r"//tv\.rbc\.ru/|rbc\.ru/(photoreport|video|gallery|tags|story)/"
    drop = ("from",)
    daily = 250
    seen = "a page (2017) and a feed (2026); text: F1 1.00, date and both authors right"
    guessed = ("daily",)
    title = (".js-rbcslider-slide.current .js-slide-title", ".article__header__title")
    body = (".js-rbcslider-slide.current .article__text", ".article__text")
    author = (".article__authors__author__name", ".js-rbcslider-slide.current .article__authors", ".article__authors")
    date = (".article__header__date",)
    strip = (
        ".article__inline-item",
        ".article__main-image",
        ".article__picture",
        ".article__photoreport",
        ".article__fb-link",
        ".article__special_container",
        ".js-subscribe-block",
        ".subscribe-infographic",
        ".article__header__share-block",
        ".js-rbcslider-multi-news",
        '.card-wrapper:has(p a[href^="https://t.me/"])',
    )
