"""Registry of the hostile resources, one for each fault, under host `hostile.example` or `/hostile/`.

Each is registered with what may come of it: acceptable reasons of rejection, none if it must become a document.
A resource is a function of a `Call` and returns an answer, or a script that mistreats the connection.
Resources that fail first and work later count by path and query: `/429?run=7` starts afresh.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from articles.model import Reason
from tests.site import bulk
from tests.site.wire import Answer, Request, Script

HTML: Final = ("Content-Type", "text/html; charset=utf-8")
SERIES: Final = "hostile"  # salt of the articles on hostile pages


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a hostile resource. `argument` is the part of the path after its name."""

    request: Request
    name: str
    argument: str
    base: str  # URL of the hostile root, without a slash at the end
    hit: int  # number of requests for this path and query, with this one

    @property
    def port(self) -> str:
        return self.request.host.rpartition(":")[2]

    @property
    def query(self) -> dict[str, str]:
        return self.request.query


@dataclass(frozen=True, slots=True)
class Resource:
    """A fault. `sample` is a path that shows it. Any of `reasons` is accepted, and a document if `document`."""

    name: str
    make: Callable[[Call], Answer | Script]
    reasons: frozenset[Reason]
    document: bool
    sample: str
    says: str
    slow: bool  # takes longer than a second, or a client's time limit, to end


RESOURCES: Final[dict[str, Resource]] = {}


def resource(
    name: str, *reasons: Reason, document: bool = False, sample: str = "", slow: bool = False
) -> Callable[[Callable[[Call], Answer | Script]], Callable[[Call], Answer | Script]]:
    """Register a function as the resource `/name`. Without reasons, it must become a document."""

    def register(make: Callable[[Call], Answer | Script]) -> Callable[[Call], Answer | Script]:
        says = (make.__doc__ or "").strip()
        RESOURCES[name] = Resource(
            name, make, frozenset(reasons), document or not reasons, sample or f"/{name}", says, slow
        )
        return make

    return register


def answer(request: Request, path: str, base: str, hit: int) -> Answer | Script:
    """Return the answer or script for a path of the hostile outlet, or 404 if no resource has its name."""
    name, _, argument = path.partition("?")[0].strip("/").partition("/")
    if name == "robots.txt":
        return Answer(200, [("Content-Type", "text/plain")], b"User-agent: *\nDisallow:\n")
    if name not in RESOURCES:
        return Answer(404, [HTML], b"<title>Not found</title><p>There is nothing here.</p>")
    return RESOURCES[name].make(Call(request, name, argument, base, hit))


def story(name: str, head: str = "", inside: str = "") -> str:
    """Return an ordinary page with the article of a name. `inside` is inserted in the middle of the text."""
    made = article_of(name)
    paragraphs = bulk.article_html(made).splitlines()
    half = len(paragraphs) // 2
    body = "\n".join([*paragraphs[:half], inside, *paragraphs[half:]])
    return (
        f'<!DOCTYPE html><html lang="{made.lang}"><head><meta charset="utf-8"><title>{made.title}</title>'
        f'<meta property="article:published_time" content="{made.published}">{head}</head><body><header>'
        f'<a href="/">Hostile</a></header><article><h1>{made.title}</h1>\n{body}\n</article>'
        "<footer>Reprints only with a link.</footer></body></html>"
    )


def article_of(name: str) -> bulk.BulkArticle:
    """Return the English article of the page with this name."""
    number = int.from_bytes(name.encode(), "big") % (bulk.MAX_PAGES // 20) * 20
    return bulk.article(number, SERIES + name)


def page(name: str, head: str = "", status: int = 200, inside: str = "") -> Answer:
    """Return an ordinary answer with the article of a name."""
    return Answer(status, [HTML], story(name, head, inside).encode())


def notice(title: str, text: str, status: int = 200, head: str = "") -> Answer:
    """Return a short page without an article."""
    return Answer(status, [HTML], f"<!doctype html><title>{title}</title>{head}<h1>{title}</h1><p>{text}</p>".encode())
