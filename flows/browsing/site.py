"""The site of `irtysh browse`: a plugin of Datasette with Irtysh's pages, search and guards.

Pages have no scripts, and their policy forbids the browser to load anything from elsewhere.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from datasette import hookimpl
from datasette.app import Datasette
from datasette.filters import FilterArguments
from datasette.utils.asgi import Base400, Request, Response
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from articles.errors import InputError, IrtyshError
from flows.browsing import article_data, search
from flows.browsing.csv_answers import sending_harmless_cells
from flows.browsing.stored_page import StoredPages
from flows.display import pages
from flows.display.history_page import side_rows
from flows.display.history_text import remarks
from storage.export.selection import SCHEMA

NAME = "corpus"  # of the database, in addresses: /corpus/documents
TEMPLATES = Path(__file__).parent / "templates"
LOGGER = logging.getLogger(__name__)
NO_STORE = "the file has no captures: only the store has; `irtysh browse latest --store STORE` shows them"
QUERY = "_q"  # parameter of a search
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-dns-prefetch-control", b"off"),
)
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
FACET_NAMES = {
    "outlet": "Outlet",
    "lang": "Language",
    "year": "Year",
    "link_kinds": "Kind of link",
    "representative": "One of each cluster",
    "kind": "Kind",
    "rule": "Rule",
    "reason": "Reason",
}
LISTS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {  # table: its name, what it lists, settings of Datasette
    "documents": (
        "Documents",
        "The newest text of each document.",
        {
            "facets": ["outlet", "lang", "year", {"array": "link_kinds"}, "representative"],
            "sort_desc": "published_date",
            "size": 25,
        },
    ),
    "links": ("Links", "Duplicates, translations and other relations of two documents.", {"facets": ["kind"]}),
    "versions": ("Versions", "The texts of documents that changed.", {}),
    "edits": ("Edits", "What changed between two versions.", {"facets": ["kind"]}),
    "sentences": ("Sentences", "Sentences of translations and rewrites, aligned.", {"facets": ["kind"]}),
    "removals": (
        "Removed blocks",
        "What cleaning removed from pages, and by which rule.",
        {"facets": ["rule", "outlet"]},
    ),
    "rejections": ("Rejections", "URLs that became no document, and why.", {"facets": ["reason", "outlet"]}),
}
METADATA = {
    "databases": {
        NAME: {
            "tables": {
                **{
                    name: {"title": title, "description": about, **more} for name, (title, about, more) in LISTS.items()
                },
                "about": {"hidden": True},
                "sqlite_stat1": {"hidden": True},
            }
        }
    }
}
SETTINGS = {
    "suggest_facets": False,
    "facet_time_limit_ms": 3_000,
    "sql_time_limit_ms": 10_000,
    "max_csv_mb": 0,
    "num_sql_threads": 3,
}
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class BrowsePlugin:
    """Hooks of Datasette. `local`: answer only requests to this machine's own names, so that no other site can ask."""

    __name__ = "irtysh"

    def __init__(self, captures: StoredPages | None, *, local: bool) -> None:
        self._captures = captures
        self._local = local

    @hookimpl
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """Add the templates that all pages of Irtysh share."""
        shared = FileSystemLoader(pages.TEMPLATES)
        env.loader = ChoiceLoader([env.loader, shared]) if env.loader else shared
        env.trim_blocks = env.lstrip_blocks = True
        env.filters["from_json"] = json.loads

    @hookimpl
    def register_routes(self) -> list[tuple[str, Any]]:
        """Return the pages that Datasette has not."""
        return [
            (r"^/$", _home),
            (r"^/-/compare/(?P<document>[^/]+)$", _compare),
            (r"^/-/capture/(?P<id>\d+)$", self._capture),
            (r"^/-/explain/(?P<id>\d+)$", self._explain),
        ]

    @hookimpl
    def filters_from_request(self, request: Request, table: str) -> FilterArguments | None:
        """Search: all words of `_q` occur in title or text."""
        query = request.args.get(QUERY, "").strip()
        if not query or table != "documents":
            return None
        found = search.condition(query)
        return FilterArguments(found.clauses, found.values, [f"with “{query}”"])

    @hookimpl
    def extra_template_vars(
        self, request: Request | None, table: str | None, view_name: str, datasette: Datasette
    ) -> Any:
        """Return what the templates need beside Datasette's own variables."""

        async def variables() -> dict[str, Any]:
            database = datasette.get_database(NAME)
            about = await database.execute("SELECT name, value FROM about")
            found = {
                "about": dict(tuple(row) for row in about.rows),
                "lists": LISTS,
                "facet_names": FACET_NAMES,
                "query_text": request.args.get(QUERY, "").strip() if request else "",
                "snippet": search.snippet,
                "kept": _kept(request),
                "csv_query": _csv_query(request),
                "web": web_address,
                "has_captures": self._captures is not None,
            }
            if view_name == "row" and table == "documents" and request is not None:
                number = int(request.url_vars["pks"])
                found["article"] = await database.execute_fn(
                    lambda connection: article_data.article_data(connection, number)
                )
            return found

        return variables

    @hookimpl(tryfirst=True)
    def handle_exception(self, datasette: Datasette, request: Request, exception: Exception) -> Any:
        """Return the page of an error. Only unexpected ones are written to standard error."""

        async def answer() -> Response:
            status, text = _status_and_text(exception)
            if status == HTTPStatus.INTERNAL_SERVER_ERROR:
                LOGGER.error("%s", request.path, exc_info=exception)
            if request.path.endswith(".json"):
                return Response.json({"ok": False, "error": text, "status": status}, status=status)
            values = {"error": text, "status": status}
            return Response.html(await datasette.render_template("error.html", values, request), status=status)

        return answer

    @hookimpl
    def asgi_wrapper(self) -> Callable[[Asgi], Asgi]:
        """Add the headers of all answers, and refuse requests that name another host."""
        return self._guarded

    def _guarded(self, app: Asgi) -> Asgi:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            async def send_with_headers(event: Any) -> None:
                if event["type"] == "http.response.start":
                    event = {**event, "headers": [*event.get("headers", ()), *HEADERS]}
                await send(event)

            if scope["type"] == "http" and self._local and _host(scope) not in LOOPBACK_NAMES:
                refused = (
                    "This site answers only to 127.0.0.1 and localhost. `irtysh browse --host` opens it to others.\n"
                )
                await Response.text(refused, status=403).asgi_send(send_with_headers)
            else:
                harmless = sending_harmless_cells(send_with_headers)
                await app(scope, receive, harmless if scope["type"] == "http" else send)

        return answer

    async def _capture(self, request: Request, datasette: Datasette) -> Response:
        row = await _document(request, datasette)
        if self._captures is None:
            raise InputError(NO_STORE)
        page = await asyncio.to_thread(self._captures.read, row)
        if request.args.get("_dl"):
            name = f"capture-{row['document_id']}.html"
            headers = {"content-disposition": f'attachment; filename="{name}"'}
            return Response(page.body, headers=headers, content_type="application/octet-stream")
        return Response.html(await datasette.render_template("capture.html", {"page": page, "row": row}, request))

    async def _explain(self, request: Request, datasette: Datasette) -> Response:
        row = await _document(request, datasette)
        if self._captures is None:
            raise InputError(NO_STORE)
        return Response.html(await asyncio.to_thread(self._captures.explain, row))


def _status_and_text(exception: Exception) -> tuple[int, str]:
    """Return the HTTP status and the text of an error."""
    if isinstance(exception, DatasetteError):
        return exception.status, str(exception.message)
    if isinstance(exception, Base400):
        return exception.status, str(exception)
    if isinstance(exception, IrtyshError):
        return HTTPStatus.NOT_FOUND, str(exception)
    return HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(exception).__name__}: {exception}"


async def _home() -> Response:
    return Response.redirect(f"/{NAME}/documents")


async def _compare(request: Request, datasette: Datasette) -> Response:
    """Show two versions of a document side by side: by default the newest text, and the one before."""
    document_id = request.url_vars["document"]
    database = datasette.get_database(NAME)
    numbers = await database.execute_fn(lambda connection: article_data.versions_with_text(connection, document_id))
    new = _number(request.args.get("to"), numbers[-1] if numbers else 0)
    old = _number(request.args.get("from"), max((number for number in numbers if number < new), default=0))

    def read(connection: sqlite3.Connection) -> Any:
        return article_data.compare(connection, document_id, old, new)

    step = await database.execute_fn(read)
    rows = await database.execute("SELECT id FROM documents WHERE document_id = ? ORDER BY version DESC", [document_id])
    values = {
        "document_id": document_id,
        "number": rows.rows[0]["id"] if rows.rows else 0,
        "numbers": numbers,
        "old": old,
        "new": new,
        "step": step,
        "rows": side_rows(step),
        "remarks": remarks(step),
    }
    return Response.html(await datasette.render_template("compare.html", values, request))


async def _document(request: Request, datasette: Datasette) -> Mapping[str, Any]:
    """Return the row of a document. NotFound if there is none."""
    found = await datasette.get_database(NAME).execute("SELECT * FROM documents WHERE id = ?", [request.url_vars["id"]])
    if not found.rows:
        raise InputError("there is no such document")
    return {name: found.rows[0][name] for name in SCHEMA.names if name in found.rows[0].keys()}  # noqa: SIM118  a Row


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


def _kept(request: Request | None) -> list[tuple[str, str]]:
    """Return the parameters of a list that a new search keeps: the filters."""
    if request is None:
        return []
    left_out = {QUERY, "_next", "_labels"}
    return [(name, value) for name in request.args for value in request.args.getlist(name) if name not in left_out]


def _csv_query(request: Request | None) -> str:
    """Return the parameters of a list as CSV: all rows, as a file."""
    asked = [] if request is None else [*_kept(request), (QUERY, request.args.get(QUERY, ""))]
    asked = [(name, value) for name, value in asked if value and not name.startswith("_facet")]
    return urlencode([*asked, ("_stream", "on"), ("_dl", "on")])


def web_address(url: str) -> str:
    """Return a URL that is safe to link to, or nothing."""
    return url if url.lower().startswith(("http://", "https://")) else ""


def _host(scope: Mapping[str, Any]) -> str:
    named = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return urlsplit(f"//{named}").hostname or ""
