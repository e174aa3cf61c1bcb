"""Serve the SQLite file of a pull to a browser, on this machine only unless the host says otherwise."""

import ipaddress
import logging
import socket
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from articles.errors import InputError, UsageError
from storage.export.sqlite_details import LAYOUT
from storage.objects import ObjectStore

FILE_NAME = "corpus.sqlite"  # Datasette names the database after it
STOP_SECONDS = 2  # for answers that are under way


def check_file(path: Path) -> None:
    """Check that a file is a database that this version of Irtysh can show. InputError if it is not."""
    if not path.is_file():
        raise InputError(f"there is no file {path}; `irtysh pull latest {path}` writes it")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT value FROM about WHERE name = 'layout'").fetchone()
    except sqlite3.DatabaseError:
        found = None
    if found is None or found[0] != str(LAYOUT):
        raise InputError(f"{path} is no SQLite file of this version's `irtysh pull`; pull it again")


def serve(path: Path, host: str, port: int, store: ObjectStore | None, started: Callable[[str], None]) -> None:
    """Serve a database until an interruption. `started` gets the address. With a `store`, pages link to captures.

    Raises UsageError if the extra `browse` is not installed, InputError if the port cannot be used.
    """
    try:
        import uvicorn  # noqa: PLC0415  an extra
    except ImportError as error:
        raise UsageError(
            "browsing needs an extra that is not installed; `pip install 'irtysh[browse]'` installs it"
        ) from error
    with tempfile.TemporaryDirectory(prefix="irtysh-browse-") as folder, _listening(host, port) as listening:
        link = Path(folder) / FILE_NAME
        link.symlink_to(path.resolve())
        number = listening.getsockname()[1]
        config = uvicorn.Config(
            application(link, store, local=_is_loopback(host)),
            log_level=logging.ERROR,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        shown = f"[{host}]" if ":" in host else host
        started(f"http://{shown}:{number}/")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:  # the way to end it
            return


def application(path: Path, store: ObjectStore | None, *, local: bool) -> Any:
    """Return the ASGI application that shows a database."""
    from datasette.app import Datasette  # noqa: PLC0415  an extra
    from datasette.plugins import pm  # noqa: PLC0415

    from flows.browsing.site import METADATA, SETTINGS, TEMPLATES, BrowsePlugin  # noqa: PLC0415
    from flows.browsing.stored_page import StoredPages  # noqa: PLC0415

    plugin = BrowsePlugin(StoredPages(store) if store is not None else None, local=local)
    pm.unregister(name="datasette.handle_exception")  # it prints a traceback for each page that is not found
    pm.register(plugin, name=BrowsePlugin.__name__)
    shown = Datasette(
        [],
        immutables=[str(path)],
        metadata=METADATA,
        settings=SETTINGS,
        template_dir=str(TEMPLATES),
    )
    return shown.app()


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens. InputError if the address cannot be used."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot listen on {host} port {port}: {reason}; --port names another one") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
