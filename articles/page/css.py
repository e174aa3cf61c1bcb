"""Compiled CSS and XPath selectors. Most use only tags, classes and ids; these are looked up in an index of the page.

One XPath query takes 0.1 to 0.5 ms on a page that takes 15 ms to read, and an outlet has a dozen selectors. One pass over
the page's classes and ids takes 0.5 ms for all of them. Other selectors (`:has()`, `~`, attributes) run as XPath, and only
if the page's source contains their words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cssselect import HTMLTranslator, SelectorError, parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash
from lxml import etree
from lxml.etree import XPath, XPathError, _Element

from articles.errors import InputError

XPATH_STARTS = ("/", "./", "(")  # no CSS selector begins with one of these
CACHED_SELECTORS = 4096  # 55 outlets with 20 selectors each need 1,100
CLASS_MARK, ID_MARK = ".", "#"  # prefixes of names
DESCENDANT, CHILD = " ", ">"  # combinators that an index lookup supports
# Characters that pages never write as entities, as they write "&amp;" for "&".
PLAIN_WORD = re.compile(r"[\w-]+", re.ASCII)
SUBSTRING_OPERATORS = frozenset({"=", "^=", "$=", "*=", "~=", "|="})

Names = Mapping[str, list[_Element]]  # ".class" or "#id" -> elements in page order


class Compound(NamedTuple):
    """A compound selector: the tag, classes and ids that one element must have."""

    tag: str  # empty for any tag
    names: frozenset[str]  # ".class", "#id"

    def matches(self, element: _Element) -> bool:
        """Return whether an element has this tag and all of these names."""
        return (not self.tag or element.tag == self.tag) and self.names <= _names(element)


class SelectorStep(NamedTuple):
    """A compound selector, and the combinator to its right: descendant, child, or "" for the selected element."""

    compound: Compound
    combinator: str


@dataclass(frozen=True, slots=True)
class CompiledSelector:
    """A selector that is ready to use. If `chains` is empty, it runs as `xpath`."""

    chains: tuple[tuple[SelectorStep, ...], ...]  # one per alternative, each with the selected element first
    xpath: XPath
    words: tuple[frozenset[bytes], ...]  # one set per alternative: it matches only if the source contains all of them

    @property
    def names(self) -> Iterator[str]:
        """The classes and ids by which the selector is looked up."""
        return (name for chain in self.chains for name in chain[0].compound.names)

    def find(self, root: _Element, names: Names, source: bytes) -> list[object]:
        """Return the selected elements, texts and attributes; `names` is the page's `index`, with at least our names."""
        if self.chains:
            found = (element for chain in self.chains for element in _looked_up(chain, names))
            return list(dict.fromkeys(found))
        if not any(all(word in source for word in words) for words in self.words):
            return []
        try:
            answer = self.xpath(root)
        except (XPathError, UnicodeDecodeError):  # e.g. an unknown function that the trial run did not reach
            return []
        return list(answer) if isinstance(answer, list) else []


def index(root: _Element, wanted: frozenset[str]) -> Names:
    """Return the elements of a page that have one of the wanted names, by name."""
    found: dict[str, list[_Element]] = {}
    classes = {name[1:] for name in wanted if name[0] == CLASS_MARK}
    identifiers = {name[1:] for name in wanted if name[0] == ID_MARK}
    seen: dict[str, set[str]] = {}  # `class` attribute -> wanted classes in it; most attributes repeat on a page
    for element in root.iter(etree.Element) if wanted else ():
        stated = element.get("class")
        if stated:
            names = seen.get(stated)
            if names is None:
                names = seen[stated] = classes.intersection(stated.split())
            for name in names:
                found.setdefault(CLASS_MARK + name, []).append(element)
        if identifiers and (identifier := element.get("id")) in identifiers:
            found.setdefault(f"{ID_MARK}{identifier}", []).append(element)
    return found


def _names(element: _Element) -> set[str]:
    names = {CLASS_MARK + name for name in (element.get("class") or "").split()}
    if identifier := element.get("id"):
        names.add(ID_MARK + identifier)
    return names


def _looked_up(chain: tuple[SelectorStep, ...], names: Names) -> Iterator[_Element]:
    compound = chain[0].compound
    rarest = min((names.get(name, []) for name in sorted(compound.names)), key=len)
    return (element for element in rarest if compound.matches(element) and _has_ancestors(element, chain[1:]))


def _has_ancestors(element: _Element, left: tuple[SelectorStep, ...]) -> bool:
    """Return whether an element has the ancestors that the remaining steps require."""
    if not left:
        return True
    above: Iterable[_Element] = element.iterancestors()
    if left[0].combinator == CHILD:
        parent = element.getparent()
        above = () if parent is None else (parent,)
    return any(left[0].compound.matches(other) and _has_ancestors(other, left[1:]) for other in above)


@lru_cache(maxsize=CACHED_SELECTORS)
def compile_selector(selector: str) -> CompiledSelector:
    """Compile a CSS selector, or an XPath if it begins like one. Raise `InputError` if it is invalid."""
    try:
        if selector.startswith(XPATH_STARTS):
            compiled = CompiledSelector((), XPath(selector), (frozenset(),))
        else:
            xpath = XPath(HTMLTranslator().css_to_xpath(selector))
            trees = [alternative.parsed_tree for alternative in parse(selector)]
            chains = [_chain(tree) for tree in trees]
            looked_up = tuple(chain for chain in chains if chain)
            words = tuple(frozenset(_words(tree)) for tree in trees)
            compiled = CompiledSelector(looked_up if len(looked_up) == len(chains) else (), xpath, words)
        answer = compiled.xpath(etree.Element("html"))  # lxml reports an unknown function only when it is called
    except (SelectorError, XPathError) as error:
        raise InputError(f"{selector!r} is not a valid CSS or XPath selector: {error}") from error
    if not isinstance(answer, list):
        raise InputError(f"{selector!r} selects no elements: it returns a {type(answer).__name__}")
    return compiled


def _chain(tree: object) -> tuple[SelectorStep, ...]:
    """Return a selector as steps; empty if steps cannot express it, or if it has no name to look up."""
    steps: list[SelectorStep] = []
    combinator = ""
    while isinstance(tree, CombinedSelector):
        compound = _compound(tree.subselector)
        if compound is None or tree.combinator not in {DESCENDANT, CHILD}:
            return ()
        steps.append(SelectorStep(compound, combinator))
        combinator, tree = tree.combinator, tree.selector
    compound = _compound(tree)
    if compound is None:
        return ()
    steps.append(SelectorStep(compound, combinator))
    return tuple(steps) if steps[0].compound.names else ()


def _compound(tree: object) -> Compound | None:
    names: set[str] = set()
    while isinstance(tree, Class | Hash):
        names.add(CLASS_MARK + tree.class_name if isinstance(tree, Class) else ID_MARK + tree.id)
        tree = tree.selector
    if not isinstance(tree, Element) or tree.namespace:
        return None
    return Compound((tree.element or "").lower(), frozenset(names))


def _words(tree: object) -> Iterator[bytes]:
    """Yield words that a page's source must contain for the selector to find anything; not all of them are known."""
    while not isinstance(tree, Element):
        if isinstance(tree, CombinedSelector):
            yield from _words(tree.subselector)
        elif isinstance(tree, Class):
            yield from _plain_words(tree.class_name)
        elif isinstance(tree, Hash):
            yield from _plain_words(tree.id)
        elif (
            isinstance(tree, Attrib)
            and tree.value is not None
            and not tree.flag
            and tree.operator in SUBSTRING_OPERATORS
        ):
            yield from _plain_words(tree.value.value or "")
        tree = getattr(tree, "selector", None)
        if tree is None:
            return


def _plain_words(text: str) -> Iterator[bytes]:
    return (word.encode() for word in PLAIN_WORD.findall(text))
