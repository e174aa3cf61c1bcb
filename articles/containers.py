"""Find the elements that hold the article on a page, as selectors: what a new template can be described by.

No rule of extraction reads this. It serves those who repair an outlet's file: `flows.outlets.proposals`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from articles.extract import body, examine
from articles.model import Capture
from articles.page.blocks import Node, Page
from articles.site import NO_SELECTORS, Site

MIN_HELD_SHARE = 0.9  # of the text, in an element that holds the article
MAX_TITLE_DEPTH = 3  # elements from a headline's text up to the one with a name
NAME = re.compile(
    r"[A-Za-z][A-Za-z_-]*(?:\d{1,2}[A-Za-z_-]*)*"
)  # of a template's element; longer numbers name articles
MIN_NAME_CHARS = 3
STATES = frozenset(
    {"current", "active", "open", "opened", "visible", "clearfix", "row", "col", "container", "wrapper", "page"}
)


@dataclass(frozen=True, slots=True)
class Containers:
    """What holds the article of one page, as selectors, the innermost element first; and the text by the general rules."""

    body: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def containers(capture: Capture, site: Site) -> Containers | None:
    """Return the containers of a page's article by the general rules, without the outlet's selectors; None without one."""
    outcome, extraction = examine(capture, replace(site, selectors=NO_SELECTORS))
    if extraction is None or not outcome.documents:
        return None
    page = extraction.page
    kept = {id(block) for block in body(extraction)[0]}
    sizes = [len(block.text) if id(block) in kept else 0 for block in page.blocks]
    whole = sum(sizes)
    holding = [node for node in page.nodes if whole and sum(sizes[node.first : node.last]) >= MIN_HELD_SHARE * whole]
    title = list(_outwards(page, extraction.heading)) if extraction.heading >= 0 else []
    lines = tuple(line for document in outcome.documents for line in document.text.split("\n") if line)
    return Containers(_selectors(reversed(holding)), _selectors(title), lines)


def common(found: Sequence[Sequence[str]]) -> list[str]:
    """Return the selectors that all pages have, in the order of the first page."""
    return [selector for selector in found[0] if all(selector in others for others in found[1:])] if found else []


def _outwards(page: Page, heading: int) -> Iterator[Node]:
    for _, node in zip(range(MAX_TITLE_DEPTH), page.blocks[heading].node.chain(), strict=False):
        if node.last - node.first == 1:
            yield node


def _selectors(nodes: Iterator[Node] | Sequence[Node]) -> tuple[str, ...]:
    names = (
        f"{node.tag}.{name}"
        for node in nodes
        for name in node.names.split()
        if NAME.fullmatch(name) and len(name) >= MIN_NAME_CHARS and name not in STATES
    )
    return tuple(dict.fromkeys(names))
