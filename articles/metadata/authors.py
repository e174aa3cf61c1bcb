"""Authors of an article: people only, not sites, agencies, job titles, URLs or "admin"."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice, pairwise
from typing import Any, NamedTuple

from articles import dates
from articles.data import load
from articles.metadata.agencies import agency, first_agency
from articles.metadata.context import MetadataContext
from articles.model import Choice, Evidence
from articles.page import phrases
from articles.page.blocks import HEADINGS, Block
from articles.page.column import prose
from articles.page.structured import text_of, types_of
from articles.text import fold

META_NAMES = (
    "author",
    "article:author",
    "article:author_name",
    "parsely-author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "cxenseparse:author",
    "mediator_author",
    "og:article:author",
    "twitter:creator:name",
)
NAME_SEPARATOR = re.compile(
    r"\s*(?:,|;|\||/|\band\b|&|\bund\b|\bи\b|\bта\b|\bй\b|\bir\b|\bet\b|\by\b|\bog\b|\bva\b|\bва\b|\bve\b|және|\bжана\b|\bwith\b|\s•\s|"
    r"\.\s+(?=(?i:фото|photos?|сурет|suret)\b)|(?<=\s)(?:мен|бен|пен|і|men|hám|həm|AND|И|ТА|ЖӘНЕ|МЕН)(?=\s))\s*"
)
NAME = re.compile(r"^[^\W\d_][\w.'’`-]*(?:\s+[\w.'’`()-]+){0,5}$")
BYLINE_PREFIX = re.compile(
    r"^\W*(?:by|von|par|por|автор(?:ы|и|ка|ки|лар)?(?:\s+(?:статьи|материала|текста|публикации))?|author|written by|text(?:as)?|autor(?:ius|ė)?|текст|мәтін|muallif(?:lar)?|"
    r"(?:подготовил|записал|беседовал|підготував|підготувал|розмовлял)(?:[аи])?|дайындаған|жазған|сұхбаттасқан|tayyorladi)\b\s*:?\s*"
    r"|^\W*(?:журналист(?:ка)?|журналіст(?:ка)?|корреспондент|кореспондент(?:ка)?|тілші|muxbir)\s*:\s*"
    r"|^\W*(?-i:By|Автор)(?-i:(?=[A-ZА-ЯЁ]))",  # joined to the name by a template
    re.IGNORECASE,
)
CREDIT_PREFIX = re.compile(
    r"^(?:posted|written|authored|edited|reported|reviewe?d?|story|reporting|published|publiziert|adaptiert)\s+(?:by|von)\s+",
    re.IGNORECASE,
)
ROLE_LABEL = re.compile(r"(?:^|\s)([^\W\d_]{3,20}\s?:)\s+")  # "Фото: …" after the author's name in one line
SENTENCE_END = re.compile(r"[^\W\d_A-ZА-ЯЁ]{3}\.$")  # of a list of names; an abbreviation such as "Jr." is shorter
AFTER_NAME = re.compile(  # begins a job title, a date or a handle
    r"\s+[-–—]\s*|\s*[|•·●⋅∙(@]|\s+Twitter$|\s+(?:on|in|am|für|for|mit|из|в)(?:\s+|$)|"
    r"\s+(?:[Вв]се|[Дд]ругие|[Ее]щ[её]) (?:материалы|статьи|публикации|новости)|\s+(?:More|All|View all|Read more)\s|\s+\d|(?<=[a-zа-я])(?=\d)"
)
MAX_AMBIGUOUS_SITE_CHARS = 4  # a site's name of up to so many letters may be part of a person's name
DIGIT = re.compile(r"\d")
MAX_NAME_LIST_CHARS = 2_000  # the characters of a list of names that are read
MAX_NAME_WORDS = 6  # in a person's name; a hyphen separates words
MAX_NAME_CHARS = 60
MAX_BYLINE_CHARS = 120
SIGNATURE_WORDS = (2, 3)  # minimum and maximum number of words of a name under the text
MAX_BYLINE_DEPTH = 3  # elements, from a line outwards, of which one may be marked as a byline
VISIBLE_SOURCES = frozenset({"byline", "visible", "signature"})  # lines that readers see, not metadata
MAX_TEXTS_PER_SOURCE = 40
MAX_PEOPLE = 100  # that one source names
MAX_EVIDENCE_CHARS = 300  # the characters of a candidate that are kept
# WordPress's Yoast states labelled facts for cards: "twitter:label1" = "Written by", "twitter:data1" = the name.
CARD_FACTS = range(1, 5)
MIN_ONE_WORD_CHARS = 3  # of a name of one word: shorter ones are an editor's sign
ONE_WORD_MENTIONS = 2  # of a name of one word, one of them visible; once it may be a button, or the name of an account


def people_in_role(source: MetadataContext, role: str) -> tuple[str, ...]:
    """Return the people whom JSON-LD names in another role than author: "translator" or "editor"."""
    named = [name for article in source.stated.articles[:1] for name in _json_ld_names(article.get(role))]
    return people(named[:MAX_TEXTS_PER_SOURCE], source.site)


class Authors(NamedTuple):
    """Authors of an article, the agency named among them (or empty), and the evidence for both."""

    names: tuple[str, ...]
    agency: str
    evidence: list[Evidence]
    choices: tuple[Choice, ...]


def read(source: MetadataContext) -> Authors:
    """Return the authors, an agency named among them, the candidates and the reasons.

    The first source that names people decides. If people are named, an agency counts only if metadata names it: in a
    visible line it may be the source of a picture.
    """
    candidates = _candidates(source)
    found = [people(texts, source.site) for _, texts in candidates]
    if not any(found):
        found = _one_word(candidates, source)
    first = next((place for place, names in enumerate(found) if names), -1)
    chosen = found[first] if first >= 0 else ()
    evidence = [
        Evidence("authors", name, "; ".join(texts)[:MAX_EVIDENCE_CHARS], chosen=place == first)
        for place, (name, texts) in enumerate(candidates)
    ]
    source_name = next((candidate.source for candidate in evidence if candidate.chosen), "")
    why = (
        f"{source_name} is the first of the sources, in their order of trust, that names people"
        if source_name
        else "nobody is named"
    )
    choices = [Choice("authors", why)]
    agency_, origin = _agency(source, candidates, named=bool(chosen))
    if agency_:
        choices.append(Choice("source", f"{origin} names it among the authors"))
    return Authors(chosen, agency_, evidence, tuple(choices))


def _candidates(source: MetadataContext) -> list[tuple[str, list[str]]]:
    stated = source.stated
    candidates = [
        ("json-ld", _json_ld_people(source, article.get("author")) or _json_ld_people(source, article.get("creator")))
        for article in (stated.articles or stated.pages)[:1]
    ]
    candidates += [(f"meta:{name}", stated.meta.get(name, [])) for name in META_NAMES]
    candidates.append(("meta:twitter:data", _card_names(source)))
    head = source.head()
    near = range(head[0].position, head[-1].position + 1) if head else range(0)
    inline = [(position, names) for position, names in source.page.bylines if position in near]
    candidates.append(("byline", _above_text(source, inline)))
    lines = [(block.position, names) for block in head if (names := byline(block))]
    candidates.append(("visible", _above_text(source, lines)))
    candidates.append(("signature", _signatures(source)))
    return [(name, texts[:MAX_TEXTS_PER_SOURCE]) for name, texts in candidates if texts]


def _above_text(source: MetadataContext, placed: list[tuple[int, str]]) -> list[str]:
    """Return the bylines down to the first paragraph if they name people, otherwise all: those of other articles follow."""
    blocks = source.page.blocks[source.top.first : source.top.last]
    end = next((block.position for block in blocks if prose(block)), source.top.first)
    above = [names for position, names in placed if position <= end]
    return above if people(above, source.site) else [names for _, names in placed]


def _agency(source: MetadataContext, candidates: list[tuple[str, list[str]]], *, named: bool) -> tuple[str, str]:
    """Return the agency among the authors and the source that names it, both empty if there is none."""
    offices = [
        text for article in source.stated.articles[:1] for text in _json_ld_names(article.get("author"), offices=True)
    ]
    for name, texts in [("json-ld", offices), *candidates]:
        if named and name in VISIBLE_SOURCES:
            continue
        found = first_agency((text[:MAX_NAME_CHARS] for text in texts[:MAX_TEXTS_PER_SOURCE]), source.url)
        if found:
            return found, name
    return "", ""


def _json_ld_names(value: Any, *, offices: bool = False) -> list[str]:
    """Return the names in a JSON-LD author: people, and with `offices` also organisations."""
    names = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict) and isinstance(entry.get("name"), list):
            names += [text_of(name) for name in entry["name"]]
        elif offices or not (isinstance(entry, dict) and "Organization" in types_of(entry)):
            names.append(text_of(entry))
    return [name for name in names if name]


def _json_ld_people(source: MetadataContext, value: Any) -> list[str]:
    """Return the names in a JSON-LD author, or that of the person elsewhere on the page to whom it refers by `@id`."""
    ids = [entry.get("@id") for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
    known = source.stated.people
    return _json_ld_names(value) or [known[one] for one in ids if isinstance(one, str) and one in known]


def _card_names(source: MetadataContext) -> list[str]:
    """Return what a card of the page gives under a label such as "Written by"."""
    labels = (source.stated.first(f"twitter:label{number}") for number in CARD_FACTS)
    return [
        source.stated.first(f"twitter:data{number}")
        for number, label in zip(CARD_FACTS, labels, strict=True)
        if fold(label) in _word_lists()["card_labels"]
    ]


def _one_word(candidates: Sequence[tuple[str, list[str]]], source: MetadataContext) -> list[tuple[str, ...]]:
    """Return for each source the author if it names one by a single word in Latin letters: a first name or a pen name.

    JSON-LD must call it a person, or the page must give it twice, at least once where readers see it.
    """
    words = {name: [word for text in texts if (word := clean_name(text))] for name, texts in candidates}
    mentions = Counter(word for found in words.values() for word in found)
    shown = {word for name, found in words.items() if name in VISIBLE_SOURCES for word in found}
    persons = {
        text_of(entry)
        for article in source.stated.articles[:1]
        for entry in (article.get("author"), *(article["author"] if isinstance(article.get("author"), list) else ()))
        if isinstance(entry, dict) and "Person" in types_of(entry)
    }
    named = {word for word in mentions if word in persons or (word in shown and mentions[word] >= ONE_WORD_MENTIONS)}
    return [
        (found[0],) if len(set(found)) == 1 and found[0] in named and _may_be_pen_name(found[0], source) else ()
        for found in words.values()
    ]


def _may_be_pen_name(word: str, source: MetadataContext) -> bool:
    """Return whether a single word may be a person's: no button, and no word of the names of the site and its sections."""
    if " " in word or len(word) < MIN_ONE_WORD_CHARS or not word.istitle():
        return False
    stated = source.stated
    taken = (source.site, *stated.meta.get("article:section", []), *stated.breadcrumbs)
    others = {fold(one) for text in taken for one in text.split()} | source.site_names()
    lists = _word_lists()
    listed = any(word.casefold() in lists[kind] for kind in ("interface", "not_one_word"))
    return not listed and fold(word) not in others and is_person(word, source.site, one_word=True)


def byline(block: Block) -> str:
    """Return the names in a block if it is a byline, otherwise an empty string."""
    text = block.text
    if len(text) > MAX_BYLINE_CHARS:
        return ""
    if BYLINE_PREFIX.match(text):
        return BYLINE_PREFIX.sub("", text)
    return text if any(node.kind == "byline" for node in islice(block.node.chain(), MAX_BYLINE_DEPTH)) else ""


def _signatures(source: MetadataContext) -> list[str]:
    """Return the name under the text: a line after the last paragraph and before comments that is only a name."""
    found: list[str] = []
    for before, block in pairwise(source.page.blocks[source.top.first : source.top.last + 1]):
        if prose(block):
            found = []
            continue
        hit = phrases.match(block.text) if len(block.text) <= MAX_NAME_CHARS else None
        if hit and hit.reason == "comments":
            break
        if len(block.text) <= MAX_NAME_CHARS and prose(before) and block.tag not in HEADINGS:
            name = signature(block, source.site)
            found = [name] if name else []
    return found


def signature(block: Block, site: str) -> str:
    """Return the text of a block if it is only a person's name, otherwise an empty string."""
    name, _, place = BYLINE_PREFIX.sub("", block.text).partition(", ")
    if len(place.split()) > 1:  # more than a place after the name
        return ""
    words = name.split()
    capital = all(word[0].isupper() for word in words)
    button = any(word.casefold() in _word_lists()["interface"] for word in words)
    fits = SIGNATURE_WORDS[0] <= len(words) <= SIGNATURE_WORDS[1] and capital and not button
    return name if fits and is_person(name, site) else ""


def people(texts: Iterable[str], site: str) -> tuple[str, ...]:
    """Return the people among the names in bylines, each once. One word after a full name is a place or an outlet."""
    found: dict[str, None] = {}
    for text in texts:
        line = BYLINE_PREFIX.sub("", " ".join(text[:MAX_NAME_LIST_CHARS].split()))
        names = [name for part in _parts_of_authors(line) for name in NAME_SEPARATOR.split(part)]
        people_here = [name for name in map(clean_name, names) if is_person(name, site)]
        full = [name for name in people_here if " " in name]
        found.update(dict.fromkeys(full or people_here))
    names = [*found][:MAX_PEOPLE]
    return tuple(name for name in names if not any(_glued(name, other) for other in names))


def _parts_of_authors(line: str) -> list[str]:
    """Return the parts of a line that name authors: without those under the label of another role, such as "Фото: …"."""
    first, *labelled = ROLE_LABEL.split(line)
    roles = zip(labelled[::2], labelled[1::2], strict=True)
    return [
        part.rstrip(" .;") for part in (first, *(names for label, names in roles if BYLINE_PREFIX.fullmatch(label)))
    ]


def _glued(name: str, other: str) -> bool:
    """Return whether a template joined another word to a full name: "Ann LeeTwitter"."""
    return " " in other and name.startswith(other) and name[len(other) :][:1].isupper()


def clean_name(name: str) -> str:
    """Return a name without what bylines add to it: "written by", a date, a handle, a place, a job title after a dash."""
    words = CREDIT_PREFIX.sub("", BYLINE_PREFIX.sub("", name.strip())).split()
    dated = (
        place
        for place, (word, after) in enumerate(pairwise(words))
        if after[0].isdigit() and dates.month_of(word.strip(".,"))
    )
    words = _without_role(words[: next(dated, None)])
    if words and dates.is_weekday(words[-1].strip(".,")):
        words.pop()
    name = AFTER_NAME.split(" ".join(words), maxsplit=1)[0].strip(" -–—·,")
    return name.removesuffix(".") if SENTENCE_END.search(name) else name


def _without_role(words: list[str]) -> list[str]:
    """Return the words of a name without the author's role before it: "Обозреватель Мария Ким", "Staff Writer Ann Lee"."""
    known = _word_lists()
    before, roles = known["before_offices"], known["offices"] | known["not_authors"] | known["before_offices"]
    start = next((place for place, word in enumerate(words) if roles.isdisjoint(re.split("-", word.casefold()))), 0)
    name = words[start:]
    is_role = start > 0 and words[start - 1].casefold() not in before and all(map(_starts_like_a_name, name))
    return name if is_role and len(name) >= SIGNATURE_WORDS[0] else words


@cache
def _word_lists() -> dict[str, frozenset[str]]:
    return {key: frozenset(text.split()) for key, text in load("names").items()}


def is_person(name: str, site: str, *, one_word: bool = False) -> bool:
    """Return whether a name is a person's, not that of a site, agency, job title, URL, date or button.

    A single word in Latin letters counts only with `one_word`: in most lines it is a button, a place or a label.
    """
    words = [word.casefold().strip(".") for word in re.split(r"[\s-]+", name) if word]
    if not words or not NAME.match(name) or len(words) > MAX_NAME_WORDS or len(name) > MAX_NAME_CHARS:
        return False
    site_name = fold(site)
    if (
        fold(name) == site_name
        or (len(site_name) > MAX_AMBIGUOUS_SITE_CHARS and site_name in fold(name))
        or DIGIT.search(name)
        or agency(name)
        or (len(words) == 1 and name.isascii() and not one_word)
    ):
        return False
    known = _word_lists()
    if any(word in known[kind] for word in words for kind in ("organisations", "not_authors", "offices", "machinery")):
        return False
    return all(_starts_like_a_name(word) or word.casefold() in known["particles"] for word in name.split())


def _starts_like_a_name(word: str) -> bool:
    """Return whether a word begins with a capital letter, or with a letter of a script without capitals."""
    letter = next((char for char in word if char.isalpha()), "")
    return not letter.islower()
