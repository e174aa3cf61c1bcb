"""The President of Russia."""

from spiders.outlet import Outlet
from spiders.sources import Feed


class Kremlin(Outlet):
    """The president's site. Its pages answer robots with 403, its Atom feeds hold the full texts."""

    domains = ("kremlin.ru",)
    languages = ("ru", "en")
    country = "RU"
    kind = "government"
    sources = (
        Feed(
            "http://kremlin.ru/events/all/feed", pages="http://kremlin.ru/events/all/feed/page/{page}", full_text=True
        ),
        Feed(
            "http://en.kremlin.ru/events/all/feed",
            pages="http://en.kremlin.ru/events/all/feed/page/{page}",
            full_text=True,
        ),
    )
    article = r"https?://(en\.)?kremlin\.ru/events/[a-z_/-]+/\d+"
    daily = 5
    delay = 2.0
    legal = "article pages answer 403 to robots: only the feeds are asked for; they label Moscow time +04:00"
    guessed = ("daily",)
    body = (".entry-content.e-content.read__internal_content",)

    def mend_date(self, text: str) -> str:
        """Correct the zone, not the time: the feeds label Moscow time +04:00, as it was from March 2011 to October 2014."""
        return text if "2011-03-27" <= text[:10] < "2014-10-26" else text.replace("+04:00", "+03:00")
