"""Kazakhstan Today."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class Kt(Outlet):
    """A news agency of Kazakhstan in Russian, Kazakh and English."""

    domains = ("kt.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "news agency"
    sources = (
        Feed("http://www.kt.kz/kaz/rss/"),
        Feed("http://www.kt.kz/rus/rss/", guessed=True),
        Feed("http://www.kt.kz/eng/rss/", guessed=True),
    )
    article = r"https://www\.kt\.kz/(rus|kaz|eng)/[a-z_]+/[^/]+_\d+\.html"
    daily = 60
    seen = "addresses (2026): all match"
    guessed = ("kind", "daily")
    lines = ("relevant news",)
