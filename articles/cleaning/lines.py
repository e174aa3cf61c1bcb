"""Lines that are no sentences of the article: captions, calls to read, follow or share, and what phrases give away."""

import re
from itertools import islice

from articles.cleaning.decisions import ColumnDecisions
from articles.page.blocks import HEADINGS, Block
from articles.page.phrases import PhraseMatch

SHORT = 200  # characters: a phrase at the start of a longer block is a sentence of the article
PLAIN = frozenset({"consent", "legal", "report", "ad"})  # reasons whose phrases open nothing else
OPENS = frozenset({"related", "promo"})  # reasons of lines that open lists
LINKING = 0.8  # of the items of such a list that hold a link
TAIL = 450  # characters that a call to follow or write may have under the last paragraph
NOTICE = 700  # characters of a disclaimer, or of a paragraph that opens with a phrase that is long enough to be sure
SURE_PHRASE = 25  # characters of such a phrase
CREDIT = 160  # characters of a photo credit
CAPTION = 350  # characters of the text around a picture
CALL = 420  # characters of a call to follow, subscribe or write
LAST = 3  # blocks from the end in which a call to subscribe or to write is believed by its words
TEXT_TAGS = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "tr", "th", "td", *HEADINGS})
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
SENTENCE_END = re.compile(r"[.!?…。।»”\"]\W*$")
CREDITED = re.compile(
    r"\b(?:getty(?: images)?|reuters|ap photo|(?-i:AFP|EPA|TASS|ТАСС)|imago|shutterstock|istock|unsplash|wikimedia|alamy|bloomberg|"
    r"associated press|picture alliance|depositphotos|pixabay|ria novosti|рия новости|©|nuotr\.|press association)(?!\w)"
    r"[^.]{0,60}$|^\W*(?:©|photo|image|foto|фото|сурет|credit|bild|fot\.)\b[^.]{0,60}$|"
    r"(?:фото|сурет|photo|foto|nuotr\.|credit|image|bild)\s*:\s*[^.:]{2,50}$",
    re.IGNORECASE,
)


def phrases(column: ColumnDecisions) -> None:
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


def _bears_out(column: ColumnDecisions, index: int, hit: PhraseMatch, last: int) -> bool:
    """Return whether a line that begins with a phrase is what it says: never by the phrase alone in a paragraph."""
    block = column.fates[index].block
    length = len(block.text)
    if block.linked > length / 2 or (length < TAIL and (index >= last or hit.reason in PLAIN)):
        return True
    if length < NOTICE and (len(hit.phrase) >= SURE_PHRASE or (index >= last and hit.reason in PLAIN)):
        return True
    telling = hit.phrase.endswith((":", "|")) or bool(block.links) or block.text.endswith("!")
    return length < SHORT and (telling or not column.prose[index])


def _section(column: ColumnDecisions, index: int, reason: str, last: int) -> None:
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


def _list_under(column: ColumnDecisions, index: int, reason: str) -> None:
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


def captions(column: ColumnDecisions) -> None:
    """Strike photo credits, and the short text around a picture in an element of its own."""
    for index, block in column.kept():
        text = block.text
        if len(text) <= CREDIT and not SENTENCE_END.search(text) and CREDITED.search(text):
            column.strike(index, "caption:credit", "caption")
        elif (
            block.tag not in TEXT_TAGS
            and len(text) <= CAPTION
            and not (len(text) > CREDIT and SENTENCE_END.search(text))
            and _beside_picture(column, block)
        ):
            column.strike(index, "caption:picture", "caption")


def _beside_picture(column: ColumnDecisions, block: Block) -> bool:
    """Return whether a block stands with a picture in an element that holds little other text."""
    for node in islice(block.node.chain(column.top), PICTURE_DEPTH):
        span = column.span(node)
        if len(span) > PICTURE_BLOCKS or sum(len(column.fates[index].block.text) for index in span) > CAPTION:
            return False
        if id(node) in column.pictured:
            return True
    return False


def calls(column: ColumnDecisions) -> None:
    """Strike calls to follow on a network, to sign up for a newsletter, to write to the author."""
    kept = [index for index, _ in column.kept()]
    tail = set(kept[-LAST:])
    for index in kept:
        text = column.fates[index].block.text
        if len(text) > CALL:
            continue
        if FOLLOW.match(text):
            column.strike(index, "promo:follow", "promo")
        elif len(text) < SHORT and "@" in text and WRITE_TO_US.search(text):
            column.strike(index, "feedback:call", "feedback")
        elif index in tail and REPORTED.search(text):
            column.strike(index, "byline:reported", "metadata")
        elif index in tail and SIGN_UP.search(text):
            column.strike(index, "promo:signup", "promo")
        elif index in tail and len(text) < SHORT and "@" in text and CONTACT.search(text):
            column.strike(index, "feedback:contact", "feedback")
