"""The Moscow Times."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class MoscowTimes(Outlet):
    """A newspaper in exile, in English and Russian."""

    domains = ("themoscowtimes.com", "moscowtimes.ru")
    languages = ("en", "ru")
    country = "NL"
    kind = "newspaper"
    sources = (
        Feed("https://www.themoscowtimes.com/rss/news"),
        Feed("https://www.themoscowtimes.com/rss/opinion"),
        Feed("https://www.themoscowtimes.com/rss/meanwhile"),
        Feed("https://www.moscowtimes.ru/rss/news"),
    )
    article = r"https://(www|ru)\.(themoscowtimes\.com|moscowtimes\.ru)/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/]+-a\d+"
    daily = 30
    legal = "declared undesirable in Russia"
    guessed = ("country", "daily", "legal")
    body = ("article",)
    strip = ("aside", "footer", "section.cluster", ".article__tags", ".social", ".related-article__content")
