"""Find texts that a page holds but does not show: in scripts, attributes, and elements that browsers do not render.

Scripts hold JSON (Next.js, Fusion), JavaScript objects (Nuxt) or rows of React's server components, whose strings are HTML,
Markdown or single paragraphs. Each text is given with the titles and leads that stand beside it. JSON-LD is left to
`articles.page.structured`, which tells a page's own article from others.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element

from articles.page import json_repair, rich_text
from articles.page.column import MIN_PROSE_CHARS
from articles.page.element_kinds import is_element_around
from articles.page.sizes import MAX_SCRIPT_CHARS, MAX_TITLE_CHARS, MIN_ARTICLE_CHARS, MIN_PARAGRAPHS
from articles.page.structured import replace_surrogates

MAX_VALUES = 200_000  # of JSON per page
MAX_DEPTH = 60  # of JSON; React nests elements deeply
MAX_BESIDE = 40  # strings of one object that may be its title or lead
TITLE_KEYS = ("headline", "title", "name")
MAX_NESTED_JSON = 2  # JSON in a string of JSON
# A string in double, single or slanted quotation marks. The possessive quantifiers avoid useless backtracking.
# An escaped mark begins none, so that a string without an end is read once. A single mark must follow a sign of the code:
# in a text it is an apostrophe.
LITERAL = re.compile(
    r"""(?<!\\)"((?:[^"\\]|\\.){300,}+)"|(?:(?<=[=:(\[,])|(?<=[=:]\s))(?:'((?:[^'\\]|\\.){300,}+)'|`((?:[^`\\]|\\.){300,}+)`)""",
    re.DOTALL,
)
ASSIGNED = re.compile(r"=\s*(?=[{\[]\s*[\"{\[])")  # what begins as JSON, as the value of a variable
DECODER = json.JSONDecoder(strict=False)
MAX_ASSIGNED = 100  # of a script
ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|(\r?\n|.))|\"", re.DOTALL)
JSON_ESCAPES = frozenset('"\\/bfnrtu')
PUSHED = re.compile(r"__next_f\.push\(\s*\[\s*1\s*,\s*(\"(?:[^\"\\]|\\.)*+\")", re.DOTALL)
ROW = re.compile(rb"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,6}),)?")
MARKUP = re.compile(r"<(?:p|br|div|h[1-6]|ul|ol|blockquote|article|section)\b", re.IGNORECASE)
SENTENCE = re.compile(r"[.!?…»”\"。]\s*$")
# Keys of an item that is an article of its own.
PAGE_KEYS = frozenset(
    {"url", "slug", "link", "href", "permalink", "headline", "datePublished", "publishedAt", "published_at"}
)
ADDRESS = re.compile(r"^\S*$|^https?://")
ELEMENT_NAME = re.compile(r"[a-z][a-z0-9]{0,9}")
SILENT = frozenset({"script", "style", "noscript", "template", "textarea", "iframe", "svg", "nav", "footer", "form"})
HELD = ("noscript", "template", "textarea", "iframe", "xmp")
HOLDING_ATTRIBUTES = ("data-", ":", "v-", "content", "props", "value")  # of components: their data
# Attributes that hold no data of components; of addresses only those that are a page themselves do.
OTHER_ATTRIBUTES = frozenset(
    {"alt", "class", "d", "href", "placeholder", "points", "sizes", "srcdoc", "srcset", "style", "title"}
)
OTHER_PREFIXES = ("aria-", "on")
DATA_PAGE = "data:text/html"
JSON_LD_TYPE = "ld+json"
MAX_CHARS_PER_PERCENT = 10  # of a percent-encoded text, in which at least each space is encoded
UNICODE_ESCAPE = re.compile(r"%u([0-9A-Fa-f]{4})")
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
MARKUP_TYPES = ("text/template", "text/html", "text/x-template", "text/x-handlebars", "text/plain")


@dataclass(frozen=True, slots=True)
class Beside:
    """Short strings of the JSON object that holds a text as a value, and of the objects around it."""

    own: tuple[str, ...] = ()
    headline: str = ""
    around: "Beside | None" = None

    def titles(self) -> Iterator[str]:
        """Yield the strings of the object and of those around it."""
        here: Beside | None = self
        while here is not None:
            yield from here.own
            here = here.around


ALONE = Beside()


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text with what stands beside it. `markup` is HTML; if it is empty, `lines` are the paragraphs.

    A doubtful one is from an attribute that need not hold data, or is encoded: it may be that of another page.
    """

    markup: str = ""
    lines: tuple[str, ...] = ()
    beside: Beside = ALONE
    doubtful: bool = False


def find(root: _Element) -> Iterator[HiddenText]:
    """Yield the texts that a page holds and does not show."""
    yield from _in_elements(root)
    chars, pushed = 0, []
    for script in root.iter("script"):
        text = script.text or ""
        chars += len(text)
        if chars > MAX_SCRIPT_CHARS:
            return
        kind = (script.get("type") or "").lower()
        if kind in MARKUP_TYPES:
            yield from _of_string(text)
        elif "__next_f" in text:
            pushed += PUSHED.findall(text)
        elif len(text) >= MIN_ARTICLE_CHARS and not (JSON_LD_TYPE in kind and json_repair.parse(text) is not None):
            yield from _in_script(text)
    if pushed:
        yield from _in_rows("".join(value for one in pushed if isinstance(value := _json(one), str)))


def _in_elements(root: _Element) -> Iterator[HiddenText]:
    for element in root.iter(*HELD):
        srcdoc = element.get("srcdoc")
        inner = "".join(
            (element.text or "", *(etree.tostring(child, encoding="unicode", method="html") for child in element))
        )
        for text in (srcdoc or "", inner):
            if len(text) >= MIN_ARTICLE_CHARS:
                yield from _of_string(text)
    for element in root.iter(etree.Element):
        held = [(name, value) for name, value in element.items() if len(value) >= MIN_ARTICLE_CHARS]
        if held and element.tag != "meta" and not is_element_around(element):
            for name, value in held:
                yield from _in_attribute(str(name), str(value))


def _in_attribute(name: str, value: str) -> Iterator[HiddenText]:
    if (
        name in OTHER_ATTRIBUTES
        or name.startswith(OTHER_PREFIXES)
        or (name == "src" and not value.startswith(DATA_PAGE))
    ):
        return
    found = _of_string(value)
    yield from found if name.startswith(HOLDING_ATTRIBUTES) else map(_doubted, found)


def _doubted(text: HiddenText) -> HiddenText:
    return replace(text, doubtful=True)


def _in_script(text: str) -> Iterator[HiddenText]:
    value = json_repair.parse(text) if text.lstrip()[:1] in ("{", "[") else None
    if value is not None:
        yield from _in_json(value)
        return
    rest, at = [], 0
    for found in islice(ASSIGNED.finditer(text), MAX_ASSIGNED):
        if found.end() >= at:
            try:
                value, end = DECODER.raw_decode(text, found.end())
            except (ValueError, RecursionError):  # an object of JavaScript
                continue
            yield from _in_json(value)
            rest.append(text[at : found.end()])
            at = end
    for found in LITERAL.finditer("".join((*rest, text[at:]))):
        double, single, slanted = found.groups()
        literal = double or single or slanted or ""
        value = (
            _json('"' + ESCAPE.sub(_for_json, literal) + '"')
            if double is None
            else _json(f'"{ESCAPE.sub(_for_json, literal)}"')
        )
        if isinstance(value, str):
            yield from _of_string(value)


def _for_json(found: re.Match[str]) -> str:
    """Return an escape of JavaScript as JSON has it."""
    byte, point, sign = found.groups()
    if byte:
        return f"\\u00{byte}"
    if point:
        return json.dumps(chr(min(int(point, 16), 0x10FFFF)))[1:-1]
    if sign is None:  # a quotation mark in a string in other ones
        return '\\"'
    return found[0] if sign in JSON_ESCAPES else sign.strip("\r\n")


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _of_string(text: str, beside: Beside = ALONE, nested: int = 0) -> Iterator[HiddenText]:
    """Yield the text that a string is: HTML, Markdown or plain paragraphs, or JSON that holds such strings."""
    decoded = _decoded(text)
    if decoded != text:
        yield from map(_doubted, _of_plain(replace_surrogates(decoded), beside, nested))
    else:
        yield from _of_plain(replace_surrogates(text), beside, nested)


def _of_plain(text: str, beside: Beside, nested: int) -> Iterator[HiddenText]:
    start = text.lstrip()[:1]
    if start in ("{", "[") and nested < MAX_NESTED_JSON:
        value = _json(text)
        if value is not None:
            yield from _in_json(value, nested + 1)
            return
    if MARKUP.search(text):
        yield HiddenText(markup=text, beside=beside)
        return
    lines = tuple(line for part in text.splitlines() if (line := part.strip()))
    if sum(map(_is_paragraph, lines)) >= MIN_PARAGRAPHS:
        yield HiddenText(lines=lines, beside=beside)


def _decoded(text: str) -> str:
    """Return a string as a script decodes it, if it is percent-encoded (`unescape`, `decodeURIComponent`) or in base64 (`atob`)."""
    if "<" in text or " " in text:
        return text
    if text.count("%") * MAX_CHARS_PER_PERCENT >= len(text):
        return unquote(UNICODE_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    if BASE64.fullmatch(text):
        try:
            return b64decode(text).decode()
        except ValueError:  # other data in base64, or no base64
            return text
    return text


def _in_json(value: Any, nested: int = 0) -> Iterator[HiddenText]:
    """Yield the long strings of a JSON value, and the lists whose items are paragraphs."""
    left = [MAX_VALUES]

    def walk(one: Any, beside: Beside, depth: int) -> Iterator[HiddenText]:
        left[0] -= 1
        if depth > MAX_DEPTH or left[0] < 0:
            return
        if isinstance(one, str):
            if len(one) >= MIN_ARTICLE_CHARS:
                yield from _of_string(one, beside, nested)
        elif isinstance(one, dict):
            short = (text for text in one.values() if isinstance(text, str) and 0 < len(text) <= MAX_TITLE_CHARS)
            headline = next((text for key in TITLE_KEYS if isinstance(text := one.get(key), str)), "")
            here = Beside(tuple(islice(short, MAX_BESIDE)), headline, beside)
            for inner in one.values():
                yield from walk(inner, here, depth + 1)
        elif isinstance(one, list):
            lines = tuple(_paragraphs(one))
            if sum(map(_is_paragraph, lines)) >= MIN_PARAGRAPHS and not _lists_pages(one):
                yield HiddenText(lines=lines, beside=Beside(around=beside))
            for inner in one:
                yield from walk(inner, Beside(around=beside), depth + 1)

    yield from walk(value, ALONE, 0)


def _lists_pages(items: list[Any]) -> bool:
    """Return whether most items of a list have an address or a date each: they are articles, and not paragraphs."""
    pages = sum(isinstance(item, dict) and not PAGE_KEYS.isdisjoint(item) for item in items)
    return pages > len(items) / 2


def _paragraphs(items: list[Any]) -> Iterator[str]:
    """Yield the texts of blocks: of each item the lines of its rich text, or the longest string in it, if that is a text."""
    for item in items:
        for line in rich_text.lines(item):
            text = replace_surrogates(line).strip()
            if text and not ADDRESS.search(text):
                yield text


def _is_paragraph(line: str) -> bool:
    return len(line) >= MIN_PROSE_CHARS and SENTENCE.search(line) is not None


def _in_rows(stream: str) -> Iterator[HiddenText]:
    """Yield the texts of React's server components: rows of JSON, and rows of text with their length before them."""
    data, at, markup = stream.encode("utf-8", "replace"), 0, []
    while found := ROW.search(data, at):
        if found[2] is not None:
            end = found.end() + int(found[2], 16)
            yield from _of_string(data[found.end() : end].decode("utf-8", "replace"))
        else:
            end = data.find(b"\n", found.end())
            end = end if end >= 0 else len(data)
            value = _json(data[found.end() : end].decode("utf-8", "replace"))
            if value is not None:
                yield from _in_json(value)
                markup.append("".join(_rendered(value, 0)))
        at = max(end, found.end())
    whole = "".join(markup)
    if MARKUP.search(whole):
        yield HiddenText(markup=whole)


def _rendered(value: Any, depth: int) -> Iterator[str]:
    """Yield the HTML of a React element: ["$", tag, key, {children …}]."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, str):
        if not value.startswith("$"):
            yield escape(value, quote=False)
    elif isinstance(value, list):
        if len(value) == 4 and value[0] == "$" and isinstance(value[1], str):  # noqa: PLR2004 - see above
            properties = value[3] if isinstance(value[3], dict) else {}
            tag = value[1] if ELEMENT_NAME.fullmatch(value[1]) else "div"
            if tag in SILENT:
                return
            inner = properties.get("dangerouslySetInnerHTML")
            yield f"<{tag}>"
            if isinstance(inner, dict) and isinstance(inner.get("__html"), str):
                yield inner["__html"]
            yield from _rendered(properties.get("children"), depth + 1)
            yield f"</{tag}>"
        else:
            for one in value:
                yield from _rendered(one, depth + 1)
