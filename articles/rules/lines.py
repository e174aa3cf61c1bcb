"""Lines that are no sentences of the article: datelines, bylines, agencies, captions, calls to read, follow or share."""

import re
from functools import cache
from itertools import islice

from articles import dates
from articles.authors import BY, people
from articles.blocks import HEADINGS, Block
from articles.data import load
from articles.fates import Column
from articles.phrases import Hit
from articles.text import fold

SHORT = 200  # characters: a phrase at the start of a longer block is a sentence of the article
PLAIN = frozenset({"consent", "legal", "report", "ad"})  # reasons whose phrases open nothing else
OPENS = frozenset({"related", "promo"})  # reasons of lines that open lists
LINKING = 0.8  # of the items of such a list that hold a link
TAIL = 450  # characters that a call to follow or write may have under the last paragraph
NOTICE = 700  # characters of a disclaimer, or of a paragraph that opens with a phrase that is long enough to be sure
SURE_PHRASE = 25  # characters of such a phrase
LINE = 130  # characters of a dateline or byline
REST = 14  # letters that a dateline may hold besides date, time, names and the words below
CREDIT = 160  # characters of a photo credit
CAPTION = 350  # characters of the text around a picture
CALL = 420  # characters of a call to follow, subscribe or write
LAST = 3  # blocks from the end in which a call to subscribe or to write is believed by its words
TEXT_TAGS = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "tr", "th", "td", *HEADINGS})
SCRAP_LENGTH = 60  # characters; of the development pages' short lines of this kind 130 were chrome, 34 text
ROW = 3  # short lines alike, one after another
WRITTEN_IN_P = 0.7  # of the prose, for short lines in other elements to be chrome
PICTURE_BLOCKS = 12  # that stand with a picture at most
PICTURE_DEPTH = 4  # elements between a caption and the element that holds its picture
NETWORKS = r"(?:twitter|facebook|instagram|telegram|youtube|tiktok|threads|whatsapp|viber|snapchat|linkedin|\bx\b|телеграм\w*|ватсап\w*|вайбер\w*|вконтакте|фейсбук\w*|инстаграм\w*|дзен\w*|google (?:news|новост)|apple news|feishin|одноклассник\w*)"
FOLLOW = re.compile(
    rf"^\W*(?:(?:you can )?(?:also )?(?:follow|like|find|join|connect with|subscribe)\b|подпис|присоедин|следите|читайте (?:нас|наши)|"
    rf"жазыл|бізге|бізді|підпис|приєдну|долуч|стежте|sekite|prenumer|folge|abonnier|síguenos|sígue|suivez|segui|siga|obserwuj|takip|obuna|кузат|"
    rf"больше новостей|самые важные|все важные|главные новости|оперативные новости|наш[аи]? ).{{0,120}}{NETWORKS}",
    re.IGNORECASE,
)
SIGN_UP = re.compile(
    r"\b(?:newsletter|sign up|subscribe|abonnier\w*|abonnez|рассылк\w+|подписывайтесь|подписаться|suscr[ií]b\w+|iscriviti|nyhetsbrev|"
    r"naujienlaišk\w+|bülten\w*|inscreva-se)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(
    r"\b(?:contributed (?:to this (?:report|story|article)|reporting)|reported from [A-Z])|^\W*by [A-Z]\w+ [A-Z]\w+.{0,40}, [A-Z]"
)
CONTACT = re.compile(r"\S+@\S+\.\w{2,}|^\W*(?:contact|reach|email|write to|send)\b.{0,60}@", re.IGNORECASE)
WRITE_TO_US = re.compile(
    r"\b(?:get in touch|contact us|e-?mail us|write to us|(?:на)?пишите нам|бізге жазыңыз|schreiben sie uns|пишіть нам|"
    r"rašykite mums|escríbenos|scrivici|écrivez-nous)\b.{0,80}@",
    re.IGNORECASE,
)
NAME_WORDS = (2, 3)  # words of a name that stands alone
LINK_LENGTH = 2000  # characters of a lone address; browsers take no longer ones
KICKER_WORDS = 4  # words of a line in capitals over the first paragraph: the rubric
FOOT = 100  # characters of the head or the foot of a print version
PAGE_NUMBER = re.compile(
    r"\b(?:page|p\.|стр(?:аница|\.)|сторінка|бет|seite|puslapis|strona|sayfa|página)\s*\d+\W*$", re.IGNORECASE
)
SCRAP = re.compile(r"^[\W\d_]{0,12}$")
MARKUP = re.compile(
    r"^<(?:img|div|script|style|iframe|a|p|span|ins|amp-\w+|!--)\b|^\{[\"\w]+:|^(?:var|function|window\.)\b"
)
ADDRESS = re.compile(r"^\W*(?:https?://\S+|www\.\S+|\S+@\S+\.\w{2,})\W*$")
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}(?::\d{2})?\b|\b\d{1,4}\b|\b[ap]\.?m\b\.?", re.IGNORECASE)
UNDER_LEAD = 2  # blocks under the lead in which a byline may stand
SOURCE_LINE = 60  # characters of a line under the text that names the site as its source
LABEL = re.compile(r"[^\W\d_]{3,}\s?:\s")
LABELS = 2  # in a dateline
UPDATED = re.compile(
    r"\b(?:updated|published|posted|last modified|опубликовано|обновлено|жарияланды|жаңартылды|опубліковано|оновлено|"
    r"paskelbta|atnaujinta|aktualisiert|veröffentlicht|publié|mis à jour|publicado|actualizado)\s*(?:on|at|am|:)",
    re.IGNORECASE,
)
LETTERS = re.compile(r"[^\W\d_]")
SENTENCE_END = re.compile(r"[.!?…。।»”\"]\W*$")
CREDITED = re.compile(
    r"\b(?:getty(?: images)?|reuters|ap photo|(?-i:AFP|EPA|TASS|ТАСС)|imago|shutterstock|istock|unsplash|wikimedia|alamy|bloomberg|"
    r"associated press|picture alliance|depositphotos|pixabay|ria novosti|рия новости|©|nuotr\.|press association)(?!\w)"
    r"[^.]{0,60}$|^\W*(?:©|photo|image|foto|фото|сурет|credit|bild|fot\.)\b[^.]{0,60}$|"
    r"(?:фото|сурет|photo|foto|nuotr\.|credit|image|bild)\s*:\s*[^.:]{2,50}$",
    re.IGNORECASE,
)


@cache
def _words() -> frozenset[str]:
    return frozenset(load("names")["dateline"].split())


@cache
def _agencies() -> frozenset[str]:
    return frozenset(load("names")["agencies"].split())


def scraps(column: Column) -> None:
    """Strike what holds no word, source code, lone addresses, head and foot of a print version."""
    first, last = column.bounds()
    for index, block in column.kept():
        if SCRAP.match(block.text) and not _in_table(block):
            column.strike(index, "scrap:sign", "chrome")
        elif MARKUP.match(block.text):
            column.strike(index, "scrap:code", "chrome")
        elif len(block.text) <= LINK_LENGTH and ADDRESS.match(block.text):
            column.strike(index, "scrap:address", "chrome")
        elif not first <= index <= last and len(block.text) <= FOOT and PAGE_NUMBER.search(block.text):
            column.strike(index, "scrap:page", "chrome")


def _in_table(block: Block) -> bool:
    return any(node.tag == "table" for node in block.node.chain())


def phrases(column: Column) -> None:
    """Strike lines that say what they are, and the lists that such lines open."""
    _, last = column.bounds()
    for index, _ in column.kept():
        hit = column.hit(index)
        if hit is None:
            continue
        if hit.how == "section":
            _section(column, index, hit.reason, last)
        elif hit.how == "line" or _bears_out(column, index, hit, last):
            column.strike(index, f"phrase:{hit.reason}", hit.reason)
            if hit.reason in OPENS:
                _list_under(column, index, hit.reason)


def _bears_out(column: Column, index: int, hit: Hit, last: int) -> bool:
    """Return whether a line that begins with a phrase is what it says: never by the phrase alone in a paragraph."""
    block = column.fates[index].block
    length = len(block.text)
    if block.linked > length / 2 or (length < TAIL and (index >= last or hit.reason in PLAIN)):
        return True
    if length < NOTICE and (len(hit.phrase) >= SURE_PHRASE or (index >= last and hit.reason in PLAIN)):
        return True
    telling = hit.phrase.endswith(":") or bool(block.links) or block.text.endswith("!")
    return length < SHORT and (telling or not column.prose[index])


def _section(column: Column, index: int, reason: str, last: int) -> None:
    """Strike a line that opens a list of other things, and the list: short blocks, links, up to the next paragraph.

    Under the last paragraph `last` it is all that follows.
    """
    column.strike(index, f"section:{reason}", reason)
    for follower in range(index + 1, len(column.fates)):
        fate = column.fates[follower]
        block = fate.block
        if fate.rule:
            continue
        if index > last and reason == "related":
            column.strike(follower, f"section:{reason}", reason)
            continue
        if column.prose[follower] or (block.tag in HEADINGS and not block.linked):
            break
        if block.linked < len(block.text) / 3 and reason != "comments":
            break
        column.strike(follower, f"section:{reason}", reason)


def _list_under(column: Column, index: int, reason: str) -> None:
    """Strike the list right under a struck line, if all of its items hold a link or none reads like a paragraph."""
    following = [fate for fate in column.fates[index + 1 :] if not fate.rule]
    if not following or following[0].block.tag != "li":
        return
    parent = following[0].block.node.parent
    items = [fate.block for fate in following if fate.block.node.parent is parent and fate.block.tag == "li"]
    if sum(bool(item.links) for item in items) >= LINKING * len(items):
        for later in range(index + 1, len(column.fates)):
            if any(column.fates[later].block is item for item in items):
                column.strike(later, f"section:{reason}", reason)


def datelines(column: Column) -> None:
    """Strike lines that hold a date or a time, and little else, or what the line itself calls by names."""
    first, _ = column.bounds()
    for index, block in column.kept():
        text = block.text
        if len(text) > LINE or not dates.DIGIT.search(text):
            continue
        date = dates.parse(text)
        if (date or CLOCK.search(text)) and _rest(column, text) <= (REST if date else 0):
            column.strike(index, "dateline", "metadata")
        elif date and index <= first and not SENTENCE_END.search(text) and _labelled(text):
            column.strike(index, "dateline:labels", "metadata")


def _labelled(text: str) -> bool:
    """Return whether a line with a date says what its parts are: "12.09.2024 | Author: X | Views: 5", "Updated: …"."""
    return len(LABEL.findall(text)) >= LABELS or UPDATED.search(text) is not None


def _rest(column: Column, text: str) -> int:
    """Count the letters of a line that are neither of a month, nor of an author, nor of a dateline's usual words."""
    for name in column.facts.authors:
        text = text.replace(name, " ")
    words = re.findall(r"[^\W\d_]+", BY.sub("", CLOCK.sub(" ", text)))
    usual = _words()
    months = dates.months()
    return sum(len(word) for word in words if word.casefold() not in usual and word.casefold() not in months)


def bylines(column: Column) -> None:
    """Strike lines that name who wrote it, and lines that name agencies only."""
    authors = {fold(name) for name in column.facts.authors} | {fold("".join(column.facts.authors))}
    site = fold(column.facts.site)
    first, last = column.bounds()
    for index, block in column.kept():
        text = block.text
        if len(text) > LINE or SENTENCE_END.search(text.removesuffix(".")):
            continue
        outside = index < first or index > last
        if fold(text) in authors:
            column.strike(index, "byline:author", "metadata")
        elif (
            BY.match(text)
            and text[:1] != "—"
            and (outside or index <= first + UNDER_LEAD or block.tag not in ("p", "li"))
            and people([text], column.facts.site)
        ):
            column.strike(index, "byline:by", "metadata")
        elif index < first and block.tag not in HEADINGS and _names_only(text, column.facts.site):
            column.strike(index, "byline:names", "metadata")
        elif index < first and BY.match(text) and fold(BY.sub("", text)) == fold(column.facts.site):
            column.strike(index, "byline:site", "metadata")
        elif index < first and text.isupper() and len(text.split()) <= KICKER_WORDS:
            column.strike(index, "title:kicker", "metadata")
        elif index > last and len(text) <= SOURCE_LINE and site and fold(text).startswith(site):
            column.strike(index, "byline:site", "metadata")
        elif outside and _agency(text):
            column.strike(index, "byline:agency", "metadata")


def _names_only(text: str, site: str) -> bool:
    """Return whether a line is made of people's names and nothing else."""
    parts = re.split(r"\s*(?:/|,|&|\band\b|\bи\b)\s*", text)
    return all(NAME_WORDS[0] <= len(part.split()) <= NAME_WORDS[1] and people([part], site) for part in parts)


def _agency(text: str) -> bool:
    """Return whether a line is made of agencies and initials: "sak/Reuters", "SDA, AFP"."""
    words = [word.casefold() for word in re.findall(r"[^\W\d_]+", text)]
    agencies = _agencies()
    named = sum(word in agencies for word in words)
    return named > 0 and len(words) <= 2 * named + 1 and len(text) < SHORT / 4


def captions(column: Column) -> None:
    """Strike photo credits, and the short text around a picture in an element of its own."""
    for index, block in column.kept():
        text = block.text
        if len(text) <= CREDIT and CREDITED.search(text) and not SENTENCE_END.search(text):
            column.strike(index, "caption:credit", "caption")
        elif (
            block.tag not in TEXT_TAGS
            and len(text) <= CAPTION
            and not (len(text) > CREDIT and SENTENCE_END.search(text))
            and _beside_picture(column, block)
        ):
            column.strike(index, "caption:picture", "caption")


def _beside_picture(column: Column, block: Block) -> bool:
    """Return whether a block stands with a picture in an element that holds little other text."""
    for node in islice(block.node.chain(column.top), PICTURE_DEPTH):
        span = column.span(node)
        if len(span) > PICTURE_BLOCKS or sum(len(column.fates[index].block.text) for index in span) > CAPTION:
            return False
        if id(node) in column.pictured:
            return True
    return False


def short_lines(column: Column) -> None:
    """Strike short lines outside of paragraphs, headings and lists, where the article is written in paragraphs.

    A line that ends like a sentence goes only in a row of lines alike: the answers of a poll, the parts of a widget.
    """
    written = [index for index, _ in column.kept() if column.prose[index]]
    in_paragraphs = sum(column.fates[index].block.tag == "p" for index in written)
    if in_paragraphs < WRITTEN_IN_P * len(written) or not written:
        return
    row: list[int] = []
    for index, block in [*column.kept()]:
        if block.tag in TEXT_TAGS or len(block.text) >= SCRAP_LENGTH:
            row = []
            continue
        if not SENTENCE_END.search(block.text):
            column.strike(index, "scrap:short", "chrome")
        before = column.fates[row[-1]].block.node if row else block.node
        row = [*row, index] if (before.tag, before.names) == (block.tag, block.node.names) else [index]
        if len(row) >= ROW:
            for alike in row:
                column.strike(alike, "scrap:row", "chrome")


def calls(column: Column) -> None:
    """Strike calls to follow on a network, to sign up for a newsletter, to write to the author."""
    kept = [index for index, _ in column.kept()]
    tail = set(kept[-LAST:])
    for index in kept:
        text = column.fates[index].block.text
        if len(text) > CALL:
            continue
        if FOLLOW.search(text):
            column.strike(index, "promo:follow", "promo")
        elif len(text) < SHORT and WRITE_TO_US.search(text):
            column.strike(index, "feedback:call", "feedback")
        elif index in tail and REPORTED.search(text):
            column.strike(index, "byline:reported", "metadata")
        elif index in tail and SIGN_UP.search(text):
            column.strike(index, "promo:signup", "promo")
        elif index in tail and len(text) < SHORT and CONTACT.search(text):
            column.strike(index, "feedback:contact", "feedback")
