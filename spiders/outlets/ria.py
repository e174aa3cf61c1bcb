"""RIA Novosti."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Ria(Outlet):
    """A Russian state news agency."""

    domains = ("ria.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "state agency"
    sources = (
        Feed("https://ria.ru/export/rss2/archive/index.xml"),
        Sitemap("https://ria.ru/sitemap_article.xml?date_start={yyyy}{mm}{dd}&date_end={yyyy}{mm}{dd}"),
    )
    article = r"https://ria\.ru/(?P<ymd>\d{8})/[^/]+\.html"
    daily = 900
    legal = "EU sanctions; blocked in the EU"
    guessed = ("daily",)
    body = (".article__body .article__text, .article__body .article__h3", ".article__body")
    lead = (".article__second-title",)
    strip = (
        'div[data-type="article"]',
        ".article__photo-item-text",
        ".article__userbar",
        ".article__article-info",
        "#subscriber",
    )
