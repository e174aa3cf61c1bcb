"""What a reading shows of the template that a page came in: by it a redesign is noticed, see `articles.drift`."""

import re
from collections.abc import Sequence

from articles.model import TemplateSigns
from articles.page.blocks import Block, Node

LEVELS = 4  # elements from the column outwards; what lies further out is the same on all templates of a site
NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")  # of a class that people chose: no digits, which numbers and hashes have
BUILT = re.compile(r"__?[A-Za-z0-9]{5,8}$|-[A-Za-z0-9]{5,8}$")  # what style compilers append: another one in each build
MIXED = re.compile(r"[a-z][A-Z]|[A-Z].*[A-Z]")


def take(top: Node, kept: Sequence[Block], *, titled: bool, dated: bool, signed: bool) -> TemplateSigns:
    """Return the signs of a page whose column is `top` and of which `kept` is the body."""
    size, linked = sum(len(block.text) for block in kept), sum(block.linked for block in kept)
    return TemplateSigns(titled, dated, signed, size, linked, template(top))


def template(top: Node) -> str:
    """Return the path of the elements that hold the text, each with the first class that people chose."""
    held = [node for node in top.chain() if node.tag != "body"][:LEVELS]
    return " < ".join(f"{node.tag}.{name}" if (name := _chosen(node.names)) else node.tag for node in held) or "body"


def _chosen(names: str) -> str:
    """Return the first name that does not change from page to page or from build to build."""
    for name in names.split():
        stem = BUILT.sub("", name) if MIXED.search(name.rpartition("_")[2]) else name
        if NAME.fullmatch(stem):
            return stem
    return ""
