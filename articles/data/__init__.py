"""Phrases, words and names as data; read once a process."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load(name: str) -> Any:
    """Return the parsed file `<name>.yaml`."""
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_bytes())
