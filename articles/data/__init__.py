"""Phrases, words and names as YAML data. Each file is read once per process."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

# libyaml parses ten times as fast as PyYAML itself, and gives the same
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(name: str) -> Any:
    """Return the parsed content of `<name>.yaml`."""
    return yaml.load(files(__name__).joinpath(f"{name}.yaml").read_bytes(), Loader=YAML_LOADER)  # noqa: S506  a safe loader
