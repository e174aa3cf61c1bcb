"""Meduza."""

from spiders.outlet import Outlet
from spiders.sources import Feed, JsonListing


class Meduza(Outlet):
    """A Russian news site in exile, in Russian and English; a JSON endpoint lists its articles."""

    domains = ("meduza.io",)
    languages = ("ru", "en")
    country = "LV"
    kind = "exile news"
    sources = (
        Feed("https://meduza.io/rss2/news"),
        Feed("https://meduza.io/rss2/articles"),
        Feed("https://meduza.io/rss2/en/news"),
        Feed("https://meduza.io/rss2/en/stories"),
        JsonListing(
            "https://meduza.io/api/v3/search?chrono=news&page=0&per_page=24&locale=ru",
            pages="https://meduza.io/api/v3/search?chrono=news&page={page}&per_page=24&locale=ru",
            first=1,
            items="documents",
            link="url",
            date="published_at",
            base="https://meduza.io/",
        ),
    )
    article = r"https://meduza\.io/(en/)?((news|feature|cards|episodes|short|shapito|paragraph)/(?P<y>\d{4})/(?P<m>\d\d)/(?P<d>\d\d)/[^/?#]+|cards/[^/?#]+)"
    daily = 40
    legal = "declared undesirable in Russia and blocked there"
    seen = "addresses that others cite"
    guessed = ("daily", "legal")
    body = (".GeneralMaterial-article",)
    date = ("[data-testid=meta-item] time",)
    strip = (
        '[data-testid="related-rich-block"]',
        '[data-testid="related-block"]',
        '[data-testid="toolbar"]',
        '[data-testid="donates-teaser"]',
        '[data-testid*="announcement"]',
        ".RelatedBlock",
        'div[class^="EmailSubscription-module-root"]',
        'div[class^="SignalBlock"]',
        '[class^="SaveMeduza"]',
        ".SupportBlock-module-root",
    )
