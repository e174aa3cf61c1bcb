"""News agencies that a page names as its source, in the byline, the dateline, or the first and last paragraphs.

An agency that is named in the middle of a text belongs to the story. A page on the agency's own site has no other source.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from articles.data import load

# Paragraphs at the start and at the end of a text in which an attribution names the source of the text.
OPENING_PARAGRAPHS, CLOSING_PARAGRAPHS = 2, 2
QUOTE_MARKS = re.compile(r"[«»„“”\"']+")
LEADING_WORDS = re.compile(r"^(?:the|агентств\w*|информагентств\w*|иа|миа|мка|ап|with|mit|von|by)\s+", re.IGNORECASE)
NAME_SEPARATOR = re.compile(r"\s*(?:[,;/|&+]|\s(?:and|und|with|in|via|и|та|және|ir|og|et|y|e)\s)\s*", re.IGNORECASE)
NAME = r"(?P<name>[«\"„“]?[\w.\-]+(?:\s?[«\"„“][\w.\- ]+[»\"“”]|\s(?:[A-ZА-ЯЁ]|«)[\w.\-]+»?){0,2}[»\"“”]?)"
KIND = r"(?:(?:информационн\w+|международн\w+|национальн\w+|новостн\w+|государственн\w+)\s+)*(?:(?:информ)?агентств\w*|ИА|МИА|МКА|портал\w*|сайт\w*|издани\w+|газет\w+|телеканал\w*|корреспондент\w*)"
NAME_AFTER_PHRASE = tuple(  # "со ссылкой на ТАСС"
    re.compile(pattern)
    for pattern in (
        rf"(?i:со? ссылкой на|по (?:данным|сообщению|информации)|как (?:переда[её]т|сообща[её]т|пишет))\s+(?:{KIND}\s+){{0,3}}{NAME}",
        rf"(?i:переда[её]т|сообща[её]т|сообщил[аои]?|пишет|информирует|сообщают)\s+(?:{KIND}\s+){{0,3}}{NAME}",
        rf"(?i:з посиланням на|із посиланням на|повідомля[єю]\w*|передає|пише)\s+(?:\w*агентство\s+)?{NAME}",
        rf"(?i:хабарлайды|хабарлады|жазады)\s+{NAME}",
        rf"(?i:praneša|skelbia|rašo)\s+(?:naujienų agentūra\s+)?{NAME}",
        rf"(?i:citing|with reference to)\s+(?:the\s+)?(?:state\s+)?(?:news agency\s+)?{NAME}",
        rf"(?i:meldet|berichtet)\s+(?:die\s+)?(?:Nachrichtenagentur\s+|Agentur\s+)?{NAME}",
        rf"(?i:podaje|poinformowała|informuje)\s+(?:agencja\s+)?{NAME}",
    )
)
NAME_BEFORE_PHRASE = tuple(  # "ТАСС-қа сілтеме жасап"
    re.compile(pattern)
    for pattern in (
        rf"{NAME}\s+(?:агенттігі\w*\s+)?(?:сілтеме жасап|хабарлайды|хабарлады|хабарлап|жазады|тілшісі)",
        rf"{NAME}\s+(?:reports|reported|news agency reported|xabar qilmoqda|xabar berdi|ga havola|маълум қилмоқда|хабар берет|билдирет|кабарлайт)\b",
        rf"{NAME}\s+(?:bildirdi|aktardı|haberine göre)\b",
    )
)
PHRASE_WORDS_AFTER_NAME = (  # a text without any of these matches no pattern of `NAME_BEFORE_PHRASE`
    "сілтеме", "хабарла", "жазады", "тілшісі", "report", "xabar", "havola", "маълум", "хабар", "билдирет", "кабарлайт",
    "bildirdi", "aktardı", "haberine",
)  # fmt: skip
PHRASE_WORDS = (  # a text without any of these matches neither list of patterns
    *PHRASE_WORDS_AFTER_NAME, "ссылкой", "по данным", "по сообщению", "по информации", "переда", "сообщ", "пиш", "информир",
    "посиланням", "повідомля", "praneša", "skelbia", "rašo", "citing", "with reference", "meldet", "berichtet",
    "podaje", "poinformowała", "informuje",
)  # fmt: skip
DATELINE = re.compile(  # "MOSCOW, Nov 28 (Reuters) —", "АСТАНА. КАЗИНФОРМ –", "МОСКВА, 28 ноя — РИА Новости.", "/ТАСС/."
    r"^\W*(?:[^\W\d_][\w .'’-]{1,30}[,.:]?\s*){1,2}(?:[^\n()/–—-]{0,25})(?:"
    r"[(/](?P<bracket>[\w .\"«»-]{2,30})[)/]|[.,–—-]\s*(?P<dash>[A-ZА-ЯЁҚ][\w\"«»-]{1,20}(?:\s[A-ZА-ЯЁ][\w-]+)?)\s*(?:[.–—-]))"
)
WORD = re.compile(r"\w+")
MAX_READ_CHARS = 600  # the characters at each end of a paragraph that are searched


class Attribution(NamedTuple):
    """An agency that a text names as its source: its name, "dateline" or "attribution", and the paragraph's number."""

    name: str
    where: str
    paragraph: int


@cache
def _agencies_by_name() -> Mapping[str, str]:
    return {_fold(name): agency for agency, entry in load("agencies").items() for name in (*entry["names"], agency)}


@cache
def _first_words() -> frozenset[str]:
    """Return the first word of each agency's name, as `WORD` finds it."""
    return frozenset(WORD.findall(LEADING_WORDS.sub("", name))[0] for name in _agencies_by_name())


@cache
def _agencies_by_domain() -> Mapping[str, str]:
    return {domain: agency for agency, entry in load("agencies").items() for domain in entry["domains"]}


def _fold(text: str) -> str:
    return " ".join(QUOTE_MARKS.sub(" ", text.casefold()).split()).strip(" .,:;()-–—")


def agency(text: str) -> str:
    """Return the agency if the text is its name and nothing else, otherwise an empty string."""
    folded = _fold(LEADING_WORDS.sub("", text.strip()))
    return _agencies_by_name().get(folded) or _agencies_by_name().get(folded.split("-")[0], "") if folded else ""


def first_agency(texts: Iterable[str], url: str) -> str:
    """Return the first agency that bylines such as "ino/dpa" name, leaving out the one whose own site the page is on."""
    lines = (" ".join(text.split()) for text in texts)  # the separator takes long over many spaces
    parts = (part for text in lines for part in (text, *NAME_SEPARATOR.split(text)))
    return next((found for part in parts if (found := agency(part)) and not is_own_site(found, url)), "")


def is_own_site(name: str, url: str) -> bool:
    """Return whether a URL belongs to the agency's own site."""
    host = urlsplit(url).hostname or ""
    labels = {_agencies_by_name().get(label) for label in host.split(".")}
    own_domains = (
        found == name and (host == domain or host.endswith(f".{domain}"))
        for domain, found in _agencies_by_domain().items()
    )
    return name in labels or any(own_domains)


def agency_of_site(url: str) -> str:
    """Return the agency that a URL's site belongs to, empty for any other site."""
    host = urlsplit(url).hostname or ""
    return next(
        (found for domain, found in _agencies_by_domain().items() if host == domain or host.endswith(f".{domain}")), ""
    )


def attribution(paragraphs: Sequence[str], url: str) -> Attribution | None:
    """Return the agency that the first or last paragraphs name as the source of the text, None if they name none."""
    if not paragraphs:
        return None
    dateline = (
        DATELINE.match(paragraphs[0][:MAX_READ_CHARS]) if _may_name_agency(paragraphs[0][:MAX_READ_CHARS]) else None
    )
    if dateline:
        found = first_agency([dateline["bracket"] or dateline["dash"]], url)
        if found:
            return Attribution(found, "dateline", 0)
    ends = sorted(
        {
            *range(min(OPENING_PARAGRAPHS, len(paragraphs))),
            *range(max(0, len(paragraphs) - CLOSING_PARAGRAPHS), len(paragraphs)),
        }
    )
    for index in ends:
        text = paragraphs[index]
        for part in {text[:MAX_READ_CHARS]: None, text[-MAX_READ_CHARS:]: None}:
            names = _attributed_agencies(part) if _may_name_agency(part) else ()
            found = next((name for name in names if not is_own_site(name, url)), "")
            if found:
                return Attribution(found, "attribution", index)
    return None


def _may_name_agency(text: str) -> bool:
    """Return whether a text contains the first word of any agency's name: a cheap test that most texts fail."""
    return not _first_words().isdisjoint(WORD.findall(text.casefold()))


def _attributed_agencies(text: str) -> Iterator[str]:
    """Yield the agencies that a text names as its source."""
    lower = text.lower()
    if not any(word in lower for word in PHRASE_WORDS):
        return
    for pattern in NAME_AFTER_PHRASE:
        for match in pattern.finditer(text):
            words = match["name"].split()
            yield from (found for end in range(len(words), 0, -1) if (found := agency(" ".join(words[:end]))))
    if not any(word in lower for word in PHRASE_WORDS_AFTER_NAME):
        return
    for pattern in NAME_BEFORE_PHRASE:
        for match in pattern.finditer(text):
            words = match["name"].split()
            yield from (found for start in range(len(words)) if (found := agency(" ".join(words[start:]))))
