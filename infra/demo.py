"""`make demo`: crawl the bundled local news web, or the given URLs, and show the resulting snapshot.

It runs and prints the commands that a user would type.
"""

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from flows.cli import run

STORE = Path("build/demo-store")
DEST = Path("build/demo-corpus")


def main(urls: list[str]) -> int:
    """Run the demonstration; return the exit code of the crawl if it failed, otherwise that of the pull."""
    if urls:
        return _show(["crawl", *urls, "--store", str(STORE)])
    # the local web is part of the tests: a checkout has it, an installed package does not
    from tests.site import serve  # noqa: PLC0415  not needed if URLs are given

    shutil.rmtree(STORE, ignore_errors=True)  # the local web has another port, so other URLs, each time
    with serve() as site, tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "urls.txt"
        listed.write_text("\n".join(site.urls()) + "\n", encoding="utf-8")
        hosts = [f"--resolve={host}=127.0.0.1" for host in site.hosts]
        local = ["--allow-private-hosts", "--delay", "0", "--concurrency", "4", *hosts]
        return _show(["crawl", "--from", str(listed), "--store", str(STORE), *local])


def _show(crawl: list[str]) -> int:
    code = _command(crawl)
    if code not in {0, 1}:  # 1: some URLs failed, as intended by the local web
        return code
    store = ["--store", str(STORE)]
    _command(["show", "latest", "--links", *store])
    _command(["verify", "latest", *store])
    code = _command(["pull", "latest", str(DEST), "--format", "text", *store])
    _excerpt(DEST)
    return code


def _command(arguments: list[str]) -> int:
    sys.stdout.write(f"\n$ irtysh {shlex.join(arguments)[:160]}\n")
    sys.stdout.flush()
    return run(arguments)


def _excerpt(folder: Path) -> None:
    """Print the beginning of a few documents."""
    for path in sorted(folder.rglob("*.txt"))[:3]:
        text = path.read_text(encoding="utf-8")
        sys.stdout.write(f"\n{path}\n  " + "\n  ".join(text[:600].splitlines()) + " …\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
