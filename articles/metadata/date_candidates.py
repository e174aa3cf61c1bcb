"""Collect what a page and its surroundings say of its dates, in order of trust, as (origin, text) pairs.

What is stated for machines comes first; then what stands between the headline and the text, then the address; last what
stands above the headline or after the text began: there are today's date, and the dates of other articles and comments.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from articles import dates
from articles.data import load
from articles.metadata.context import MetadataContext
from articles.page.blocks import Block, Time
from articles.page.column import prose
from articles.page.structured import text_of

# Names of meta elements, letters only. What is named after publication is the most exact; "date" may be any date.
PUBLISHED_NAMES = (
    re.compile(r"publish(?!er)|publicationdate|pubdate|pubtime|^ptime$"),
    re.compile(r"issued|createat|date\w*created|created\w*date|^(?:dc|dcterms)created$|dateavailable|articledate"),
    re.compile(r"^(?:dc|dcterms)?date$"),
)
MODIFIED_NAME = re.compile(r"modif|updated|lastmod|revised|^utime$")
HEADER_NAME = "lastmodified"  # a copy of the HTTP header, which says when the server made the page
NOT_LETTERS = re.compile(r"[^a-z]")
MAX_TIMES = 500  # marked dates of a page that are weighed; around its headline a page has a few
MAX_META_CHARS = 60  # of a value that is only a date
MAX_DATELINE_CHARS = 120  # length of a line that shows the date
MAX_PLAIN_WORDS = 3  # in small letters, in a line that is not a sentence; a place or a section may have some
LABEL = re.compile(  # says whether the date after it is that of publication or that of a change
    r"(?P<change>\b(?:last )?(?:updated|modified|edited)\b|обновл[её]н\w*|\bобн\.|изменен\w*|оновлено|жаңартыл\w*|жаңылан\w*|yangilan\w*|"
    r"янгилан\w*|atnaujint\w*|aktualisier\w*|aktualizac\w*|zaktualizowano|güncellen?me\w*|mis à jour|mise à jour|actualizado|aggiornat\w*|letzte änderung)"
    r"|\b(?:published|posted|опубликован\w*|опубліковано|жариялан\w*|e'lon qilin\w*|paskelbt\w*|veröffentlicht|opublikowano|yayınlanma)\b",
    re.IGNORECASE,
)
DATE_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
CITED = re.compile(r"\b(?:от|від|of|dated|vom|de la)\s*$|№\s*$", re.IGNORECASE)  # before the date of a law or treaty
CITING = re.compile(r"^\W{0,2}(?:г\.|года?|р\.|року|ж\.)?\s*(?:№|N\s|No\.|Nr\.|n°)")  # and after it, its number
CHANGE, PUBLICATION = True, False


class Found(NamedTuple):
    """Candidates of both dates: (origin, text) in order of trust."""

    published: list[tuple[str, str]]
    modified: list[tuple[str, str]]


class _DateLine(NamedTuple):
    position: int
    text: str
    is_change: bool


def collect(source: MetadataContext) -> Found:
    """Return the candidates of the dates of publication and of the last change."""
    stated = source.stated
    article = stated.articles[0] if stated.articles else {}
    webpage = stated.pages[0] if stated.pages else {}
    lines = list(_lines(source))
    opening = _opening(source)
    times = list(islice(_times(source), MAX_TIMES))
    published = [("json-ld", text_of(article.get("datePublished")))]
    published += _meta(source, PUBLISHED_NAMES)
    published += [
        (f"itemprop:{time.prop}", time.value) for time in times if time.prop in ("datePublished", "dateCreated")
    ]
    published.append(("json-ld:webpage", text_of(webpage.get("datePublished"))))
    plain = [time for time in times if not _is_change(time)]
    published += [("time", time.value) for time in plain if time.position in opening]
    published += [("visible", line.text) for line in lines if not line.is_change and line.position in opening]
    addresses = source.site_facts.addresses
    published.append(("url", addresses.day(source.url) or dates.from_url(source.url)))
    published.append(("json-ld:created", text_of(article.get("dateCreated"))))
    published += [("time:apart", time.value) for time in plain if time.position not in opening]
    published += [("visible:apart", line.text) for line in lines if not line.is_change and line.position not in opening]
    modified = [("json-ld", text_of(thing.get("dateModified"))) for thing in (article, webpage)]
    modified += _meta(source, (MODIFIED_NAME,))
    modified += [(f"itemprop:{time.prop}", time.value) for time in times if time.prop == "dateModified"]
    modified += [("visible", line.text) for line in lines if line.is_change]
    modified += [("time", time.value) for time in times if not time.prop and _is_change(time)]
    return Found(published, modified)


def _meta(source: MetadataContext, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[str, str]]:
    named = [(name, NOT_LETTERS.sub("", name), values[0]) for name, values in source.stated.meta.items()]
    for pattern in patterns:
        for name, letters, value in named:
            if pattern.search(letters) and len(value) <= MAX_META_CHARS and letters != HEADER_NAME:
                if pattern is not MODIFIED_NAME and MODIFIED_NAME.search(letters):
                    continue
                yield f"meta:{name}", value


def _opening(source: MetadataContext) -> range:
    """Return the positions from under the headline to the first paragraph of the text."""
    blocks, top = source.page.blocks, source.top
    start = source.heading if 0 <= source.heading < top.last else max(0, top.first - 1)
    after = range(max(start + 1, min(top.first, len(blocks))), top.last)
    return range(start + 1, next((index for index in after if prose(blocks[index])), top.last) + 1)


def _times(source: MetadataContext) -> Iterator[Time]:
    """Yield the marked dates around the headline, and those that are marked as the article's, outside of cards."""
    near = source.head()
    first, last = (near[0].position, near[-1].position + 1) if near else (0, -1)
    blocks = source.page.blocks
    for time in source.page.times:
        block = blocks[time.position] if time.position < len(blocks) else None
        is_card = block is not None and block.linked > len(block.text) / 2 and block.position != source.heading
        if (time.prop or first <= time.position <= last) and not is_card:
            yield time


def _is_change(time: Time) -> bool:
    label = None
    for label in LABEL.finditer(time.before):  # noqa: B007  the last label counts
        pass
    return time.prop == "dateModified" or bool(label and label["change"])


def _lines(source: MetadataContext) -> Iterator[_DateLine]:
    """Yield the lines near the headline that show a date, split at their labels."""
    for block in source.head():
        if len(block.text) >= MAX_DATELINE_CHARS or block.position in source.aside or block.tag == "h1":
            continue
        if not _is_dateline(block):
            continue
        change, start = PUBLICATION, 0
        for label in LABEL.finditer(block.text):
            yield _DateLine(block.position, block.text[start : label.start()], change)
            change, start = CHANGE if label["change"] else PUBLICATION, label.end()
        yield _DateLine(block.position, block.text[start:], change)


def _is_dateline(block: Block) -> bool:
    """Return whether a line with a date is about the article itself: no sentence, and no law or treaty of that day."""
    place = dates.find(block.text)
    if place is None:
        return True  # a relative date
    before, after = block.text[: place.start], block.text[place.stop :]
    if CITED.search(before) or CITING.match(after):
        return False
    known = _dateline_words()
    words = (
        word.rstrip(".").casefold() for word in DATE_WORD.findall(LABEL.sub(" ", f"{before} {after}")) if word.islower()
    )
    return sum(word not in known for word in words) <= MAX_PLAIN_WORDS


@cache
def _dateline_words() -> frozenset[str]:
    names = load("names")
    return frozenset(f"{names['dateline']} {names['by']} {names['weekdays']}".split())
