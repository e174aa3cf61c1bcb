"""Name the place that cannot be written, whichever library finds the disk full or forbidden."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from articles.errors import DeniedError, StoreError
from storage.objects.base import DENIED_ERRNOS


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn errors of the disk into a StoreError, or into a DeniedError if writing is not allowed, that names the place."""
    try:
        yield
    except OSError as error:
        kind = DeniedError if error.errno in DENIED_ERRNOS else StoreError
        raise kind(f"cannot write {place}: {error.strerror or error}") from error
    except sqlite3.OperationalError as error:  # "database or disk is full"
        raise StoreError(f"cannot write {place}: {error}") from error
