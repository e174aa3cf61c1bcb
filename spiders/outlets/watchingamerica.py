"""Watching America."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Wayback


class WatchingAmerica(Outlet):
    """Foreign press on the United States in English translation, the original text often below it; two WordPress templates."""

    domains = ("watchingamerica.com",)
    languages = ("en",)
    country = "US"
    kind = "translations of the foreign press"
    sources = (
        Feed("https://watchingamerica.com/feed/", pages="?paged={page}", guessed=True),
        Wayback("watchingamerica.com/WA/"),
    )
    article = (
        r"https?://(www\.)?watchingamerica\.com/(WA/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[a-z0-9-]+/?|News/\d+/[\w-]+/)"
    )
    daily = 3
    guessed = ("country", "daily", "body")
    body = (".td-post-content", ".tdb_single_content", ".headcol1 td")
    strip = (".td_block_related_posts", ".td-post-next-prev", ".td-post-sharing")
    lines = ("This post appeared on the front page as a direct link to the original article with the above link .",)
