"""Compute a page's template signs, by which `articles.drift` detects redesigns."""

import re
from collections.abc import Sequence

from articles.model import TemplateSigns
from articles.page.blocks import Block, Node

MAX_LEVELS = 4  # elements from the column outwards; those further out are the same in all templates of a site
# A class name chosen by people: without digits, which occur in numbered and hashed names.
STABLE_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
# A suffix that CSS compilers append; it changes with each build.
BUILD_SUFFIX = re.compile(r"__?[A-Za-z0-9]{5,8}$|-[A-Za-z0-9]{5,8}$")
MIXED_CASE = re.compile(r"[a-z][A-Z]|[A-Z].*[A-Z]")


def signs(top: Node, kept: Sequence[Block], *, titled: bool, dated: bool, signed: bool) -> TemplateSigns:
    """Return the template signs of a page with the main column `top` and the kept blocks `kept`."""
    size, linked = sum(len(block.text) for block in kept), sum(block.linked for block in kept)
    return TemplateSigns(titled, dated, signed, size, linked, template(top))


def template(top: Node) -> str:
    """Return the path of the elements around the text, innermost first, each with its first stable class name."""
    held = [node for node in top.chain() if node.tag != "body"][:MAX_LEVELS]
    return (
        " < ".join(f"{node.tag}.{name}" if (name := _stable_name(node.names)) else node.tag for node in held) or "body"
    )


def _stable_name(names: str) -> str:
    """Return the first name that is the same on all pages and in all builds, or an empty string."""
    for name in names.split():
        stem = BUILD_SUFFIX.sub("", name) if MIXED_CASE.search(name.rpartition("_")[2]) else name
        if STABLE_NAME.fullmatch(stem):
            return stem
    return ""
