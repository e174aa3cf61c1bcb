"""Take articles out of the files of releases: rows, counts, descriptions with their sums and version."""

import hashlib
import io
import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from storage.export.release_tables import COVERAGE, recounted
from storage.objects import ObjectStore
from storage.snapshots.release_index import CHECKSUMS_FILE, RELEASES_PREFIX, read_sums, sums_list
from storage.tables.redactions import REDACTIONS_PREFIX

NAMES = (  # columns of files of releases that name an article
    "url", "canonical_url", "a_url", "b_url", "document_id", "a_document_id", "b_document_id",
)  # fmt: skip
VERSION = re.compile(r'"version": "\d+\.0\.0"')  # of a release in its descriptions
COVERED = re.compile(rf"releases/.+/{re.escape(COVERAGE)}")
RELEASED = re.compile(r"releases/[^/]+/.+\.parquet")


def redact_releases(store: ObjectStore, goes: Callable[[str | None], bool], unread: set[str]) -> int:
    """Write the files of releases again without the rows that name an article, with their checksums; return how many changed.

    `goes` says whether a URL or the id of a document is that of an article. Keys of damaged files are added to `unread`.
    """
    count = 0
    for info in list(store.list(RELEASES_PREFIX)):
        if not RELEASED.fullmatch(info.key):
            continue
        data = store.get(info.key)
        try:
            rows = pq.read_table(io.BytesIO(data))
        except pa.ArrowException:
            unread.add(info.key)
            continue
        named = [name for name in NAMES if name in rows.column_names]
        if not named:
            continue
        columns = (rows[name].to_pylist() for name in named)
        kept = rows.filter(pa.array([not any(map(goes, one)) for one in zip(*columns, strict=True)], pa.bool_()))
        if kept.num_rows == rows.num_rows:
            continue
        sink = io.BytesIO()
        pq.write_table(kept, sink, compression="zstd")
        prefix = "/".join(info.key.split("/")[:2])
        _change(store, prefix, data, sink.getvalue())  # first: what is interrupted finds the articles in the file again
        store.put(info.key, sink.getvalue())
        count += 1
    return count + sum(
        _recount(store, info.key) for info in list(store.list(RELEASES_PREFIX)) if COVERED.fullmatch(info.key)
    )


def _recount(store: ObjectStore, key: str) -> bool:
    """Count the documents of a release by outlet and day again, where they have become fewer. Return whether they have."""
    old = store.get(key)
    documents = [store.get(info.key) for info in store.list(f"{key.removesuffix(COVERAGE)}documents-")]
    new = recounted(old, documents) if documents else None
    if new is None:
        return False
    _change(store, "/".join(key.split("/")[:2]), old, new)
    store.put(key, new)
    return True


def _change(store: ObjectStore, prefix: str, old: bytes, new: bytes) -> None:
    """Put the new size and sum of a file in the descriptions of its release, and their new sums in the lists of sums.

    A text that has the new sum was changed before the command was interrupted. The major version that the descriptions
    state is one more than the number of recorded takedowns: a takedown raises it, by two if it was interrupted.
    """
    version = f'"version": "{1 + sum(1 for _ in store.list(REDACTIONS_PREFIX))}.0.0"'
    before, after = (hashlib.sha256(data).hexdigest() for data in (old, new))
    sizes = f'"{len(old)} B"', f'"{len(new)} B"'
    keys = [info.key for info in store.list(prefix + "/") if info.key.endswith((".json", ".md", CHECKSUMS_FILE))]
    fresh: dict[str, str] = {}  # key: its new sum
    # a list of sums follows the files that it names: descriptions, the list in their folder, the index
    for key in sorted(keys, key=lambda key: (key.endswith(CHECKSUMS_FILE), -key.count("/"))):
        text = store.get(key).decode()
        changed = text.replace(before, after).replace(*sizes)
        if after in changed:
            changed = VERSION.sub(version, changed)
        if key.endswith(CHECKSUMS_FILE) and (listed := read_sums(changed.encode())):
            folder = key.removesuffix(CHECKSUMS_FILE)
            changed = sums_list({name: fresh.get(folder + name, sha256) for name, sha256 in listed.items()}).decode()
        if changed != text:
            store.put(key, changed.encode())
        if after in changed:
            fresh[key] = hashlib.sha256(changed.encode()).hexdigest()
