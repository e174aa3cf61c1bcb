"""Settings from `irtysh.toml`, in this folder or the home folder, as defaults of the command line's options.

A setting reaches the commands as the environment variable that its option reads. Options come before variables, variables
before the file.
"""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from articles.errors import InputError

FILE_NAME = "irtysh.toml"
COMMON_CRAWL = "https://data.commoncrawl.org/"  # default of --common-crawl
VARIABLES = {
    "store": "IRTYSH_STORE",
    "contact": "IRTYSH_CONTACT",
    "topic": "IRTYSH_TOPIC",
    "outlets": "IRTYSH_OUTLETS",
    "log_format": "IRTYSH_LOG_FORMAT",
    "metrics_file": "IRTYSH_METRICS_FILE",
    "traces": "IRTYSH_TRACES",
}
MAX_FILE_BYTES = 8 << 10  # the file has a handful of lines; a key of many dots takes quadratic time
MAX_SHOWN_CHARS = 100  # of a key in a message

_applied: set[str] = set()  # settings of the file whose variables are set now


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of a setting, and where it comes from; both empty if it is not set."""

    name: str
    value: str
    origin: str


def settings_file() -> Path | None:
    """Return the file that applies: that of this folder, or else that of the home folder; None if there is none."""
    return next((path for path in (Path(FILE_NAME), Path.home() / FILE_NAME) if path.is_file()), None)


def settings() -> list[Setting]:
    """Return all settings. InputError names the file, and the key or line that is wrong."""
    path = settings_file()
    stated = read(path) if path else {}
    found = []
    for name, variable in VARIABLES.items():
        if os.environ.get(variable) and name not in _applied:
            found.append(Setting(name, os.environ[variable], variable))
        else:
            found.append(Setting(name, stated.get(name, ""), str(path) if name in stated else ""))
    return found


def read(path: Path) -> dict[str, str]:
    """Return the settings of a file; relative paths in it are those of its folder."""
    try:
        stated = tomllib.loads(_text_of(path))
    except (
        OSError,
        ValueError,
        RecursionError,
    ) as error:  # ValueError: not UTF-8, not TOML, or a number of many digits
        raise InputError(f"cannot read {path}: {error}") from error
    for key, value in stated.items():
        name = key[:MAX_SHOWN_CHARS]
        if key not in VARIABLES:
            near = get_close_matches(name, VARIABLES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it may hold {', '.join(VARIABLES)}"
            raise InputError(f"{path}: {name} is no known setting; {hint}")
        if not isinstance(value, str):
            raise InputError(f'{path}: {name} must be a text in quotes, as in {name} = "…"')
        if not value.isprintable():
            raise InputError(f"{path}: {name} has a control character or a line break, which no setting has")
    return {name: _anchored(name, value, path) for name, value in stated.items()}


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{path} has over {MAX_FILE_BYTES >> 10} kB, which no file of settings needs")
    return data.decode()


@contextmanager
def applied() -> Iterator[None]:
    """Set the variables of the file's settings while a command runs."""
    path = settings_file()
    stated = read(path) if path else {}
    added = [name for name in stated if not os.environ.get(VARIABLES[name])]
    os.environ.update({VARIABLES[name]: stated[name] for name in added})
    _applied.update(added)
    try:
        yield
    finally:
        _applied.difference_update(added)
        for name in added:
            os.environ.pop(VARIABLES[name], None)


def _anchored(name: str, value: str, path: Path) -> str:
    is_path = name in {"store", "outlets", "metrics_file"} or (name == "topic" and value.endswith((".yaml", ".yml")))
    return str(path.parent / value) if is_path and "://" not in value and value else value
