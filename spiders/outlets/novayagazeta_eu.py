"""Novaya Gazeta Europe."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class NovayaGazetaEu(Outlet):
    """A Russian newspaper in exile, in Russian and English."""

    domains = ("novayagazeta.eu",)
    languages = ("ru", "en")
    country = "LV"
    kind = "exile newspaper"
    sources = (Feed("https://novayagazeta.eu/feed/rss/ru"), Feed("https://novayagazeta.eu/feed/rss/en"))
    article = r"https://novayagazeta\.eu/articles/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+"
    daily = 40
    legal = "declared undesirable in Russia and blocked there"
    guessed = ("country", "daily", "legal")
    body = ("div[class^=ArticleBlocks_wrapperNoAside__]",)
    strip = ("div[class^=EmbedNative_root__]", ".donate-block-europe")
