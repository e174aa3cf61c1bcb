"""The code that stored views are computed by: another version of it may compute another view. Loads no Arrow."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from storage.snapshots.layer_names import code_digest

VIEWS_PREFIX = "index/views/"
FORMAT = 6
# What a view is computed by: another version of it may compute another one. A test compares these with the imports. They are
# hashed as they are written: to parse them, as `articles.extractor_version` does, would cost each reading command .1 s.
CODE = (
    "addresses.py", "data/__init__.py", "dates.py", "dynamic.py", "errors.py", "model.py", "reasons.py", "site.py", "text.py", "url.py",
    *(f"history/{name}.py" for name in (
        "changing", "claimed_days", "directions", "identity", "joined_versions", "snapshot_view", "versions", "view", "visits",
    )),
    *(f"links/{name}.py" for name in (
        "alignment", "anchors", "best_links", "clusters", "compared_text", "duplicate_index", "duplicates", "e5_model", "e5_tokens", "encoder",
        "figures", "fingerprint", "glance", "line_marks", "named_days", "notices", "numbers", "pair_budget", "quoted", "reading", "telling", "translation", "translation_index",
    )),
    *(f"metadata/{name}.py" for name in ("agencies", "alternates", "canonical")),
    *(f"page/{name}.py" for name in ("blocks", "json_repair", "sizes", "structured")),
)  # fmt: skip
DATA = "data"  # all of it
OWN_CODE = (
    "snapshots/counting.py",
    "snapshots/observed.py",
    "snapshots/outlet_days.py",
    "snapshots/outlet_lines.py",
    "snapshots/view_tables.py",
    "snapshots/view_advance.py",
    "snapshots/view_counts.py",
    "tables/rows.py",
)


@cache
def code_version() -> str:
    """Return the SHA-256 of the code and data that compute views."""
    return code_digest([core_code(), (files("storage"), OWN_CODE)], FORMAT)


def core_code() -> tuple[Traversable, tuple[str, ...]]:
    """Return the files of `articles` that views depend on: their folder and their names in it."""
    core = files("articles")
    data = sorted(f"{DATA}/{item.name}" for item in (core / DATA).iterdir() if item.name.endswith(".yaml"))
    return core, (*CODE, *data)
