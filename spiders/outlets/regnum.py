"""Regnum."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class Regnum(Outlet):
    """A news agency. Its feed holds headlines and cut leads; its pages answer robots with 403, which is recorded."""

    domains = ("regnum.ru",)
    languages = ("ru",)
    country = "RU"
    kind = "news agency"
    sources = (Feed("https://regnum.ru/rss"),)
    article = r"https://regnum\.ru/(news|article)/([a-z][a-z_-]*/)?\d+(\.html)?"
    daily = 210
    seen = "a home page (2023) with 147 addresses of articles"
    delay = 2.0
    legal = "blocked in Kazakhstan; robots.txt closes /search, /pdfnews/, /pdf/article/ and /sneakpeek"
    strip = (".partners-container", ".promo-card-small", ".max-promo-link", ".video-share-wrapper")
