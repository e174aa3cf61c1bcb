"""Find the WARC files in what a user names: a file, a folder, or a WACZ (a ZIP file, as Browsertrix and ArchiveWeb.page write it)."""

import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from articles.errors import InputError

WARC_SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
ZIP_MAGIC = b"PK\x03\x04"
MAX_MEMBERS = 10_000  # WARC files of one WACZ; Browsertrix writes one for each GB
MAX_EXPANSION = 100  # unpacked bytes for a packed one, of a large member: pages compress to a twentieth at most
LARGE_BYTES = 100 << 20  # unpacked; a smaller member costs little, whatever its expansion
# What the decompressors of a ZIP file raise for damaged or encrypted members
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class FoundWarc:
    """A WARC file on disk, and its name for messages."""

    path: Path
    name: str


def find_warcs(path: Path) -> Iterator[FoundWarc | InputError]:
    """Yield the WARC files that a path holds, or the error of one that cannot be read. Those of a WACZ are unpacked one by one."""
    if path.is_dir():
        inside = sorted(one for one in path.rglob("*") if one.name.lower().endswith((*WARC_SUFFIXES, ".wacz")))
        if not inside:
            yield InputError(f"{path} holds no file named .warc, .warc.gz, .warc.zst or .wacz")
        for one in inside:
            if one.is_file():
                yield from find_warcs(one)
    elif _is_zip(path):
        yield from _unpacked(path)
    else:
        yield FoundWarc(path, str(path))


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(ZIP_MAGIC)) == ZIP_MAGIC
    except OSError:
        return False  # the import reports it


def _unpacked(path: Path) -> Iterator[FoundWarc | InputError]:
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        yield InputError(f"{path} is not a complete WACZ (ZIP) file: {error}; download it again")
        return
    with archive:
        members = [one for one in archive.infolist() if one.filename.lower().endswith(WARC_SUFFIXES)]
        if not members:
            yield InputError(f"{path} is a ZIP file without a WARC file in it; a WACZ has them in its folder archive/")
        if len(members) > MAX_MEMBERS:
            yield InputError(f"{path} holds {len(members)} WARC files; only the first {MAX_MEMBERS} are read")
        left = max(LARGE_BYTES, MAX_EXPANSION * path.stat().st_size)  # members can share their packed bytes
        for member in members[:MAX_MEMBERS]:
            name = f"{path}!{member.filename}"
            if member.file_size > max(LARGE_BYTES, MAX_EXPANSION * member.compress_size):
                yield InputError(
                    f"{name}: unpacks {member.compress_size} bytes to {member.file_size}; more than {MAX_EXPANSION} "
                    "times as many are not unpacked"
                )
                continue
            left -= member.file_size
            if left < 0:
                yield InputError(f"{name}: the ZIP file unpacks to too much in all; the rest of it is not read")
                return
            with tempfile.TemporaryDirectory(prefix="irtysh-wacz-") as folder:
                copy = Path(folder) / PurePosixPath(member.filename).name
                try:
                    with archive.open(member) as packed, copy.open("wb") as out:
                        shutil.copyfileobj(packed, out)
                except DAMAGE as error:
                    yield InputError(f"{name}: {error}")
                    continue
                yield FoundWarc(copy, name)
