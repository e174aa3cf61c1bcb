"""Vlast."""

from spiders.outlet import Outlet
from spiders.sources import Listing


class Vlast(Outlet):
    """An independent magazine of Kazakhstan in Russian, Kazakh and English; slow to answer."""

    domains = ("vlast.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "independent magazine"
    sources = (
        Listing("https://vlast.kz/novosti/1/?archive=1", pages="https://vlast.kz/novosti/{page}/?archive=1"),
        Listing(
            "https://vlast.kz/vlast-qazaqsha/1/?archive=1", pages="https://vlast.kz/vlast-qazaqsha/{page}/?archive=1"
        ),
        Listing("https://vlast.kz/english/1/?archive=1", pages="https://vlast.kz/english/{page}/?archive=1"),
    )
    article = r"https://vlast\.kz/(kz/)?[a-z_-]+/\d+-[^/]+\.html"
    daily = 25
    delay = 2.0
    seen = "addresses (2026): all match"
    guessed = ("kind", "daily")
    title = ("h1",)
    date = ("time[datetime]",)
    strip = (".donate-vlast", ".js-subscribe")
    lines = ("Еще по теме:", "Свежее из этой рубрики", "Просматриваемые")
