"""The rules that strike what is not the article, in the order in which they are asked.

Each is a function of a `Column` that strikes blocks under a name of its own (`reason:rule`). A rule that would strike
real paragraphs when it errs is bounded by what is left; a phrase alone never strikes a paragraph.
"""

from collections.abc import Callable

from articles.fates import Column
from articles.rules import embedded, ends, lines, lists, markup, outlet, repeats, scraps, signatures, site, threads

RULES: tuple[Callable[[Column], None], ...] = (
    markup.header_lines,
    outlet.selected,
    markup.between_parts,
    markup.named_elements,
    repeats.title,
    repeats.second_article,
    threads.headed,
    threads.alike,
    scraps.scraps,
    lines.phrases,
    signatures.datelines,
    signatures.bylines,
    lines.captions,
    lines.calls,
    lists.cards,
    lists.link_lists,
    lists.tables,
    lists.contents,
    lists.links,
    repeats.blocks,
    scraps.short_lines,
    embedded.absent,
    site.lines,
    site.links,
    ends.biographies,
    ends.empty_headings,
)
