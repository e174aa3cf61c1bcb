"""Run the whole stack without containers: `make up`, or `python -m infra.up [--data DIR] [--once] [OPTIONS OF irtysh deploy]`.

An object store (SeaweedFS) with generated keys, PostgreSQL if its programs are installed, a Prefect server, and a worker: the
processes of infra/Procfile, all on loopback. Then the flows are deployed. With --once it ends after the first scheduled run.
"""

import json
import os
import secrets
import shlex
import signal
import socket
import string
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from infra.up_programs import (
    DATABASE_USER,
    UpError,
    create_database,
    database_folder,
    make_database,
    other_user,
    program,
    run_program,
)

ROOT = Path(__file__).parents[1]
PROCFILE = Path(__file__).with_name("Procfile")
DATA = Path("build/up")
BUCKET = "corpus"
PORTS = (
    "UP_S3_PORT",
    "UP_ADMIN_PORT",
    "UP_MASTER_PORT",
    "UP_VOLUME_PORT",
    "UP_FILER_PORT",
    "UP_DATABASE_PORT",
    "UP_PREFECT_PORT",
)
GRPC_OFFSET = 10_000  # weed opens a second port that is this much higher
FIRST_PORT, LAST_PORT = 10_000, 20_000  # with the second ports below those that Linux lends to clients (from 32768)
START_SECONDS = 120.0  # a server that makes its database takes 30
STOP_SECONDS = 40.0  # a crawl closes its segments within 30
POLL_SECONDS = 0.2
TAIL_BYTES = 3_000
RUN_SECONDS = 1_800.0  # of the first scheduled run, with its wait for the schedule
WORKER_RUNS = "4"  # flow runs of the worker at a time, unless UP_RUNS in the environment says another number
ENDED = ("COMPLETED", "FAILED", "CRASHED")  # not cancelled: a run that is late gives way to the next one


@dataclass
class Part:
    """A process of the Procfile."""

    name: str
    running: "subprocess.Popen[bytes]"
    log: Path

    def check(self) -> None:
        """Raise UpError if it has ended."""
        if self.running.poll() is not None:
            tail = self.log.read_bytes()[-TAIL_BYTES:].decode(errors="replace")
            raise UpError(f"{self.name} has ended with code {self.running.returncode}; the end of {self.log}:\n{tail}")

    def stop(self) -> None:
        """End it: PostgreSQL by SIGINT, which does not wait for clients; SeaweedFS at once, since it does."""
        kind = {"database": signal.SIGINT, "store": signal.SIGKILL}.get(self.name, signal.SIGTERM)
        self.running.send_signal(kind)
        try:
            self.running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


@dataclass
class Stack:
    """The stack in a folder: its environment, and the processes that run."""

    data: Path
    environment: dict[str, str]
    parts: list[Part] = field(default_factory=list)

    @property
    def has_database(self) -> bool:
        """Whether Prefect's database is PostgreSQL."""
        return bool(self.environment["UP_DATABASE"])

    def start(self, name: str, ready: Callable[[], bool]) -> None:
        """Start a process of the Procfile, and wait until it is ready. Raises UpError."""
        words = [string.Template(word).substitute(self.environment) for word in shlex.split(commands()[name])]
        log = self.data / "logs" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        path = program(words[0])
        user: dict[str, Any] = other_user() if name == "database" else {}
        with log.open("ab") as output:
            running = subprocess.Popen(
                [path, *words[1:]],
                env=self.environment,
                cwd=user.pop("cwd", ROOT),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches this process only, which ends them in order
                **user,
            )
        part = Part(name, running, log)
        self.parts.append(part)
        self.wait(name, ready)

    def wait(self, what: str, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Wait until something is ready, as long as all processes run. Raises UpError."""
        until = time.monotonic() + seconds
        while not ready():
            for part in self.parts:
                part.check()
            if time.monotonic() > until:
                raise UpError(f"{what} is not ready after {seconds:.0f} s; its log is in {self.data / 'logs'}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End all processes, the last one first."""
        while self.parts:
            part = self.parts.pop()
            if part.running.poll() is None:
                part.stop()


def commands() -> dict[str, str]:
    """Return the commands of the Procfile, in order."""
    lines = (line for line in PROCFILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines)}


def prepare(data: Path, outer: Mapping[str, str]) -> Stack:
    """Return the stack of a folder. The first time, keys and ports are chosen and kept there."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    path = data / "environment"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in _fresh(data).items()), encoding="utf-8")
    kept = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if line)
    if not (data / "s3.json").exists():
        (data / "s3.json").touch(mode=0o600)
        (data / "s3.json").write_text(_identities(kept), encoding="utf-8")
    (data / "store").mkdir(exist_ok=True)
    inherited = {name: value for name, value in outer.items() if not name.startswith(("PREFECT_", "AWS_", "UP_"))}
    return Stack(data, {**inherited, **kept, "UP_RUNS": outer.get("UP_RUNS", WORKER_RUNS), "PYTHONPATH": str(ROOT)})


def up(data: Path, deploying: list[str], *, once: bool) -> int:
    """Start the stack, deploy the flows, and wait: for Ctrl-C, or with `once` for the first snapshot."""
    stack, began = prepare(data.absolute(), os.environ), datetime.now(UTC)
    ended: dict[str, Any] = {}
    try:
        with ExitStack() as ending:
            ending.callback(stack.stop)
            start_servers(stack)
            _say(
                f"Prefect's database: {'PostgreSQL' if stack.has_database else 'SQLite (PostgreSQL is not installed)'}"
            )
            _irtysh(stack, "deploy", *deploying)
            stack.start("worker", lambda: True)
            _say(f"Prefect: http://127.0.0.1:{stack.environment['UP_PREFECT_PORT']}")
            _say(f"store:   {stack.environment['IRTYSH_STORE']}; to use it: set -a; . {data / 'environment'}; set +a")
            if once:

                def has_ended() -> bool:
                    ended.update(_run_since(stack, began))
                    return bool(ended)

                stack.wait("the first scheduled run", has_ended, seconds=RUN_SECONDS)
                _say(f"{ended['name']}: {ended['state_name']}")
                _irtysh(stack, "snapshots")
            else:
                _say("Ctrl-C ends all of it; what it has stored stays, and `make up` goes on with it.")
                stack.wait("the end", lambda: False, seconds=float("inf"))
    except KeyboardInterrupt:
        _say("ended")
    except UpError as error:
        sys.stderr.write(f"up: {error}\n")
        return 1
    return 0


def start_servers(stack: Stack) -> None:
    """Start what is not running of object store, database and Prefect server, each when the one before is ready. UpError."""
    running = {part.name for part in stack.parts}
    if "store" not in running:
        stack.start("store", lambda: _bucket_is_ready(stack.environment))
    if stack.has_database and "database" not in running:
        make_database(Path(stack.environment["UP_DATABASE"]))
        stack.start("database", lambda: _listens(int(stack.environment["UP_DATABASE_PORT"])))
        create_database(stack.environment)
    if "server" not in running:
        stack.start("server", lambda: _is_healthy(stack.environment["PREFECT_API_URL"]))


def _fresh(data: Path) -> dict[str, str]:
    ports = dict(zip(PORTS, map(str, _free_ports(len(PORTS))), strict=True))
    database = database_folder(data)
    prefect = {
        "PREFECT_API_URL": f"http://127.0.0.1:{ports['UP_PREFECT_PORT']}/api",
        "PREFECT_HOME": str(data / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": '["events","flow_runs"]',
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
        "DO_NOT_TRACK": "1",
    }
    if database:
        address = f"{DATABASE_USER}@127.0.0.1:{ports['UP_DATABASE_PORT']}/prefect"
        prefect["PREFECT_API_DATABASE_CONNECTION_URL"] = f"postgresql+asyncpg://{address}"
    return {
        "UP_DATA": str(data),
        "UP_BUCKET": BUCKET,
        "UP_DATABASE": database,
        **ports,
        **prefect,
        "IRTYSH_STORE": f"s3://{BUCKET}/kz-ru",
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{ports['UP_S3_PORT']}",
        "AWS_ACCESS_KEY_ID": secrets.token_hex(10),
        "AWS_SECRET_ACCESS_KEY": secrets.token_urlsafe(32),
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _identities(environment: Mapping[str, str]) -> str:
    keys = {"accessKey": environment["AWS_ACCESS_KEY_ID"], "secretKey": environment["AWS_SECRET_ACCESS_KEY"]}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return json.dumps({"identities": [{"name": "up", "credentials": [keys], "actions": actions}]}, indent=1) + "\n"


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        port = secrets.randbelow(LAST_PORT - FIRST_PORT) + FIRST_PORT
        with suppress(OSError), ExitStack() as sockets:
            for number in (port, port + GRPC_OFFSET):
                sockets.enter_context(closing(socket.socket())).bind(("127.0.0.1", number))
            if port not in found:
                found.append(port)
    return found


def _irtysh(stack: Stack, *words: str) -> None:
    options = {"env": stack.environment, "cwd": ROOT}
    _say(run_program(f"irtysh {words[0]}", [sys.executable, "-m", "flows.cli", *words], **options).rstrip())


def _listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _is_healthy(api: str) -> bool:
    try:
        with urlopen(f"{api}/health", timeout=START_SECONDS) as answer:  # noqa: S310  our own server
            return bool(json.loads(answer.read()) is True)
    except (URLError, OSError, ValueError):
        return False


def _bucket_is_ready(environment: Mapping[str, str]) -> bool:
    import boto3  # noqa: PLC0415  takes half a second, and `prepare` does not need it
    from botocore.config import Config  # noqa: PLC0415  as above
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  as above

    client = boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL_S3"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5),
    )
    try:
        client.put_object(Bucket=environment["UP_BUCKET"], Key="ready", Body=b"")
    except (BotoCoreError, ClientError):
        return False
    return True


def _run_since(stack: Stack, began: datetime) -> dict[str, Any]:
    """Return the first run of `ingest` that began since then and has ended; empty if there is none. UpError if it failed."""
    asked = {
        "flows": {"name": {"any_": ["ingest"]}},
        "flow_runs": {"start_time": {"after_": began.isoformat()}, "state": {"type": {"any_": list(ENDED)}}},
        "sort": "START_TIME_ASC",
    }
    address = f"{stack.environment['PREFECT_API_URL']}/flow_runs/filter"
    request = Request(address, json.dumps(asked).encode(), {"content-type": "application/json"})  # noqa: S310  our own server
    with urlopen(request, timeout=START_SECONDS) as answer:  # noqa: S310  our own server
        found: list[dict[str, Any]] = json.loads(answer.read())
    if found and found[0]["state_type"] != "COMPLETED":
        raise UpError(f"{found[0]['name']} has ended as {found[0]['state_name']}: {found[0]['state'].get('message')}")
    return found[0] if found else {}


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(words: list[str]) -> int:
    """Parse the words; what is no option of this program goes to `irtysh deploy`."""
    data, once, rest = DATA, False, []
    left = iter(words)
    for word in left:
        if word == "--data":
            data = Path(next(left, str(DATA)))
        elif word == "--once":
            once = True
        elif word in {"-h", "--help"}:
            _say(__doc__ or "")
            return 0
        else:
            rest.append(word)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return up(data, rest, once=once)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
