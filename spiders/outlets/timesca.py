"""The Times of Central Asia."""

from spiders.families import WordPress
from spiders.sources import Feed


class TimesCa(WordPress):
    """Regional news in English; a WordPress site whose feeds hold whole texts."""

    domains = ("timesca.com",)
    languages = ("en",)
    country = "KG"
    kind = "regional news"
    sources = (
        Feed("https://timesca.com/feed/", pages="?paged={page}"),
        Feed("https://timesca.com/category/news/kazakhstan/feed/", pages="?paged={page}", guessed=True),
    )
    daily = 10
    seen = "addresses (2026): all match"
    guessed = ("country", "daily")
