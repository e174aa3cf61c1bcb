"""Foreign Policy."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class ForeignPolicy(Outlet):
    """A magazine behind a metered paywall; a page holds a free beginning and, for subscribers, the whole text again."""

    domains = ("foreignpolicy.com",)
    languages = ("en",)
    country = "US"
    kind = "magazine"
    sources = (Feed("https://foreignpolicy.com/feed/", pages="?paged={page}"),)
    article = r"https://foreignpolicy\.com/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[a-z0-9-]+/"
    daily = 12
    delay = 2.0
    legal = "metered paywall: what is not free is recorded as refused"
    guessed = ("daily",)
    body = (".content-gated--main-article", ".post-content-main", ".post-inner", "article.article")
    strip = (
        "//*[contains(@class, 'content-ungated')][//*[contains(@class, 'content-gated')]]",
        ".share-links",
        ".related-articles",
        ".related_posts",
        ".related-articles-carousel",
        ".myfp-article",
        ".comment-count",
        ".comments-container",
        ".post-content--after",
        ".in-article-subscribe-container",
        ".author-photo",
        '[style*="height:0;opacity:0;"]',
    )
