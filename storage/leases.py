"""Leases: names in the store that at most one process holds at a time, and that expire when their holder dies.

`leases/<name>/<n:010>.json` is the n-th lease of a name; the highest number applies. It is created with a create-only
write, so that of several processes exactly one gets it. Its holder alone replaces it, to renew and to release it. The next
holder deletes the earlier ones. Nothing has to be cleaned up after a crash or a reboot: a lease that is not renewed
expires, and one whose holder is a dead process of the same machine counts as expired at once.
"""

import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from articles.errors import ContendedError, CorruptError, ExistsError, InUseError, MissingError, StoreError
from storage.objects import ObjectStore
from storage.objects.json_objects import checked, read_json

LEASE_PREFIX = "leases/"
LEASE_TIME = timedelta(seconds=120)  # after a crash on another machine, a name is free again after so long
RENEW_SECONDS = 20.0  # a holder may miss five renewals, for example during an outage of the store
MAX_ATTEMPTS = 20  # writes that others were first with
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")
DEAD_STATES = frozenset("ZX")  # of /proc/PID/stat: a zombie, dead
CLOCK_TICKS_FIELD = 19  # of /proc/PID/stat after the command: when the process started, in ticks since the boot
NUMBER = re.compile("[0-9]{10}")
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What the store holds about a lease."""

    holder: str  # what the lease is held for: a run, in words for a message
    host: str
    process: str  # boot, namespace, id and start of the process; empty if unknown
    since: str  # ISO 8601, UTC
    expires: str  # ISO 8601, UTC; in the past once the lease is released

    def in_force(self, now: datetime) -> bool:
        """Whether nobody else may take the lease."""
        if datetime.fromisoformat(self.expires).astimezone(UTC) <= now:
            return False
        return self.host != socket.gethostname() or _is_alive(self.process)


@dataclass(slots=True)
class Lease:
    """A lease that this process holds. `lost` is set if another process has taken it over."""

    store: ObjectStore
    name: str
    number: int
    record: LeaseRecord
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def key(self) -> str:
        """Key of the lease in the store."""
        return _key(self.name, self.number)

    def renew(self, now: datetime) -> None:
        """Extend the lease, or notice that it is lost. Raises StoreError."""
        if _last(self.store, self.name) != self.number:
            self.lost.set()
            return
        self.record = replace(self.record, expires=_moment(now + LEASE_TIME))
        self.store.put(self.key, _encode(self.record))

    def release(self, now: datetime, *, forget: bool = False) -> None:
        """Let others take the lease; with `forget` nobody ever will. Raises StoreError."""
        if forget:
            self.store.delete(self.key)
        elif not self.lost.is_set():
            self.store.put(self.key, _encode(replace(self.record, expires=_moment(now))))


def acquire(store: ObjectStore, name: str, holder: str, now: datetime) -> Lease:
    """Take a lease. Raises InUseError if another process holds it, or StoreError."""
    record = LeaseRecord(
        holder, socket.gethostname(), process_identity(os.getpid()), _moment(now), _moment(now + LEASE_TIME)
    )
    for _ in range(MAX_ATTEMPTS):
        last = _last(store, name)
        current = _read(store, name, last)
        if current is not None and current.in_force(now):
            raise _in_use(name, current)
        lease = Lease(store, name, last + 1, record)
        try:
            store.put_new(lease.key, _encode(record))
        except (ExistsError, ContendedError):
            continue
        if _last(store, name) != lease.number:  # it was deleted by a later holder before we created it again
            store.delete(lease.key)
            continue
        _delete_before(store, name, lease.number)
        return lease
    raise StoreError(f"{LEASE_PREFIX}{name}: others were first {MAX_ATTEMPTS} times; try again")


@contextmanager
def held(
    store: ObjectStore, name: str, holder: str, clock: Callable[[], datetime], *, forget: bool = False
) -> Iterator[Lease]:
    """Hold a lease while the block runs, and renew it meanwhile. Raises InUseError if another process holds it.

    `forget` says that no other process will ever take a lease of this name.
    """
    lease = acquire(store, name, holder, clock())
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(RENEW_SECONDS) and not lease.lost.is_set():
            with suppress(StoreError):  # the store is out: the next renewal may come through before the lease expires
                lease.renew(clock())

    thread = threading.Thread(target=renew, name=f"lease-{name}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        ended.set()
        thread.join()
        with suppress(StoreError):  # then it expires by itself
            lease.release(clock(), forget=forget)


def current(store: ObjectStore, name: str, now: datetime) -> LeaseRecord | None:
    """Return the lease of a name that is in force, if there is one. Raises StoreError."""
    record = _read(store, name, _last(store, name))
    return record if record is not None and record.in_force(now) else None


def exists(store: ObjectStore, name: str) -> bool:
    """Return whether a lease of this name was ever taken, and not forgotten."""
    return _last(store, name) >= 0


def _in_use(name: str, record: LeaseRecord) -> InUseError:
    return InUseError(f"{name} is in use by {record.holder} on {record.host} since {record.since}")


def _read(store: ObjectStore, name: str, number: int) -> LeaseRecord | None:
    if number < 0:
        return None
    key = _key(name, number)
    try:
        values: dict[str, Any] = read_json(store, key)
        record = checked(LeaseRecord(**values))
        datetime.fromisoformat(record.expires).astimezone(UTC)
        if record.process:
            _, _, _, _ = record.process.split()
    except MissingError:  # a later holder has deleted it
        return None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise CorruptError(f"{key} is not a lease: {error!r}; delete it if nothing runs") from error
    return record


def _delete_before(store: ObjectStore, name: str, number: int) -> None:
    with suppress(StoreError):  # a policy may forbid it; earlier leases do no harm
        for found in list(store.list(_prefix(name))):
            if found.key < _key(name, number):
                store.delete(found.key)


def _last(store: ObjectStore, name: str) -> int:
    numbers = [found.key.removeprefix(_prefix(name)).removesuffix(".json") for found in store.list(_prefix(name))]
    return max((int(number) for number in numbers if NUMBER.fullmatch(number)), default=-1)


def _prefix(name: str) -> str:
    return f"{LEASE_PREFIX}{UNSAFE.sub('_', name)}/"


def _key(name: str, number: int) -> str:
    return f"{_prefix(name)}{number:010}.json"


def _encode(record: LeaseRecord) -> bytes:
    return json.dumps(asdict(record), indent=1).encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def process_identity(pid: int) -> str:
    """Return what identifies a process of this machine, also after a reboot and after its id was used again.

    Empty if there is no such process, it is dead but not reaped, or this is not Linux.
    """
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return "" if state[0] in DEAD_STATES else f"{_machine()} {pid} {state[CLOCK_TICKS_FIELD]}"
    except (OSError, IndexError):
        return ""


def _machine() -> str:
    """Return what identifies this boot of the machine and the processes that are seen here: a container sees only its own."""
    return f"{BOOT_ID.read_text(encoding='ascii').strip()} {PID_NAMESPACE.readlink()}"


def _is_alive(process: str) -> bool:
    """Whether a process of this machine still runs; True if that cannot be known: then the lease expires by its time."""
    if not process or not BOOT_ID.exists():
        return True
    boot, namespace, pid, _ = process.split()
    ours = _machine()
    if boot != ours.partition(" ")[0]:
        return False  # the machine was started again
    if f"{boot} {namespace}" != ours:
        return True
    return process_identity(int(pid)) == process
