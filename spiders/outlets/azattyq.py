"""Azattyq."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing, Sitemap


class Azattyq(Outlet):
    """The Kazakh service of Radio Free Europe/Radio Liberty, in Kazakh and Russian."""

    domains = ("azattyq.org",)
    languages = ("kk", "ru")
    country = "CZ"
    kind = "public broadcaster"
    sources = (
        Feed("https://rus.azattyq.org/api/zgroqe_uoq"),
        Feed("https://rus.azattyq.org/api/z_roperuom"),
        Feed("https://rus.azattyq.org/api/zjrooeyuoo"),
        Feed("https://rus.azattyq.org/api/zororegtor"),
        Listing("https://rus.azattyq.org/z/360", pages="?p={page}"),
        Listing("https://rus.azattyq.org/z/2231", pages="?p={page}"),
        Sitemap("https://www.azattyq.org/sitemap.xml", guessed=True),
        Sitemap("https://rus.azattyq.org/sitemap.xml", guessed=True),
    )
    article = r"https://(rus\.|www\.)?azattyq\.org/a/([^/]+/)?\d+\.html"
    daily = 40
    legal = "blocked in Russia"
    guessed = ("country", "kind", "daily", "legal")
    title = ("h1.pg-title",)
    body = ("#article-content .wsw", ".intro")
    strip = (
        ".media-block.also-read",
        ".wsw__embed",
        "#article-content aside",
        "#comments",
        ".comments--fb",
        "section.comments",
        ".share--box",
        ".sticky-share-container",
        ".mailchimp-signup-form",
        ".media-block-wrap",
        ".btn--load-more",
        "#ymla-section",
        ".pg-title--ymla",
        ".c-author__btns",
        "figure.nrtk-embed",
    )
    lines = (
        "Доступность ссылок",
        "site logo site logo",
        "Срочные новости:",
        "No media source currently available",
        "Embed share",
        "The code has been copied",
    )
