"""The Jamestown Foundation."""

from spiders.families import WordPress
from spiders.sources import Feed, Listing


class Jamestown(WordPress):
    """A think-tank; its Eurasia Daily Monitor names publication, volume and issue in a header, and often loses the author."""

    domains = ("jamestown.org",)
    hosts = ("staging.jamestown.org=jamestown.org",)  # serves the same archive
    languages = ("en",)
    country = "US"
    kind = "think-tank"
    sources = (
        Feed("https://jamestown.org/feed/", pages="?paged={page}"),
        Listing("https://jamestown.org/region/central-asia/kazakhstan/", pages="page/{page}"),
        Listing("https://jamestown.org/program-name/edm/", pages="page/{page}"),
    )
    article = r"https://jamestown\.org/(program/)?(?!program/|program-name/|region/|feed|about|page/|category/|tag/|author/)[a-z0-9-]+/?"
    daily = 4
    guessed = ("country", "kind", "daily", "body")
