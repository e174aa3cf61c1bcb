"""Other pages that hold the same article, by the word of this one: hreflang, and links that say "in Russian" or "original".

They are evidence for `translation_of` links. Addresses are canonical; what leads to a home page or back is left out.
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

MOST = 60  # alternates of a page that are kept; the institutions of the European Union publish in 24 languages
SWITCH = 60  # characters of a line that leads to the article in another language
LINKED = 0.6  # of such a line that is a link
WORKS = (("translationOfWork", "original"), ("isBasedOn", "original"), ("workTranslation", "translation"))  # schema.org
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
SWITCHES = re.compile(
    rf"\W*(?:{'|'.join(f'(?P<{lang}>{pattern})' for lang, pattern in LANGUAGES.items())})\W*", re.IGNORECASE
)
LINK = re.compile(
    r"<([^<>]{1,500})>((?:\s*;\s*[\w*]+\s*=\s*(?:\"[^\"]{0,200}\"|[^\",;\s]{1,200})){1,8})", re.IGNORECASE
)
HREFLANG = re.compile(r"hreflang\s*=\s*\"?([\w-]{2,20})", re.IGNORECASE)
TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}|x-default")
ARTICLE = re.compile(r"/[^/?]*(?:\d|[\w%]-[\w%][^/?]{5})[^/?]*(?:/|\.\w+)?(?:$|[?#])|[?&]\w+=\d")  # a slug or a number


class StatedAlternate(NamedTuple):
    """Another page, as this one names it."""

    lang: str
    link: str
    source: str


def of_page(stated: Structured, page: Page) -> tuple[StatedAlternate, ...]:
    """Return the alternates that a page names in its head and its links, as it names them."""
    return (
        *(StatedAlternate(lang, link, "hreflang") for lang, link in stated.alternates.items()),
        *islice(_works(stated), MOST),
        *islice(_switches(page), MOST),
    )


def of_response(headers: Sequence[tuple[str, str]]) -> tuple[StatedAlternate, ...]:
    """Return the alternates that a response's Link headers name."""
    return tuple(islice(_in_headers(headers), MOST))


def valid(stated: Iterable[StatedAlternate], url: str, canonical: str) -> tuple[Alternate, ...]:
    """Return what a page names with canonical addresses, each once: neither the page itself nor a home page."""
    own = {urls.article_key(url), urls.article_key(canonical)}
    deep = not urls.is_home(urls.canonicalize(url))
    found: dict[Alternate, None] = {}
    for lang, link, source in stated:
        try:
            other = urls.canonicalize(urls.absolute(url, link))
        except InputError:  # what the page names is no address
            continue
        if (lang and not TAG.fullmatch(lang)) or urls.article_key(other) in own or (deep and urls.is_home(other)):
            continue
        found.setdefault(Alternate(lang, other, source))
        if len(found) >= MOST:
            break
    return tuple(found)


def _works(stated: Structured) -> Iterator[StatedAlternate]:
    """Yield what JSON-LD names as the work that this one translates or rests on, and as its translations."""
    for article in stated.articles[:1]:
        for key, source in WORKS:
            value = article.get(key)
            for work in (value if isinstance(value, list) else [value])[:MOST]:
                link = work.get("url") or work.get("@id") if isinstance(work, dict) else work
                lang = text_of(work.get("inLanguage")).lower() if isinstance(work, dict) else ""
                if isinstance(link, str) and link:
                    yield StatedAlternate(lang if TAG.fullmatch(lang) else "", link, source)


def _switches(page: Page) -> Iterator[StatedAlternate]:
    for block in page.blocks:
        if not block.links or len(block.text) > SWITCH or block.linked < LINKED * len(block.text):
            continue
        said = SWITCHES.fullmatch(block.text)
        lang = said.lastgroup if said else None
        if lang and ARTICLE.search(block.links[0]):
            yield StatedAlternate(lang, block.links[0], "translation")


def _in_headers(headers: Sequence[tuple[str, str]]) -> Iterator[StatedAlternate]:
    for name, value in headers:
        if name.lower() != "link":
            continue
        for link, parameters in LINK.findall(value):
            lang = HREFLANG.search(parameters)
            if lang and "alternate" in parameters.lower():
                yield StatedAlternate(lang[1].lower(), link, "hreflang")
