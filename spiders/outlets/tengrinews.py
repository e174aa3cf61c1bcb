"""Tengrinews."""

import re

from spiders.outlet import Outlet


class Tengrinews(Outlet):
    """A private news portal of Kazakhstan, with editions in Russian, Kazakh and English."""

    domains = ("tengrinews.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "private news portal"
    feeds = ("https://tengrinews.kz/news.rss",)
    sitemaps = (
        "https://tengrinews.kz/sitemap-index.xml",
        "https://kaz.tengrinews.kz/kk-sitemap-index.xml",
        "https://en.tengrinews.kz/en-sitemap-index.xml",
    )
    article = r"https://((kaz|en)\.)?tengrinews\.kz/[a-z_]+/[^/]+-\d+/"
    guessed = ("article",)

    def mend(self, url: str) -> str:
        """Take off a site's address before an address: its sitemaps have some https://tengrinews.kzhttps://… in them."""
        return re.sub(r"^https?://[^/]+(?=https?://)", "", url)
