"""Rules about the code as a whole that no linter checks."""

import ast
import tomllib
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("articles", "spiders", "storage", "flows")
MAX_LINES = 360  # of a file: about 300 is the aim, and the longest ones are one class or one table


def sources() -> list[Path]:
    return sorted([ROOT / "irtysh.py", *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))])


@pytest.mark.parametrize("package", [*PACKAGES, "irtysh"])
def test_the_packages_come_from_this_checkout(package: str):
    assert Path(import_module(package).__file__ or "").is_relative_to(ROOT)


def test_a_class_name_stands_in_one_file_only():
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources():
        if path.parent.name == "outlets" and path.parent.parent.name == "spiders":
            continue  # one class an outlet, named after it
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_the_wheel_holds_the_packages_and_the_public_face():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shipped = about["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert sorted(shipped) == sorted([*PACKAGES, "irtysh.py"])


def test_no_package_imports_the_public_face():
    """`irtysh.py` lies above the packages. import-linter cannot hold it to that: it is a module, not a package."""
    importing = [
        str(path.relative_to(ROOT))
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name == "irtysh" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "irtysh")
    ]
    assert importing == []


def test_files_stay_short():
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}
