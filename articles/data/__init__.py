"""Phrases, words and names as YAML data. Each file is read once per process."""

from functools import cache
from importlib.resources import files
from typing import Any


@cache
def yaml_loader() -> Any:
    """Return the safe loader of YAML. libyaml parses ten times as fast as PyYAML itself, and gives the same."""
    import yaml  # noqa: PLC0415  takes 30 ms, and most commands read no data

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(name: str) -> Any:
    """Return the parsed content of `<name>.yaml`."""
    import yaml  # noqa: PLC0415  as above

    data = files(__name__).joinpath(f"{name}.yaml").read_bytes()
    return yaml.load(data, Loader=yaml_loader())  # noqa: S506  a safe loader
