"""RIA Novosti."""

from spiders.families import RossiyaSegodnya
from spiders.sources import Feed, Sitemap


class Ria(RossiyaSegodnya):
    """A Russian state news agency."""

    domains = ("ria.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "state agency"
    sources = (
        Feed("https://ria.ru/export/rss2/archive/index.xml"),
        Sitemap("https://ria.ru/sitemap_article.xml?date_start={yyyy}{mm}{dd}&date_end={yyyy}{mm}{dd}"),
    )
    daily = 900
    legal = "EU sanctions; blocked in the EU"
    seen = "2 longreads (2025), an article (2017), home pages; text of the longreads: F1 1.00, dates 3 of 3"
    guessed = ("daily",)
