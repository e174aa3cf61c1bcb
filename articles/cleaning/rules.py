"""The cleaning rules, in the order in which they run.

Each rule is a function that takes a `ColumnDecisions` and removes blocks under a rule name ("links:cards"). A rule whose
errors would remove real paragraphs is limited by how much text remains. A phrase alone never removes a paragraph.
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
    tail_model,
)
from articles.cleaning.decisions import ColumnDecisions

RULES: tuple[Callable[[ColumnDecisions], None], ...] = (
    elements.header_lines,
    outlet_rules.selected,
    elements.between_parts,
    elements.side_cells,
    elements.named_elements,
    repeats.title,
    repeats.second_article,
    comments.thread_under_heading,
    comments.thread_without_heading,
    fragments.scraps,
    lines.phrases,
    bylines.datelines,
    bylines.bylines,
    lines.captions,
    lines.calls,
    lists.cards,
    lists.link_lists,
    lists.contents,
    lists.links,
    repeats.blocks,
    repeats.pull_quotes,
    fragments.short_lines,
    site_profile.lines,
    site_profile.links,
    tail_model.tail,
    endings.empty_headings,
)
