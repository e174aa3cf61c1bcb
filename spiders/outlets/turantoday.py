"""Turan Today."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class TuranToday(Outlet):
    """A blog on Central Asia, on Blogger."""

    domains = ("turantoday.com",)
    languages = ("ru",)
    country = "KZ"
    kind = "blog"
    sources = (
        Feed("https://www.turantoday.com/feeds/posts/default?alt=rss", pages="&start-index={page}", first=26, step=25),
    )
    article = r"https?://www\.turantoday\.com/(?P<y>\d{4})/(?P<m>\d\d)/[^/]+\.html"
    daily = 1
    guessed = ("languages", "country", "kind", "article", "daily", "body", "strip")
    body = (".post-body.entry-content",)
    strip = ("#comments",)
