"""Run commands as users do: as processes, with their output and exit codes."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.site import RunningSite

ROOT = Path(__file__).parents[2]
PUBLIC_SITECUSTOMIZE = Path(__file__).parent / "public"
TIMEOUT_SECONDS = 120.0  # seconds


@dataclass(frozen=True)
class Done:
    """Exit code and output of a finished command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The values of its JSON Lines output."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def last(self) -> Any:
        return self.lines[-1]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == kind]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "flows.cli", *map(str, arguments)]


def environment(*, public: bool = False, **more: str) -> dict[str, str]:
    """Return the environment of a command, without variables of Prefect and Irtysh. `public`: see `public/sitecustomize.py`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "IRTYSH_"))}
    path = [str(PUBLIC_SITECUSTOMIZE)] if public else []
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([*path, str(ROOT)]),
        "IRTYSH_CONTACT": "mailto:t@irtysh.example",
        **more,
    }


def irtysh(*arguments: str | Path, public: bool = False, stdin: str = "", **more: str) -> Done:
    """Run a command and return its result."""
    done = subprocess.run(
        command(*arguments),
        env=environment(public=public, **more),
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def here(*arguments: str | Path, **more: str) -> Done:
    """Run a command in this process, which has loaded the program: for what is said of its outcome, and not of processes."""
    from flows.cli import run  # noqa: PLC0415  most tests start processes

    out, err = io.StringIO(), io.StringIO()
    variables = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment(public=False, **more))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(map(str, arguments)))
    finally:
        os.environ.clear()
        os.environ.update(variables)
    return Done(code, out.getvalue(), err.getvalue())


def site_options(site: RunningSite, delay: float = 0.0, concurrency: int = 8) -> list[str]:
    """Return options that resolve the site's host names to it, by default without a delay between requests."""
    names = [word for pair in site.resolve for word in ("--resolve", pair)]
    return [*names, "--delay", str(delay), "--concurrency", str(concurrency)]


def write_list(folder: Path, urls: Iterable[str], name: str = "urls.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
    return path
