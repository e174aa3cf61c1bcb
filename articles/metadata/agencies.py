"""News agencies: where a page names one in its byline, its dateline or its first and last sentences, it tells its source.

An agency named in the middle of a text is part of the story. A page of the agency's own site has no second source.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from articles.data import load

OPENING, CLOSING = 2, 2  # paragraphs at a text's ends in which an attribution says where the text comes from
NOT_A_NAME = re.compile(r"[«»„“”\"']+")
LEADING = re.compile(r"^(?:the|агентств\w*|информагентств\w*|иа|миа|мка|ап|with|mit|von|by)\s+", re.IGNORECASE)
PARTS = re.compile(r"\s*(?:[,;/|&+]|\s(?:and|und|with|in|via|и|та|және|ir|og|et|y|e)\s)\s*", re.IGNORECASE)
NAME = r"(?P<name>[«\"„“]?[\w.\-]+(?:\s?[«\"„“][\w.\- ]+[»\"“”]|\s(?:[A-ZА-ЯЁ]|«)[\w.\-]+»?){0,2}[»\"“”]?)"
KIND = r"(?:(?:информационн\w+|международн\w+|национальн\w+|новостн\w+|государственн\w+)\s+)*(?:(?:информ)?агентств\w*|ИА|МИА|МКА|портал\w*|сайт\w*|издани\w+|газет\w+|телеканал\w*|корреспондент\w*)"
NAMED_AFTER = tuple(  # "со ссылкой на ТАСС"
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
NAMED_BEFORE = tuple(  # "ТАСС-қа сілтеме жасап"
    re.compile(pattern)
    for pattern in (
        rf"{NAME}\s+(?:агенттігі\w*\s+)?(?:сілтеме жасап|хабарлайды|хабарлады|хабарлап|жазады|тілшісі)",
        rf"{NAME}\s+(?:reports|reported|news agency reported|xabar qilmoqda|xabar berdi|ga havola|маълум қилмоқда|хабар берет|билдирет|кабарлайт)\b",
        rf"{NAME}\s+(?:bildirdi|aktardı|haberine göre)\b",
    )
)
BEHIND = (  # a text without any of these matches no pattern of a name before them
    "сілтеме", "хабарла", "жазады", "тілшісі", "report", "xabar", "havola", "маълум", "хабар", "билдирет", "кабарлайт",
    "bildirdi", "aktardı", "haberine",
)  # fmt: skip
ATTRIBUTING = (  # … and without these or any of the following, none at all
    *BEHIND, "ссылкой", "по данным", "по сообщению", "по информации", "переда", "сообщ", "пиш", "информир",
    "посиланням", "повідомля", "praneša", "skelbia", "rašo", "citing", "with reference", "meldet", "berichtet",
    "podaje", "poinformowała", "informuje",
)  # fmt: skip
DATELINE = re.compile(  # "MOSCOW, Nov 28 (Reuters) —", "АСТАНА. КАЗИНФОРМ –", "МОСКВА, 28 ноя — РИА Новости.", "/ТАСС/."
    r"^\W*(?:[^\W\d_][\w .'’-]{1,30}[,.:]?\s*){1,2}(?:[^\n()/–—-]{0,25})(?:"
    r"[(/](?P<bracket>[\w .\"«»-]{2,30})[)/]|[.,–—-]\s*(?P<dash>[A-ZА-ЯЁҚ][\w\"«»-]{1,20}(?:\s[A-ZА-ЯЁ][\w-]+)?)\s*(?:[.–—-]))"
)
WORD = re.compile(r"\w+")
LONGEST = 600  # characters at either end of a paragraph that are read


class Attribution(NamedTuple):
    """An agency, where it is named, and the paragraph."""

    name: str
    where: str
    paragraph: int


@cache
def _known() -> Mapping[str, str]:
    return {_fold(name): agency for agency, entry in load("agencies").items() for name in (*entry["names"], agency)}


@cache
def _openings() -> frozenset[str]:
    """Return the words with which the agencies' names begin, as `WORD` finds them."""
    return frozenset(WORD.findall(LEADING.sub("", name))[0] for name in _known())


@cache
def _domains() -> Mapping[str, str]:
    return {domain: agency for agency, entry in load("agencies").items() for domain in entry["domains"]}


def _fold(text: str) -> str:
    return " ".join(NOT_A_NAME.sub(" ", text.casefold()).split()).strip(" .,:;()-–—")


def agency(text: str) -> str:
    """Return the agency whose name a text is and nothing else; empty for anything else."""
    folded = _fold(LEADING.sub("", text.strip()))
    return _known().get(folded) or _known().get(folded.split("-")[0], "") if folded else ""


def among(texts: Iterable[str], url: str) -> str:
    """Return the first agency among names as bylines write them ("ino/dpa"), unless the page is its own."""
    parts = (part for text in texts for part in (text, *PARTS.split(text)))
    return next((found for part in parts if (found := agency(part)) and not own(found, url)), "")


def own(name: str, url: str) -> bool:
    """Return whether a page stands on an agency's own site."""
    host = urlsplit(url).hostname or ""
    labels = {_known().get(label) for label in host.split(".")}
    at = (found == name and (host == domain or host.endswith(f".{domain}")) for domain, found in _domains().items())
    return name in labels or any(at)


def of_site(url: str) -> str:
    """Return the agency on whose own site a page stands; empty for any other site."""
    host = urlsplit(url).hostname or ""
    return next((found for domain, found in _domains().items() if host == domain or host.endswith(f".{domain}")), "")


def attribution(paragraphs: Sequence[str], url: str) -> Attribution | None:
    """Return the agency to which the ends of a text attribute it, None where they name none."""
    if not paragraphs:
        return None
    dateline = DATELINE.match(paragraphs[0][:LONGEST]) if _speaks(paragraphs[0][:LONGEST]) else None
    if dateline:
        found = among([dateline["bracket"] or dateline["dash"]], url)
        if found:
            return Attribution(found, "dateline", 0)
    ends = sorted({*range(min(OPENING, len(paragraphs))), *range(max(0, len(paragraphs) - CLOSING), len(paragraphs))})
    for index in ends:
        text = paragraphs[index]
        for part in {text[:LONGEST]: None, text[-LONGEST:]: None}:
            names = _attributed(part) if _speaks(part) else ()
            found = next((name for name in names if not own(name, url)), "")
            if found:
                return Attribution(found, "attribution", index)
    return None


def _speaks(text: str) -> bool:
    """Return whether a text holds a word with which an agency's name begins: most don't, and cost nothing."""
    return not _openings().isdisjoint(WORD.findall(text.casefold()))


def _attributed(text: str) -> Iterator[str]:
    """Yield the agencies to which a text attributes what it says."""
    said = text.lower()
    if not any(word in said for word in ATTRIBUTING):
        return
    for pattern in NAMED_AFTER:
        for match in pattern.finditer(text):
            words = match["name"].split()
            yield from (found for end in range(len(words), 0, -1) if (found := agency(" ".join(words[:end]))))
    if not any(word in said for word in BEHIND):
        return
    for pattern in NAMED_BEFORE:
        for match in pattern.finditer(text):
            words = match["name"].split()
            yield from (found for start in range(len(words)) if (found := agency(" ".join(words[start:]))))
