"""Kasparov.ru."""

import re

from spiders.outlet import Outlet
from spiders.sources import Feed


class Kasparov(Outlet):
    """News and opinion of the Russian opposition in exile; an article is a number in the query."""

    domains = ("kasparov.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "opposition news and opinion"
    sources = (Feed("http://www.kasparov.ru/rss/"),)
    article = r"https?://www\.kasparov\.ru/material\.php\?id=[0-9A-F]+"
    daily = 25
    legal = "blocked in Russia"
    guessed = ("languages", "country", "kind", "daily", "legal")
    strip = (".icoNav", ".newsItem > .otherBlock", ".caroufredsel_wrapper", 'div[class^="advCell"]')

    def mend(self, url: str) -> str:
        """Remove the section, since the same article appears in several."""
        return super().mend(re.sub(r"&section_id=[0-9A-F]+", "", url))
