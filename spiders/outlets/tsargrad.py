"""Tsargrad."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Tsargrad(Outlet):
    """An Orthodox-nationalist outlet of Moscow; every page repeats the descriptions of its sections."""

    domains = ("tsargrad.tv",)
    languages = ("ru",)
    country = "RU"
    kind = "Orthodox-nationalist outlet"
    sources = (
        Sitemap("https://tsargrad.tv/xml/sitemap-{yyyy}-{m}.xml.gz"),
        Feed("https://tsargrad.tv/rss", guessed=True),
    )
    article = r"https://([a-z]+\.)?tsargrad\.tv/((news|articles|materials|investigations)/(?!rubric/)[^?#]+|(shows|experts|oversee|special_projects)/[^?#]+_\d+)/?"
    daily = 200
    legal = "EU sanctions (names blocked in the EU); the Kazakh edition is banned and blocked in Kazakhstan since August 2023"
    seen = "a home page"
    guessed = ("daily",)
    body = (".article__content",)
    strip = (
        ".article__content .form",
        ".article__social",
        ".article__meta-links",
        ".article__banner",
        ".article__dzen",
        ".article__dpen",
        "#moreContentnews > div.news-item_article",
        ".push-suggest__popup",
        ".review-proposition",
        ".link-ideas",
    )
