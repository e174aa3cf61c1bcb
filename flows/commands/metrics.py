"""`irtysh metrics`: the measures of a store for Prometheus."""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from articles.errors import InputError
from flows.exit_codes import DONE
from flows.monitoring import exposition
from flows.monitoring.measures import StoreMeasures
from flows.options import CommonOptions, now

LOOPBACK = "127.0.0.1"
MAX_PORT = 65535


def metrics(*, listen: str = "", write: Path | None = None, common: CommonOptions = CommonOptions()) -> int:
    """Measure a store for Prometheus.

    Pages by outcome, bytes, refusals, the captures that wait and the age of the oldest, the age of the newest snapshot, the
    duration of the last commit, and how each outlet does. Everything is read from the store, so one process on any machine
    measures all workers. docs/operating.md lists the metrics; infra/grafana-dashboard.json shows them.

    Example: `irtysh metrics --listen 9464`

    Example: `irtysh metrics --write /var/lib/node_exporter/irtysh.prom`

    Parameters
    ----------
    listen
        PORT or ADDRESS:PORT: answer http://ADDRESS:PORT/metrics until the command is interrupted. Default address: 127.0.0.1.
    write
        Write a file for the textfile collector of node_exporter instead of standard output.
    """
    if listen and write:
        raise InputError("give either --listen or --write, not both")
    store, console = common.open() if listen else common.open_existing(), common.console()
    measures = StoreMeasures(store, now)
    if listen:
        address, port = _parsed(listen)
        return _serve(measures, address, port, common)
    if write:
        exposition.write_file(write, measures)
        console.note("metrics", f"wrote {write}", path=str(write))
    elif common.json:
        for sample in exposition.samples(measures.read()):
            console.json(sample)
    else:
        sys.stdout.write(exposition.text(measures).decode())
    return DONE


def _parsed(listen: str) -> tuple[str, int]:
    """Return address and port of `PORT` or `ADDRESS:PORT`. InputError for anything else."""
    address, _, port = listen.rpartition(":")
    if not port.isdecimal() or int(port) > MAX_PORT:
        raise InputError(f"--listen {listen}: give a port, or ADDRESS:PORT, such as {LOOPBACK}:9464")
    return address.strip("[]") or LOOPBACK, int(port)


def _serve(measures: StoreMeasures, address: str, port: int, common: CommonOptions) -> int:
    from prometheus_client import start_http_server  # noqa: PLC0415  only this command needs it

    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server, thread = start_http_server(port, addr=address, registry=exposition.registry(measures))
    except OSError as error:
        raise InputError(f"--listen {address}:{port}: {error.strerror or error}; choose another port") from error
    url = f"http://{address}:{server.server_address[1]}/metrics"
    common.console().note("listening", f"metrics of {common.store} at {url}; Ctrl-C ends it", url=url)
    try:
        stopped.wait()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        for number, handler in before.items():
            signal.signal(number, handler)
    return DONE
