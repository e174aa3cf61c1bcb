"""The Information and Analytical Centre of Moscow State University."""

from spiders.families import Bitrix
from spiders.sources import Feed, Listing


class IaCentr(Bitrix):
    """A think-tank on the countries of the former Soviet Union; a Bitrix site."""

    domains = ("ia-centr.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "think-tank"
    sources = (
        Feed("https://ia-centr.ru/rss/", guessed=True),
        Listing("https://ia-centr.ru/publications/", pages="?PAGEN_1={page}", guessed=True),
        Listing("https://ia-centr.ru/experts/", pages="?PAGEN_1={page}", guessed=True),
    )
    article = r"https://ia-centr\.ru/(experts|publications|news)/[^?#]+/"
    daily = 3
    guessed = ("languages", "country", "kind", "article", "daily", "strip")
