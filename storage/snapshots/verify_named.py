"""Check what stands beside the tables: tags, configurations, profiles, topics, quarantine, and releases to every file."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from articles.errors import CorruptError, MissingError
from storage import profiles, quarantine
from storage.objects import ObjectStore
from storage.snapshots import catalog, release_index
from storage.snapshots.damage import RESTORE, Damage
from storage.snapshots.release_index import ABANDONED_AGE, CHECKSUMS_FILE, RELEASES_PREFIX
from storage.snapshots.verify_log import CheckedLog
from storage.tables.accounts import ACCOUNTS_PREFIX, accounts_key
from storage.tables.log_format import SHA256
from storage.tables.prefetch import prefetch

NAMED_BY_CONTENT = (profiles.PROFILES_PREFIX, profiles.CONFIGURATIONS_PREFIX, "topics/", "index/sums/", ACCOUNTS_PREFIX)
HASH_NAME = re.compile(r"[a-z/-]+/(?P<sha256>[0-9a-f]{64})\.(json|yaml)")
READ_THREADS = 4  # objects in memory at once
T = TypeVar("T")
ACCOUNTS_AGAIN = f"{RESTORE}; `irtysh repair` can make it again if the code has not changed. Only metrics read it"
CONFIGURATION_AGAIN = f"{RESTORE}; `irtysh repair` can make it again if nothing in it has changed since"
MADE_AGAIN = {ACCOUNTS_PREFIX: ACCOUNTS_AGAIN, profiles.CONFIGURATIONS_PREFIX: CONFIGURATION_AGAIN}
NEW_TAG = f"{RESTORE}. Without one, delete it as the store's owner and tag the snapshot again under a new name"
AGAIN = "restore it from a backup, or publish the snapshot again under another name"


def tagged(store: ObjectStore) -> tuple[list[catalog.Tag], list[Damage]]:
    """Return the tags that can be read, and what is wrong with the others."""
    found: list[catalog.Tag] = []
    findings: list[Damage] = []
    for info in store.list(catalog.TAGS_PREFIX):
        name = info.key.removeprefix(catalog.TAGS_PREFIX).removesuffix(".json")
        try:
            found.append(catalog.read_tag(store, name))
        except (CorruptError, MissingError) as error:
            findings.append(Damage(info.key, f"is damaged: {error}", NEW_TAG))
    return found, findings


def check_tags(tags: Iterable[catalog.Tag], log: CheckedLog) -> Iterator[Damage]:
    """Check that each tag names a snapshot that is there, with the content that it had."""
    for tag in tags:
        key = f"{catalog.TAGS_PREFIX}{tag.name}.json"
        if tag.snapshot > log.head or tag.snapshot < 0:
            what = f"names snapshot {tag.snapshot}, which is not there: the log ends at entry {log.head}"
            yield Damage(key, what, f"restore the log's entries from a backup; {NEW_TAG}")
        elif tag.snapshot in log.digests and log.digests[tag.snapshot] != tag.digest:
            what = (
                f"does not match snapshot {tag.snapshot}: the tag or the log was altered since, for the digest differs"
            )
            yield Damage(key, what, f"compare the log and the tag with a backup; {NEW_TAG}")


def check_named(store: ObjectStore, log: CheckedLog) -> Iterator[Damage]:
    """Check objects named by their content, the lists of profiles and of runs in quarantine, and configurations."""
    there: set[str] = set()
    for prefix in NAMED_BY_CONTENT:
        keys = [info.key for info in store.list(prefix) if HASH_NAME.fullmatch(info.key)]
        there.update(keys)
        yield from prefetch_findings(lambda key: _named(store, key), keys)
    yield from _lists(store, there)
    for commit in log.commits:
        if commit.accounts and (key := accounts_key(commit.accounts)) not in there:
            yield Damage(key, f"is missing: the pages of snapshot {commit.number} by outlet", ACCOUNTS_AGAIN)
    seen = False
    reported: set[str] = set()
    for commit in log.commits:
        key = f"{profiles.CONFIGURATIONS_PREFIX}{commit.config_sha256}.json"
        if not SHA256.fullmatch(commit.config_sha256) or key in reported:
            continue
        if key in there:
            seen = True
        elif seen or commit.sums:  # the oldest commits have no configuration
            reported.add(key)
            what = f"is missing: snapshot {commit.number} was made with this configuration"
            yield Damage(key, what, CONFIGURATION_AGAIN)


def check_releases(store: ObjectStore) -> tuple[list[Damage], list[str]]:
    """Check every file of every release against its sums. Return the findings, and notes on unfinished releases."""
    findings: list[Damage] = []
    notes: list[str] = []
    for name, infos in sorted(release_index.by_release(store).items()):
        prefix = f"{RELEASES_PREFIX}{name}/"
        listed = release_index.index_of(store, name)
        if listed is None:
            notes.append(f"release {name} is unfinished: the same `irtysh release` command completes it")
            continue
        if not listed:
            findings.append(Damage(prefix + CHECKSUMS_FILE, "is damaged: it holds no list of checksums", AGAIN))
            continue
        if release_index.differs_from_folder(store, name, listed):
            findings.append(
                Damage(prefix + CHECKSUMS_FILE, "is damaged: it differs from the list in its folder", AGAIN)
            )
        wanted = [(prefix + file, sha256) for file, sha256 in sorted(listed.items())]
        findings += prefetch_findings(lambda pair: _summed(store, *pair), wanted)
        if strange := release_index.unlisted(name, infos, listed):
            notes.append(
                f"{len(strange)} files below {prefix} belong to no release, such as {strange[0].key}: they are of a command "
                f"that was stopped or was not the first; `irtysh gc` deletes them after {ABANDONED_AGE.days} days"
            )
    return findings, notes


def prefetch_findings(check: Callable[[T], Damage | None], items: Sequence[T]) -> Iterator[Damage]:
    """Check objects a few at a time, and yield what is wrong."""
    yield from (found for found in prefetch(check, items, READ_THREADS) if found is not None)


def _named(store: ObjectStore, key: str) -> Damage | None:
    match = HASH_NAME.fullmatch(key)
    if match is None or hashlib.sha256(store.get(key)).hexdigest() == match["sha256"]:
        return None
    again = next((advice for prefix, advice in MADE_AGAIN.items() if key.startswith(prefix)), RESTORE)
    return Damage(key, "is damaged: its bytes do not have the SHA-256 of its name", again)


def _lists(store: ObjectStore, there: set[str]) -> Iterator[Damage]:
    try:
        for site, sha256 in sorted(profiles.in_force(store).items()):
            key = f"{profiles.PROFILES_PREFIX}{sha256}.json"
            if key not in there:
                learn = f"{RESTORE}, or learn the site's lines again: `irtysh learn {site}`"
                yield Damage(key, f"is missing: the profile of {site} that is in force", learn)
    except CorruptError as error:
        yield Damage(profiles.IN_FORCE_PREFIX, f"is damaged: {error}", RESTORE)
    try:
        quarantine.marks(store)
    except CorruptError as error:
        yield Damage(quarantine.QUARANTINE_PREFIX, f"is damaged: {error}", RESTORE)
    for prefix in (profiles.IN_FORCE_PREFIX, quarantine.QUARANTINE_PREFIX):
        numbers = sorted(
            int(info.key.removeprefix(prefix).removesuffix(".json"))
            for info in store.list(prefix)
            if info.key.removeprefix(prefix).removesuffix(".json").isdecimal()
        )
        for number in sorted(set(range(numbers[-1] if numbers else 0)) - set(numbers)):
            yield Damage(f"{prefix}{number:010}.json", "is missing from the list of changes", RESTORE)


def _summed(store: ObjectStore, key: str, sha256: str) -> Damage | None:
    try:
        data = store.get(key)
    except MissingError:
        return Damage(key, "is missing, but the release lists it", AGAIN)
    if hashlib.sha256(data).hexdigest() == sha256:
        return None
    return Damage(key, "is damaged: its bytes do not have the SHA-256 that the release lists", AGAIN)
