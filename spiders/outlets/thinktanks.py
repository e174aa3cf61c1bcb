"""Thinktanks.by."""

from spiders.outlet import Outlet
from spiders.sources import Listing


class Thinktanks(Outlet):
    """A digest of publications of Belarusian think-tanks. The site was never reached: all attributes but the name are guesses."""

    domains = ("thinktanks.by",)
    languages = ("ru",)
    country = "BY"
    kind = "think-tank digest"
    sources = (Listing("https://thinktanks.by/", guessed=True),)
    article = r"https://thinktanks\.by/publication/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/]+\.html"
    daily = 1
    guessed = ("languages", "country", "kind", "article", "daily")
