"""Traces for OpenTelemetry, by option: what a run did, and for how long. Without the option, spans cost nothing.

A run is a span; below it are the crawl of each outlet, and each batch with its reading and writing. Prefect's own spans of
flow and task runs join them where it runs the flows. The exporter sends them to a collector by OTLP over HTTP.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from articles.errors import UsageError
from articles.harmless import harmless

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

SERVICE = "irtysh"
TRACES_PATH = "/v1/traces"  # of every OTLP collector, OTLP specification "OTLP/HTTP Request"

_tracers: list["Tracer"] = []  # empty while nothing is traced


def span(name: str, **attributes: str | float) -> AbstractContextManager[Any]:
    """Return a context manager that traces the block."""
    if not _tracers:
        return nullcontext()
    texts = {f"irtysh.{key}": harmless(value) if isinstance(value, str) else value for key, value in attributes.items()}
    return _tracers[-1].start_as_current_span(name, attributes=texts)


@contextmanager
def traced(url: str, name: str, exporter: Any = None) -> Iterator[None]:
    """Trace the block as a span, and send it and the spans in it to the collector at `url`; without a URL, do nothing.

    UsageError if OpenTelemetry's packages are missing, or if `url` is none. A collector that does not answer delays the end
    of the run by some seconds, and is named in the log.
    """
    if not url or _tracers:  # a flow run within a command: that traces it
        yield
        return
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--traces {url}: give the http(s) URL of an OTLP collector, such as http://127.0.0.1:4318")
    try:
        from opentelemetry import trace  # noqa: PLC0415  optional
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"--traces needs OpenTelemetry: pip install 'irtysh[traces]' ({error})") from error
    address = url if url.rstrip("/").endswith(TRACES_PATH) else url.rstrip("/") + TRACES_PATH
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=address)))
    trace.set_tracer_provider(provider)  # Prefect's spans go there too
    _tracers.append(provider.get_tracer(SERVICE))
    try:
        with span(name):
            yield
    finally:
        _tracers.clear()
        provider.shutdown()
