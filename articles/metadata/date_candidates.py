"""Collect what a page and its surroundings say of its dates, in order of trust, as (origin, text) pairs.

What is stated for machines comes first; then what stands between the headline and the text, then the address; last what
stands above the headline or after the text began: there are today's date, and the dates of other articles and comments.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from operator import attrgetter
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
    re.compile(r"^(?:dc|dcterms|sailthru)?date$"),
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
COMMENTS = "comments"  # kind of an element


class Found(NamedTuple):
    """Candidates of both dates: (origin, text) in order of trust; and dates of other things, which a search may find."""

    published: list[tuple[str, str]]
    modified: list[tuple[str, str]]
    others: list[tuple[str, str]]


class _DateLine(NamedTuple):
    position: int
    text: str
    is_change: bool
    rank: int  # 0 with a label, 1 without, 2 with other words


def collect(source: MetadataContext) -> Found:
    """Return the candidates of the dates of publication and of the last change."""
    stated = source.stated
    article = stated.articles[0] if stated.articles else {}
    webpage = stated.pages[0] if stated.pages else {}
    opening = _opening(source)
    times = list(islice(_times(source), MAX_TIMES))
    lines = sorted(_lines(source, times), key=attrgetter("rank"))
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
    apart = {time.position for time in plain} | {line.position for line in lines}
    apart = {position for position in apart if position not in opening and not _is_of_others(source, position)}
    published += [("time:apart", time.value) for time in plain if time.position in apart]
    published += [("visible:apart", line.text) for line in lines if not line.is_change and line.position in apart]
    modified = [("json-ld", text_of(thing.get("dateModified"))) for thing in (article, webpage)]
    modified += _meta(source, (MODIFIED_NAME,))
    modified += [(f"itemprop:{time.prop}", time.value) for time in times if time.prop == "dateModified"]
    modified += [("visible", line.text) for line in lines if line.is_change]
    modified += [("time", time.value) for time in times if not time.prop and _is_change(time)]
    others = [
        ("time", time.value)
        for time in islice(source.page.times, MAX_TIMES)
        if time.position not in opening and _is_of_others(source, time.position)
    ]
    others += [("header", value) for _, letters, value in _named(source) if letters == HEADER_NAME]
    return Found(published, modified, others)


def _named(source: MetadataContext) -> list[tuple[str, str, str]]:
    """Return the names of meta elements, their letters and their values."""
    return [(name, NOT_LETTERS.sub("", name), values[0]) for name, values in source.stated.meta.items()]


def _meta(source: MetadataContext, patterns: tuple[re.Pattern[str], ...]) -> Iterator[tuple[str, str]]:
    named = _named(source)
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


def _is_of_others(source: MetadataContext, position: int) -> bool:
    """Return whether a date is that of a comment."""
    top, blocks = source.top, source.page.blocks
    around = (node for block in blocks[position : position + 1] for node in block.node.chain())
    return any(node.kind == COMMENTS and not (node.first <= top.first and top.last <= node.last) for node in around)


def _is_change(time: Time) -> bool:
    label = None
    for label in LABEL.finditer(time.before):  # noqa: B007  the last label counts
        pass
    return time.prop == "dateModified" or bool(label and label["change"])


def _lines(source: MetadataContext, times: Sequence[Time]) -> Iterator[_DateLine]:
    """Yield the lines near the headline that show a date, split at their labels."""
    marked = {time.position: _is_change(time) for time in times if time.prop}  # the last one in a line counts
    for block in source.head():
        if len(block.text) >= MAX_DATELINE_CHARS or block.position in source.aside or block.tag == "h1":
            continue
        words = _other_words(block)
        if words > MAX_PLAIN_WORDS:
            continue
        labels = list(LABEL.finditer(block.text))
        change = marked.get(block.position, PUBLICATION) if not labels else PUBLICATION
        start, rank = 0, 1 + (words > 0)
        for label in labels:
            yield _DateLine(block.position, block.text[start : label.start()], change, rank)
            change, start, rank = CHANGE if label["change"] else PUBLICATION, label.end(), 0
        yield _DateLine(block.position, block.text[start:], change, rank)


def _other_words(block: Block) -> int:
    """Return how many words a line with a date has that none has which is about the article itself; many if it cites a law."""
    place = dates.find(block.text)
    if place is None:
        return 0  # a relative date
    before, after = block.text[: place.start], block.text[place.stop :]
    if CITED.search(before) or CITING.match(after):
        return len(block.text)
    known = _dateline_words()
    words = (
        word.rstrip(".").casefold() for word in DATE_WORD.findall(LABEL.sub(" ", f"{before} {after}")) if word.islower()
    )
    return sum(word not in known for word in words)


@cache
def _dateline_words() -> frozenset[str]:
    names = load("names")
    return frozenset(f"{names['dateline']} {names['by']} {names['weekdays']}".split())
