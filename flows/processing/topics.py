"""Topics that captures name: `any`, a built-in topic by its name, or a user's file by the SHA-256 of its content."""

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from articles.errors import CorruptError, InputError, MissingError
from articles.topics.builtin_files import builtin_names, checked_name
from storage.objects import ObjectStore, put_once
from storage.objects.json_objects import get_bounded

if TYPE_CHECKING:
    from articles.topics.topic import Topic

ENDINGS = (".yaml", ".yml")  # of a topic's file
CONTENT_PREFIX = "sha256:"
HASH = re.compile("[0-9a-f]{1,64}")


def specify(store: ObjectStore, name: str) -> str:
    """Return the topic name to record in captures. A file is checked, and stored under the SHA-256 of its content.

    InputError names the file and the problem, or lists the built-in topics.
    """
    if not _is_file(name):
        return _builtin(name)
    from articles.topics import topic  # noqa: PLC0415  its schema takes 0.1 s

    text = _read(name)
    sha256 = topic.load(text, name).sha256
    put_once(store, _key(sha256), text.encode())
    return CONTENT_PREFIX + sha256


def load(name: str) -> "Topic":
    """Return a built-in topic, or the topic in a file. InputError names the file and the problem."""
    from articles.topics import topic  # noqa: PLC0415  as in `specify`

    return topic.load(_read(name), name) if _is_file(name) else topic.builtin(_builtin(name))


def _builtin(name: str) -> str:
    """Return the name of a built-in topic. InputError if there is none, also where a file's name lacks its ending."""
    if name not in builtin_names():
        for ending in ENDINGS:
            if Path(name + ending).is_file():
                raise InputError(f"no built-in topic {name!r}; for the file, say {name}{ending}")
    return checked_name(name)


class Topics:
    """Texts of the topic files that captures name, each read from the store once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._texts: dict[str, str] = {}

    def text(self, spec: str) -> str:
        """Return the text of a topic file, "" for a built-in topic. InputError if the store does not have the file."""
        if spec not in self._texts:
            self._texts[spec] = self._read(spec)
        return self._texts[spec]

    def _read(self, spec: str) -> str:
        if not spec.startswith(CONTENT_PREFIX):
            return ""
        sha256 = spec.removeprefix(CONTENT_PREFIX)
        if not HASH.fullmatch(sha256):
            raise InputError(f"captures name the topic {spec!r}, which is neither a built-in topic nor a stored file")
        key = _key(sha256)
        try:
            data = get_bounded(self._store, key)
        except MissingError as error:
            raise InputError(
                f"captures name the topic file {key}, which the store does not have; restore it from a copy of the store"
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise CorruptError(f"{key} is damaged: its bytes do not have the SHA-256 of its name")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise CorruptError(f"{key} is no text in UTF-8") from error


def _is_file(name: str) -> bool:
    return Path(name).suffix in ENDINGS or os.sep in name


def _read(name: str) -> str:
    from articles.topics.topic_file import MAX_FILE_CHARS  # noqa: PLC0415  as in `specify`

    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(MAX_FILE_CHARS + 1)  # a longer one is refused
    except OSError as error:
        raise InputError(f"cannot read the topic file {name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read the topic file {name}: it is not in UTF-8") from error


def _key(sha256: str) -> str:
    return f"topics/{sha256}.yaml"
