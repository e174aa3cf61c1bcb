"""Propose selectors for an outlet's file from pages that agree among themselves, and write those that are approved."""

import ast
import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from articles.containers import Containers, common
from articles.errors import InputError
from articles.model import Capture
from articles.site import Site
from flows.processing.limited_pages import PageReader
from spiders.discovery.url_patterns import is_bounded, pattern
from spiders.outlet import Outlet
from spiders.outlets import OUTLET_DIRECTORY
from storage.captures.limited_process import EndedError

MIN_PAGES = 3  # that must agree; two may share what is no template
MAX_PAGES = 20  # of a run that are read; more pages show no other template
MIN_KEPT_SHARE = 0.9  # of the lines that the general rules find, or that earlier versions had, under the new selectors
ATTRIBUTES = ("body", "title")
ADDRESSES = "article"  # the attribute with the pattern of an outlet's addresses
MIN_ADDRESSES = (
    5  # of one form that an outlet's sources name and its pattern does not match; fewer may be special pages
)
GROUP_NAME = re.compile(r"\(\?P<\w+>")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A selector that fits all pages of a template, or a pattern that fits addresses.

    `before` and `after` are mean characters of a page's text, or for a pattern the number of addresses that match.
    """

    attribute: str
    selector: str
    pages: int  # that the selector fits, or addresses
    before: int  # under the outlet's file as it is
    after: int  # with the proposal
    old_lines: float = 1.0  # share of the lines of earlier versions of the same articles that the new text has

    def __str__(self) -> str:
        """Return the proposal as a line for people."""
        if self.attribute == ADDRESSES:
            return (
                f"article: a form of {self.pages} addresses that the sources name; {self.before} -> {self.after} addresses "
                "match. Open some of them before you adopt it: their pages were not fetched"
            )
        return (
            f"{self.attribute}: {self.selector!r} fits {self.pages} pages; text {self.before} -> {self.after} characters, "
            f"{self.old_lines:.0%} of the earlier lines"
        )


def propose(
    outlet: Outlet, pages: Sequence[Capture], reader: PageReader, old: Mapping[str, Sequence[str]] | None = None
) -> list[Proposal]:
    """Return selectors for the attributes whose own selectors find nothing on these pages.

    `old` holds the paragraphs of earlier versions by URL. Nothing is proposed unless at least three pages agree, and the
    new selectors find what the general rules find and what earlier versions had.
    """
    sample = pages[:MAX_PAGES]
    read = [(page, found) for page in sample if (found := _containers(page, outlet.site, reader)) is not None]
    if len(read) < MIN_PAGES or len(read) * 2 < len(sample):
        return []
    before = [reader.outcome(page, outlet.site) for page, _ in read]
    proposals = []
    for attribute in ATTRIBUTES:
        missed = sum(attribute in outcome.missed or not outcome.documents for outcome in before)
        if missed * 2 < len(read):
            continue
        for selector in common([getattr(found, attribute) for _, found in read]):
            site = with_selector(outlet.site, attribute, selector)
            texts = [_lines(reader, page, site, attribute) for page, _ in read]
            if any(text is None for text in texts) or not _keeps(read, texts):
                continue
            lines = [
                line for (page, _), text in zip(read, texts, strict=True) for line in (old or {}).get(page.url, ())
            ]
            new = {line for text in texts for line in text or ()}
            share = sum(line in new for line in lines) / len(lines) if lines else 1.0
            if share >= MIN_KEPT_SHARE or attribute != "body":
                sizes = sum(len(line) for text in texts for line in text or ()) // len(read)
                shown = sum(len(document.text) for outcome in before for document in outcome.documents) // len(read)
                proposals.append(Proposal(attribute, selector, len(read), shown, sizes, share))
                break
    return proposals


def propose_addresses(outlet: Outlet, named: Sequence[str]) -> list[Proposal]:
    """Return a pattern that matches the commonest form of the named addresses that the outlet's pattern does not match.

    Addresses that the outlet refuses (videos, galleries) are left out. The old pattern stays as an alternative if any
    named address matches it.
    """
    matching = [url for url in named if outlet.is_article(url)]
    form, alike = pattern([url for url in named if not outlet.addresses.matches(url) and not outlet.refuses(url)])
    if len(alike) < MIN_ADDRESSES:
        return []
    if matching:
        form = f"{outlet.article}|{GROUP_NAME.sub('(', form)}"  # an expression may name a group only once
    if not is_bounded(form):
        return []
    return [Proposal(ADDRESSES, form, len(alike), len(matching), len(matching) + len(alike))]


def with_selector(site: Site, attribute: str, selector: str) -> Site:
    """Return a site with one more selector, before the others of its attribute."""
    own = getattr(site.selectors, attribute)
    return replace(site, selectors=replace(site.selectors, **{attribute: (selector, *own)}))


def file_of(outlet: Outlet, extra_outlets: str = "") -> Path:
    """Return the path of an outlet's file. InputError if it is not where it should be."""
    extra = Path(extra_outlets) if extra_outlets else None
    places = [OUTLET_DIRECTORY / f"{outlet.name}.py"]
    if extra is not None:
        places.insert(0, extra if extra.is_file() else extra / f"{outlet.name}.py")
    found = next((path for path in places if path.is_file() and path.stem == outlet.name), None)
    if found is None:
        raise InputError(f"no file of outlet {outlet.name!r}; give its folder with --outlets")
    return found


def patched(text: str, attribute: str, selector: str) -> str:
    """Return the text of an outlet's file with one more selector before the others, or with another pattern of addresses.

    InputError if the file has no class, or assigns something else than a tuple to an attribute for selectors.
    """
    tree = ast.parse(text)
    owner = next((node for node in tree.body if isinstance(node, ast.ClassDef)), None)
    if owner is None:
        raise InputError("the outlet's file has no class")
    lines = text.splitlines(keepends=True)
    assigned = [node for node in owner.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for node in assigned:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not (isinstance(target, ast.Name) and target.id == attribute):
            continue
        if attribute == ADDRESSES:
            end = node.end_lineno or node.lineno
            lines[node.lineno - 1 : end] = [f"    {ADDRESSES} = {_raw(selector)}\n"]
            return "".join(lines)
        if not isinstance(node.value, ast.Tuple) or node.value.end_lineno is None or node.value.end_col_offset is None:
            raise InputError(f"line {node.lineno}: {attribute} is not written as a tuple; add {selector!r} by hand")
        # Offsets of the syntax tree count bytes; a tuple begins with its parenthesis, which is ASCII.
        line = lines[node.value.lineno - 1].encode()
        place = node.value.col_offset + 1
        lines[node.value.lineno - 1] = (line[:place] + f"{_quoted(selector)}, ".encode() + line[place:]).decode()
        return "".join(lines)
    last = max((node.end_lineno or node.lineno for node in assigned), default=owner.lineno)
    value = _raw(selector) if attribute == ADDRESSES else f"({_quoted(selector)},)"
    lines.insert(last, f"    {attribute} = {value}\n")
    return "".join(lines)


def patch(path: Path, proposals: Sequence[Proposal]) -> str:
    """Return the change of an outlet's file as a unified diff; empty without proposals."""
    before = path.read_text(encoding="utf-8")
    after = _with_all(before, proposals)
    name = path.name
    return "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}"))


def apply(path: Path, proposals: Sequence[Proposal]) -> None:
    """Write the proposals into an outlet's file."""
    path.write_text(_with_all(path.read_text(encoding="utf-8"), proposals), encoding="utf-8")


def _with_all(text: str, proposals: Sequence[Proposal]) -> str:
    for proposal in proposals:
        text = patched(text, proposal.attribute, proposal.selector)
    return text


def _quoted(selector: str) -> str:
    return json.dumps(selector)  # a string of Python as well, whatever it holds


def _raw(expression: str) -> str:
    """Return a regular expression as it is written in outlet files, where that is possible."""
    plain = expression.isprintable() and '"' not in expression and not expression.endswith("\\")
    return f'r"{expression}"' if plain else repr(expression)


def _containers(page: Capture, site: Site, reader: PageReader) -> Containers | None:
    try:
        return reader.containers(page, site)
    except EndedError:  # a page that reaches a limit is left out, as in processing
        return None


def _lines(reader: PageReader, page: Capture, site: Site, attribute: str) -> list[str] | None:
    """Return the paragraphs of a page under new selectors; None if the selector finds nothing, or no article."""
    outcome = reader.outcome(page, site)
    if not outcome.documents or attribute in outcome.missed:
        return None
    return [line for document in outcome.documents for line in document.text.split("\n") if line]


def _keeps(read: Sequence[tuple[Capture, Containers]], texts: Sequence[list[str] | None]) -> bool:
    """Return whether the new texts hold nearly all lines that the general rules find."""
    wanted = [line for _, found in read for line in found.lines]
    new = {line for text in texts for line in text or ()}
    return sum(line in new for line in wanted) >= MIN_KEPT_SHARE * len(wanted)
