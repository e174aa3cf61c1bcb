"""How many pages a run may ask of an outlet: by night, when few read it, more than by day. Pure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

NIGHT = range(6)  # hours of the outlet's clock
AGAIN = 0.5  # of a run's pages that may go to articles that are known, where new ones want the room
ZONES = {  # of an outlet's clock by its country; of a large one, that of the capital
    "BY": "Europe/Minsk", "CZ": "Europe/Prague", "GB": "Europe/London", "KG": "Asia/Bishkek", "KZ": "Asia/Almaty",
    "LT": "Europe/Vilnius", "LV": "Europe/Riga", "NL": "Europe/Amsterdam", "RU": "Europe/Moscow", "UA": "Europe/Kyiv",
    "US": "America/New_York", "UZ": "Asia/Tashkent",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Budget:
    """Pages of one run."""

    whole: int  # 0: no limit
    why: str

    @property
    def again(self) -> int:
        """Pages of it that may be asked for again; 0: no limit."""
        return max(1, int(self.whole * AGAIN)) if self.whole else 0


def budget(country: str, by_day: int, by_night: int, asked: int, now: datetime) -> Budget:
    """Return the budget of a run that begins `now`: what the user asked for (0: nothing), or what the outlet allows."""
    if asked:
        return Budget(asked, "as asked for")
    hour = now.astimezone(ZoneInfo(ZONES.get(country, "UTC"))).hour
    if hour in NIGHT:
        return Budget(by_night, f"by night: it is {hour} o'clock there")
    return Budget(by_day, f"by day: it is {hour} o'clock there")
