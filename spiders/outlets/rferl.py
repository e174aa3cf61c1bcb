"""Radio Free Europe/Radio Liberty."""

from spiders.outlet import Outlet
from spiders.sources import Feed, Listing


class Rferl(Outlet):
    """The English service, its pages on Central Asia."""

    domains = ("rferl.org",)
    languages = ("en",)
    country = "CZ"
    kind = "public broadcaster"
    sources = (
        Feed("https://www.rferl.org/api/zriiml-vomx-tpeogm_"),
        Feed("https://www.rferl.org/api/zqii_l-vomx-tpeigmy"),
        Feed("https://www.rferl.org/api/z_iiol-vomx-tpevgmi"),
        Listing("https://www.rferl.org/p/5549.html"),
    )
    article = r"https://www\.rferl\.org/a/([^/]+/)?\d+\.html"
    daily = 12
    legal = "blocked in Russia"
    guessed = ("country", "kind", "article", "daily", "legal", "strip")
    body = ("#article-content",)
    strip = (".media-block.also-read", ".wsw__embed", "#comments", ".share--box", ".media-block-wrap")
