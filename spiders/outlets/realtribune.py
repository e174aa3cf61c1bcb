"""Realnaya Tribuna."""

from spiders.families import WordPress
from spiders.sources import Feed


class RealTribune(WordPress):
    """A Russian analysis site with an English edition; flat addresses without a date."""

    domains = ("realtribune.ru",)
    languages = ("ru", "en")
    country = "RU"
    kind = "analysis site"
    sources = (
        Feed("https://realtribune.ru/feed/", pages="?paged={page}", guessed=True),
        Feed("https://english.realtribune.ru/feed/", pages="?paged={page}", guessed=True),
    )
    daily = 10
    guessed = ("country", "kind", "daily")
