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
    article = (
        r"https?://(www\.|qz\.)?inform\.kz/([a-z_-]+/){0,2}(article/\d+|[^/?#]+(-[0-9a-f]{6}|-[0-9a-f]{8}|_[a-z]\d+))/?"
    )
    daily = 200
    seen = "a page (2020) and addresses (2026); text: F1 1.00, date right"
    guessed = ("daily",)
    title = ("h1", ".article_title")
    body = (".article__body-text", ".article__description", ".body_article_bl", ".article_news_body")
    author = (".author_article_block",)
    strip = (".frame_news_article",)
