"""Build the documents of a page: one, or two if it holds two languages, with the link between text and original."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from articles import language, url
from articles.metadata import alternates, rights
from articles.metadata.canonical import Identity
from articles.metadata.credits import Credits
from articles.metadata.read import Metadata
from articles.model import Capture, Choice, Document, LinkKind, PageLink, Removal, Role
from articles.page.blocks import HEADINGS, Block
from articles.text import LETTER_WORD

LENGTH_RATIO_LIMITS = (0.5, 2.0)  # length of a text / length of its original; ru-en pairs lie between .8 and 1.3
MIN_NUMBERS_DICE = 0.3  # Dice of the numbers in both texts, from which on they count as translations
BILINGUAL_TEXTS = 2  # languages of a page that can be text and original
MAX_STRAY_CHARS = 250  # of stray lines of the first text's language below the second text
MIN_STRETCH_CHARS = 350
MAX_SHORT_WORD_LETTERS = 4
MIN_SHORT_WORD_SHARE = 0.12  # of a stretch's words: short words that occur in the opening stretch too
# These languages share many short words.
SIMILAR_LANGUAGES = frozenset({"ca", "da", "es", "fr", "gl", "it", "nl", "nn", "no", "pt", "ro", "sv", "und"})
MAX_OWN_LETTERS = 8  # letters that only Ukrainian or Kazakh has, or only Russian; more of both: maybe two languages
UKRAINIAN_OR_KAZAKH_LETTER = re.compile("[іїєґәғқңөұүһ]")
RUSSIAN_LETTER = re.compile("[ыэёъ]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MAX_TITLE_CHARS = 200  # of a headline above the second text
EMPTY_IN_ORIGINAL: dict[str, Any] = {  # metadata that applies to the main document only
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
    capture: Capture, identity: Identity, meta: Metadata, page_credits: Credits, kept: Sequence[Block]
) -> tuple[tuple[Document, ...], tuple[PageLink, ...], tuple[Removal, ...]]:
    """Return the documents made of the kept blocks, their links, and removals: stray lines and the second headline."""
    languages = by_language([block.text for block in kept])
    removals = remove_stray_lines(kept, languages)
    own = url.canonicalize(capture.url)
    main_lang = main_language(list(languages), meta.title)
    main = Document(
        article_id=url.article_id(own),
        url=capture.url,
        canonical_url=identity.url,
        outlet=capture.outlet,
        lang=main_lang,
        role=Role.MAIN,
        title=meta.title,
        paragraphs=tuple(kept[index].text for index in languages[main_lang]),
        authors=page_credits.authors or meta.authors,
        translators=page_credits.translators or meta.translators,
        editors=page_credits.editors or meta.editors,
        published=meta.published,
        modified=meta.modified,
        evidence=(*meta.evidence, *identity.evidence),
        section=page_credits.journal or meta.section,
        tags=meta.tags,
        source_outlet=page_credits.source_outlet or meta.agency,
        source_url=page_credits.source_url,
        source_date=page_credits.source_date,
        note=page_credits.note,
        lead=meta.lead,
        choices=(*choices(meta, page_credits), *identity.choices),
        alternates=alternates.valid(
            (*meta.alternates, *alternates.of_response(capture.headers), *page_credits.originals),
            capture.url,
            identity.url,
        ),
        rights=(*meta.rights, *rights.of_capture(capture)),
        continues=identity.continues,
    )
    documents, links = [main], []
    for lang, indices in languages.items():
        if lang == main_lang:
            continue
        blocks = [kept[index] for index in indices]
        title, body = split_headline(blocks)
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
                published=page_credits.source_date,
                **EMPTY_IN_ORIGINAL,
            )
        )
        link = translation_link(main, documents[-1], page_credits)
        if link:
            links.append(link)
    return tuple(documents), tuple(links), tuple(removals)


def choices(meta: Metadata, page_credits: Credits) -> tuple[Choice, ...]:
    """Return why each field has its value, including credits above and below the text."""
    replaced = {"source"} if page_credits.source_outlet else set()
    found = [Choice("source", page_credits.source_why)] if page_credits.source_outlet else []
    if page_credits.authors:
        replaced.add("authors")
        found.append(Choice("authors", "the credits over the text name them, and win"))
    return (*(choice for choice in meta.choices if choice.field not in replaced), *found)


def by_language(paragraphs: Sequence[str]) -> dict[str, list[int]]:
    """Return the indices of the paragraphs of each language; separate stretches of one language are joined."""
    if is_surely_one_language(paragraphs):
        only = language.identify("\n".join(paragraphs))
        if only not in SIMILAR_LANGUAGES:
            return {only: list(range(len(paragraphs)))}
    languages: dict[str, list[int]] = {}
    for part in language.split(paragraphs):
        languages.setdefault(part.lang, []).extend(range(part.start, part.stop))
    return languages


def is_surely_one_language(paragraphs: Sequence[str]) -> bool:
    """Return whether a text is surely in one language, because its short words recur in each stretch.

    False means unknown. The test saves a model run for every paragraph. On the development pages, words of up to four
    letters from the opening stretch make up 17 to 34% of the later words of an English text, and 7 to 26% of a Russian
    or German one. In a text of another language they are under 12%, except for the similar languages listed above.
    Ukrainian, Kazakh and Russian share more words than others, so letters of only one of them are counted too.
    """
    stretches: list[str] = [""]
    for paragraph in paragraphs:
        if len(stretches[-1]) >= MIN_STRETCH_CHARS:
            stretches.append("")
        stretches[-1] += " " + paragraph.casefold()
    if len(stretches) > 1 and len(stretches[-1]) < MIN_STRETCH_CHARS:
        rest = stretches.pop()
        stretches[-1] += rest
    opening = {word for word in LETTER_WORD.findall(stretches[0]) if len(word) <= MAX_SHORT_WORD_LETTERS}
    for stretch in stretches[1:]:
        words = LETTER_WORD.findall(stretch)
        if sum(map(opening.__contains__, words)) < MIN_SHORT_WORD_SHARE * len(words):
            return False
    whole = "".join(stretches)
    return whole.isascii() or not (
        len(UKRAINIAN_OR_KAZAKH_LETTER.findall(whole)) > MAX_OWN_LETTERS
        and len(RUSSIAN_LETTER.findall(whole)) > MAX_OWN_LETTERS
    )


def remove_stray_lines(kept: Sequence[Block], languages: dict[str, list[int]]) -> list[Removal]:
    """Remove lines of the first text's language below the second text, and return the removals.

    Such lines come from the site, not from the author.
    """
    if len(languages) != BILINGUAL_TEXTS:
        return []
    (main, first), (_, second) = sorted(languages.items(), key=lambda item: item[1][0])
    after = [index for index in first if index > second[-1]]
    last = second[-1]  # a line too short to be identified got the language of the text above it
    if (
        not after
        and len(kept[last].text) <= MAX_STRAY_CHARS
        and language.identify(kept[last].text, tuple(languages)) == main
    ):
        second.remove(last)
        after = [last]
    elif not after or len(after) == len(first) or sum(len(kept[index].text) for index in after) > MAX_STRAY_CHARS:
        return []
    else:
        del first[-len(after) :]
    return [Removal("language:stray", "chrome", kept[index].text, kept[index].position) for index in after]


def main_language(langs: Sequence[str], title: str) -> str:
    """Return the language of the main document: that of the title if a text has it, otherwise that of the first text."""
    if len(langs) == 1:
        return langs[0]
    title_lang = language.identify(title, tuple(langs))
    return title_lang if title_lang in langs else langs[0]


def split_headline(blocks: Sequence[Block]) -> tuple[str, list[Block]]:
    """Return the headline at the start of a second text (or an empty string), and the remaining blocks."""
    first = blocks[0]
    alone = len(first.text) < MAX_TITLE_CHARS and not first.text.endswith(SENTENCE_END)
    if len(blocks) > 1 and (first.tag in HEADINGS or alone):
        return first.text, list(blocks[1:])
    return "", list(blocks)


def translation_link(main: Document, other: Document, page_credits: Credits) -> PageLink | None:
    """Return the link from a text to the original on its page, if markup, lengths and numbers support it."""
    ratio = len(main.text) / max(1, len(other.text))
    numbers = [set(NUMBER.findall(document.text)) for document in (main, other)]
    shared = 2 * len(numbers[0] & numbers[1]) / max(1, len(numbers[0]) + len(numbers[1]))
    evidence = []
    if page_credits.translators:
        evidence.append("the page names a translator")
    if page_credits.original_linked:
        evidence.append("the page links to the original")
    proportionate = LENGTH_RATIO_LIMITS[0] <= ratio <= LENGTH_RATIO_LIMITS[1]
    if proportionate:
        evidence.append(f"lengths {ratio:.2f}:1")
    if shared >= MIN_NUMBERS_DICE:
        evidence.append(f"shared numbers {shared:.2f}")
    claimed = bool(page_credits.translators or page_credits.original_linked)
    if not (proportionate and (claimed or shared >= MIN_NUMBERS_DICE)):
        return None
    score = 0.5 + (0.25 if claimed else 0.0) + 0.25 * min(1.0, shared)
    return PageLink(LinkKind.TRANSLATION, main.lang, other.lang, round(score, 4), "; ".join(evidence))
