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
    daily = 2
    guessed = ("kind", "daily")
    lines = ("Žiūrėti visus straipsnius",)
