"""The President of Kazakhstan."""

from spiders.outlet import Outlet
from spiders.sources import Listing

PARTS = ("events", "speeches", "legal_acts", "addresses")


class Akorda(Outlet):
    """The president's site in Kazakh, Russian and English."""

    domains = ("akorda.kz",)
    languages = ("ru", "kk", "en")
    country = "KZ"
    kind = "government"
    sources = (
        *(Listing(f"https://www.akorda.kz/ru/{part}", pages="?page={page}", links="h3 a") for part in PARTS),
        *(Listing(f"https://www.akorda.kz/kz/{part}", pages="?page={page}", links="h3 a") for part in PARTS),
        *(Listing(f"https://www.akorda.kz/en/{part}", pages="?page={page}", links="h3 a") for part in PARTS),
    )
    article = r"https://www\.akorda\.kz/(ru|kz|en)/[^/?#]+-\d+"
    daily = 6
    seen = "addresses (2026): all match"
    guessed = ("daily",)
    title = ("h2.mt-5",)
    body = ("article",)
    lines = ("Back", "Go back", "akorda.kz")
