"""The Moscow Times."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


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
        Feed("https://www.themoscowtimes.com/rss/city"),
        Feed("https://www.themoscowtimes.com/rss/podcasts"),
        Feed("https://www.themoscowtimes.com/rss/in-depth"),
        Feed("https://www.themoscowtimes.com/rss/arts-and-life"),
        Sitemap("https://static.themoscowtimes.com/sitemap/sitemap.xml"),
        Feed("https://www.moscowtimes.ru/rss/news"),
    )
    article = r"https://(www|ru)\.(themoscowtimes\.com|moscowtimes\.ru)/((?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+-a\d+|archive/[^/?#]+)"
    daily = 30
    legal = "declared undesirable in Russia"
    seen = "the template in the site's own source (2024)"
    guessed = ("country", "daily", "legal")
    body = (".article__content", "article")
    lead = ("article header h2",)
    author = (".byline__author__name",)
    strip = ("aside", "footer", "section.cluster", ".article__tags", ".social", ".related-article__content")
