"""Thinktanks.by."""

from spiders.outlet import Outlet
from spiders.sources import Listing


class Thinktanks(Outlet):
    """A digest of what Belarusian think-tanks publish. Nothing of it has been seen: all is a guess but the name."""

    domains = ("thinktanks.by",)
    languages = ("ru",)
    country = "BY"
    kind = "think-tank digest"
    sources = (Listing("https://thinktanks.by/", guessed=True),)
    article = r"https://thinktanks\.by/publication/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/]+\.html"
    daily = 1
    guessed = ("languages", "country", "kind", "article", "daily")
