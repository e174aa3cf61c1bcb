"""Zakon.kz."""

from spiders.outlet import Outlet
from spiders.sources import Listing, Sitemap


class Zakon(Outlet):
    """A news and legal portal of Kazakhstan in Russian and Kazakh; the texts of laws on its other hosts are no articles."""

    domains = ("www.zakon.kz", "kaz.zakon.kz")
    languages = ("ru", "kk")
    country = "KZ"
    kind = "news and legal portal"
    sources = (
        Listing(
            "https://www.zakon.kz/news/?handler=LoadMoreNews&p=1&type=list",
            pages="https://www.zakon.kz/news/?handler=LoadMoreNews&p={page}&type=list",
        ),
        Sitemap("https://www.zakon.kz/sitemap/index.xml"),
    )
    article = r"https://(www|kaz)\.zakon\.kz/(?!pbf/|special/)[^?#]+\.html"
    daily = 200
    seen = "addresses (2026): all match"
    guessed = ("daily",)
    body = (".article__block .content",)
    author = ('a[href*="/authors/"]',)
    strip = (
        ".willShare, .willShare ~ *",
        ".google-news-follow, .google-news-follow ~ *",
        ".tags.newsTags, .tags.newsTags ~ *",
        ".article__socialList",
        ".appLinks",
        "#pushsw-prompt-widget",
    )
    lines = (
        "Поделитесь новостью",
        "Следите за новостями",
        "Нашли ошибку",
        "Беттегі қате",
        "Жаңалықтар телефоныңда",
    )
