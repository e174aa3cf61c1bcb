"""What a site's profile says of the blocks of its pages: lines of its template, lists of its other articles."""

from collections.abc import Iterator

from articles.cleaning.decisions import ColumnDecisions
from articles.cleaning.outlet_rules import reason_of
from articles.page.blocks import Block
from articles.site import PageSite, address_hash, folded_line, title_hash
from articles.text import fold

OWN = 0.5  # share of a site's articles from which a line at the head of a text is the template's and not the article's
LIST = 2  # other articles that a list announces
ITEM = 220  # characters of a block that announces an article: a headline, its section, its date
LINKED = 0.4  # share of such a block's characters in anchors
GAP = 2  # short blocks between two announcements that belong to them: dates, sections, names


def lines(column: ColumnDecisions) -> None:
    """Strike the lines that stand on many of the site's articles; the lead and the first paragraph on most of them only."""
    here = column.facts.here
    if here is None or not here.site.profile.lines:
        return
    profile = here.site.profile
    first, _ = column.bounds()
    for index, block in column.kept():
        count = profile.lines.get(folded_line(block.text), 0)
        of_the_article = index in column.leads or (index == first and column.prose[index])
        if count and (not of_the_article or count >= OWN * profile.articles):
            column.strike(index, f"site:line {count} of {profile.articles}", reason_of(block))


def links(column: ColumnDecisions) -> None:
    """Strike lists of articles that the site is known to have: two announcements or more with next to nothing between."""
    here = column.facts.here
    if here is None or not here.site.profile.known:
        return
    announcing = [index for index, fate in enumerate(column.fates) if _announces(column, here, fate.block)]
    for run in _runs(column, announcing):
        if len(run) >= LIST:
            for index in range(run[0], run[-1] + 1):
                column.strike(index, f"site:links {len(run)}", "related")


def _announces(column: ColumnDecisions, here: PageSite, block: Block) -> bool:
    """Return whether a block is another article's headline, or leads to it and says little more."""
    text, profile = block.text, here.site.profile
    if len(text) > ITEM:
        return False
    if profile.knows(title_hash(text)) and fold(text) not in column.titles:
        return True
    if not block.links or block.linked < LINKED * len(text):
        return False
    own = address_hash(here.url, here.url)
    targets = {address_hash(here.url, link) for link in block.links}
    return any(target != own and profile.knows(target) for target in targets)


def _runs(column: ColumnDecisions, indices: list[int]) -> Iterator[list[int]]:
    """Yield the announcements that stand together: between them is no paragraph, and at most a few lines."""
    run: list[int] = []
    for index in indices:
        if run:
            between = range(run[-1] + 1, index)
            if len(between) > GAP or any(column.prose[other] for other in between):
                yield run
                run = []
        run.append(index)
    if run:
        yield run
