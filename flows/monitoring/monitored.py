"""A run that is monitored: traced while it runs, and measured at its end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from articles.errors import IrtyshError
from flows.listener import Listener, SilentListener
from flows.options import METRICS_VARIABLE, TRACES_VARIABLE, MonitoringOptions, now
from storage.objects import ObjectStore
from storage.tracing import traced


@contextmanager
def monitored(
    name: str, store: ObjectStore, options: MonitoringOptions, listener: Listener = SilentListener()
) -> Iterator[None]:
    """Trace the block under a name, and then write the metrics file, as the options say."""
    if not options.metrics_file:
        with traced(options.traces, name):
            yield
        return
    from flows.monitoring import exposition  # noqa: PLC0415  most runs write no file
    from flows.monitoring.measures import StoreMeasures  # noqa: PLC0415  as above

    path = Path(options.metrics_file)
    exposition.check_file(path)
    with traced(options.traces, name):
        yield
    try:
        exposition.write_file(path, StoreMeasures(store, now))
        listener.note("metrics", f"wrote {path}", path=str(path))
    except IrtyshError as error:  # of the measuring: the run itself is done
        listener.note("failed", f"the metrics were not written: {error}")


def of_environment() -> MonitoringOptions:
    """Return the options that the environment gives: those of flow runs that a worker starts."""
    return MonitoringOptions(
        metrics_file=os.environ.get(METRICS_VARIABLE, ""), traces=os.environ.get(TRACES_VARIABLE, "")
    )
