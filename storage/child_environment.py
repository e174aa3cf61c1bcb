"""Environment of a child process that must run the same code as this process."""

import os
from pathlib import Path

import storage


def python_path() -> str:
    """Return a PYTHONPATH with the folder of our code first, whatever the current directory contains."""
    home = str(Path(storage.__file__).parents[1])
    return os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))


def child_environment() -> dict[str, str]:
    """Return the environment of this process with that PYTHONPATH."""
    return {**os.environ, "PYTHONPATH": python_path()}
