"""Interfax."""

from spiders.outlet import Outlet
from spiders.sources import Archive, Feed


class Interfax(Outlet):
    """A Russian news agency; a page for each day lists what it published."""

    domains = ("interfax.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "news agency"
    sources = (
        Feed("https://www.interfax.ru/rss.asp"),
        Archive(
            "https://www.interfax.ru/news/{yyyy}/{mm}/{dd}",
            pages="https://www.interfax.ru/news/{yyyy}/{mm}/{dd}/page_{page}",
        ),
    )
    article = r"https://www\.interfax\.ru/[a-z-]+/\d+"
    daily = 250
    seen = "9 pages (2025), their structure only: title and body right"
    guessed = ("article", "daily")
    title = ("h1[itemprop=headline]",)
    body = ("article[itemprop=articleBody]",)
    strip = (".figureSocWrap", ".bss__wrap", ".group-btns", ".modal__but_subscribe")
