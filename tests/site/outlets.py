"""The fictional outlets: names, templates, feeds and other properties."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Outlet:
    """A fictional publisher. `zone` is the UTC offset of its dates."""

    name: str  # first part of its host and of its path
    title: str
    lang: str
    template: str
    motto: str
    feed: str = "rss"  # rss | atom | broken | none
    zone: str = "+05:00"
    validators: bool = True  # sends ETag and Last-Modified
    disallowed: str = "/private/"

    @property
    def host(self) -> str:
        return f"{self.name}.example"


OUTLETS: Final = {
    outlet.name: outlet
    for outlet in (
        Outlet("steppe", "The Steppe Monitor", "en", "wordpress", "Independent reporting from the Eurasian plain"),
        Outlet("lookout", "Foreign Press Lookout", "en", "tagdiv", "What the world writes, in English", zone="+00:00"),
        Outlet("azat", "Радио Азат Жел", "ru", "pangea", "Новости без посредников", feed="atom"),
        Outlet("ridge", "Caspian Ridge Institute", "en", "jamestown", "Research and analysis", zone="-05:00"),
        Outlet("balsas", "Vakarų balsas", "lt", "ltblog", "Nepriklausomas tinklaraštis", zone="+02:00"),
        Outlet("spinwire", "SpinWire Daily", "en", "aggregator", "All the news, all the time", feed="none"),
        Outlet("kurier", "Степной курьер", "ru", "bitrix", "Деловая газета Приишимья", feed="broken", validators=False),
        Outlet("dala", "Дала таңы", "kk", "kazakh", "Қоғамдық-саяси газет"),
        Outlet("orda", "Orda Newswire", "en", "newswire", "Wire reports from Central Asia", feed="atom"),
        Outlet("gazette", "The Border Gazette", "en", "gazette", "Since 1911", feed="none", zone="+00:00"),
        Outlet("hostile", "Hostile resources", "en", "plain", "", feed="none", validators=False),
        Outlet("bulk", "Bulk Courier", "en", "plain", "", feed="none", validators=False),
    )
}

PUBLISHERS: Final = tuple(name for name in OUTLETS if name not in {"hostile", "bulk"})
