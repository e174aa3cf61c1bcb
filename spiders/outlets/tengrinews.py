"""Tengrinews."""

import re

from spiders.outlet import Outlet
from spiders.sources import Feed, Sitemap


class Tengrinews(Outlet):
    """A private news portal of Kazakhstan, with editions in Russian, Kazakh and English."""

    domains = ("tengrinews.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "private news portal"
    sources = (
        Feed("https://tengrinews.kz/news.rss"),
        Sitemap("https://tengrinews.kz/sitemap-index.xml"),
        Sitemap("https://kaz.tengrinews.kz/kk-sitemap-index.xml"),
        Sitemap("https://en.tengrinews.kz/en-sitemap-index.xml"),
    )
    article = r"https://((kaz|en)\.)?tengrinews\.kz/[a-z_]+/[^/]+-\d+/"
    daily = 120
    seen = "addresses (2026): all match"
    guessed = ("article", "daily")
    body = (".content_main_text",)
    strip = (
        "div#comm, div#comm ~ *",
        ".content_main_text_tags, .content_main_text_tags ~ *",
        ".tn-subscribe-whatsapp",
        ".tn-urgent-news-info",
        ".content_main_share",
        ".tn-shared",
        '[class^="tn-social-"]',
        ".side-share",
    )
    lines = ("Подписаться", "Subscribe", "Наши новости теперь в WhatsApp!")

    def mend(self, url: str) -> str:
        """Remove a doubled site address: the sitemaps contain some https://tengrinews.kzhttps://… in them."""
        return super().mend(re.sub(r"^https?://[^/]+(?=https?://)", "", url))
