"""Names of layers (`storage.snapshots.layers`): where they lie, and which there are. Loads no Arrow."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any

from storage.objects import ObjectStore
from storage.tables.redactions import REDACTIONS_PREFIX

FETCHES_INDEX_PREFIX = "index/fetches/"  # of `flows.outlets.past_fetches`
LAYER_NAME = re.compile(r"(\d{20})-(\d{20})\.json")
CODE_DIGITS = 16


def code_digest(homes: Iterable[tuple[Traversable, Sequence[str]]], edition_of_format: int) -> str:
    """Return the SHA-256 of files of code and data."""
    digest = hashlib.sha256(str(edition_of_format).encode())
    for home, names in homes:
        for name in names:
            digest.update((home / name).read_bytes())
    return digest.hexdigest()


def edition(store: ObjectStore, code: str) -> str:
    """Return the name of the layers that hold now. Another version of the code, and each takedown, begin another edition."""
    takedowns = sum(1 for _ in store.list(REDACTIONS_PREFIX))
    return f"{code[:CODE_DIGITS]}-{takedowns}"


def layer_key(prefix: str, named: str, first: int, last: int) -> str:
    """Return the key of a layer of an edition."""
    return f"{prefix}{named}/{last:020}-{first:020}.json"


def spans(store: ObjectStore, prefix: str, named: str) -> list[tuple[int, int]]:
    """List the layers of an edition: the first and the last commit of each."""
    folder = f"{prefix}{named}/"
    matches = (LAYER_NAME.fullmatch(info.key.removeprefix(folder)) for info in store.list(folder))
    return [(int(match[2]), int(match[1])) for match in matches if match]


def names_its_span(about: Mapping[str, Any], span: tuple[int, int]) -> bool:
    """Whether the description of a layer is that of this span of commits: not one that was swapped or copied."""
    return (about.get("first"), about.get("last")) == span
