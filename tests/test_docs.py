"""The documentation is correct: generated pages are current, and named files, sections and links exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from articles.model import Reason
from docs.generate import COMMAND, PAGES
from flows.arguments import expanded
from flows.cli import COMMANDS, COMMANDS_OF, app, load_help
from storage.export.selection import VIEW_FIELDS
from storage.tables import descriptions
from storage.tables.schemas import SCHEMAS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
CODE = [
    path
    for folder in ("articles", "storage", "spiders", "flows", "benchmarks", "infra", "tests", "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
MEASUREMENTS = "docs/measurements.md"
MAX_README_WORDS = 900
EXAMPLE = re.compile(r"`(irtysh [^`]+)`")
MIN_EXAMPLES = 2
FILE = re.compile(r"`((?:articles|storage|spiders|flows|tests|benchmarks|infra|docs)/[\w./-]*)`")
PACKAGE_FILE = re.compile(r"`([a-z_]+\.(?:py|yaml))`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CITED = re.compile(r"docs/measurements\.md(?: §(?P<section>\d+))?")
REMOVED_PAGES = re.compile(r"\b(?:FINDINGS|DESIGN)\b")
LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?(https?:)?//|<link\b(?=[^>]*stylesheet)[^>]*\"?(https?:)?//"
)


def nested(kind: pa.DataType) -> list[str]:
    """Return the names of the fields inside a column."""
    if pa.types.is_list(kind):
        return nested(kind.value_type)
    return [field.name for field in kind] if pa.types.is_struct(kind) else []


def anchor(heading: str) -> str:
    """Return the anchor of a heading: its own `{#id}`, or its words."""
    if own := re.search(r"\{#([\w-]+)\}", heading):
        return own[1]
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower())


def anchors(page: Path) -> set[str]:
    return {anchor(line.lstrip("# ")) for line in page.read_text("utf-8").splitlines() if re.match(r"#+ ", line)}


def lines(paths: Iterable[Path]) -> Iterable[tuple[str, str]]:
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            yield f"{path.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name):
    current = (DOCS / name).read_text("utf-8") == PAGES[name]()
    assert current, f"docs/{name} is out of date: run `{COMMAND}` and commit the page"


@pytest.mark.parametrize("table", SCHEMAS)
def test_columns_and_descriptions_match(table):
    assert descriptions.TABLES.keys() == descriptions.COLUMNS.keys() == SCHEMAS.keys()
    described = descriptions.COLUMNS[table]
    assert list(described) == SCHEMAS[table].names, (
        "storage/tables/descriptions.py must list the columns in the order of the schema"
    )
    undescribed = [
        f"{field.name}.{inner}"
        for field in SCHEMAS[table]
        for inner in nested(field.type)
        if inner not in described[field.name]
    ]
    assert undescribed == []


def test_every_column_of_the_view_and_every_reason_has_a_description():
    assert list(descriptions.VIEW_COLUMNS) == [field.name for field in VIEW_FIELDS]
    assert list(descriptions.REASONS) == list(Reason)


def test_every_cited_section_of_the_measurements_exists():
    sections = set(re.findall(r"^## §(\d+) ", (ROOT / MEASUREMENTS).read_text("utf-8"), re.MULTILINE))
    lost = [
        f"{where}: §{found['section']}"
        for where, line in lines(CODE)
        for found in CITED.finditer(line)
        if found["section"] and found["section"] not in sections
    ]
    assert lost == []


def test_no_comment_cites_a_removed_page():
    others = [path for path in CODE if path != Path(__file__)]
    assert [where for where, line in lines(others) if REMOVED_PAGES.search(line)] == []


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page):
    """A name without a folder (`guard.py`) is a file in a folder that the same line names."""
    lost = []
    for where, line in lines([page]):
        named = FILE.findall(line)
        lost += [f"{where}: {name}" for name in named if not (ROOT / name).exists()]
        folders = {(ROOT / name).parent for name in named}
        lost += [
            f"{where}: {name}"
            for name in PACKAGE_FILE.findall(line)
            if folders and not any((folder / name).exists() for folder in folders)
        ]
    written = page.name == "outlets.md"  # it names the files of a user's own outlet
    assert [name for name in lost if not (written and "steppe" in name)] == []


@pytest.mark.parametrize("page", PROSE, ids=lambda page: page.name)
def test_every_link_between_pages_has_a_target(page):
    lost = []
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" in target:
            continue
        name, _, place = target.partition("#")
        path = (page.parent / name) if name else page
        if not path.exists() or (place and place not in anchors(path)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_has_two_examples_that_it_understands(name):
    load_help(name)
    command = app
    for word in name.split():
        command = command[word]
    examples = EXAMPLE.findall(command.help.partition("Example")[2])
    assert len(examples) >= MIN_EXAMPLES
    for example in examples:
        words = shlex.split(example.partition(" > ")[0])[1:]
        app.parse_args(expanded(words, COMMANDS_OF), exit_on_error=False, print_error=False)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text("utf-8").split()) <= MAX_README_WORDS


def test_the_glossary_is_in_alphabetical_order():
    terms = [
        term.lower()
        for term in re.findall(r"^\| \*\*(.+?)\*\* \|", (DOCS / "glossary.md").read_text("utf-8"), re.MULTILINE)
    ]
    assert terms
    assert [(one, other) for one, other in pairwise(terms) if one >= other] == []


def test_the_built_pages_load_nothing_from_other_hosts(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    assert not list(tmp_path.rglob("*.py*"))
    loading = {
        path.name: found[0] for path in tmp_path.rglob("*.html") if (found := LOADED.search(path.read_text("utf-8")))
    }
    assert loading == {}
