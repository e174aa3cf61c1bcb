"""Radio Free Europe/Radio Liberty."""

from spiders.families import Pangea
from spiders.sources import Feed, Listing, Sitemap


class Rferl(Pangea):
    """The English service, its pages on Central Asia."""

    domains = ("rferl.org",)
    languages = ("en",)
    sources = (
        Feed("https://www.rferl.org/api/zriiml-vomx-tpeogm_"),
        Feed("https://www.rferl.org/api/zqii_l-vomx-tpeigmy"),
        Feed("https://www.rferl.org/api/z_iiol-vomx-tpevgmi"),
        Listing("https://www.rferl.org/p/5549.html"),
        Sitemap("https://www.rferl.org/sitemap.xml"),
    )
    daily = 12
    legal = "blocked in Russia"
    seen = "sitemaps (2025), whose videos are told by address"
    guessed = ("country", "kind", "daily", "legal", "strip")
    body = ("#article-content",)
