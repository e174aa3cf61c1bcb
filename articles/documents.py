"""The documents of a page: one, or two where it holds two languages, with the link that joins a text to its original."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from articles import language, url
from articles.metadata import alternates, rights
from articles.metadata.credits import Credits
from articles.metadata.read import Metadata
from articles.model import Capture, Choice, Document, LinkKind, PageLink, Removal, Role
from articles.page.blocks import HEADINGS, Block

PROPORTIONATE = (0.5, 2.0)  # lengths of a text and its translation; ru-en pairs lie between .8 and 1.3
SHARED_NUMBERS = 0.3  # Dice of the numbers in both halves from which they speak of the same
TWO = 2  # texts on one page
STRAY = 250  # characters under the second text
STRETCH = 350  # characters
SHORT_WORD = 4  # letters
ALIKE = 0.12  # of a stretch's words that are short words of the opening
NEIGHBOURS = frozenset({"ca", "da", "es", "fr", "gl", "it", "nl", "nn", "no", "pt", "ro", "sv", "und"})  # sound alike
OWN_LETTERS = 8  # letters of Ukrainian or Kazakh, and of Russian, from which a text may hold both
WORD = re.compile(r"[^\W\d_]+")
UKRAINIAN = re.compile("[іїєґәғқңөұүһ]")
RUSSIAN = re.compile("[ыэёъ]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
TITLE_LENGTH = 200  # characters that a headline over the second text may have
NOT_OF_THE_ORIGINAL: dict[str, Any] = {  # what a page says of its main document only
    "translators": (),
    "editors": (),
    "modified": "",
    "evidence": (),
    "section": "",
    "tags": (),
    "source_outlet": "",
    "source_url": "",
    "source_date": "",
    "note": "",
    "lead": "",
    "choices": (),
    "alternates": (),
}
SENTENCE_END = (".", "!", "?", "…", ":", ";", ",")


def documents_of(
    capture: Capture, declared: str, meta: Metadata, made: Credits, kept: Sequence[Block]
) -> tuple[tuple[Document, ...], tuple[PageLink, ...], tuple[Removal, ...]]:
    """Return the documents that the kept blocks make, their links, and the headline of a second text as a removal."""
    halves = by_language([block.text for block in kept])
    removals = stray(kept, halves)
    canonical = url.canonical_of(capture.url, declared)
    main_lang = main_language(list(halves), meta.title)
    main = Document(
        article_id=url.article_id(canonical),
        url=capture.url,
        canonical_url=canonical,
        outlet=capture.outlet,
        lang=main_lang,
        role=Role.MAIN,
        title=meta.title,
        paragraphs=tuple(kept[index].text for index in halves[main_lang]),
        authors=made.authors or meta.authors,
        translators=made.translators or meta.translators,
        editors=made.editors or meta.editors,
        published=meta.published,
        modified=meta.modified,
        evidence=meta.evidence,
        section=made.journal or meta.section,
        tags=meta.tags,
        source_outlet=made.source_outlet or meta.agency,
        source_url=made.source_url,
        source_date=made.source_date,
        note=made.note,
        lead=meta.lead,
        choices=choices(meta, made),
        alternates=alternates.valid(
            (*meta.alternates, *alternates.of_response(capture.headers), *made.originals), capture.url, canonical
        ),
        rights=(*meta.rights, *rights.of_response(capture.headers)),
    )
    documents, links = [main], []
    for lang, indices in halves.items():
        if lang == main_lang:
            continue
        blocks = [kept[index] for index in indices]
        title, body = headline(blocks)
        removals += [
            Removal("title:original", "metadata", block.text, block.position) for block in blocks if block not in body
        ]
        documents.append(
            replace(
                main,
                lang=lang,
                role=Role.ORIGINAL,
                title=title,
                paragraphs=tuple(block.text for block in body),
                published=made.source_date,
                **NOT_OF_THE_ORIGINAL,
            )
        )
        link = translation(main, documents[-1], made)
        if link:
            links.append(link)
    return tuple(documents), tuple(links), tuple(removals)


def choices(meta: Metadata, made: Credits) -> tuple[Choice, ...]:
    """Return why each field has its value, the credits over and under the text included."""
    replaced = {"source"} if made.source_outlet else set()
    found = [Choice("source", made.source_why)] if made.source_outlet else []
    if made.authors:
        replaced.add("authors")
        found.append(Choice("authors", "the credits over the text name them, and win"))
    return (*(one for one in meta.choices if one.field not in replaced), *found)


def by_language(paragraphs: Sequence[str]) -> dict[str, list[int]]:
    """Return the paragraphs of each language, by index; stretches of one language that others part are one text."""
    if sounds_alike(paragraphs):
        only = language.identify("\n".join(paragraphs))
        if only not in NEIGHBOURS:
            return {only: list(range(len(paragraphs)))}
    halves: dict[str, list[int]] = {}
    for part in language.split(paragraphs):
        halves.setdefault(part.lang, []).extend(range(part.start, part.stop))
    return halves


def sounds_alike(paragraphs: Sequence[str]) -> bool:
    """Return whether a text is surely in one language: its short words come again in every stretch of it.

    Says nothing when it returns False. It spares what a model would cost for every paragraph: on the development pages
    words of up to four letters that an opening stretch holds are 17 to 34% of the later words of an English text, 7 to
    26% of a Russian or German one; of a text in another language they are under 12%, but for the neighbours named
    above. Ukrainian, Kazakh and Russian share more than others, so letters of their own are counted too.
    """
    stretches: list[str] = [""]
    for paragraph in paragraphs:
        if len(stretches[-1]) >= STRETCH:
            stretches.append("")
        stretches[-1] += " " + paragraph.casefold()
    if len(stretches) > 1 and len(stretches[-1]) < STRETCH:
        rest = stretches.pop()
        stretches[-1] += rest
    opening = {word for word in WORD.findall(stretches[0]) if len(word) <= SHORT_WORD}
    for stretch in stretches[1:]:
        words = WORD.findall(stretch)
        if sum(word in opening for word in words) < ALIKE * len(words):
            return False
    whole = "".join(stretches)
    return whole.isascii() or not (
        len(UKRAINIAN.findall(whole)) > OWN_LETTERS and len(RUSSIAN.findall(whole)) > OWN_LETTERS
    )


def stray(kept: Sequence[Block], halves: dict[str, list[int]]) -> list[Removal]:
    """Take a line in the first text's language out that stands alone under the second: the site speaks, not the author."""
    if len(halves) != TWO:
        return []
    (main, first), (_, second) = sorted(halves.items(), key=lambda half: half[1][0])
    after = [index for index in first if index > second[-1]]
    last = second[-1]  # a line too short to be a text of its own inherits the language of what it stands under
    if not after and len(kept[last].text) <= STRAY and language.identify(kept[last].text, tuple(halves)) == main:
        second.remove(last)
        after = [last]
    elif not after or len(after) == len(first) or sum(len(kept[index].text) for index in after) > STRAY:
        return []
    else:
        del first[-len(after) :]
    return [Removal("language:stray", "chrome", kept[index].text, kept[index].position) for index in after]


def main_language(langs: Sequence[str], title: str) -> str:
    """Return the language of the page's main document: its title's, where a half is in it, else the first half's."""
    if len(langs) == 1:
        return langs[0]
    stated = language.identify(title, tuple(langs))
    return stated if stated in langs else langs[0]


def headline(blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """Return the headline that opens a second text, and the text without it."""
    first = blocks[0]
    alone = len(first.text) < TITLE_LENGTH and not first.text.endswith(SENTENCE_END)
    if len(blocks) > 1 and (first.tag in HEADINGS or alone):
        return first.text, list(blocks[1:])
    return "", list(blocks)


def translation(main: Document, other: Document, made: Credits) -> PageLink | None:
    """Return the link from a text to the original on its page, where markup, lengths and numbers speak for it."""
    ratio = len(main.text) / max(1, len(other.text))
    numbers = [set(NUMBER.findall(document.text)) for document in (main, other)]
    shared = 2 * len(numbers[0] & numbers[1]) / max(1, len(numbers[0]) + len(numbers[1]))
    evidence = []
    if made.translators:
        evidence.append("the page names a translator")
    if made.original_linked:
        evidence.append("the page links to the original")
    proportionate = PROPORTIONATE[0] <= ratio <= PROPORTIONATE[1]
    if proportionate:
        evidence.append(f"lengths {ratio:.2f}:1")
    if shared >= SHARED_NUMBERS:
        evidence.append(f"shared numbers {shared:.2f}")
    stated = bool(made.translators or made.original_linked)
    if not (proportionate and (stated or shared >= SHARED_NUMBERS)):
        return None
    score = 0.5 + (0.25 if stated else 0.0) + 0.25 * min(1.0, shared)
    return PageLink(LinkKind.TRANSLATION, main.lang, other.lang, round(score, 4), "; ".join(evidence))
