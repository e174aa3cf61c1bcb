"""Lenta.ru."""

from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, Listing


class Lenta(Outlet):
    """A Russian news site with a section on the former Soviet Union; a page for each day lists its articles."""

    domains = ("lenta.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "news site"
    sources = (
        Feed("https://lenta.ru/rss/news"),
        Archive("https://lenta.ru/news/{yyyy}/{mm}/{dd}/", pages="page/{page}/"),
        Listing("https://lenta.ru/rubrics/ussr/", pages="{page}/", guessed=True),
    )
    article = r"https://lenta\.ru/(news|articles)/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+/"
    daily = 250
    legal = "EU sanctions; blocked in the EU"
    seen = "168 pages (2023, 2025); text of 10: F1 1.00, dates 10 of 10"
    guessed = ("daily",)
    title = (".topic-body__title", "h1.b-topic__title")
    body = (".topic-body__content", ".b-text")
    author = (".topic-authors__name", ".topic-authors__author", ".b-topic__info .name")
    date = (".topic-header__time", ".b-topic__info time")
    strip = (".box-inline-topic", ".js-box-inline-topic", ".b-inline-topics-box", ".b-box", ".topic-body__title-image")
