"""Selectors made ready for pages: most say no more than tags, classes and ids, and those are looked up, not searched for.

One XPath costs .1 to .5 ms on a page that takes 15 ms to read, and an outlet has a dozen selectors; one pass over the
page's classes and ids costs .5 ms for all of them. What is more than that (`:has()`, `~`, attributes) is asked as XPath, and
only of a page in whose source its words occur.
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

XPATH_STARTS = ("/", "./", "(")  # no CSS selector begins so
COMPILED = 4096  # selectors kept ready: 55 outlets with 20 each are 1,100
CLASS, ID = ".", "#"  # before a name
WITHIN, CHILD = " ", ">"  # combinators that are looked up
PLAIN_WORD = re.compile(r"[\w-]+", re.ASCII)  # what no page writes otherwise, as "&amp;" for "&"
SUBSTRINGS = frozenset({"=", "^=", "$=", "*=", "~=", "|="})

Names = Mapping[str, list[_Element]]  # ".class" or "#id" -> elements in page order


class Compound(NamedTuple):
    """Tag, classes and ids that one element has."""

    tag: str  # empty for any
    names: frozenset[str]  # ".class", "#id"

    def fits(self, element: _Element) -> bool:
        """Whether an element is so."""
        return (not self.tag or element.tag == self.tag) and self.names <= _names(element)


class SelectorStep(NamedTuple):
    """An element, and how the one on its right stands to it: within it or its child, "" for the one that is selected."""

    compound: Compound
    combinator: str


@dataclass(frozen=True, slots=True)
class CompiledSelector:
    """A selector, ready to be asked. Where `chains` is empty, `xpath` answers."""

    chains: tuple[tuple[SelectorStep, ...], ...]  # alternatives; of each the selected element first
    xpath: XPath
    words: tuple[frozenset[bytes], ...]  # alternatives; a page whose source lacks one of each has nothing to select

    @property
    def names(self) -> Iterator[str]:
        """The classes and ids by which it is looked up."""
        return (name for chain in self.chains for name in chain[0].compound.names)

    def find(self, root: _Element, names: Names, source: bytes) -> list[object]:
        """Return what it selects of a page; `names` are its `index` with the names of the plan, or with more."""
        if self.chains:
            found = (element for chain in self.chains for element in _looked_up(chain, names))
            return list(dict.fromkeys(found))
        if not any(all(word in source for word in words) for words in self.words):
            return []
        try:
            answer = self.xpath(root)
        except (XPathError, UnicodeDecodeError):  # a function that is none, behind what was empty when it was tried
            return []
        return list(answer) if isinstance(answer, list) else []


def index(root: _Element, wanted: frozenset[str]) -> Names:
    """Return the elements of a page that have one of some names."""
    found: dict[str, list[_Element]] = {}
    classes = {name[1:] for name in wanted if name[0] == CLASS}
    identifiers = {name[1:] for name in wanted if name[0] == ID}
    seen: dict[str, set[str]] = {}  # what is wanted of a `class` attribute: most of them stand on a page many times
    for element in root.iter(etree.Element) if wanted else ():
        stated = element.get("class")
        if stated:
            names = seen.get(stated)
            if names is None:
                names = seen[stated] = classes.intersection(stated.split())
            for name in names:
                found.setdefault(CLASS + name, []).append(element)
        if identifiers and (identifier := element.get("id")) in identifiers:
            found.setdefault(f"{ID}{identifier}", []).append(element)
    return found


def _names(element: _Element) -> set[str]:
    names = {CLASS + name for name in (element.get("class") or "").split()}
    if identifier := element.get("id"):
        names.add(ID + identifier)
    return names


def _looked_up(chain: tuple[SelectorStep, ...], names: Names) -> Iterator[_Element]:
    compound = chain[0].compound
    rarest = min((names.get(name, []) for name in sorted(compound.names)), key=len)
    return (element for element in rarest if compound.fits(element) and _stands(element, chain[1:]))


def _stands(element: _Element, left: tuple[SelectorStep, ...]) -> bool:
    """Whether an element stands below others as a chain says."""
    if not left:
        return True
    above: Iterable[_Element] = element.iterancestors()
    if left[0].combinator == CHILD:
        parent = element.getparent()
        above = () if parent is None else (parent,)
    return any(left[0].compound.fits(other) and _stands(other, left[1:]) for other in above)


@lru_cache(maxsize=COMPILED)
def plan(selector: str) -> CompiledSelector:
    """Return a selector ready to be asked: CSS, or XPath if it begins so. InputError says what is wrong with it."""
    try:
        if selector.startswith(XPATH_STARTS):
            made = CompiledSelector((), XPath(selector), (frozenset(),))
        else:
            xpath = XPath(HTMLTranslator().css_to_xpath(selector))
            trees = [alternative.parsed_tree for alternative in parse(selector)]
            chains = [_chain(tree) for tree in trees]
            looked_up = tuple(chain for chain in chains if chain)
            words = tuple(frozenset(_words(tree)) for tree in trees)
            made = CompiledSelector(looked_up if len(looked_up) == len(chains) else (), xpath, words)
        answer = made.xpath(etree.Element("html"))  # a function that does not exist is told of when it is called
    except (SelectorError, XPathError) as error:
        raise InputError(f"{selector!r} is no selector: {error}") from error
    if not isinstance(answer, list):
        raise InputError(f"{selector!r} selects nothing: it is a {type(answer).__name__}")
    return made


def _chain(tree: object) -> tuple[SelectorStep, ...]:
    """Return a selector as steps, empty where it says more than they can or where nothing can be looked up."""
    steps: list[SelectorStep] = []
    combinator = ""
    while isinstance(tree, CombinedSelector):
        compound = _compound(tree.subselector)
        if compound is None or tree.combinator not in {WITHIN, CHILD}:
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
        names.add(CLASS + tree.class_name if isinstance(tree, Class) else ID + tree.id)
        tree = tree.selector
    if not isinstance(tree, Element) or tree.namespace:
        return None
    return Compound((tree.element or "").lower(), frozenset(names))


def _words(tree: object) -> Iterator[bytes]:
    """Yield what the source of a page must hold for a selector to find anything, as far as that is plain to see."""
    while not isinstance(tree, Element):
        if isinstance(tree, CombinedSelector):
            yield from _words(tree.subselector)
        elif isinstance(tree, Class):
            yield from _plain(tree.class_name)
        elif isinstance(tree, Hash):
            yield from _plain(tree.id)
        elif isinstance(tree, Attrib) and tree.value is not None and not tree.flag and tree.operator in SUBSTRINGS:
            yield from _plain(tree.value.value or "")
        tree = getattr(tree, "selector", None)
        if tree is None:
            return


def _plain(text: str) -> Iterator[bytes]:
    return (word.encode() for word in PLAIN_WORD.findall(text))
