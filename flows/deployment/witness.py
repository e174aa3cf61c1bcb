"""End a flow run in a named state when its process was killed: python -m flows.deployment.witness RUN PID WORKER IDENTITY.

A worker that is stopped kills the processes of its runs at once, and they cannot say so themselves: Prefect would list them
as running until the next run settles that. So each run has a witness, a small process that outlives it. It imports Prefect,
which takes seconds and a hundred megabytes, only when it has something to say.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from storage.child_environment import child_environment
from storage.leases import process_identity

LOOK_SECONDS = 1.0  # between two looks whether the run's process still lives
WORKER_STOP_SECONDS = 10.0  # in which a worker that is stopped exits after it has killed its runs
TRIES, RETRY_SECONDS = 5, 5.0  # to reach the Prefect API
DONE = b"done"
STOPPED = "Stopped with its worker. What was fetched is in the store; the next run processes it."
KILLED = "Its process was killed, for example for lack of memory. What was fetched is in the store; the next run processes it."


@contextmanager
def witnessed(run: str) -> Iterator[None]:
    """Have a witness beside this process, which must run the flow run `run`, while the block runs."""
    worker = os.getppid()
    about = (run, str(os.getpid()), str(worker), process_identity(worker))
    command = [sys.executable, "-P", "-m", "flows.deployment.witness", *about]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,  # what ends our group does not end it
    )
    try:
        yield
    finally:
        with suppress(BrokenPipeError, subprocess.TimeoutExpired):  # somebody has killed it: then there is none
            process.communicate(DONE, timeout=LOOK_SECONDS * TRIES)


def watch(run: str, parent: int, worker: int, identity: str) -> None:
    """Wait until the parent of this process says that it is done, or until it dies; then end its flow run."""
    while os.getppid() == parent:
        if select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
            if sys.stdin.buffer.read(len(DONE)) == DONE:
                return
            break
    until = time.monotonic() + WORKER_STOP_SECONDS
    while process_identity(worker) == identity and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    end_run(run, with_worker=process_identity(worker) != identity)


def end_run(run: str, *, with_worker: bool) -> None:
    """Set the state of a flow run that Prefect lists as running, though its process is gone."""
    from uuid import UUID  # noqa: PLC0415  only if it has something to say

    import httpx  # noqa: PLC0415  as above
    from prefect import State, get_client  # noqa: PLC0415  as above
    from prefect.states import Cancelled, Crashed  # noqa: PLC0415  as above

    state: State[None] = Cancelled(message=STOPPED) if with_worker else Crashed(message=KILLED)
    for _ in range(TRIES):
        with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
            known = client.read_flow_run(UUID(run))
            if known.state is not None and not known.state.is_final():
                client.set_flow_run_state(known.id, state, force=True)
            return
        time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    watch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
