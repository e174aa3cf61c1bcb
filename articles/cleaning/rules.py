"""The rules that strike what is not the article, in the order in which they are asked.

Each is a function of a `ColumnDecisions` that strikes blocks under a name of its own (`reason:rule`). A rule that would strike
real paragraphs when it errs is bounded by what is left; a phrase alone never strikes a paragraph.
"""

from collections.abc import Callable

from articles.cleaning import (
    bylines,
    comments,
    elements,
    endings,
    fragments,
    lines,
    lists,
    outlet_rules,
    repeats,
    site_profile,
    stated_body,
)
from articles.cleaning.decisions import ColumnDecisions

RULES: tuple[Callable[[ColumnDecisions], None], ...] = (
    elements.header_lines,
    outlet_rules.selected,
    elements.between_parts,
    elements.named_elements,
    repeats.title,
    repeats.second_article,
    comments.headed,
    comments.alike,
    fragments.scraps,
    lines.phrases,
    bylines.datelines,
    bylines.bylines,
    lines.captions,
    lines.calls,
    lists.cards,
    lists.link_lists,
    lists.tables,
    lists.contents,
    lists.links,
    repeats.blocks,
    fragments.short_lines,
    stated_body.absent,
    site_profile.lines,
    site_profile.links,
    endings.biographies,
    endings.empty_headings,
)
