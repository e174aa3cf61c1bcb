"""Remove lines that are not sentences of the article: captions, calls to follow or write, lines with known phrases."""

import re
from itertools import islice

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lists import MIN_LINKING_ITEM_SHARE
from articles.page.blocks import HEADINGS, Block
from articles.page.column import SENTENCE_END
from articles.page.phrases import PhraseMatch, is_notice
from articles.page.sizes import MIN_ARTICLE_CHARS

SHORT_LINE_CHARS = 200  # a longer block that begins with a phrase is usually a sentence of the article
UNAMBIGUOUS_REASONS = frozenset({"consent", "legal", "report", "ad"})  # their phrases begin no sentence of an article
LIST_OPENING_REASONS = frozenset({"related", "promo"})  # lines with their phrases may open a list
# Blocks that begin with a phrase: shorter ones are removed at the end of the text, or for an unambiguous reason.
TAIL_LINE_CHARS = 450
NOTICE_CHARS = 700  # the same if both conditions hold, or if the phrase is at least this long:
MIN_SURE_PHRASE_CHARS = 25
MAX_CREDIT_CHARS = 160  # of a photo credit
NO_CREDIT_TAGS = frozenset({"li", "tr"})  # a list item or a row that names an agency is about it
MAX_CAPTION_CHARS = 350  # of all text around a picture
MAX_CALL_CHARS = 420  # of a call to follow, subscribe or write
NO_CALL_TAGS = frozenset({"li", "tr", *HEADINGS})  # inside the text: a step or a part of it, and no call
TAIL_BLOCKS = 3  # last blocks, where a call to subscribe or to write is recognised by its words alone
CELL_TAGS = frozenset({"tr", "td", "th"})
TEXT_TAGS = frozenset({"p", "li", "blockquote", "pre", "dd", "dt", "tr", "th", "td", *HEADINGS})
MIN_TOLD_PICTURES = 3  # with a sentence beside them, on a page with hardly another text: a photo report
MAX_PICTURE_BLOCKS = 12  # in the element that holds a picture and its caption
MAX_PICTURE_DEPTH = 4  # levels from a caption up to that element
NETWORKS = r"(?:twitter|facebook|instagram|telegram|youtube|tiktok|threads|whatsapp|viber|snapchat|linkedin|\bx\b|телеграм\w*|ватсап\w*|вайбер\w*|вконтакте|фейсбук\w*|инстаграм\w*|дзен\w*|google (?:news|новост)|apple news|feishin|одноклассник\w*)"
FOLLOW = re.compile(
    rf"^\W*(?:(?:you can )?(?:also )?(?:follow|connect with|subscribe)\b|подпис|присоедин|следите|читайте (?:нас|наши)|"
    rf"жазыл|бізге|бізді|підпис|слідкуй|приєдну|долуч|стежте|sekite|prenumer|folge|abonnier|síguenos|sígue|suivez|segui|siga|obserwuj|takip|obuna|кузат|"
    rf"больше новостей|самые важные|все важные|главные новости|оперативные новости|наш[аи]? ).{{0,120}}{NETWORKS}|^читать \S{{2,30}} в$",
    re.IGNORECASE,
)
SUBSCRIBE = re.compile(  # in a line that names a channel
    r"\b(?:obuna|обуна|кузатиб|kuzatib|takip ed|abone ol|жазылың|тіркелің|қосылың|подписывай|подпиши|підпи(?:суй|ші)|присоединяй|долучай|"
    r"присылайте|пришлите|надсилайте|жіберіңіз|yuboring|юборинг|sekite|prenumer|obserwuj|śledź|wyślij|prześlij)",
    re.IGNORECASE,
)
CHANNEL = re.compile(NETWORKS, re.IGNORECASE)
ERROR_NOTICE = re.compile(
    r"^\W*(?:(?:если|якщо|егер|if|jei|agar|агар) )?(?:(?:вы|ви|you|сіз|jūs) )?(?:нашли|обнаружили|заметили|увидели|знайшли|виявили|помітили|"
    r"побачили|(?<=you )(?:find|found|notice|spot)|(?:found|noticed|spotted)(?=[^.,]{1,60}\?)|radote|pastebėjote|haben sie|мәтіннен|мақаладан|matnda|матнда)\b.{0,25}?"
    r"(?:ошибк|опечатк|неточност|помилк|қате|error|typo|mistake|klaid|fehler|xato|хато)|"
    r"(?:ошибк|опечатк|помилк|қате|error|typo|klaid|fehler|xato|хато|błąd|hata).{0,80}ctrl\s?\+\s?enter",
    re.IGNORECASE,
)
DONATE = re.compile(
    r"^\W*(?:поддержа|поддержите|помочь редакции|пожертвовать|задонатить|підтрима|қолдау көрсет|support (?:us|our|the)|donate|wesprzyj|paremk)",
    re.IGNORECASE,
)
MAX_APPEAL_BLOCKS = 3  # before its button
MAX_BUTTON_CHARS = 60  # of a link that asks for a donation
SIGN_UP = re.compile(
    r"\b(?:newsletter|sign up|subscribe|abonnier\w*|abonnez|рассылк\w+|подписывайтесь|подписаться|suscr[ií]b\w+|iscriviti|nyhetsbrev|"
    r"бөлісіңіз|ulashing|улашинг|naujienlaišk\w+|bülten\w*|inscreva-se)\b",
    re.IGNORECASE,
)
TO_READERS = re.compile(  # a call, and no report on somebody's channel or newsletter
    r"\b(?:our|your?|us|нас|нам|наш\w*|вы|вас|вам|ваш\w*|бізді?|бізге|біздің|сіз\w*|ми|нашого|biz\w*|mūsų|jūsų|uns(?:er\w*)?|ihr\w*|sie|"
    r"notre|nos|votre|vous|nuestr\w*|nostr\w*|noss\w*|nasz\w*)\b|^\W*(?:subscribe (?:to|for|now|today)|sign up|подписывай|подпиши|жазылың|підпис)|!$|"
    r"^\W*\w{3,}(?:[аеуя]йте|ите)(?:сь)?\b",  # an imperative
    re.IGNORECASE,
)
WRITE_TO_US = re.compile(
    r"\b(?:get in touch|contact us|e-?mail us|write to us|(?:на)?пишите нам|бізге жазыңыз|schreiben sie uns|пишіть нам|"
    r"rašykite mums|escríbenos|scrivici|écrivez-nous|napisz do nas|bizga yozing|бизга ёзинг|bize yazın)\b.{0,80}@",
    re.IGNORECASE,
)
CREDITED = re.compile(
    r"\b(?:getty(?: images)?|reuters|ap photo|(?-i:AFP|EPA|TASS|ТАСС)|imago|shutterstock|istock|unsplash|wikimedia|alamy|bloomberg|"
    r"associated press|picture alliance|depositphotos|pixabay|ria novosti|рия новости|©|nuotr\.|press association)(?!\w)"
    r"[^.]{0,60}$|^\W*(?:©|photo|image|foto|фото|сурет|credit|bild|fot\.)\b[^.]{0,60}$|"
    r"(?:фото|сурет|photo|foto|nuotr\.|credit|image|bild)\s*:\s*[^.:]{2,50}$",
    re.IGNORECASE,
)
CREDIT_WORD = re.compile(r":|^(?:nuotr\.|©)", re.IGNORECASE)  # of a match of CREDITED
INTRODUCE_CREDIT = frozenset(["by", "of", "via", "and", "for", "from", "photo", "image", "courtesy", "фото"])


def phrases(column: ColumnDecisions) -> None:
    """Remove lines that match a phrase of data/phrases.yaml, and the lists that such lines open."""
    _, last = column.bounds()
    for index, _ in column.kept():
        hit = column.hit(index)
        if hit is None:
            continue
        if hit.how == "section":
            _section(column, index, hit.reason, last)
        elif hit.how == "line" or _is_confirmed(column, index, hit, last):
            column.remove(index, f"phrase:{hit.reason}", hit.reason)
            if hit.reason in LIST_OPENING_REASONS:
                _list_under(column, index, hit.reason)


def _is_confirmed(column: ColumnDecisions, index: int, hit: PhraseMatch, last: int) -> bool:
    """Return whether length, links or position confirm a phrase at a block's start; a phrase alone is not enough.

    A sentence must also have a link, or a word of a notice after the phrase, unless the phrase itself is long.
    """
    block = column.decisions[index].block
    length = len(block.text)
    if hit.reason == "legal" and column.prose[index] and index < last:
        return False  # rights are reserved below the text
    if (
        column.prose[index]
        and not block.links
        and (len(hit.phrase) < MIN_SURE_PHRASE_CHARS or hit.reason == "legal")
        and not hit.phrase.endswith(":")
        and not is_notice(block.text[len(hit.phrase) :])
    ):
        return False
    if block.linked > length / 2 or (length < TAIL_LINE_CHARS and (index >= last or hit.reason in UNAMBIGUOUS_REASONS)):
        return True
    if length < NOTICE_CHARS and (
        len(hit.phrase) >= MIN_SURE_PHRASE_CHARS or (index >= last and hit.reason in UNAMBIGUOUS_REASONS)
    ):
        return True
    confirmed = hit.phrase.endswith(":") or bool(block.links) or block.text.endswith("!")
    return length < SHORT_LINE_CHARS and (confirmed or not column.prose[index])


def _section(column: ColumnDecisions, index: int, reason: str, last: int) -> None:
    """Remove a line that opens a list, and the list: short blocks and links up to the next paragraph.

    Below the last paragraph, whose index is `last`, a list of related articles extends to the end of the column.
    """
    column.remove(index, f"section:{reason}", reason)
    for follower in range(index + 1, len(column.decisions)):
        decision = column.decisions[follower]
        block = decision.block
        if decision.rule:
            continue
        if index > last and reason == "related":
            column.remove(follower, f"section:{reason}", reason)
            continue
        if column.prose[follower] or (block.tag in HEADINGS and not block.linked):
            break
        if block.linked < len(block.text) / 3 and reason != "comments":
            break
        column.remove(follower, f"section:{reason}", reason)


def _list_under(column: ColumnDecisions, index: int, reason: str) -> None:
    """Remove the list directly below a removed line, if most of its items contain a link."""
    following = [decision for decision in column.decisions[index + 1 :] if not decision.rule]
    if not following or following[0].block.tag != "li":
        return
    parent = following[0].block.node.parent
    items = [
        decision.block for decision in following if decision.block.node.parent is parent and decision.block.tag == "li"
    ]
    if sum(bool(item.links) for item in items) >= MIN_LINKING_ITEM_SHARE * len(items):
        for later in range(index + 1, len(column.decisions)):
            if any(column.decisions[later].block is item for item in items):
                column.remove(later, f"section:{reason}", reason)


def captions(column: ColumnDecisions) -> None:
    """Remove photo credits, and short texts that share an element with a picture. Sentences that are most of it are the text."""
    beside: list[int] = []
    for index, block in column.kept():
        text = block.text
        if (
            len(text) <= MAX_CREDIT_CHARS
            and block.tag not in NO_CREDIT_TAGS
            and not SENTENCE_END.search(text)
            and _credits(block)
        ):
            column.remove(index, "caption:credit", "caption")
        elif (
            (block.tag not in TEXT_TAGS or (block.tag in CELL_TAGS and _is_alone(column, block)))
            and len(text) <= MAX_CAPTION_CHARS
            and not (len(text) > MAX_CREDIT_CHARS and SENTENCE_END.search(text))
            and _beside_picture(column, block)
        ):
            beside.append(index)
    told = [index for index in beside if _tells(column, index)]
    size = sum(len(column.decisions[index].block.text) for index in told)
    kept = sum(len(block.text) for _, block in column.kept())
    is_report = len(told) >= MIN_TOLD_PICTURES and kept - size < MIN_ARTICLE_CHARS
    for index in beside:
        if not (is_report and index in told):
            column.remove(index, "caption:picture", "caption")


def _tells(column: ColumnDecisions, index: int) -> bool:
    """Return whether a text beside a picture is a sentence, and not that of a card: no link is beside it."""
    block = column.decisions[index].block
    around = (column.span(node) for node in islice(block.node.chain(column.top), MAX_PICTURE_DEPTH))
    span = next((span for span in around if len(span) > 1), range(index, index + 1))
    linked = len(span) <= MAX_PICTURE_BLOCKS and any(column.decisions[other].block.links for other in span)
    return SENTENCE_END.search(block.text) is not None and not linked


def _is_alone(column: ColumnDecisions, block: Block) -> bool:
    """Return whether a block is the only text of a table, which frames a picture."""
    tables = (node for node in block.node.chain(column.top) if node.tag == "table")
    return any(len(column.span(node)) == 1 for node in islice(tables, 1))


def _credits(block: Block) -> bool:
    """Return whether a line credits a photo. A paragraph whose sentence names an agency does not: "…, reports TASS"."""
    found = CREDITED.search(block.text)
    if found is None:
        return False
    names_only = CREDIT_WORD.search(found[0]) is None  # "TASS", not "photo: TASS"
    return not (names_only and block.tag == "p" and _is_in_sentence(block.text[: found.start()]))


def _is_in_sentence(before: str) -> bool:
    """Return whether the words before an agency are those of a sentence: the last is in lower case, and no preposition."""
    words = before.split()
    return (
        bool(words)
        and before[-1:].isspace()
        and words[-1].isalpha()
        and words[-1].islower()
        and words[-1] not in INTRODUCE_CREDIT
    )


def _beside_picture(column: ColumnDecisions, block: Block) -> bool:
    """Return whether a block is in one element with a picture and little other text."""
    for node in islice(block.node.chain(column.top), MAX_PICTURE_DEPTH):
        span = column.span(node)
        if (
            len(span) > MAX_PICTURE_BLOCKS
            or sum(len(column.decisions[index].block.text) for index in span) > MAX_CAPTION_CHARS
        ):
            return False
        if id(node) in column.pictured:
            return True
    return False


def calls(column: ColumnDecisions) -> None:
    """Remove calls to follow on a social network, to subscribe to a newsletter, to write to the editors or report errors."""
    kept = [index for index, _ in column.kept()]
    tail = set(kept[-TAIL_BLOCKS:])
    for index in kept:
        block = column.decisions[index].block
        text = block.text
        if len(text) > MAX_CALL_CHARS:
            continue
        is_call = bool(block.links) or not column.prose[index]
        in_tail = index in tail and (is_call or TO_READERS.search(text) is not None)
        if _asks_for_errors(column, index):
            column.remove(index, "report:call", "report")
        elif FOLLOW.match(text) and (in_tail or (block.tag not in NO_CALL_TAGS and is_call)):
            column.remove(index, "promo:follow", "promo")
        elif len(text) < SHORT_LINE_CHARS and "@" in text and WRITE_TO_US.search(text):
            column.remove(index, "feedback:call", "feedback")
        elif len(text) <= MAX_BUTTON_CHARS and block.links and block.linked == len(text) and DONATE.match(text):
            _appeal(column, index)
        elif in_tail and (
            SIGN_UP.search(text) or (len(text) < SHORT_LINE_CHARS and CHANNEL.search(text) and SUBSCRIBE.search(text))
        ):
            column.remove(index, "promo:signup", "promo")


def _asks_for_errors(column: ColumnDecisions, index: int) -> bool:
    """Return whether a line asks readers to report errors: it is no sentence, or more than its first words is a notice."""
    text = column.decisions[index].block.text
    found = ERROR_NOTICE.search(text) if len(text) < SHORT_LINE_CHARS else None
    return found is not None and (
        not column.prose[index]
        or (index >= column.bounds()[1] and is_notice(text[found.end() :]))
        or "enter" in found[0].casefold()
    )


def _appeal(column: ColumnDecisions, index: int) -> None:
    """Remove a button that asks for a donation, and the appeal to readers before it in a box, or at the end of the text."""
    node = column.decisions[index].block.node
    box = node.parent if node.tag in TEXT_TAGS else node
    is_end = all(decision.rule for decision in column.decisions[index + 1 :])
    column.remove(index, "promo:donate", "promo")
    for before in range(max(0, index - (1 if box is column.top else MAX_APPEAL_BLOCKS)), index):
        block = column.decisions[before].block
        if (
            (box is not column.top or is_end)
            and (block.node.parent is box or block.node is box)
            and len(block.text) <= MAX_CALL_CHARS
            and TO_READERS.search(block.text)
        ):
            column.remove(before, "promo:donate", "promo")
