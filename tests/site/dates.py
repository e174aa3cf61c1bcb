"""Dates as the outlets print them, in local time."""

from datetime import datetime
from typing import Final

MONTHS: Final = {
    "en": "January February March April May June July August September October November December",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
    "kk-Latn": "qañtar aqpan naurız säuir mamır mausım şılde tamız qırküiek qazan qaraşa jeltoqsan",
    "lt": "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
}
FORMS: Final = {
    "en": "{month} {day}, {year}",
    "ru": "{day} {month} {year}, {clock}",
    "kk": "{year} жылғы {day} {month}, {clock}",
    "kk-Latn": "{year} jılğı {day} {month}, {clock}",
    "lt": "{year} m. {month} {day} d.",
}


def visible(moment: str, lang: str) -> str:
    """Return an ISO date or time in the words of a language, or "" for ""."""
    if not moment:
        return ""
    when = datetime.fromisoformat(moment)
    month = MONTHS[lang].split()[when.month - 1]
    return FORMS[lang].format(day=when.day, month=month, year=when.year, clock=f"{when:%H:%M}")
