"""TASS."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Tass(Outlet):
    """A Russian state news agency: English pages on tass.com; Russian ones answer robots with 403, a feed has their texts."""

    domains = ("tass.com", "tass.ru")
    languages = ("ru", "en")
    country = "RU"
    kind = "state agency"
    sources = (
        Feed("https://tass.ru/rss/yandex.xml", full_text=True),
        Feed("https://tass.com/rss/v2.xml"),
        Sitemap("https://tass.com/sitemap/sitemap_hot.xml"),
        Sitemap("https://tass.com/sitemap.xml"),
    )
    article = r"https://tass\.(com|ru)/[a-z0-9_-]+/\d+"
    daily = 850
    legal = "EU sanctions; tass.ru pages answer 403 to robots: only its feed is asked for"
    seen = "addresses (2026): all match"
    guessed = ("daily",)
