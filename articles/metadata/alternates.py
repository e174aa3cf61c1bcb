"""Other pages that this page names as versions of its article: hreflang, and links such as "in Russian" or "original".

They are evidence for `translation_of` links. URLs are canonical. Links to a home page or to the page itself are left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from articles import url as urls
from articles.errors import InputError
from articles.model import Alternate
from articles.page.blocks import Page
from articles.page.structured import Structured, text_of

MAX_ALTERNATES = 60  # kept for each page; the institutions of the European Union publish in 24 languages
MAX_SWITCH_CHARS = 60  # length of a line that links to the article in another language
MIN_LINKED_SHARE = 0.6  # the part of such a line that must be a link
WORK_PROPERTIES = (  # schema.org property, and the source that the alternate gets
    ("translationOfWork", "original"),
    ("isBasedOn", "original"),
    ("workTranslation", "translation"),
)
LANGUAGES = {
    "ru": r"(?:читать |читайте |текст )?(?:на русском(?: языке)?|по-русски)|русская версия|орысша(?: оқу)?|рус(?:ча|ский)?|russian",
    "kk": r"(?:читать )?на казахском(?: языке)?|казахская версия|қазақша(?: оқу)?|қазақ тілінде(?: оқу)?|qazaqşa|qazaqsha|qazaq tilinde|kazakh",
    "en": r"(?:read )?(?:this (?:article |story )?)?in english|english(?: version)?|на английском(?: языке)?|ағылшынша|англійською|skaityti angliškai|ingilizce|auf englisch",
    "uk": r"(?:читати )?українською(?: мовою)?|українська версія|українська|на украинском(?: языке)?|ukrainian",
    "lt": r"(?:skaityti )?lietuviškai|lietuvių kalba|lithuanian",
    "uz": r"(?:o'zbekcha|o‘zbekcha|ўзбекча|oʻzbekcha)|o'zbek tilida|ўзбек тилида|на узбекском(?: языке)?|uzbek",
    "ky": r"кыргызча(?: окуу)?|кыргыз тилинде|на кыргызском(?: языке)?|kyrgyz",
    "de": r"(?:auf |in )?deutsch(?:e version)?|german",
    "pl": r"(?:czytaj )?po polsku|polska wersja|polish",
    "tr": r"türkçe(?: oku)?|turkish",
}
LANGUAGE_SWITCH = re.compile(
    rf"\W*(?:{'|'.join(f'(?P<{lang}>{pattern})' for lang, pattern in LANGUAGES.items())})\W*", re.IGNORECASE
)
LINK_HEADER = re.compile(
    r"<([^<>]{1,500})>((?:\s*;\s*[\w*]+\s*=\s*(?:\"[^\"]{0,200}\"|[^\",;\s]{1,200})){1,8})", re.IGNORECASE
)
HREFLANG = re.compile(r"hreflang\s*=\s*\"?([\w-]{2,20})", re.IGNORECASE)
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}|x-default")
ARTICLE_PATH = re.compile(  # a slug or a number
    r"/[^/?]*(?:\d|[\w%]-[\w%][^/?]{5})[^/?]*(?:/|\.\w+)?(?:$|[?#])|[?&]\w+=\d"
)


class StatedAlternate(NamedTuple):
    """Another page as this page names it: language, link (not yet resolved) and where it is named."""

    lang: str
    link: str
    source: str


def of_page(stated: Structured, page: Page) -> tuple[StatedAlternate, ...]:
    """Return the alternates that a page names in its head, its JSON-LD and its links, unresolved."""
    return (
        *(StatedAlternate(lang, link, "hreflang") for lang, link in stated.alternates.items()),
        *islice(_works(stated), MAX_ALTERNATES),
        *islice(_switches(page), MAX_ALTERNATES),
    )


def of_response(headers: Sequence[tuple[str, str]]) -> tuple[StatedAlternate, ...]:
    """Return the alternates that the Link headers of a response name, unresolved."""
    return tuple(islice(_in_headers(headers), MAX_ALTERNATES))


def valid(stated: Iterable[StatedAlternate], url: str, canonical: str) -> tuple[Alternate, ...]:
    """Return the stated alternates with canonical URLs, each once, without the page itself and home pages."""
    own = {urls.article_key(url), urls.article_key(canonical)}
    deep = not urls.is_home(urls.canonicalize(url))
    found: dict[Alternate, None] = {}
    for lang, link, source in stated:
        try:
            other = urls.canonicalize(urls.absolute(url, link))
        except InputError:  # not a URL
            continue
        if (
            (lang and not LANGUAGE_TAG.fullmatch(lang))
            or urls.article_key(other) in own
            or (deep and urls.is_home(other))
        ):
            continue
        found.setdefault(Alternate(lang, other, source))
        if len(found) >= MAX_ALTERNATES:
            break
    return tuple(found)


def _works(stated: Structured) -> Iterator[StatedAlternate]:
    """Yield the originals and the translations of the article that JSON-LD names."""
    for article in stated.articles[:1]:
        for key, source in WORK_PROPERTIES:
            value = article.get(key)
            for work in (value if isinstance(value, list) else [value])[:MAX_ALTERNATES]:
                link = work.get("url") or work.get("@id") if isinstance(work, dict) else work
                lang = text_of(work.get("inLanguage")).lower() if isinstance(work, dict) else ""
                if isinstance(link, str) and link:
                    yield StatedAlternate(lang if LANGUAGE_TAG.fullmatch(lang) else "", link, source)


def _switches(page: Page) -> Iterator[StatedAlternate]:
    """Yield the lines that only link to the article in another language."""
    for block in page.blocks:
        if not block.links or len(block.text) > MAX_SWITCH_CHARS or block.linked < MIN_LINKED_SHARE * len(block.text):
            continue
        match = LANGUAGE_SWITCH.fullmatch(block.text)
        lang = match.lastgroup if match else None
        if lang and ARTICLE_PATH.search(block.links[0]):
            yield StatedAlternate(lang, block.links[0], "translation")


def _in_headers(headers: Sequence[tuple[str, str]]) -> Iterator[StatedAlternate]:
    for name, value in headers:
        if name.lower() != "link":
            continue
        for link, parameters in LINK_HEADER.findall(value):
            lang = HREFLANG.search(parameters)
            if lang and "alternate" in parameters.lower():
                yield StatedAlternate(lang[1].lower(), link, "hreflang")
