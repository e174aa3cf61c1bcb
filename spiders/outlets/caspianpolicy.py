"""The Caspian Policy Center."""

from spiders.outlet import Outlet
from spiders.sources import Listing


class CaspianPolicy(Outlet):
    """A think-tank in Washington on the Caspian region."""

    domains = ("caspianpolicy.org",)
    languages = ("en",)
    country = "US"
    kind = "think-tank"
    sources = (Listing("https://www.caspianpolicy.org/research", links="article a"),)
    article = r"https://www\.caspianpolicy\.org/research/[^/?#]+/[^/?#]+"
    daily = 1
    guessed = ("country", "kind", "article", "daily")
