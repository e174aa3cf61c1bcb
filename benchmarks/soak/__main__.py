"""Run Irtysh for simulated months, and compare the corpus with what was planted.

    python -m benchmarks.soak [--outlets 8] [--days 60] [--every 24] [--a-day 2] [--kills 4] [--outages 6] [--seed 7]

Local outlets publish, edit and delete articles by a plan. Every few simulated hours `irtysh ingest` runs as a process of its own,
as a schedule runs it, at the shifted clock of `benchmarks/soak/clock`. On some days an outlet answers 503, the store cannot be
written, or the run is killed with all its processes (`kill -9`), and starts again. At the end all known articles are fetched once
more, `irtysh verify --deep` runs, and the program prints: recall of the planted articles, wrong texts, deletions that were seen,
lost captures, and the peak memory of the first and the last runs.
"""

import argparse
import contextlib
import html
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from benchmarks.ingest import OUTLET, PAGE, SOURCES, TEMPLATES, source
from storage.corpus import StoredCorpus
from storage.export.selection import Selection
from tests.site import RunningSite, bulk
from tests.site.wire import Answer, Request

ROOT = Path(__file__).parents[2]
CLOCK = Path(__file__).parent / "clock"
EDIT_SHARE, DELETE_SHARE = 0.1, 0.03  # of the articles
EDIT_AFTER_DAYS, DELETE_AFTER_DAYS = (1, 10), (3, 20)
OUTAGE_DAYS = 2
KILL_SECONDS = (2.0, 12.0)  # after the start of a run
KB_PER_MB = 1_000
RUNS_COMPARED = 5  # at the beginning and at the end, for the growth of memory
EVERYTHING = Selection(with_duplicates=True, with_review=True)


@dataclass
class PlantedWeb:
    """Outlets whose articles come, change and go by the day."""

    names: tuple[str, ...]
    a_day: int
    edited: Mapping[tuple[str, int], float]  # (outlet, article) -> day
    deleted: Mapping[tuple[str, int], float]
    outages: tuple[tuple[str, float], ...]  # outlet and first day
    day: float = 0.0
    served: set[tuple[str, int]] = field(default_factory=set)  # articles that were answered with 200

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        name = request.host.partition(".")[0]
        if request.path == "/robots.txt" or name not in self.names:
            return Answer(404)
        if any(name == one and first <= self.day < first + OUTAGE_DAYS for one, first in self.outages):
            return Answer(503)
        if request.path.startswith("/a/"):
            return self._article(name, int(request.path.removeprefix("/a/").removesuffix(".html")), request)
        return self._source(name, request)

    def numbers(self, name: str) -> range:
        """Return the articles that an outlet has published so far."""
        return range(int(self.day * self.a_day) + 1 + self.names.index(name) % 2)

    def paragraphs(self, name: str, number: int) -> tuple[str, ...]:
        """Return the text of an article today."""
        made = bulk.article(number, salt=name)
        if self.day < self.edited.get((name, number), float("inf")):
            return made.paragraphs
        fresh = bulk.article(number, salt=f"{name} edited").paragraphs[0]
        return (made.paragraphs[0], fresh, *made.paragraphs[2:])

    def _article(self, name: str, number: int, request: Request) -> Answer:
        if number not in self.numbers(name):
            return Answer(404)
        if self.day >= self.deleted.get((name, number), float("inf")):
            return Answer(410)
        edited = self.day >= self.edited.get((name, number), float("inf"))
        etag = f'"{number}-{edited}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, [("ETag", etag)])
        made = bulk.article(number, salt=name)
        fields = {
            "title": html.escape(made.title),
            "author": made.author,
            "published": made.published,
            "lang": made.lang,
            "host": f"{name}.example",
            "body": "".join(f"<p>{html.escape(text)}</p>\n" for text in self.paragraphs(name, number)),
        }
        template = TEMPLATES[self.names.index(name) % len(TEMPLATES)]
        self.served.add((name, number))
        page = PAGE.format(content=template.format(**fields), **fields).encode()
        return Answer(200, [("Content-Type", "text/html; charset=utf-8"), ("ETag", etag)], page)

    def _source(self, name: str, request: Request) -> Answer:
        urls = [f"http://{request.host}/a/{number}.html" for number in self.numbers(name)]
        return source(request.path.strip("/"), urls)


@dataclass
class Soak:
    """Runs the commands of the schedule, and notes what each run needed."""

    web: PlantedWeb
    folder: Path
    memory: list[float] = field(default_factory=list)  # peak of each whole ingest, MB
    killed: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """Folder of the store."""
        return self.folder / "store"

    def ingest(self, *more: str, kill_after: float = 0.0) -> int:
        """Ingest all outlets once; with `kill_after`, kill the run and all that it has started after so many seconds."""
        options = ["--allow-private-hosts", "--delay=0", "--topic=any", "--no-prefect", "--workers=2", "--quiet"]
        options += [f"--resolve={name}.example=127.0.0.1" for name in self.web.names]
        return self.run(
            "ingest", *self.web.names, *options, f"--outlets={self.folder / 'outlets'}", *more, kill_after=kill_after
        )

    def run(self, *words: str, kill_after: float = 0.0) -> int:
        """Run a command at today's clock, and return its exit code."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IRTYSH_"))}
        env |= {
            "PYTHONPATH": os.pathsep.join((str(CLOCK), str(ROOT))),
            "IRTYSH_SOAK_SECONDS": str(timedelta(days=self.web.day).total_seconds()),
            "IRTYSH_CONTACT": "mailto:soak@irtysh.example",
            "TMPDIR": str(self.folder / "tmp"),  # a run at a later clock sweeps the old folders of others in its TMPDIR
        }
        (self.folder / "tmp").mkdir(exist_ok=True)
        log = self.folder / "log"
        with log.open("ab") as output:
            command = [sys.executable, "-m", "flows.cli", *words, "--store", str(self.store)]
            running = subprocess.Popen(
                command,
                env=env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        if kill_after:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
                self.killed += 1
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if words[0] == "ingest" and not kill_after:
            self.memory.append(used.ru_maxrss / KB_PER_MB)
        return running.returncode

    def without_store(self) -> None:
        """Run while the store cannot be written: its place is taken by a file."""
        away = self.store.with_name("away")
        self.store.rename(away)
        self.store.touch()
        code = self.ingest()
        self.store.unlink()
        away.rename(self.store)
        if code == 0:
            self.failed.append(f"day {self.web.day:.1f}: a run without a store has ended as if all were well")


def main() -> None:
    """Plant, run, and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (
        ("outlets", 8),
        ("days", 60),
        ("every", 24),
        ("a-day", 2),
        ("kills", 4),
        ("outages", 6),
        ("seed", 7),
    ):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  the same plan each time
    web = plan(rng, options.outlets, options.days, options.a_day, options.outages)
    steps = [step * options.every / 24 for step in range(options.days * 24 // options.every + 1)]
    kills = frozenset(rng.sample(steps[1:-1], min(options.kills, max(0, len(steps) - 2))))
    storeless = rng.choice(steps[1:-1])
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as at, RunningSite(web) as site:  # type: ignore[arg-type]  # only `answer` is used
        soak = Soak(web, Path(at))
        write_outlets(soak.folder / "outlets", web.names, site.port)
        for web.day in steps:
            if web.day == storeless:
                soak.without_store()
            if web.day in kills:
                soak.ingest(kill_after=rng.uniform(*KILL_SECONDS))
            code = soak.ingest()
            print(f"day {web.day:5.1f}: exit code {code}, {soak.memory[-1]:.0f} MB", file=sys.stderr)
        web.day += 1
        soak.ingest("--revisit", "all")
        verified = soak.run("verify", "--deep", f"--outlets={soak.folder / 'outlets'}")
        figures = compare(soak) | {
            "verify": verified,
            "kills": soak.killed,
            "memory_first": round(sum(soak.memory[:RUNS_COMPARED]) / RUNS_COMPARED),
            "memory_last": round(sum(soak.memory[-RUNS_COMPARED:]) / RUNS_COMPARED),
            "failed": soak.failed,
            "minutes": round((time.monotonic() - began) / 60, 1),
        }
    print(json.dumps(figures, indent=1, ensure_ascii=False))


def plan(rng: random.Random, outlets: int, days: int, a_day: int, outages: int) -> PlantedWeb:
    """Return the outlets, with the days of edits, deletions and outages."""
    names = tuple(f"paper{number:02}" for number in range(outlets))
    edited: dict[tuple[str, int], float] = {}
    deleted: dict[tuple[str, int], float] = {}
    for name in names:
        for number in range(days * a_day):
            drawn = rng.random()
            if drawn < EDIT_SHARE:
                edited[name, number] = number / a_day + rng.uniform(*EDIT_AFTER_DAYS)
            elif drawn < EDIT_SHARE + DELETE_SHARE:
                deleted[name, number] = number / a_day + rng.uniform(*DELETE_AFTER_DAYS)
    out = tuple((rng.choice(names), rng.uniform(1, max(2, days - OUTAGE_DAYS - 1))) for _ in range(outages))
    return PlantedWeb(names, a_day, edited, deleted, out)


def write_outlets(folder: Path, names: tuple[str, ...], port: int) -> None:
    """Write the files of the outlets."""
    folder.mkdir()
    for number, name in enumerate(names):
        source, path = SOURCES[number % len(SOURCES)]
        text = OUTLET.format(host=f"{name}.example", port=port, source=source, path=path)
        (folder / f"{name}.py").write_text(text)


def is_at(url: str, name: str, number: int) -> bool:
    """Whether a URL is that of an article, with or without the port of the local web."""
    return f"//{name}.example" in url and url.endswith(f"/a/{number}.html")


def compare(soak: Soak) -> dict[str, object]:
    """Compare the newest snapshot with what the outlets have now."""
    web = soak.web
    snapshot = StoredCorpus.open(str(soak.store)).snapshot()
    found = {row["url"]: row for row in snapshot.documents(EVERYTHING)}
    gone = {document.head.url for document in snapshot._contents.view.documents.values() if document.gone}  # noqa: SLF001
    missing: list[str] = []
    wrong: list[str] = []
    planted = deleted = unseen = seen_gone = extra = 0
    for name, number in sorted(web.served):
        url = next((one for one in found if is_at(one, name, number)), "")
        if web.day >= web.deleted.get((name, number), float("inf")):
            deleted += 1
            seen_gone += any(is_at(one, name, number) for one in gone)
            continue
        planted += 1
        if not url:
            missing.append(f"{name}/{number}")
            continue
        lines = {" ".join(line.split()) for line in found[url]["text"].splitlines()}
        wanted = {" ".join(line.split()) for line in web.paragraphs(name, number)}
        others = {
            " ".join(line.split()) for line in bulk.article(number, salt=name).paragraphs
        } - wanted  # of the old version
        if wanted - lines or others & lines:
            wrong.append(f"{name}/{number}")
        extra += len(lines - wanted - others - {""})
    for name in web.names:
        unseen += sum((name, number) not in web.served for number in web.numbers(name))
    return {
        "planted": planted,
        "recall": round(1 - len(missing) / planted, 4) if planted else None,
        "missing": missing[:20],
        "wrong_texts": len(wrong),
        "wrong": wrong[:20],
        "extra_lines": extra,  # such as bylines
        "deleted": deleted,
        "seen_as_gone": seen_gone,
        "never_served": unseen,
    }


if __name__ == "__main__":
    main()
