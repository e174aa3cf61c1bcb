"""The topics that captures name: `any`, a built-in one by its name, or a file of the user's by its content."""

import os
from pathlib import Path

from articles.errors import InputError, MissingError
from articles.topics import topic
from storage.objects import ObjectStore

BY_CONTENT = "sha256:"


def specify(store: ObjectStore, name: str) -> str:
    """Return what captures will name as their topic; a file is checked and kept in the store by its content.

    InputError names the file and what is wrong in it, or lists the built-in topics.
    """
    if not _is_file(name):
        topic.builtin(name)
        return name
    text = _read(name)
    sha256 = topic.load(text, name).sha256
    store.put(_key(sha256), text.encode())
    return BY_CONTENT + sha256


def load(name: str) -> topic.Topic:
    """Return a built-in topic or that of a file. InputError names the file and what is wrong in it."""
    return topic.load(_read(name), name) if _is_file(name) else topic.builtin(name)


class Topics:
    """The texts of the topics that captures name, each read from the store once."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._texts: dict[str, str] = {}

    def text(self, spec: str) -> str:
        """Return a topic file's text, "" for a built-in topic. InputError if the store has lost it."""
        if spec not in self._texts:
            self._texts[spec] = self._read(spec)
        return self._texts[spec]

    def _read(self, spec: str) -> str:
        if not spec.startswith(BY_CONTENT):
            return ""
        key = _key(spec.removeprefix(BY_CONTENT))
        try:
            return self._store.get(key).decode()
        except MissingError as error:
            raise InputError(f"captures name a topic file that the store does not have: {key}") from error


def _is_file(name: str) -> bool:
    return Path(name).suffix in {".yaml", ".yml"} or os.sep in name


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the topic file {name}: {error}") from error


def _key(sha256: str) -> str:
    return f"topics/{sha256}.yaml"
