"""Give measures to Prometheus: as text, as a file for node_exporter, or from an endpoint."""

import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from articles.errors import InputError, StoreError
from articles.harmless import harmless
from flows.monitoring.measures import METRICS, Measure, StoreMeasures

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

MIN_SCRAPE_SECONDS = 10.0  # an answer younger than this is given again: who scrapes often costs the bucket nothing
FILE_MODE = 0o644  # node_exporter runs as another user

logger = logging.getLogger(__name__)


class StoreCollector:
    """Collector of prometheus_client. A store that cannot be read gives `irtysh_up 0`, and nothing else."""

    def __init__(self, measures: StoreMeasures, clock: Callable[[], float] = time.monotonic) -> None:
        self._measures = measures
        self._clock = clock
        self._lock = Lock()
        self._at = -MIN_SCRAPE_SECONDS
        self._last: list[Measure] = []

    def collect(self) -> Iterator[Any]:
        """Yield the metric families."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415  only metrics need it

        for measure in self._now():
            kind, labels, meaning = METRICS[measure.name]
            family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(
                measure.name, meaning, labels=labels
            )
            for values, number in measure.samples:
                family.add_metric([harmless(value) for value in values], number)
            yield family

    def _now(self) -> list[Measure]:
        with self._lock:
            if self._clock() - self._at >= MIN_SCRAPE_SECONDS:
                try:
                    self._last = self._measures.read()
                except StoreError as error:
                    logger.warning("the store cannot be measured: %s", error)
                    self._last = [Measure("irtysh_up", [((), 0.0)])]
                self._at = self._clock()
            return self._last


def registry(measures: StoreMeasures) -> "CollectorRegistry":
    """Return a registry with the measures of a store."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415  only metrics need it

    made = CollectorRegistry(auto_describe=False)
    made.register(StoreCollector(measures))
    return made


def text(measures: StoreMeasures) -> bytes:
    """Return the measures in Prometheus' text format."""
    from prometheus_client import generate_latest  # noqa: PLC0415  only metrics need it

    return bytes(generate_latest(registry(measures)))


def check_file(path: Path) -> None:
    """Raise InputError if a file cannot be written: before a run of hours, not after it."""
    if not path.parent.is_dir():
        raise InputError(f"cannot write the metrics to {path}: {path.parent} is no folder")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"cannot write the metrics to {path}: no file can be created there")


def write_file(path: Path, measures: StoreMeasures) -> None:
    """Replace a file with the measures: at once, so that node_exporter never reads half of it. InputError if it cannot."""
    data = text(measures)
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(data)
                file.close()
                temporary.chmod(FILE_MODE)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)  # it is there only if something failed
    except OSError as error:
        raise InputError(f"cannot write the metrics to {path}: {error.strerror}") from error


def samples(measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """Return the measures for `--json`."""
    return [
        {"metric": measure.name, **dict(zip(METRICS[measure.name][1], values, strict=True)), "value": number}
        for measure in measures
        for values, number in measure.samples
    ]
