"""Rosbalt."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Wayback


class Rosbalt(Outlet):
    """A news agency of Saint Petersburg; its older articles are only in web archives."""

    domains = ("rosbalt.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "news agency"
    sources = (Feed("https://www.rosbalt.ru/feed/"), Wayback("rosbalt.ru/"))
    article = r"https?://www\.rosbalt\.ru/(news/(\d{4}-\d\d-\d\d)/[a-z0-9-]+-\d+|[a-z]+/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/\d+\.html)"
    daily = 80
    seen = "addresses (2026): all match"
    guessed = ("daily",)
    body = (".newstext",)
    strip = (
        ".news-left",
        ".rkngov",
        ".eye",
        ".rb-subscriber",
        ".ad_tele",
        '.matter-after > div:has(div[class^="Subscribe_subscribe_"])',
    )
