"""Credits of an article: translators, editors, outlet and date of the original, editor's note."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from articles import dates
from articles.metadata import agencies
from articles.metadata.alternates import StatedAlternate
from articles.page.blocks import Block
from articles.page.column import prose
from articles.text import fold
from articles.url import absolute

WORD = r"[^\W\d_a-zа-яёәғқңөұүһі][\w.'’-]*"  # begins with a capital letter, or at least with no small one
NAMES = rf"(?P<names>{WORD}(?:(?:,[ ]*|[ ]+(?:and|и|және)[ ]+|[ ]+){WORD}){{0,8}})"
DATE = r"(?P<date>\d{1,2}\.?\s+[^\W\d_]+\.?,?\s+\d{4}|[^\W\d_]+\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}[./]\d{1,2}[./]\d{4})"
START = r"(?:^|(?<=\n)|(?<=[.)] ))\W{0,3}"  # of a line, or after another credit in the same line
PUBLISHED_IN = re.compile(
    rf"{START}(?:Originally\s+)?[Pp]ublished\s+(?:in|by|on)\s+(?P<outlet>[^\n(.]{{2,60}}?)\s*"
    rf"(?:\((?P<country>[^)\n]{{2,40}})\))?\s*on\s+{DATE}(?:\s+by\s+{NAMES})?"
)
TRANSLATED = re.compile(
    rf"{START}(?:Translated(?:\s+from(?:\s+the)?(?:\s+(?!by\b)[A-Z][a-z]+)?)?\s+by|Translation(?:\s+by|:)|"
    rf"Перев[её]л[аи]?:?|Перевод(?:\s+с\s+[а-яё]+)?:|Переводчик:|Переклад:|Аударған:|Vertė:?|Übersetzt von|"
    rf"Aus dem \w+ von)\s+{NAMES}"
)
EDITED = re.compile(rf"{START}(?:Edited\s+by|Редактор:|Под редакцией|Редакциялаған:|Redagavo:?)\s+{NAMES}")
JOURNAL = re.compile(
    rf"{START}Publication:\s*(?P<name>.{{2,80}}?)\s+Volume:\s*(?P<volume>\d+)(?:\s+Issue:\s*(?P<issue>\d+))?"
)
NOTE = re.compile(
    r"^[\W_]*(?:editors?['’]?s?['’]? note|note from the editor|от редакции|примечание редакци[ия]|прим\.\s*ред|від редакції|редакциядан|"
    r"редакция(?:дан)? ескертпе|anmerkung der redaktion|redakcijos (?:pastaba|prierašas)|od redakcji|editörün notu|muharrirdan)\b\s*[:.—–-]",
    re.IGNORECASE,
)
SOURCE = re.compile(
    r"^(?:Источник|Source|Quelle|Дереккөз|Džerelo|Джерело|Šaltinis|Źródło|Manba|Kaynak)\s*:\s*(?P<outlet>[^\n]{2,80})$",
    re.IGNORECASE,
)
OUTLET = r"[«\"“]?(?:(?i:the )?[A-ZА-ЯЁӘҒҚҢӨҰҮҺІЇЄ]|[\w-]+\.[a-z]{2,12}\b)[^\n(,;]{0,60}?"  # a name, or a domain
REPRINT = re.compile(  # "This article was first published by Eurasianet", «Впервые опубликовано в …»
    r"^\W*(?:(?i:(?:(?:this|the) (?:article|piece|story|post|report|commentary|essay) )?(?:(?:was|is|has been) )?"
    r"(?:(?:first|originally|previously) (?:published|appeared)|re-?published|re-?printed)"
    r" (?:in|by|on|at|from|with (?:the )?permission (?:of|from)) )|"
    r"(?i:впервые опубликован\w*|(?:статья|материал|текст) впервые опубликован\w?|"
    r"оригинал (?:статьи|материала|публикации)(?: опубликован)?|перепечатан\w*|вперше опубліковано|алғаш жарияланған)"
    rf"\s*(?:в|на|из|у|:)?\s*(?:(?:газете|журнале|издании|сайте|портале) )?)(?P<outlet>{OUTLET})"
    r"(?=[\n(,;]|\.(?:\s|$)|\s(?:on|under|and|with)\b|\s\d|$)"
)
MAX_REPRINT_CHARS = 220  # length of a line that says where a text appeared first
PICTURE_CREDIT = re.compile(
    r"getty|\bimages?\b|montage|infografik|\bfoto|photo|фото|imago|shutterstock|/", re.IGNORECASE
)
ORIGINAL_LINK = re.compile(
    r"link to (?:the )?original|\b(?:original (?:article|text|post)|read the original|оригинал(?:ьный текст| статьи| материала)?|түпнұсқа)\b",
    re.IGNORECASE,
)
EMPTY_BYLINE = re.compile(r"^(?:by|автор|author|von)\s*:?\s*$", re.IGNORECASE)
MAX_HEADER_BLOCKS = 14  # credits are in the blocks up to the first paragraph, at most so many
CLOSING_NOTE_BLOCKS = 4  # an editor's note is in the last blocks, or opens the text
NON_TEXT_KINDS = frozenset({"caption", "byline", "promo", "share"})  # elements whose sentences are not body text
CLOSING_CREDIT_BLOCKS = 3  # a source or translator is in the last ones
MIN_NOTE_CHARS = 40
MAX_LINK_LINE_CHARS = 120  # length of a line that links to the original
MAX_CREDIT_CHARS = 400  # length of a block that may hold credits
# Part of a block that credits must make up: a sentence that only mentions a date and a journal stays in the text.
MIN_COVERED_SHARE = 0.4
PATTERNS = (
    (PUBLISHED_IN, "headers:source"),
    (TRANSLATED, "headers:translator"),
    (EDITED, "headers:editor"),
    (JOURNAL, "headers:journal"),
)
PATTERN_WORDS = (  # a text without any of these matches none of `PATTERNS`
    "ublished", "Translat", "Перев", "Переклад", "Аударған", "Vertė", "Übersetzt", "Aus dem", "Edited", "Редактор",
    "редакцией", "Редакциялаған", "Redagavo", "Publication:",
)  # fmt: skip
NAME_SEPARATOR = re.compile(r"\s*,\s*|\s+(?:and|и|және)\s+")


@dataclass(slots=True)
class Credits:
    """Credits of an article and the blocks that contain them. A field is empty if the credits do not state it."""

    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source_outlet: str = ""
    source_url: str = ""
    source_date: str = ""
    source_why: str = ""
    journal: str = ""
    note: str = ""
    original_linked: bool = False
    used: dict[int, str] = field(default_factory=dict)  # position of the block -> rule

    @property
    def originals(self) -> tuple[StatedAlternate, ...]:
        """The page to which the credits link as the original, or nothing."""
        return (StatedAlternate("", self.source_url, "original"),) if self.original_linked and self.source_url else ()


def read(blocks: Sequence[Block], url: str) -> Credits:
    """Return the credits found in the blocks of an article's head and column; `url` is the page's."""
    found = Credits()
    paragraphs = 0
    for index, block in enumerate(blocks):
        edge = paragraphs <= 1 or index >= len(blocks) - CLOSING_NOTE_BLOCKS
        paragraphs += prose(block) and block.node.kind not in NON_TEXT_KINDS
        note = NOTE.match(block.text)
        if edge and note and len(block.text) > MIN_NOTE_CHARS:
            found.note = f"{found.note}\n\n{block.text[note.end() :].strip()}".strip()
            found.used[block.position] = "headers:note"
        elif EMPTY_BYLINE.match(block.text):
            found.used[block.position] = "headers:byline"
    head = _header_blocks(blocks)
    _read_header(found, head, url)
    _read_header(found, [block for block in blocks[-CLOSING_CREDIT_BLOCKS:] if _is_closing_credit(block)], url)
    for place, block in enumerate((*head, *blocks[-CLOSING_CREDIT_BLOCKS:])):
        source = SOURCE.match(block.text)
        picture = (
            place < len(head) and "/" in block.text
        )  # "Source: pa/dpa/J. Doe" above the text is the credit of a picture
        outlet = _outlet(source.group("outlet"), url) if source and not picture else ""
        if outlet and not found.source_outlet:
            found.source_outlet, found.source_why = outlet, "a line names it as the source"
            found.source_url = next((absolute(url, link) for link in block.links if _is_external(link, url)), "")
        if source:
            found.used[block.position] = "headers:source"
        else:
            _read_reprint(found, block, url)
    _read_attribution(found, blocks, url)
    return found


def _is_closing_credit(block: Block) -> bool:
    """Return whether a line under the text names translators or editors, and nothing else."""
    found = (pattern.match(block.text) for pattern in (TRANSLATED, EDITED))
    return len(block.text) <= MAX_LINK_LINE_CHARS and any(
        match and match.end() >= len(block.text.rstrip(" .")) for match in found
    )


def _read_reprint(found: Credits, block: Block, url: str) -> None:
    """Read the source from a line that says where the text appeared first."""
    match = REPRINT.match(block.text) if len(block.text) <= MAX_REPRINT_CHARS else None
    if match is None or block.position in found.used:
        return
    outlet = _outlet(match["outlet"].strip(' «»"“”'), url)
    if not outlet or dates.month_of(outlet.split()[0].strip(".,")) or dates.is_weekday(outlet.split()[0].strip(".,")):
        return  # "First published on Friday"
    if not found.source_outlet:
        found.source_outlet, found.source_why = outlet, "a line says that the text appeared there first"
        found.source_date = dates.parse(block.text[match.end() :])
        _store_link(found, block, url)
    found.used[block.position] = "headers:source"


def _outlet(text: str, url: str) -> str:
    """Return the outlet that a source line names, empty if it is the site itself or the source of a picture."""
    agency = agencies.first_agency([text], url)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if agency:
        return agency
    return "" if PICTURE_CREDIT.search(text) or fold(text) in {fold(host), fold(host.split(".")[0])} else text.strip()


def _read_attribution(found: Credits, blocks: Sequence[Block], url: str) -> None:
    """Take the agency that the text names as its source, if no credit names a source."""
    text = [block for block in blocks if prose(block) and block.position not in found.used]
    named = None if found.source_outlet else agencies.attribution([block.text for block in text], url)
    if named is None:
        return
    found.source_outlet = named.name
    found.source_why = "the text's dateline names it" if named.where == "dateline" else "the text is attributed to it"
    links = [absolute(url, link) for link in text[named.paragraph].links if _is_external(link, url)]
    if len(links) == 1 and not found.source_url and urlsplit(links[0]).path.strip("/"):
        found.source_url = links[0]


def _header_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Return the short blocks up to the first paragraph."""
    head: list[Block] = []
    paragraphs = 0
    for block in blocks[: MAX_HEADER_BLOCKS * 2]:
        if prose(block) and not _holds_credits(block.text) and not NOTE.match(block.text):
            paragraphs += 1
        if paragraphs > 1 or len(head) >= MAX_HEADER_BLOCKS:
            break
        if len(block.text) <= MAX_CREDIT_CHARS:
            head.append(block)
    return head


def _holds_credits(text: str) -> bool:
    """Return whether a text contains credits."""
    return any(word in text for word in PATTERN_WORDS) and any(pattern.search(text) for pattern, _ in PATTERNS)


def _read_header(found: Credits, head: list[Block], url: str) -> None:
    """Read the credits in the joined header lines: a template may split a sentence over several elements."""
    joined = "\n".join(block.text for block in head)
    matches = [
        (pattern.search(joined), rule) for pattern, rule in PATTERNS if any(word in joined for word in PATTERN_WORDS)
    ]
    start = 0
    for block in head:
        stop = start + len(block.text)
        covered = sum(max(0, min(stop, match.end()) - max(start, match.start())) for match, _ in matches if match)
        if covered >= MIN_COVERED_SHARE * len(block.text):
            for match, rule in matches:
                if match and match.start() < stop and match.end() > start:
                    found.used.setdefault(block.position, rule)
                    _store(found, match, rule)
            _store_link(found, block, url)
        start = stop + 1
    for block in head:
        if ORIGINAL_LINK.search(block.text) and (
            block.position in found.used or (len(block.text) < MAX_LINK_LINE_CHARS and block.links)
        ):
            found.original_linked = True
            found.used.setdefault(block.position, "headers:source")
            _store_link(found, block, url)


def _store_link(found: Credits, block: Block, url: str) -> None:
    """Take the link to another site with the longest path: the article rather than the outlet's home page."""
    links = [absolute(url, link) for link in block.links if _is_external(link, url)]
    if links and not found.source_url:
        found.source_url = max(links, key=lambda link: len(urlsplit(link).path.strip("/")))


def _is_external(link: str, url: str) -> bool:
    return (
        link.startswith(("http://", "https://", "//"))
        and bool(other := absolute(url, link))
        and urlsplit(other).hostname != urlsplit(url).hostname
    )


def _store(found: Credits, match: re.Match[str], rule: str) -> None:
    groups = match.groupdict()
    if rule == "headers:source":
        found.source_outlet = groups["outlet"].strip(" ,")
        found.source_date = dates.parse(groups["date"])
        found.source_why = "the credits over the text name it"
        found.authors = _names(groups["names"])
    elif rule == "headers:translator":
        found.translators = _names(groups["names"])
    elif rule == "headers:editor":
        found.editors = _names(groups["names"])
    else:
        issue = f", Issue {groups['issue']}" if groups["issue"] else ""
        found.journal = f"{groups['name']}, Volume {groups['volume']}{issue}"


def _names(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    names = [
        re.split(r"\s+(?=(?:Edited|Translated)\b)|\.\s+", part)[0].strip(" .,") for part in NAME_SEPARATOR.split(text)
    ]
    return tuple(name for name in names if name)
