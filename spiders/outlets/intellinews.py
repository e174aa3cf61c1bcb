"""bne IntelliNews."""

from spiders.outlet import Outlet
from spiders.sources import Listing


class IntelliNews(Outlet):
    """Business news on emerging Europe and Eurasia, in part paid for."""

    domains = ("intellinews.com",)
    languages = ("en",)
    country = "GB"
    kind = "business news"
    sources = (Listing("https://www.intellinews.com/news", links=".mt0 > a", next=".navigation > a:last-child"),)
    article = r"https://www\.intellinews\.com/[a-z0-9-]+-\d+/"
    daily = 30
    legal = "robots.txt closes /feed; part of it stands behind a paywall and is recorded as refused"
    guessed = ("country", "kind", "daily")
    body = (".pt10.mt10",)
