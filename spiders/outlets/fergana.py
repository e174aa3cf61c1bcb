"""Fergana."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Search


class Fergana(Outlet):
    """A news agency on Central Asia in Russian and English; addresses are numbers."""

    domains = ("fergana.agency", "fergana.ru", "fergana.media", "fergana.news")
    languages = ("ru", "en")
    country = "RU"
    kind = "regional agency"
    sources = (
        Feed("https://fergana.agency/rss/", guessed=True),
        Search(
            "https://fergana.agency/search/?search={query}",
            queries=("Казахстан", "Россия"),
            pages="https://fergana.agency/search/?search={query}&n={page}",
            links="li.news-list__item a",
        ),
    )
    article = r"https://(en\.)?fergana\.(agency|ru|media|news)/(news|articles)/\d+/?"
    daily = 25
    legal = "blocked in Russia, Uzbekistan and Turkmenistan at times"
    seen = "addresses (2026): all match"
    guessed = ("country", "kind", "article", "daily", "legal")
    title = ("div.article-top h1",)
    body = ("div.article-content--narrow",)
