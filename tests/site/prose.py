"""The articles as files: `prose/<outlet>/<slug>.txt`, one format for a reader and for the program.

    title: Wagons move again at the border        keys: see `Article`; some may be repeated
    comment: Aliya | I waited there for two days.
    also: 2 | How the queue began                 a "read also" line after the second block
    <blank line>
    A paragraph. It may hold a [link](https://…) and *stress*.

    ## A subhead
    > A quotation set apart
    === original                                  the text below is in another language; keys follow, then a blank line

`body: outlet/slug` takes the text of another article (`outlet/slug#original`: that of its original; `a + b`: of both), to
be changed by `replace: old => new`, `drop: n` (paragraphs at the end) and `opening: words` (before the first paragraph).
`quotes: straight` flattens quotation marks. Any other key is for the templates (`lead: twice`, `charset: …`) or for the
manifest (`topic: off`, `fate: paywalled`, `copy_of: …`).
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
MANY: Final = {"author", "tag", "comment", "also", "caption", "translator", "editor", "teaser", "replace", "leak", "ad"}
LENT: Final = {"title", "lang", "published", "topic", "note"}
STRAIGHT: Final = str.maketrans("“”‘’«»", '""\'\'""')


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`p`), subhead (`h`) or quotation (`q`) as written, marks included."""

    kind: str
    source: str

    @property
    def text(self) -> str:
        """What a reader sees."""
        return STRESS.sub(r"\1", LINK.sub(r"\1", self.source))

    @property
    def html(self) -> str:
        escaped = html.escape(self.source, quote=False)
        return STRESS.sub(r"<em>\1</em>", LINK.sub(r'<a href="\2">\1</a>', escaped))


@dataclass(frozen=True, slots=True)
class Article:
    """One text of a page in one language, with all that its file says. Absent keys are empty."""

    outlet: str
    slug: str
    keys: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    blocks: tuple[Block, ...]
    original: "Article | None" = None

    def __getitem__(self, key: str) -> str:
        return self.keys.get(key, "")

    def all(self, key: str) -> tuple[str, ...]:
        """Return the values of a key that may be repeated."""
        return self.lists.get(key, ())

    def parts(self, key: str) -> list[tuple[str, str]]:
        """Return such values as pairs, split at the first ` | `."""
        return [(first.strip(), second.strip()) for first, _, second in (v.partition("|") for v in self.all(key))]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks)


def parse(outlet: str, slug: str, text: str) -> Article:
    """Return the article that a file's text tells; ValueError for a key without a value."""
    front, _, back = text.partition("\n=== original\n")
    head, _, body = front.partition("\n\n")
    keys: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for line in head.splitlines():
        key, colon, value = line.partition(": ")
        if not colon:
            raise ValueError(f"{outlet}/{slug}: {line!r} is no 'key: value'")
        if key in MANY:
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
    """Return an article as it stands in an edition; FileNotFoundError if there is none."""
    made = borrow(stated(outlet, slug, edition), edition)
    if made["quotes"] != "straight":
        return made
    return replace(made, blocks=tuple(replace(block, source=block.source.translate(STRAIGHT)) for block in made.blocks))


@cache
def stated(outlet: str, slug: str, edition: int) -> Article:
    """Return an article as its file has it, with the edits of its edition."""
    text = (FOLDER / outlet / f"{slug}.txt").read_text("utf-8")
    for edit in EDITS.get((outlet, slug), ()) if edition > 1 else ():
        if text.count(edit.old) != 1:
            raise ValueError(f"{outlet}/{slug}: {edit.old!r} must stand there once")
        text = text.replace(edit.old, edit.new)
    return parse(outlet, slug, text)


def borrow(made: Article, edition: int) -> Article:
    """Return an article with the text that it takes from another, changed as its keys say."""
    if not made["body"]:
        return made
    lenders = [lent(source, edition) for source in made["body"].split(" + ")]
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
    keys = {key: value for key, value in lender.keys.items() if key in LENT} | made.keys
    authors = {"author": lender.all("author")} if lender.all("author") else {}
    return replace(made, keys=keys, lists=authors | made.lists, blocks=blocks)


def lent(source: str, edition: int) -> Article:
    """Return the article that `outlet/slug` names, or its original for `outlet/slug#original`."""
    name, _, part = source.partition("#")
    outlet, _, slug = name.partition("/")
    lender = stated(outlet, slug, edition)
    return lender.original if part and lender.original else lender


@cache
def articles(outlet: str, edition: int = 1) -> tuple[Article, ...]:
    """Return an outlet's articles, newest first; those that an edition has deleted are left out."""
    files = sorted((FOLDER / outlet).glob("*.txt"))
    found = [article(outlet, file.stem, edition) for file in files]
    kept = [made for made in found if edition == 1 or (outlet, made.slug) not in DELETED]
    return tuple(sorted(kept, key=lambda made: (made["published"], made.slug), reverse=True))
