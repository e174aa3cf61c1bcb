"""Generate the pages of the documentation that describe the code: `data.md`, `cli.md` and `outlets-seen.md`.

    make docs-generate

`tests/test_docs.py` fails if a page differs from the output of this program.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from flows.cli import COMMANDS, app, load_help
from spiders.outlet import Outlet
from spiders.outlets import load
from storage.export.selection import VIEW_FIELDS
from storage.tables.descriptions import COLUMNS, REASONS, TABLES, VIEW_COLUMNS
from storage.tables.schemas import SCHEMAS, SORT_ORDER

FOLDER = Path(__file__).parent
COMMAND = "make docs-generate"
NOTE = f"<!-- Generated: do not edit this page. `{COMMAND}` writes it from {{source}}. -->\n\n"
EMPTY_DEFAULT = re.compile(r" \*\[default: (?:\"\"|\(\)|False|None)\]\*")
INDEX = re.compile(r"\n## Table of Contents\n.*?(?=\n\*\*)", re.DOTALL)
FIRST_GROUP = "\n**Collect**:\n"
TIMESTAMP = "timestamp (UTC)"

DATA = """# Data

This page lists the tables of a store and their columns. `storage/tables/schemas.py` defines them, and
`storage/tables/descriptions.py` holds their descriptions. [Storage](storage.md) says where the files are.

Three rules hold for all tables:

- Columns may be added, but none is removed or renamed. Readers see null where an older file lacks a column.
- A file never changes. Its name is the SHA-256 of its bytes, and a commit names it.
- Rows are observations. A row says: this text, link or reason was seen at this capture. Versions, clusters and first and
  last sightings are a view, computed from rows when a snapshot is read (`articles/history/view.py`).

`irtysh pull` and `irtysh release` write the columns of [`documents`](#documents) and those of the
[view](#the-view-of-a-pull). In JSON Lines, `capture` is an object that holds the three `capture_` columns, and the column
`paragraphs` is left out.
"""
CLI = """# Commands

Each command prints this help with `irtysh COMMAND --help`.

- `--store` or `IRTYSH_STORE` names the store: a path, or `s3://bucket/prefix` ([Storage](storage.md)).
- A snapshot is named by its number, by a tag, by `latest`, or by a date. `2026-03-31` means: as of the end of that day.
- On a terminal, commands show tables and progress bars. With `--json` they print JSON Lines for programs.
- [Operating](operating.md#exit-codes) lists the exit codes.

## All commands

"""


def data() -> str:
    """Return the page of tables and columns."""
    parts = [NOTE.format(source="storage/tables/schemas.py and storage/tables/descriptions.py"), DATA]
    for table, schema in SCHEMAS.items():
        order = ", ".join(f"`{name}`" for name in SORT_ORDER[table])
        parts.append(f"\n## {table}\n\n{TABLES[table]}\n\nRows of a file are sorted by {order}.\n\n")
        parts.append(_columns(schema, COLUMNS[table]))
    parts.append("\n## The view of a pull\n\nColumns that `irtysh pull` and a release add to those of `documents`.\n\n")
    parts.append(_columns(VIEW_FIELDS, VIEW_COLUMNS))
    parts.append("\n## Reasons\n\nWhy a URL became no document: the column `reason` of `rejections` and `fetches`.\n\n")
    parts.append("| reason | description |\n|---|---|\n")
    parts += [f"| `{reason.value}` | {text} |\n" for reason, text in REASONS.items()]
    return "".join(parts)


def cli() -> str:
    """Return the page of commands, with their parameters, defaults and help."""
    for name in COMMANDS:
        load_help(name)
    page = app.generate_docs(output_format="markdown", recursive=True)
    _, first, page = INDEX.sub("", page, count=1).partition(FIRST_GROUP)
    page = first + page
    return NOTE.format(source="flows/cli.py and flows/commands/") + CLI + EMPTY_DEFAULT.sub("", page).strip() + "\n"


OUTLETS = """# Outlets and what was seen of them

Each outlet's file states what its site looks like. This page says which of it was compared with real pages or addresses.
What was never seen on the site is listed as guessed. F1 is that of [Measurements](measurements.md).
[Outlets](outlets.md) says how to check and repair a file; `irtysh outlets check --all` compares all files with the live sites.

"""


NEVER_SEEN = "nothing; what others published about the site"


def outlets_seen() -> str:
    """Return the page that says what was seen of each outlet."""
    rows = [
        f"| `{name}` | {outlet.domains[0]} | {_family(outlet)} | {outlet.seen or NEVER_SEEN} "
        f"| {', '.join(f'`{attribute}`' for attribute in outlet.guessed) or 'nothing'} |\n"
        for name, outlet in sorted(load().items())
    ]
    head = "| outlet | site | family | seen | guessed |\n|---|---|---|---|---|\n"
    return NOTE.format(source="spiders/outlets/") + OUTLETS + head + "".join(rows)


def _family(outlet: Outlet) -> str:
    base = type(outlet).__mro__[1]
    return "" if base is Outlet else base.__name__


PAGES: Mapping[str, Callable[[], str]] = {"data.md": data, "cli.md": cli, "outlets-seen.md": outlets_seen}


def _columns(fields: pa.Schema | list[pa.Field], descriptions: Mapping[str, str]) -> str:
    rows = "".join(f"| `{field.name}` | {type_name(field.type)} | {descriptions[field.name]} |\n" for field in fields)
    return f"| column | type | description |\n|---|---|---|\n{rows}"


def type_name(kind: pa.DataType) -> str:
    """Return the description of a column's type."""
    if pa.types.is_list(kind):
        return f"list of {type_name(kind.value_type)}"
    if pa.types.is_struct(kind):
        return "(" + ", ".join(f"{field.name}: {type_name(field.type)}" for field in kind) + ")"
    return TIMESTAMP if pa.types.is_timestamp(kind) else str(kind)


def main() -> None:
    """Write the generated pages and print the names of those that changed."""
    for name, make in PAGES.items():
        path, text = FOLDER / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"docs/{name} was updated\n")


if __name__ == "__main__":
    main()
