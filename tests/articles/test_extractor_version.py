import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

import articles
from articles.extractor_version import MODULES, PACKAGES, extractor_version

SCRIPT = "from articles.extractor_version import extractor_version; print(extractor_version())"
HOME = Path(articles.__file__).parent


def version_in(folder: Path, seed: str = "1") -> str:
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(HOME, tmp_path / "articles", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_every_process_computes_the_same_version():
    assert {version_in(HOME.parent, seed) for seed in ("1", "2")} == {extractor_version()}


@pytest.mark.parametrize("changed", ["page/intake.py", "model.py", "links/spun.py", "topics/words.py"])
def test_a_change_of_code_changes_the_version(copy: Path, changed: str):
    with (copy / "articles" / changed).open("a") as file:
        file.write("\nADDED = 1\n")
    assert version_in(copy) != extractor_version()


def test_a_change_of_a_threshold_changes_the_version(copy: Path):
    path = copy / "articles" / "extract.py"
    path.write_text(path.read_text().replace("MIN_SHOWN_SHARE = 0.5", "MIN_SHOWN_SHARE = 0.6"))
    assert version_in(copy) != extractor_version()


def test_a_change_of_data_changes_the_version(copy: Path):
    path = copy / "articles" / "data" / "phrases.yaml"
    path.write_text(path.read_text() + "\nadded: [one]\n")
    assert version_in(copy) != extractor_version()


def test_comments_and_docstrings_do_not_change_the_version(copy: Path):
    for changed in ("page/intake.py", "data/phrases.yaml"):
        path = copy / "articles" / changed
        path.write_text("# one more line\n" + path.read_text() + "\n# and one at the end\n")
    path = copy / "articles" / "extract.py"
    path.write_text(path.read_text().replace('"""Return the outcome of a capture', '"""Say what a capture becomes'))
    assert "Say what a capture becomes" in path.read_text()
    assert version_in(copy) == extractor_version()


@pytest.mark.parametrize("changed", ["explain.py", "links/translation.py", "history/versions.py", "drift.py"])
def test_code_that_extraction_does_not_use_does_not_change_the_version(copy: Path, changed: str):
    with (copy / "articles" / changed).open("a") as file:
        file.write("\nADDED = 1\n")
    assert version_in(copy) == extractor_version()


def test_everything_that_the_pipeline_imports_is_part_of_the_version():
    graph = grimp.build_graph("articles")
    imported = {name.removeprefix("articles.") for name in graph.find_upstream_modules("articles.pipeline")}
    packages = {name.removeprefix("articles.") for name in graph.modules if graph.find_children(name)}
    named = {module.removesuffix("/__init__").replace("/", ".") for module in MODULES} - {"pipeline"}
    in_packages = {name for name in imported if name.split(".")[0] in PACKAGES}
    assert imported - in_packages - {"errors", "extractor_version"} - (packages - named) == named
