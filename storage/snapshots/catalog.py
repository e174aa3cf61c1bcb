"""Resolve, list, tag and compare snapshots. Snapshot n is commit n of the log."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from articles.errors import CorruptError, ExistsError, MissingError, RefError, UsageError
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json
from storage.snapshots.expiry import check_there
from storage.snapshots.refs import LATEST
from storage.tables.log_reader import LogReader
from storage.tables.state import State

DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}.*")
NUMBER_PATTERN = re.compile(r"\d+")
TAG_NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
TAGS_PREFIX = "tags/"
COMPARED = ("document_id", "url", "outlet", "lang", "title", "version_key", "gone")  # columns of views


@dataclass(frozen=True, slots=True)
class Tag:
    """A name for a snapshot. It never moves."""

    name: str
    snapshot: int
    digest: str  # of the snapshot, see `digest`
    created: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot in the list of snapshots."""

    number: int
    timestamp: datetime
    operation: str
    run: str
    batch: str
    counts: Mapping[str, Any]
    code: str
    config_sha256: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedDocument:
    """A document that differs between two snapshots."""

    document_id: str
    url: str
    outlet: str
    lang: str
    title: str


@dataclass(frozen=True, slots=True)
class SnapshotDiff:
    """The documents that differ between two snapshots."""

    new: tuple[ChangedDocument, ...]
    changed: tuple[ChangedDocument, ...]  # with another title or text
    gone: tuple[ChangedDocument, ...]  # deleted at the source, or absent from the newer snapshot


def resolve(log: LogReader, ref: str) -> int:
    """Return the number of the snapshot that `latest`, a number, a tag or a date names. RefError if there is none, or it expired.

    `2022-11-30` means: as of the end of that day in UTC. A time without a zone is UTC.
    """
    return check_there(log.store, _number(log, ref))


def _number(log: LogReader, ref: str) -> int:
    head = log.head()
    if head < 0:
        raise RefError(f"{log.store.url} has no snapshot yet")
    if ref == LATEST:
        return head
    if NUMBER_PATTERN.fullmatch(ref):
        number = int(ref)
        if number > head:
            raise RefError(f"there is no snapshot {ref}; the newest is {head}")
        return number
    if DATE_PATTERN.fullmatch(ref):
        return log.as_of(_instant(ref))
    if "://" in ref:
        raise RefError(f"{ref!r} is a URL, and names no snapshot; `irtysh history {ref}` shows the article")
    return _tagged(log, ref)


def names_snapshot(log: LogReader, word: str) -> bool:
    """Whether a word is `latest`, a number, a date or the name of a tag, so that it names a snapshot, or would."""
    if word == LATEST or NUMBER_PATTERN.fullmatch(word):
        return True
    if DATE_PATTERN.fullmatch(word):
        try:
            _instant(word)
        except RefError:
            pass
        else:
            return True
    if not TAG_NAME_PATTERN.fullmatch(word):
        return False
    try:
        read_tag(log.store, word)
    except MissingError:
        return False
    except CorruptError:
        return True
    return True


def digest(state: State) -> str:
    """Return a snapshot's digest: the SHA-256 of its sorted file names, which are hashes of the files."""
    names = sorted(f"{table}/{ref.origin or ref.sha256}.parquet" for table in state.files for ref in state.live(table))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def snapshots(log: LogReader) -> list[Snapshot]:
    """Return all snapshots, the oldest first."""
    names = defaultdict(list)
    for found in tags(log.store):
        names[found.snapshot].append(found.name)
    return [
        Snapshot(
            number=commit.number,
            timestamp=commit.timestamp,
            operation=commit.operation,
            run=commit.run,
            batch=commit.batch,
            counts=commit.counts,
            code=commit.code,
            config_sha256=commit.config_sha256,
            tags=tuple(names[commit.number]),
        )
        for commit in log.state().history
    ]


def sizes(log: LogReader) -> list[int]:
    """Return the number of texts (rows of `documents`) that each snapshot holds, by its number."""
    history = log.state().history
    if not log.redactions.takedowns:  # they took rows out of old snapshots too
        known = [commit.texts for commit in history]
        if None not in known:
            return [texts for texts in known if texts is not None]
    found: list[int] = []
    live: dict[str, int] = {}
    for commit in log.read_many(range(log.head() + 1)):
        if commit.replaces:
            live = {}
        for ref in commit.remove:
            live.pop(ref.sha256, None)
        live.update({ref.sha256: ref.rows for ref in commit.add if ref.table == "documents"})
        found.append(sum(live.values()))
    return found


def tag(log: LogReader, ref: str, name: str, note: str, now: datetime) -> Tag:
    """Give a snapshot a name that never moves. Raises UsageError for a name that is invalid or used already."""
    if (
        not TAG_NAME_PATTERN.fullmatch(name)
        or NUMBER_PATTERN.fullmatch(name)
        or DATE_PATTERN.fullmatch(name)
        or name == LATEST
    ):
        raise UsageError(
            f"{name!r} is not a valid tag name: use letters, digits, '.', '_' and '-', but no number, no date and not "
            f"{LATEST!r}"
        )
    number = resolve(log, ref)
    created = Tag(name, number, digest(log.state(number)), now, note)
    fields = asdict(created) | {"created": now.isoformat()}
    data = json.dumps(fields, ensure_ascii=False, indent=1).encode(errors="backslashreplace")  # JSON's own escape
    try:
        log.store.put_new(_tag_key(name), data)
    except ExistsError:
        if log.store.get(_tag_key(name)) != data:  # equal bytes are our own first attempt, whose answer was lost
            raise UsageError(
                f"the tag {name} already names snapshot {read_tag(log.store, name).snapshot}, and tags never move; "
                "choose another name"
            ) from None
    return created


def tags(store: ObjectStore) -> list[Tag]:
    """Return all tags, by name."""
    return [
        read_tag(store, found.key.removeprefix(TAGS_PREFIX).removesuffix(".json")) for found in store.list(TAGS_PREFIX)
    ]


def read_tag(store: ObjectStore, name: str) -> Tag:
    """Read a tag. Raises MissingError or CorruptError."""
    fields = read_json(store, _tag_key(name))
    try:
        created = datetime.fromisoformat(fields["created"])
        found = checked(Tag(fields.get("name", name), fields["snapshot"], fields["digest"], created, fields["note"]))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise CorruptError(f"the tag {name} cannot be read: {error!r}") from error
    if found.name != name:
        raise CorruptError(f"the tag {name} holds the tag {found.name}: it was swapped or copied")
    return found


def diff(log: LogReader, older: int, newer: int) -> SnapshotDiff:
    """Compare two snapshots, document by document."""
    from storage.snapshots.contents import load_tables_of_both  # noqa: PLC0415  loads pyarrow

    was, now = load_tables_of_both(log.store, log.state(older), log.state(newer), COMPARED, links=False)
    before, after = ({row["document_id"]: row for row in rows.to_pylist()} for rows in (was, now.documents))
    both = before.keys() & after.keys()
    return SnapshotDiff(
        new=_changed(after, after.keys() - before.keys()),
        changed=_changed(after, {key for key in both if before[key]["version_key"] != after[key]["version_key"]}),
        gone=_changed(before, before.keys() - after.keys())
        + _changed(after, {key for key in both if after[key]["gone"] and not before[key]["gone"]}),
    )


def _changed(rows: Mapping[str, Mapping[str, Any]], document_ids: set[str]) -> tuple[ChangedDocument, ...]:
    return tuple(
        ChangedDocument(**{name: rows[key][name] for name in ChangedDocument.__slots__}) for key in sorted(document_ids)
    )


def _tagged(log: LogReader, name: str) -> int:
    try:
        found = read_tag(log.store, name) if TAG_NAME_PATTERN.fullmatch(name) else None
    except MissingError:
        found = None
    if found is None:
        raise RefError(f"{name!r} names no snapshot: use {LATEST!r}, a number, a date like 2022-11-30, or a tag")
    if digest(log.state(found.snapshot)) != found.digest:
        raise CorruptError(
            f"the tag {name} does not match snapshot {found.snapshot}: the content has another digest than when it was "
            "tagged"
        )
    return found.snapshot


def _instant(text: str) -> datetime:
    try:
        if len(text) == len("2022-11-30"):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC) - timedelta(
                microseconds=1
            )
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise RefError(f"not a date: {text!r} ({error})") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _tag_key(name: str) -> str:
    return f"{TAGS_PREFIX}{name}.json"
