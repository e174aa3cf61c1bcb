"""Phrases, words and names as data; read once a process."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import yaml


@cache
def load(name: str) -> Any:
    """Return the parsed file `<name>.yaml`."""
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_bytes())


@cache
def digest() -> str:
    """Return the SHA-256 of all data files, names and bytes, in order of name."""
    total = sha256()
    for entry in sorted(files(__name__).iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            total.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return total.hexdigest()
