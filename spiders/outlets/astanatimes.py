"""The Astana Times."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class AstanaTimes(Outlet):
    """A state-backed newspaper of Kazakhstan in English."""

    domains = ("astanatimes.com",)
    languages = ("en",)
    country = "KZ"
    kind = "state-backed newspaper"
    sources = (Feed("https://astanatimes.com/feed/", pages="?paged={page}"),)
    article = r"https://astanatimes\.com/(?P<y>\d{4})/(?P<m>\d\d)/[a-z0-9-]+/"
    daily = 20
    seen = "addresses (2026): all match"
    guessed = ("kind", "daily", "author")
    title = ("div.eight.columns h1",)
    body = ("div.post",)
    author = ("p.byline a:first-of-type",)
    date = ("p.byline",)
