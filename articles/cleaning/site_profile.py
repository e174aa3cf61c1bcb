"""Remove blocks by the site's learned profile: lines of its template, lists of its other articles."""

from collections.abc import Iterator

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.lists import MIN_LIST_LINKED_SHARE
from articles.cleaning.outlet_rules import reason_of
from articles.page.blocks import Block
from articles.page.sizes import MAX_ITEM_CHARS, MIN_ALIKE
from articles.site import PageSite, address_hash, folded_line, title_hash
from articles.text import fold

# Share of a site's articles that have a line, for it to be the template's even as the lead or the first paragraph.
MIN_TEMPLATE_SHARE = 0.5
MAX_GAP_BLOCKS = 2  # between two announcements: dates, sections, names


def lines(column: ColumnDecisions) -> None:
    """Remove lines that many of the site's articles have; the lead and the first paragraph only if most have them."""
    page_site = column.facts.page_site
    if page_site is None or not page_site.site.profile.lines:
        return
    profile = page_site.site.profile
    first, _ = column.bounds()
    for index, block in column.kept():
        count = profile.lines.get(folded_line(block.text), 0)
        of_the_article = index in column.leads or (index == first and column.prose[index])
        if count and (not of_the_article or count >= MIN_TEMPLATE_SHARE * profile.articles):
            column.remove(index, f"site:line {count} of {profile.articles}", reason_of(block))


def links(column: ColumnDecisions) -> None:
    """Remove lists of known articles of the site: two or more announcements with at most a few lines between them."""
    page_site = column.facts.page_site
    if page_site is None or not page_site.site.profile.known:
        return
    announcing = [
        index for index, decision in enumerate(column.decisions) if _announces(column, page_site, decision.block)
    ]
    for run in _runs(column, announcing):
        if len(run) >= MIN_ALIKE:
            for index in range(run[0], run[-1] + 1):
                column.remove(index, f"site:links {len(run)}", "related")


def _announces(column: ColumnDecisions, page_site: PageSite, block: Block) -> bool:
    """Return whether a block is the headline of another known article, or little more than a link to one."""
    text, profile = block.text, page_site.site.profile
    if len(text) > MAX_ITEM_CHARS:
        return False
    if profile.knows(title_hash(text)) and fold(text) not in column.titles:
        return True
    if not block.links or block.linked < MIN_LIST_LINKED_SHARE * len(text):
        return False
    own = address_hash(page_site.url, page_site.url)
    targets = {address_hash(page_site.url, link) for link in block.links}
    return any(target != own and profile.knows(target) for target in targets)


def _runs(column: ColumnDecisions, indices: list[int]) -> Iterator[list[int]]:
    """Yield groups of announcements with no paragraph and at most a few lines between them."""
    run: list[int] = []
    for index in indices:
        if run:
            between = range(run[-1] + 1, index)
            if len(between) > MAX_GAP_BLOCKS or any(column.prose[other] for other in between):
                yield run
                run = []
        run.append(index)
    if run:
        yield run
