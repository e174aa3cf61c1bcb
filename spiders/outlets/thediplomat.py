"""The Diplomat."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class TheDiplomat(Outlet):
    """A magazine on the Asia-Pacific, its Central Asia section; metered by a cookie, which is never sent."""

    domains = ("thediplomat.com",)
    languages = ("en",)
    country = "US"
    kind = "magazine"
    sources = (Feed("https://thediplomat.com/regions/central-asia/feed", pages="?paged={page}"),)
    article = r"https://thediplomat\.com/(?P<y>\d{4})/(?P<m>\d\d)/[a-z0-9-]+/"
    daily = 1
    delay = 2.0
    legal = "metered paywall: each page is asked for once, without cookies"
    guessed = ("country", "article")
    title = ("header#td-story-head h1",)
    body = (".td-prose",)
    strip = ("aside#td-box-newsletter", ".td-share", ".td-ad", ".td-ad-inline-txt", ".td-authors")
