"""Deliver a pull to its destination: to the disk, to standard output, or into a bucket."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from articles.errors import UsageError
from storage.export.destination import Destination
from storage.export.pull import CHECKSUMS_FILE, MANIFEST_FILE, PullReport, pull
from storage.export.selection import Selection
from storage.objects import ObjectStore, open_store, put_file_once
from storage.tables.log_reader import LogReader

LAST_FILES = (CHECKSUMS_FILE, MANIFEST_FILE)  # with them a folder in a bucket is complete


def deliver(
    log: LogReader,
    number: int,
    dest: Destination,
    *,
    selection: Selection,
    since: int | None,
    progress: Callable[[int, int], None],
    header: bool = False,
) -> PullReport:
    """Write a snapshot to a destination. See `storage.export.pull.pull` for the errors.

    Into a bucket files are only created: an interrupted pull continues, and other files of the same names are refused.
    """

    def to(path: Path) -> PullReport:
        return pull(
            log,
            number,
            path,
            form=dest.form,
            selection=selection,
            since=since,
            progress=progress,
            one_file=dest.one_file,
            header=header,
        )

    if dest.path is not None:
        return to(dest.path)
    target = open_store(_folder_of(dest)) if dest.url else None  # a bucket that does not answer stops the pull now
    with tempfile.TemporaryDirectory(prefix="irtysh-pull-") as scratch:
        path = Path(scratch) / "pulled"
        report = to(path)
        if target is None:
            _print(path)
        elif dest.one_file:
            _create(target, PurePosixPath(dest.url).name, path)
        else:
            _upload(target, path)
    return replace(report, path=Path(dest.text))


def _folder_of(dest: Destination) -> str:
    url = dest.url.rstrip("/")
    return url.rpartition("/")[0] if dest.one_file else url


def _print(path: Path) -> None:
    """Copy a file to standard output. A reader that wants no more, such as `head`, is no error."""
    try:
        with path.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's own flush at exit is quiet


def _upload(target: ObjectStore, folder: Path) -> None:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    for name in [*(name for name in names if name not in LAST_FILES), *LAST_FILES]:
        _create(target, name, folder / name)


def _create(target: ObjectStore, name: str, path: Path) -> None:
    """Create an object from a file. The same object, from an interrupted pull, is left as it is."""
    if not put_file_once(target, name, path):
        raise UsageError(
            f"{target.url}/{name} exists with other content, and a pull into a bucket replaces nothing; choose another "
            "prefix, or delete what is there"
        )
