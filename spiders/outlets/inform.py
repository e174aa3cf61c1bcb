"""Kazinform."""

from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, Listing


class Inform(Outlet):
    """The state news agency of Kazakhstan in Kazakh, Russian and English; times are those of Astana."""

    domains = ("inform.kz",)
    languages = ("kk", "ru", "en")
    country = "KZ"
    kind = "state news agency"
    sources = (
        Listing("https://www.inform.kz/ru/lenta", links=".allNewsCard a, a.anounce-news__link"),
        Listing("https://www.inform.kz/kz/lenta", links=".allNewsCard a, a.anounce-news__link", guessed=True),
        Listing("https://www.inform.kz/en/lenta", links=".allNewsCard a, a.anounce-news__link", guessed=True),
        Archive("https://www.inform.kz/ru/archive?date={dd}.{mm}.{yyyy}"),
        Feed("https://www.inform.kz/rss/rus.xml", guessed=True),
    )
    article = r"https://www\.inform\.kz/(ru|kz|en)/[a-z0-9-]+-[0-9a-f]{6}"
    daily = 200
    guessed = ("daily",)
    body = (".article__body-text", ".article__description", ".body_article_bl")
