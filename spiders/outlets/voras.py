"""Voras.online."""

from spiders.families import WordPress
from spiders.sources import Feed


class Voras(WordPress):
    """A Lithuanian blog on WordPress that also carries articles in English."""

    domains = ("voras.online",)
    languages = ("lt", "en")
    country = "LT"
    kind = "blog"
    sources = (Feed("https://voras.online/feed/", pages="?paged={page}", guessed=True),)
    article = r"https://(www\.)?voras\.online/(?!feed/|page/|category/|tag/|author/|wp-)([a-z0-9-]+/)*[a-z0-9]+(-[a-z0-9]+){2,}/?"
    daily = 2
    guessed = ("article", "kind", "daily")
    lines = ("Žiūrėti visus straipsnius",)
