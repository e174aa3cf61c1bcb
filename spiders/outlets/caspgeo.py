"""The Caspian Institute for Strategic Studies."""

from spiders.families import WordPress
from spiders.sources import Feed, Listing


class CaspGeo(WordPress):
    """A Russian think-tank on the Caspian region; its older texts were on a WordPress site with another host."""

    domains = ("caspian.institute", "casp-geo.ru")
    languages = ("ru", "en")
    country = "RU"
    kind = "think-tank"
    sources = (
        Listing("https://caspian.institute/", guessed=True),
        Feed("https://casp-geo.ru/feed/"),
    )
    article = r"https://(caspian\.institute/product/[^/]+/[^/]+-\d+\.shtml|casp-geo\.ru/(?!feed/|category/|tag/|author/|page/|wp-)[a-z0-9-]+/?)"
    daily = 1
    guessed = ("country", "kind", "daily")
