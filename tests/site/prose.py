"""Read the articles' files `prose/<outlet>/<slug>.txt`. The format:

    title: Wagons move again at the border        keys: see `Article`; some may be repeated
    comment: Aliya | I waited there for two days.
    also: 2 | How the queue began                 a "read also" line after the second block
    <blank line>
    A paragraph. It may contain a [link](https://…) and *stress*.

    ## A subhead
    > A quotation set apart
    === original                                  the text below is in another language; keys follow, then a blank line

`body: outlet/slug` uses the text of another article (`outlet/slug#original`: of its original; `a + b`: of both). The text
can be changed with `replace: old => new`, `drop: n` (remove n paragraphs at the end) and `opening: words` (insert before the
first paragraph). `quotes: straight` replaces curly quotation marks. Other keys are for the templates (`lead: twice`,
`charset: …`) or for the manifest (`topic: off`, `fate: paywalled`, `copy_of: …`).
"""

import html
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from tests.site.editions import DELETED, EDITS

FOLDER: Final = Path(__file__).parent / "prose"
LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
STRESS: Final = re.compile(r"\*([^*\s][^*]*)\*")
REPEATED_KEYS: Final = {
    "author",
    "tag",
    "comment",
    "also",
    "caption",
    "translator",
    "editor",
    "teaser",
    "replace",
    "leak",
    "ad",
}
BORROWED_KEYS: Final = {"title", "lang", "published", "topic", "note"}
STRAIGHT_QUOTES: Final = str.maketrans("“”‘’«»", '""\'\'""')


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`p`), subhead (`h`) or quotation (`q`) with its marks."""

    kind: str
    source: str

    @property
    def text(self) -> str:
        """The visible text."""
        return STRESS.sub(r"\1", LINK.sub(r"\1", self.source))

    @property
    def html(self) -> str:
        escaped = html.escape(self.source, quote=False)
        return STRESS.sub(r"<em>\1</em>", LINK.sub(r'<a href="\2">\1</a>', escaped))


@dataclass(frozen=True, slots=True)
class Article:
    """An article in one language, with all keys of its file. Missing keys are empty."""

    outlet: str
    slug: str
    keys: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    blocks: tuple[Block, ...]
    original: "Article | None" = None

    def __getitem__(self, key: str) -> str:
        return self.keys.get(key, "")

    def all(self, key: str) -> tuple[str, ...]:
        """Return the values of a repeated key."""
        return self.lists.get(key, ())

    def parts(self, key: str) -> list[tuple[str, str]]:
        """Return the values of a repeated key as pairs, split at the first ` | `."""
        return [(first.strip(), second.strip()) for first, _, second in (v.partition("|") for v in self.all(key))]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks)


def parse(outlet: str, slug: str, text: str) -> Article:
    """Parse the text of a file. ValueError for a key without a value."""
    front, _, back = text.partition("\n=== original\n")
    head, _, body = front.partition("\n\n")
    keys: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for line in head.splitlines():
        key, colon, value = line.partition(": ")
        if not colon:
            raise ValueError(f"{outlet}/{slug}: {line!r} is not 'key: value'")
        if key in REPEATED_KEYS:
            lists.setdefault(key, []).append(value.strip())
        else:
            keys[key] = value.strip()
    blocks = tuple(block(part) for part in body.split("\n\n") if part.strip())
    fixed = {key: tuple(values) for key, values in lists.items()}
    return Article(outlet, slug, keys, fixed, blocks, parse(outlet, slug, back) if back else None)


def block(part: str) -> Block:
    text = " ".join(part.split())
    for mark, kind in (("## ", "h"), ("> ", "q")):
        if text.startswith(mark):
            return Block(kind, text.removeprefix(mark))
    return Block("p", text)


@cache
def article(outlet: str, slug: str, edition: int = 1) -> Article:
    """Return an article in an edition. FileNotFoundError if there is none."""
    made = borrow(from_file(outlet, slug, edition), edition)
    if made["quotes"] != "straight":
        return made
    return replace(
        made, blocks=tuple(replace(block, source=block.source.translate(STRAIGHT_QUOTES)) for block in made.blocks)
    )


@cache
def from_file(outlet: str, slug: str, edition: int) -> Article:
    """Return the article of a file, with the edits of the edition."""
    text = (FOLDER / outlet / f"{slug}.txt").read_text("utf-8")
    for edit in EDITS.get((outlet, slug), ()) if edition > 1 else ():
        if text.count(edit.old) != 1:
            raise ValueError(f"{outlet}/{slug}: {edit.old!r} must occur exactly once")
        text = text.replace(edit.old, edit.new)
    return parse(outlet, slug, text)


def borrow(made: Article, edition: int) -> Article:
    """Return an article with the text that it borrows from others, changed as its keys say."""
    if not made["body"]:
        return made
    lenders = [find_lender(source, edition) for source in made["body"].split(" + ")]
    lender = lenders[0]
    blocks = tuple(block for one in lenders for block in one.blocks)
    blocks = blocks[: len(blocks) - int(made["drop"] or 0)]
    for change in made.all("replace"):
        old, _, new = change.partition(" => ")
        if not any(old in block.source for block in blocks):
            raise ValueError(f"{made.outlet}/{made.slug}: {old!r} is not in {made['body']}")
        blocks = tuple(replace(block, source=block.source.replace(old, new)) for block in blocks)
    if made["opening"]:
        blocks = (replace(blocks[0], source=f"{made['opening']} {blocks[0].source}"), *blocks[1:])
    keys = {key: value for key, value in lender.keys.items() if key in BORROWED_KEYS} | made.keys
    authors = {"author": lender.all("author")} if lender.all("author") else {}
    return replace(made, keys=keys, lists=authors | made.lists, blocks=blocks)


def find_lender(source: str, edition: int) -> Article:
    """Return the article `outlet/slug`, or for `outlet/slug#original` its original."""
    name, _, part = source.partition("#")
    outlet, _, slug = name.partition("/")
    lender = from_file(outlet, slug, edition)
    return lender.original if part and lender.original else lender


@cache
def articles(outlet: str, edition: int = 1) -> tuple[Article, ...]:
    """Return an outlet's articles, the newest first, without those that the edition deletes."""
    files = sorted((FOLDER / outlet).glob("*.txt"))
    found = [article(outlet, file.stem, edition) for file in files]
    kept = [made for made in found if edition == 1 or (outlet, made.slug) not in DELETED]
    return tuple(sorted(kept, key=lambda made: (made["published"], made.slug), reverse=True))
