"""Start our own programs by a fork: `python -m flows.cli` begins in milliseconds, not after a second of loading.

The tests start a thousand processes: commands, crawls, parsers. Each would load the same modules first. Here one process has
loaded them (`python -m tests.forked_starts`), and each start forks it. The result is a process as before: a child of the one
that starts it, with its own memory, arguments, environment, folder, pipes, session and limits, which can be killed and awaited.
It starts its own children in the same way. What depends on how Python itself starts is started as usual: see `_may_be_forked`.
"""

import contextlib
import ctypes
import fcntl
import gc
import importlib
import importlib.util
import inspect
import json
import os
import resource
import socket
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import util
from pathlib import Path
from threading import Lock
from typing import Any
from unittest import mock

ROOT = Path(__file__).parents[1]
# Without DuckDB: its import starts threads, which a fork loses. Those of OpenBLAS and jemalloc know forks.
PRELOADED = (
    "spiders.process.child", "spiders.discovery.source_worker", "flows.cli", "flows.process", "flows.processing.limited_pages",
    "flows.processing.preloaded", "storage.objects.s3", "pyarrow.parquet",
)  # fmt: skip
CHILDLESS = {"storage.captures.limited_process", "spiders.discovery.source_worker"}  # programs that start no others
PROGRAMS = {"flows.cli", "spiders.process.child", "tests.flows.process_store", *CHILDLESS}
# Python, its libraries or the loader read variables with these beginnings only once.
READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_", "MALLOC_", "OMP_", "OPENBLAS_", "ARROW_", "COV_")
# Options of `subprocess.Popen` that are left to it, with what they are by default.
NOT_FORKED: Mapping[str, Any] = {
    "preexec_fn": None, "shell": False, "executable": None, "gid": None, "gids": None, "uid": None, "umask": -1, "process_group": -1,
}  # fmt: skip
LIMITS = (
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_DATA,
    resource.RLIMIT_AS,
    resource.RLIMIT_CPU,
    resource.RLIMIT_FSIZE,
)
PR_SET_CHILD_SUBREAPER = 36  # of Linux: this process becomes the parent of its descendants' orphans
MAX_REQUEST_BYTES = 150_000
MAX_DESCRIPTORS = 16
ADOPTION_SECONDS = 10.0  # until this process is a child of the one that starts it, which takes a millisecond
FORKED = b"forked"
SYSTEM = ctypes.CDLL(None)
USUAL_START = subprocess.Popen._execute_child  # type: ignore[attr-defined]  # replaced here


@dataclass(frozen=True, slots=True)
class Start:
    """What a process is started with. It gets descriptors with the given numbers."""

    parent: int
    words: Sequence[str]  # behind the interpreter
    environment: Mapping[str, str]
    folder: str
    descriptors: Sequence[int]
    limits: Sequence[tuple[int, int]]
    new_session: bool


class ForkServer:
    """The process that is forked, as seen by the one whose children it starts. It starts when needed."""

    def __init__(self, connection: socket.socket | None = None) -> None:
        self.environment = dict(os.environ)
        self._connection = connection
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def fork(  # noqa: PLR0917  what a process is started with
        self, words: Sequence[str], environment: Mapping[str, str], folder: str, standard: Sequence[int],
        passed: Sequence[int] = (), new_session: bool = False,  # noqa: FBT001, FBT002
    ) -> int:  # fmt: skip
        """Start a process and return its id. It is a child of this process: the one that forked it has exited."""
        limits = [resource.getrlimit(kind) for kind in LIMITS]
        start = Start(os.getpid(), words, environment, folder, [0, 1, 2, *passed], limits, new_session)
        with self._lock:
            connection = self._connection = self._connection or self._started()
            SYSTEM.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(connection, [json.dumps(asdict(start)).encode()], [*standard, *passed])
                number, end = connection.recv(100), connection.recv(100)
            finally:
                SYSTEM.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        if end != FORKED:
            raise RuntimeError("the process to be forked has ended")
        return int(number)

    def close(self) -> None:
        """End the process."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.wait()

    def _started(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-P", "-m", "tests.forked_starts", str(theirs.fileno())]
        path = os.pathsep.join(filter(None, (str(ROOT), self.environment.get("PYTHONPATH"))))
        null = subprocess.DEVNULL
        with theirs:
            self._process = subprocess.Popen(
                words, env={**self.environment, "PYTHONPATH": path}, pass_fds=[theirs.fileno()], stdin=null, stdout=null
            )
        return ours


@contextlib.contextmanager
def forked_starts() -> Iterator[None]:
    """Start our programs by a fork, in a block; only on Linux."""
    if sys.platform != "linux":
        yield
        return
    server = ForkServer()
    with contextlib.closing(server), mock.patch.object(subprocess.Popen, "_execute_child", _starting_by(server)):
        yield


def _starting_by(server: ForkServer) -> Callable[..., None]:
    """Return a method for `subprocess.Popen` that starts our programs by a fork, and others as usual."""
    names = tuple(inspect.signature(USUAL_START).parameters)

    def start(*given: Any) -> None:
        what = dict(zip(names, given, strict=True))
        environment = dict(os.environ if what["env"] is None else what["env"])
        folder = str(what["cwd"] or Path.cwd())
        if not _may_be_forked(what, environment, folder, server.environment):
            return USUAL_START(*given)
        popen, pipes = what["self"], [what["p2cread"], what["c2pwrite"], what["errwrite"]]
        standard = [number if pipe == -1 else pipe for number, pipe in enumerate(pipes)]
        words = [str(word) for word in what["args"][1:]]
        popen.pid = server.fork(words, environment, folder, standard, what["pass_fds"], what["start_new_session"])
        popen._child_created = True
        ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        return popen._close_pipe_fds(*(what[end] for end in ends))

    return start


def _may_be_forked(
    what: Mapping[str, Any], environment: Mapping[str, str], folder: str, before: Mapping[str, str]
) -> bool:
    """Return whether one of our programs is started whose start depends neither on variables nor on modules of the folder."""
    args = what["args"]
    if not isinstance(args, list | tuple) or args[0] != sys.executable or not Path(folder).is_dir():
        return False
    if any(what.get(name, usual) != usual for name, usual in NOT_FORKED.items()):
        return False
    words = args[2:] if args[1:2] == ["-P"] else args[1:]
    if words[:1] != ["-m"] or words[1] not in PROGRAMS or len(json.dumps(environment)) > MAX_REQUEST_BYTES // 2:
        return False
    ours, theirs = (
        {name: value for name, value in one.items() if name.startswith(READ_AT_THE_START)}
        for one in (before, environment)
    )
    paths = {str(ROOT), *ours.pop("PYTHONPATH", "").split(os.pathsep)}
    if not paths.issuperset(theirs.pop("PYTHONPATH", "").split(os.pathsep)) or ours != theirs:
        return False
    return Path(folder) == ROOT or not ({*Path(folder).glob("*.py")} | {*Path(folder).glob("*/__init__.py")})


def main() -> None:
    """Load the modules and models, be forked, and run a program in a forked process."""
    for name in PRELOADED:
        importlib.import_module(name)
    fast, _ = importlib.import_module("articles.links.encoder").default_encoders()
    fast.encode(["It loads its model."], "en")
    fast.glance(["It loads the words."])
    gc.collect()
    gc.freeze()
    theirs = socket.socket(fileno=int(sys.argv[1]))
    while True:
        start, received = _serve(theirs)
        if start.words[0] == "-c" or not CHILDLESS.isdisjoint(start.words):
            _become(start, received)
            return _run(start.words)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() > 0:
            theirs.close()
            _become(start, received)
            _start_children_by(ForkServer(ours))
            return _run(start.words)
        for descriptor in (ours.detach(), *received):  # this process, loaded as the other, is forked for its children
            os.close(descriptor)


def _serve(connection: socket.socket) -> tuple[Start, list[int]]:
    """Fork this process for each request. Returns only in the forked ones."""
    while True:
        data, received, _, _ = socket.recv_fds(connection, MAX_REQUEST_BYTES, MAX_DESCRIPTORS)
        if not data:
            os._exit(0)
        between = os.fork()
        if between == 0:
            number = os.fork()
            if number == 0:
                connection.close()
                return Start(**json.loads(data)), received
            connection.send(str(number).encode())
            os._exit(0)
        os.waitpid(between, 0)
        for descriptor in received:
            os.close(descriptor)
        connection.send(FORKED)


def _become(start: Start, received: Sequence[int]) -> None:
    """Give this process what the one to start shall have."""
    until = time.monotonic() + ADOPTION_SECONDS
    while os.getppid() != start.parent:
        if time.monotonic() > until or not Path(f"/proc/{start.parent}").exists():
            os._exit(1)  # it was killed while it started this one
        time.sleep(0.0002)
    if start.new_session:
        os.setsid()
    above = max(start.descriptors) + 1
    moved = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, above) for descriptor in received]
    for descriptor in received:
        os.close(descriptor)
    for descriptor, number in zip(moved, start.descriptors, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for kind, (soft, hard) in zip(LIMITS, start.limits, strict=True):
        resource.setrlimit(kind, (soft, hard))
    os.environ.clear()
    os.environ.update(start.environment)
    os.chdir(start.folder)


def _start_children_by(server: ForkServer) -> None:
    """Let this process start its children by a fork: also what `multiprocessing` starts, a fork server of its own."""

    def spawn(path: Any, words: Sequence[Any], passed: Sequence[int]) -> int:
        decoded = [os.fsdecode(word) for word in words]
        return server.fork(decoded[decoded.index("-c") :], dict(os.environ), str(Path.cwd()), [0, 1, 2], passed)

    subprocess.Popen._execute_child = _starting_by(server)  # type: ignore[attr-defined]
    util.spawnv_passfds = spawn  # type: ignore[assignment]


def _run(words: Sequence[str]) -> None:
    """Run `-m module` or `-c code` as `__main__`."""
    safe = words[0] == "-P"
    option, what, *arguments = words[safe:]
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    if option == "-c":
        sys.argv = ["-c", *arguments]
        return exec(what, module.__dict__)  # noqa: S102  the code of `multiprocessing`
    if not safe:
        sys.path.insert(0, str(Path.cwd()))
    spec: Any = importlib.util.find_spec(what)
    sys.argv = [spec.origin, *arguments]
    names = {"spec": spec, "file": spec.origin, "loader": spec.loader, "package": spec.parent, "cached": spec.cached}
    module.__dict__.update({f"__{name}__": value for name, value in names.items()})
    return exec(spec.loader.get_code(what), module.__dict__)  # noqa: S102


if __name__ == "__main__":
    main()
