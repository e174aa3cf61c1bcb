"""Import web archives from files, folders, WACZ files, URLs and lists of Common Crawl's paths. One bad file never stops the others."""

import gzip
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit

from articles.counting import many
from articles.errors import InputError
from flows.downloads import download
from flows.listener import Listener
from flows.settings import COMMON_CRAWL
from spiders.fetching.url_lines import split_lines
from spiders.outlets import outlet_name
from storage.captures.importing import ImportReport, import_warc
from storage.captures.web_archives import FoundWarc, find_warcs
from storage.objects import ObjectStore

COMMON_CRAWL_BUCKET = "s3://commoncrawl/"
PATH_PREFIX = "crawl-data/"
LIST_SUFFIXES = (".paths", ".paths.gz", ".paths.txt")  # Common Crawl's own lists are named warc.paths.gz


@dataclass(slots=True)
class WebArchives:
    """Imports what a user names, and counts what could not be used."""

    store: ObjectStore
    listener: Listener
    topic: str
    software: str
    now: datetime
    extra_outlets: str = ""
    only: Collection[str] = ()  # outlets; pages of others are left out. Empty: all
    common_crawl: str = COMMON_CRAWL
    whole: bool = True  # whether everything could be imported
    used: int = 0  # files that held records
    unusable: list[InputError] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Import what one argument names."""
        for found in self._found(name):
            if isinstance(found, InputError):
                self._fail(found)
                continue
            try:
                self._import(found)
            except (InputError, OSError) as error:
                self._fail(error if isinstance(error, InputError) else InputError(f"cannot read {found.name}: {error}"))

    def _fail(self, error: InputError) -> None:
        self.whole = False
        self.unusable.append(error)
        self.listener.note("failed", str(error), detail=str(error))

    def _found(self, name: str) -> Iterator[FoundWarc | InputError]:
        path = Path(name)
        if url := self._url(name, path):
            yield from self._downloaded(url)
        elif path.name.lower().endswith(LIST_SUFFIXES):
            yield from self._listed(path, name)
        else:
            yield from find_warcs(path)

    def _url(self, name: str, path: Path) -> str:
        """Return the URL that a name stands for; empty for a file."""
        if name.lower().startswith(("http://", "https://")):
            return name
        if name.startswith(COMMON_CRAWL_BUCKET):
            return urljoin(self.common_crawl, name.removeprefix(COMMON_CRAWL_BUCKET))
        return urljoin(self.common_crawl, name) if name.startswith(PATH_PREFIX) and not path.exists() else ""

    def _downloaded(self, url: str) -> Iterator[FoundWarc | InputError]:
        with tempfile.TemporaryDirectory(prefix="irtysh-download-") as folder:
            copy = Path(folder) / (PurePosixPath(urlsplit(url).path).name or "archive")
            try:
                download(url, copy, partial(self.listener.progress, f"downloading {copy.name}"))
            except InputError as error:
                yield error
                return
            if copy.name.lower().endswith(LIST_SUFFIXES):
                yield from self._listed(copy, url)
                return
            for found in find_warcs(copy):
                yield found if isinstance(found, InputError) else FoundWarc(found.path, url)

    def _listed(self, path: Path, name: str) -> Iterator[FoundWarc | InputError]:
        """Yield what a list of paths or URLs names, one a line."""
        try:
            with (gzip.open if path.name.endswith(".gz") else open)(path, "rt", encoding="utf-8") as stream:
                entries = [line.strip() for line in split_lines(stream) if line.strip() and not line.startswith("#")]
        except (OSError, EOFError, UnicodeDecodeError) as error:
            yield InputError(f"cannot read the list {name}: {error}")
            return
        self.listener.note("listed", f"{name}: {many(len(entries), 'archive')}", path=name, archives=len(entries))
        for entry in entries:
            if entry.lower().endswith(LIST_SUFFIXES):
                yield InputError(f"{name}: {entry} is a list in a list; name it itself")
            else:
                yield from self._found(entry)

    def _import(self, found: FoundWarc) -> None:
        size = found.path.stat().st_size if found.path.is_file() else None
        stage = f"importing {PurePosixPath(found.name).name}"
        imported = import_warc(
            found.path,
            self.store,
            outlet_of=self._outlet,
            topic=self.topic,
            software=self.software,
            now=self.now,
            progress=lambda offset: self.listener.progress(stage, offset, size),
            name=found.name,
            wanted=self._is_wanted if self.only else None,
        )
        self.used += 1
        self._report(found.name, imported)

    def _report(self, name: str, imported: ImportReport) -> None:
        left_out = f"; {imported.left_out} of other outlets left out" if imported.left_out else ""
        known = "; all were imported before" if imported.captures and not imported.segments else ""
        self.listener.note(
            "imported",
            f"{name}: {many(imported.captures, 'capture')} of {many(len(imported.outlets), 'outlet')}{left_out}{known}",
            path=name,
            captures=imported.captures,
            segments=imported.segments,
            left_out=imported.left_out,
        )
        for url, why in imported.refused:
            self.listener.note("failed", f"{url}: {why}", url=url, detail=why)
        if imported.damage:
            self.listener.note("damaged", imported.damage, path=name)
        self.whole = self.whole and not imported.refused and not imported.damage

    def _outlet(self, url: str) -> str:
        """Return the outlet of a URL. InputError for a URL with a user name or password, which no corpus should contain."""
        if "@" in urlsplit(url).netloc:
            raise InputError("the URL contains a user name")
        return outlet_name(url, self.extra_outlets)

    def _is_wanted(self, outlet: str) -> bool:
        return outlet in self.only
