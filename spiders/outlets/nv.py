"""NV."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class Nv(Outlet):
    """A Ukrainian magazine and news site with editions in Ukrainian, Russian and English."""

    domains = ("nv.ua",)
    languages = ("uk", "ru", "en")
    country = "UA"
    kind = "magazine and news"
    sources = (
        Feed("https://nv.ua/rss/all.xml"),
        Feed("https://nv.ua/rss/2318.xml"),
        Feed("https://english.nv.ua/rss/all_english.xml"),
    )
    article = r"https://(english\.)?nv\.ua/(?!rss/|search|tags/|authors?/)([a-z]+/)?[a-z0-9/-]+-\d+\.html"
    daily = 250
    legal = "premium articles stand behind a paywall and are recorded as refused"
    guessed = ("article", "daily", "legal")
    body = ("article", ".content_wrapper")
    strip = (
        ".media__also__news",
        ".media__also__news_link",
        ".media__also__opinions",
        ".article__content__footer",
        ".article-share",
        ".longread_tags",
        ".top_donate",
        "#async_subscribe_block",
        ".subscrb_form_wrap",
        ".promo_telegram",
        ".copyright",
    )
