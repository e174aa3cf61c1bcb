"""Phrases, words and names as YAML data. Each file is read once per process."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def load(name: str) -> Any:
    """Return the parsed content of `<name>.yaml`."""
    return yaml.safe_load(files(__name__).joinpath(f"{name}.yaml").read_bytes())
