"""Kill every command that writes to a store, run it again, and count what is lost, doubled or half visible.

`python -m tests.e2e.killed_commands KILLS [CASE…]` prints a line of JSON for each case. Half of the kills hit a change of
a file below the store, where a kill matters most, and half a random time. Crawls are killed in `test_crash.py`.
"""

import contextlib
import hashlib
import io
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from articles.pipeline import warm_up
from flows import process as stages
from flows import rebuilt_release, release, repair, takedown, verifying  # noqa: F401  forks have them loaded
from flows.cli import run
from storage import profiles, quarantine
from storage.objects import ObjectStore
from storage.objects.directory import DirectoryStore
from storage.snapshots import catalog, release_index
from storage.snapshots.expiry import expired
from storage.snapshots.verify import verify
from storage.tables import packs
from storage.tables.log import Log
from tests.e2e.killing import forked
from tests.flows.making import SENTENCES, Seen, article, put, site_page
from tests.flows.searching import places
from tests.flows.tables import Direct, context, log_of, no_progress
from tests.site import manifest
from tests.storage.captures.test_importing import ForeignWarc

PAGES = 14  # of the store
PENDING = 4  # pages that no snapshot holds
MAX_KILLS_IN_A_ROW = 3  # of one store
OLD = timedelta(days=40)
SECRET = "Her name was given to the paper by a clerk who had no right to read the file in that locked drawer."
GONE = "http://steppe.example/2026/gone"
VOLATILE = {"run", "extracted"}  # columns that name the command's run or time


@dataclass(frozen=True)
class Case:
    """A command that writes, with the store that it needs and what else its outcome is."""

    command: tuple[str, ...]  # {store} and {folder} are filled in; without any, pages are processed in several commits
    prepare: Callable[[DirectoryStore, Path], None] = lambda _store, _folder: None
    damaged: bool = False  # the store that it begins with
    outcome: Callable[[DirectoryStore, Path], Iterable[str]] = lambda _store, _folder: ()
    done_codes: frozenset[int] = frozenset({0})
    repeats: bool = True  # a command that is run again after it has ended succeeds; otherwise it says that all is done
    commits_again: bool = False  # the command makes a snapshot each time, so that their number says nothing


def main(kills: int, names: list[str]) -> None:
    """Print what each case has lost."""
    for module in (stages, rebuilt_release, verifying):
        vars(module)["Workers"] = Direct
    warm_up()
    with tempfile.TemporaryDirectory(prefix="irtysh-kills-") as scratch:
        base = Path(scratch) / "base"
        forked(lambda: build(base, processed=any(CASES[name].command for name in names or CASES)), base)
        for name in names or CASES:
            folder = Path(scratch) / name.replace(" ", "_")
            sys.stdout.write(json.dumps({"command": name} | trials(CASES[name], base, folder, kills)) + "\n")
            sys.stdout.flush()
            shutil.rmtree(folder)


def trials(case: Case, base: Path, folder: Path, kills: int) -> dict[str, int]:
    """Kill a command until there were enough kills; return the counts."""
    rng = random.Random(" ".join(case.command))  # noqa: S311  the same moments every time
    folder.mkdir()
    ready = folder / "ready"
    copied(base, ready)
    forked(lambda: prepared(case, ready), ready)
    whole = folder / "whole"
    copied(ready, whole)
    ran = forked(lambda: command(case, whole), whole)
    assert ran.value in case.done_codes, (case.command, ran.value)
    expected = forked(lambda: outcome(case, whole), whole).value
    done = Counter({"kills": 0, "lost": 0, "doubled": 0, "half visible": 0, "changes": ran.changes})
    while done["kills"] < kills:
        place = folder / f"killed-{done['kills']}"
        copied(ready, place)
        for _ in range(rng.randint(1, MAX_KILLS_IN_A_ROW)):
            at = rng.randint(1, ran.changes) if rng.random() < 0.5 else None
            seconds = None if at else rng.uniform(0, ran.seconds)
            ended = forked(partial(command, case, place), place, kill_at=at, kill_after=seconds)
            if not ended.killed:
                break
            done["kills"] += 1
            if not case.damaged:
                done["half visible"] += len(forked(partial(broken, place), place).value)
        ended = forked(partial(command, case, place), place)
        said = ended.value in case.done_codes or not case.repeats
        assert said, (case.command, place, ended.value)
        found = forked(partial(outcome, case, place), place).value
        done["half visible"] += len(found.pop("problems"))
        left_out = {"problems", "snapshot"} if case.commits_again else {"problems"}
        wanted = {name: value for name, value in expected.items() if name not in left_out}
        for name, value in wanted.items():
            lost, doubled = difference(value, found[name])
            if lost or doubled:
                sys.stderr.write(f"{case.command}: {name}: lost {lost}, doubled {doubled}\n")
            done["lost"] += len(lost)
            done["doubled"] += len(doubled)
        shutil.rmtree(place)
    return dict(done)


def difference(wanted: Counter[str], found: Counter[str]) -> tuple[list[str], list[str]]:
    """Return what is missing in the second counter, and what it has besides."""
    return [str(one)[:300] for one in wanted - found], [str(one)[:300] for one in found - wanted]


def copied(source: Path, target: Path) -> None:
    """Copy a folder. The files of a store are replaced and never changed, so that links are enough."""
    shutil.copytree(source, target, copy_function=os.link)


def prepared(case: Case, folder: Path) -> None:
    """Make what the command needs, in silence."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        case.prepare(DirectoryStore(folder / "store"), folder)


def command(case: Case, folder: Path) -> int:
    """Run the command, in silence unless it fails."""
    if not case.command:
        stages.process(context(DirectoryStore(folder / "store"), batch_captures=6))
        return 0
    names = sorted(path.name for path in (folder / "store" / "rebuilds").glob("*"))
    words = [word.format(store=folder / "store", folder=folder, compared="".join(names[:1])) for word in case.command]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(words)
    if code not in case.done_codes and case.repeats:
        sys.stderr.write(said.getvalue())
    return code


def broken(folder: Path) -> list[str]:
    """Return what is wrong with any snapshot of the store."""
    log = log_of(DirectoryStore(folder / "store"))
    gone = expired(log.store)
    numbers = [number for number in range(log.head() + 1) if number not in gone]
    found = {problem for number in numbers for problem in verify(log, number, no_progress).problems}
    for problem in found:
        sys.stderr.write(problem + "\n")
    return sorted(found)


def outcome(case: Case, folder: Path) -> dict[str, object]:
    """Return what readers see of a store, each part as counted lines, and what is wrong with it."""
    store = DirectoryStore(folder / "store")
    log = log_of(store)
    state = log.state()
    found: dict[str, object] = {"problems": broken(folder), "snapshot": Counter([str(state.number)])}
    for table in sorted(state.files):
        found[table] = Counter(lines(store, log, table))
    found["captures"] = Counter(sorted(state.captures))
    found["tags"] = Counter(f"{tag.name} {tag.snapshot} {tag.digest}" for tag in catalog.tags(store))
    found["profiles"] = Counter(map(str, sorted(profiles.in_force(store).items())))
    found["quarantine"] = Counter(map(str, sorted(quarantine.marks(store))))
    found["expired"] = Counter(map(str, expired(store)))
    found["releases"] = Counter(
        f"{name} {file.rpartition('/')[2]} {sha256}"
        for name in release_index.by_release(store)
        for file, sha256 in (release_index.index_of(store, name) or {}).items()
        if file.endswith(".parquet")
    )
    found["more"] = Counter(case.outcome(store, folder))
    return found


def lines(store: ObjectStore, log: Log, table: str) -> Iterator[str]:
    """Yield the rows of a table, without what names the run."""
    for row in packs.read_all(store, log.state().live(table), table).to_pylist():
        yield json.dumps({name: value for name, value in row.items() if name not in VOLATILE}, default=str)


def build(base: Path, *, processed: bool) -> None:
    """Make a store with two snapshots, pages that wait, and a tag; and a web archive beside it. Or only the captures."""
    base.mkdir()
    store = DirectoryStore(base / "store")
    pages = [site_page(one.outlet, one.path) for one in manifest.pages() if one.documents][: PAGES + PENDING]
    gone = Seen(GONE, article("A file was read", *SENTENCES, SECRET))
    half = PAGES // 2
    put(store, base / "spool", "one", [*pages[:half], gone], records=3)
    if processed:
        stages.process(context(store))
    put(store, base / "spool", "two", pages[half:PAGES], records=3)
    if processed:
        stages.process(context(store, seed=2))
        catalog.tag(log_of(store), "0", "paper", "", datetime.now(UTC))
    put(store, base / "spool", "three", pages[PAGES:], records=2)
    (base / "foreign.warc.gz").write_bytes(ForeignWarc(compressed=True).pages(5).data)


def nothing_processed(store: DirectoryStore, _: Path) -> None:
    """Leave nothing but captures, as if no command had processed them yet."""
    for info in list(store.list("")):
        if not info.key.startswith(("captures/", "index/conditional")):
            store.delete(info.key)


def processed(store: DirectoryStore, _: Path) -> None:
    """Process the pages that wait."""
    stages.process(context(store, seed=3))


def released(store: DirectoryStore, folder: Path) -> None:
    """Publish the texts and their words, for what reads or changes releases."""
    for name, more in (("data", ()), ("words", ("--non-consumptive",))):
        assert run(["release", "latest", name, *more, "--no-prefect", "--store", store.url]) == 0
    shutil.copytree(store.root / "releases" / "words", folder / "words")


def compared(store: DirectoryStore, _: Path) -> None:
    """Compare a rebuild."""
    assert run(["rebuild", "--compare", "--topic", "any", "--store", store.url]) == 0


def with_orphans(store: DirectoryStore, _: Path) -> None:
    """Leave packs that no commit lists, old enough to be deleted."""
    for number in range(6):
        packs.write(store, "rejections", [])
        store.put(f"documents/{number:064x}.parquet", b"left by a writer that was killed")
    old = (datetime.now(UTC) - OLD).timestamp()
    for info in store.list(""):
        os.utime(store.root / info.key, (old, old))


def with_damage(store: DirectoryStore, _: Path) -> None:
    """Lose a file of each of some tables, and damage others."""
    state = log_of(store).state()
    for number, table in enumerate(sorted(state.files)):
        ref = state.live(table)[0]
        store.delete(ref.key) if number % 2 else store.put(ref.key, store.get(ref.key)[:-9])


def in_quarantine(store: DirectoryStore, _: Path) -> None:
    """Put a run into quarantine."""
    mark = quarantine.QuarantineMark("steppe", "one", ("why",), "rules")
    quarantine.change(store, lambda before: {**before, mark.key: mark})


def files_left(store: DirectoryStore, _: Path) -> list[str]:
    """Return the files of tables that are there."""
    return [info.key for info in store.list("") if info.key.endswith(".parquet") and "/_delta_log/" not in info.key]


def secrets_left(store: DirectoryStore, _: Path) -> list[str]:
    """Return the objects that hold the text that was taken down, which must be none."""
    return places(store, SECRET[:50])


def written(name: str) -> Callable[[DirectoryStore, Path], list[str]]:
    """Return a function that lists the files of an output folder with their sums."""

    def listed(_: DirectoryStore, folder: Path) -> list[str]:
        sums = {
            path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / name).rglob("*") if path.is_file()
        }
        return [f"{path.relative_to(folder)} {sha256}" for path, sha256 in sums.items()]

    return listed


TO_STORE = ("--store", "{store}")
DIRECT = ("--no-prefect", *TO_STORE)
CASES = {
    "import": Case(("import", "{folder}/foreign.warc.gz", "--topic", "any", *TO_STORE)),
    "process": Case(("process", *DIRECT)),
    "process, in several commits": Case((), nothing_processed),
    "process --relink": Case(("process", "--relink", *DIRECT), commits_again=True),
    "rebuild": Case(("rebuild", *DIRECT), commits_again=True),
    "rebuild --compare": Case(("rebuild", "--compare", "--topic", "any", *TO_STORE)),
    "rebuild --approve": Case(
        ("rebuild", "--approve", "{compared}", *TO_STORE), compared, repeats=False, commits_again=True
    ),
    "rebuild --from-release": Case(
        ("rebuild", "--from-release", "{folder}/words", "--to", "{folder}/texts", *TO_STORE),
        released,
        outcome=written("texts"),
        repeats=False,
    ),
    "relink": Case(("relink", *TO_STORE), commits_again=True),
    "learn": Case(("learn", *TO_STORE)),
    "tag": Case(("tag", "latest", "mine", *TO_STORE), repeats=False),
    "release": Case(("release", "latest", "mine", *DIRECT), repeats=False),
    "release --non-consumptive": Case(("release", "latest", "mine", "--non-consumptive", *DIRECT), repeats=False),
    "takedown": Case(
        ("takedown", GONE, "--reason", "order", "--confirm", *TO_STORE), released, outcome=secrets_left, repeats=False
    ),
    "repair": Case(("repair", *TO_STORE), with_damage, damaged=True),
    "gc --delete": Case(("gc", "--delete", *TO_STORE), with_orphans, outcome=files_left),
    "optimize": Case(("optimize", *TO_STORE), processed),
    "expire-snapshots --delete": Case(
        ("expire-snapshots", "--older-than", "2100-01-01", "--delete", *TO_STORE), processed, outcome=files_left
    ),
    "outlets release": Case(("outlets", "release", "steppe", *TO_STORE), in_quarantine, repeats=False),
    "pull": Case(("pull", "latest", "{folder}/pulled", *TO_STORE), outcome=written("pulled"), repeats=False),
}

if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
