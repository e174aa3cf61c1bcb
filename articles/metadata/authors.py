"""Authors of an article: people only, not sites, agencies, job titles, URLs or "admin"."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, takewhile
from typing import Any, NamedTuple

from articles import dates
from articles.metadata.agencies import first_agency
from articles.metadata.context import MetadataContext
from articles.metadata.person_names import (
    BYLINE_PREFIX,
    CREDIT_PREFIX,
    MAX_NAME_CHARS,
    PHOTO_CREDIT,
    ROLE_LABEL,
    SIGNATURE_WORDS,
    clean_name,
    is_person,
    people,
    word_lists,
)
from articles.model import Choice, Evidence
from articles.page import phrases
from articles.page.blocks import HEADINGS, Block, Node
from articles.page.column import MAX_CARD_BLOCKS, MIN_HEADLINE_CHARS, MIN_LINKED_SHARE, prose
from articles.page.page_kinds import leads_within_site
from articles.page.structured import text_of, types_of
from articles.text import fold
from articles.url import absolute

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
AUTHOR_PAGE = re.compile(r"/(?:authors?|autor\w*|avtor\w*|people|persons?|staff|journalists?)/", re.IGNORECASE)
AUTHOR_NAME = re.compile(
    r"(?<![^\W_])(?:authors?|autor\w*|avtor\w*|bylines?|journalist|writer)(?![^\W_])", re.IGNORECASE
)
PICTURES = re.compile(r"\b(?:фото|photo|foto|сурет|surat)", re.IGNORECASE)
DATED_CREDIT = re.compile(r"(?:опубликовано|отправлено)\b", re.IGNORECASE)  # names a person only beside a date
FOR_OUTLET = re.compile(r"(?:специально для|спеціально для|special(?:ly)? (?:for|to)|für|арнайы)\b", re.IGNORECASE)
LINE_MARK = re.compile(r"[|·•●⋅∙]")
MAX_BYLINE_CHARS = 120
MAX_LINES_UNDER_HEADLINE = 3  # of which one may be the author's name
MAX_BYLINE_DEPTH = 3  # elements, from a line outwards, of which one may be marked as a byline
OTHER_KINDS = frozenset({"caption", "gallery", "figure", "comments"})  # a picture's author is a photographer
VISIBLE_SOURCES = frozenset({"byline", "visible", "signature", "line"})  # lines that readers see, not metadata
MAX_TEXTS_PER_SOURCE = 40
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
    others = {block.position for block in head if any(node.kind in OTHER_KINDS for node in _near(block))}
    inline = [(at, names) for at, names in source.page.bylines if at in near and at not in others]
    candidates += [("byline", _above_text(source, inline)), ("visible", _above_text(source, _bylines(source, head)))]
    candidates += [("signature", _signatures(source)), ("line", _under_headline(source))]
    return [(name, texts[:MAX_TEXTS_PER_SOURCE]) for name, texts in candidates if texts]


def _above_text(source: MetadataContext, placed: list[tuple[int, str]]) -> list[str]:
    """Return the bylines down to the first paragraph if they name people, otherwise also those below, but not of cards."""
    blocks = source.page.blocks[source.top.first : source.top.last]
    end = next((block.position for block in blocks if prose(block)), source.top.first)
    above = [names for position, names in placed if position <= end]
    if people(above, source.site):
        return above
    return [names for position, names in placed if position <= end or not _is_of_card(source, position, names)]


def _is_of_card(source: MetadataContext, position: int, names: str) -> bool:
    """Return whether a byline below the text is in an element that a link to another page of the site begins: a headline."""
    blocks = source.page.blocks[position : position + 1]
    around = (node for block in blocks for node in _near(block) if node.last - node.first <= MAX_CARD_BLOCKS)
    for block in (source.page.blocks[node.first] for node in around):
        headline = len(block.text.replace(names, ""))
        if (
            block.links
            and headline >= MIN_HEADLINE_CHARS
            and block.linked >= MIN_LINKED_SHARE * headline
            and not AUTHOR_PAGE.search(block.links[0])
            and leads_within_site(source.url, block.links[0])
            and absolute(source.url, block.links[0]) != source.url
        ):
            return True
    return False


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
    for entry in map(_of_role, value if isinstance(value, list) else [value]):
        if isinstance(entry, dict) and isinstance(entry.get("name"), list):
            names += [text_of(name) for name in entry["name"]]
        elif offices or not (isinstance(entry, dict) and "Organization" in types_of(entry)):
            names.append(text_of(entry))
    return [name for name in names if name]


def _of_role(entry: Any) -> Any:
    """Return the author in a JSON-LD role: {"@type": "Role", "author": …}; any other entry as it is."""
    return entry.get("author") if isinstance(entry, dict) and "Role" in types_of(entry) else entry


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
        if fold(label) in word_lists()["card_labels"]
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
    lists = word_lists()
    listed = any(word.casefold() in lists[kind] for kind in ("interface", "not_one_word"))
    return not listed and fold(word) not in others and is_person(word, source.site, one_word=True)


def byline(block: Block) -> str:
    """Return the names in a block if it is a byline, otherwise an empty string."""
    text = block.text
    if len(text) > MAX_BYLINE_CHARS:
        return ""
    if BYLINE_PREFIX.match(text):
        return BYLINE_PREFIX.sub("", text)
    if names := _after_label(text):
        return names
    if DATED_CREDIT.match(text) and not dates.find(text):
        return ""
    kinds = {node.kind for node in _near(block)}
    return text if CREDIT_PREFIX.match(text) or ("byline" in kinds and OTHER_KINDS.isdisjoint(kinds)) else ""


def _after_label(text: str) -> str:
    """Return the names under a byline's label in a dateline or credit: "5 May 2024 | Author: Ann Lee", "Photo: … Text: …"."""
    if not (dates.find(text) or PICTURES.search(text)):
        return ""  # as of a song or a book
    for part in LINE_MARK.split(text):
        _, *labelled = ROLE_LABEL.split(part)
        for label, names in zip(labelled[::2], labelled[1::2], strict=True):
            if BYLINE_PREFIX.fullmatch(label):
                return names
    return ""


def _beside_date(block: Block) -> str:
    """Return the part of a line that is a name, if another part is a date and marks separate them: "Ann Lee | 2 May 2024"."""
    parts = [part.strip() for part in LINE_MARK.split(block.text)] if len(block.text) <= MAX_BYLINE_CHARS else []
    dated = [bool(dates.parse(part)) for part in parts]
    if not any(dated):
        return ""
    names = (part for part, is_date in zip(parts, dated, strict=True) if not is_date)
    return next((part for part in names if SIGNATURE_WORDS[0] <= len(part.split()) <= SIGNATURE_WORDS[1]), "")


def _names_author(source: MetadataContext, block: Block) -> bool:
    """Return whether markup says that a line names an author: a link to an author's page, a class, or a property.

    Without it, a line of two capitalised words may be a place or a section: "New York", "Local Politics".
    """
    return (
        any(AUTHOR_PAGE.search(link) for link in block.links)
        or any(AUTHOR_NAME.search(node.names) for node in _near(block))
        or any(position == block.position for position, _ in source.page.bylines)
    )


def _near(block: Block) -> Iterator[Node]:
    """Yield the innermost elements around a block."""
    return islice(block.node.chain(), MAX_BYLINE_DEPTH)


def _bylines(source: MetadataContext, blocks: Sequence[Block]) -> list[tuple[int, str]]:
    """Return the position and the names of each block that is a byline, or that follows a label alone: "Автор:"."""
    found = [
        (block.position, names)
        for block in blocks
        if (names := byline(block) or (_beside_date(block) if _names_author(source, block) else ""))
    ]
    for label, block in pairwise(blocks):
        if label.text.endswith(":") and BYLINE_PREFIX.fullmatch(label.text) and len(block.text) <= MAX_BYLINE_CHARS:
            found.append((block.position, block.text))
    return found


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
        of_others = any(node.kind in OTHER_KINDS for node in _near(block))
        if len(block.text) <= MAX_NAME_CHARS and prose(before) and block.tag not in HEADINGS and not of_others:
            name = signature(block, source.site)
            found = [name] if name else []
    return found


def _under_headline(source: MetadataContext) -> list[str]:
    """Return the name on a line of its own between the headline and the first paragraph."""
    below = source.page.blocks[source.heading + 1 :] if source.heading >= 0 else []
    lines = islice(takewhile(lambda block: not prose(block), below), MAX_LINES_UNDER_HEADLINE)
    plain = (
        block
        for block in lines
        if block.tag not in HEADINGS
        and not byline(block)
        and all(AUTHOR_PAGE.search(link) for link in block.links)
        and _names_author(source, block)
    )
    return [name for block in plain if (name := signature(block, source.site))][:1]


def signature(block: Block, site: str) -> str:
    """Return the text of a block if it is only a person's name, otherwise an empty string."""
    line = PHOTO_CREDIT.split(BYLINE_PREFIX.sub("", block.text), maxsplit=1)[0]
    name, _, place = line.strip(" ,").partition(", ")
    if len(place.split()) > 1 and not FOR_OUTLET.match(place):  # more than a place after the name
        return ""
    words = name.split()
    capital = all(word[0].isupper() for word in words)
    button = any(word.casefold() in word_lists()["interface"] for word in words)
    fits = SIGNATURE_WORDS[0] <= len(words) <= SIGNATURE_WORDS[1] and capital and not button
    return name if fits and is_person(name, site) else ""
