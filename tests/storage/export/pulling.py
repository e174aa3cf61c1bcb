"""Pull into a folder, and read what was pulled."""

import json
from typing import Any

from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection


def pull_to(log, dest, *, form="jsonl", number=2, since=None, progress=None, **chosen: Any):
    options = {name: chosen.pop(name) for name in ("one_file", "header") if name in chosen}
    wanted: dict[str, Any] = {name: frozenset(value) if name == "langs" else value for name, value in chosen.items()}
    return pull(
        log,
        number,
        dest,
        form=PullFormat(form),
        selection=Selection(**wanted),
        since=since,
        progress=progress or (lambda _done, _whole: None),
        **options,
    )


def lines(path):
    return [json.loads(line) for line in (path / "documents.jsonl").read_text().splitlines()]


def by_number(found):
    return {(int(one["article_id"], 16), one["version"]): one for one in found}


def names(path):
    return sorted(found.relative_to(path).as_posix() for found in path.rglob("*") if found.is_file())
