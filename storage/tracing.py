"""Traces for OpenTelemetry, by option: what a run did, and for how long. Without the option, spans cost nothing.

A run is a span; below it are the crawl of each outlet, and each batch with its reading and writing. The process of a crawl gets
the collector's address and the position in the trace from its parent, and adds its requests and uploads. Prefect's own spans
of flow and task runs join them where it runs the flows. The exporter sends them to a collector by OTLP over HTTP.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from articles.errors import UsageError
from articles.harmless import harmless, without_passwords

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

SERVICE = "irtysh"
TRACES_PATH = "/v1/traces"  # of every OTLP collector, OTLP specification "OTLP/HTTP Request"
EXPORT_SECONDS = 3.0  # for one export with its retries: a crawl that is stopped must end within eight
TRACEPARENT = "traceparent"  # W3C Trace Context §3.2


@dataclass(frozen=True, slots=True)
class RunningTrace:
    """The trace of this process. `top` is the context of its first span."""

    collector: str
    tracer: "Tracer"
    top: "Context"


_traces: list[RunningTrace] = []  # empty while nothing is traced


def span(name: str, **attributes: str | float) -> AbstractContextManager[Any]:
    """Return a context manager that traces the block, as a part of the span that it runs in."""
    if not _traces:
        return nullcontext()
    return _traces[-1].tracer.start_as_current_span(name, attributes=_harmless(attributes))


def top_span(name: str, **attributes: str | float) -> AbstractContextManager[Any]:
    """Return a context manager that traces the block, as a part of this process's first span, wherever the block runs.

    In an event loop, and in threads, what happens to run is no part of what has started it.
    """
    if not _traces:
        return nullcontext()
    return _traces[-1].tracer.start_as_current_span(name, _traces[-1].top, attributes=_harmless(attributes))


def note(made: Any, **attributes: str | float) -> None:
    """Add attributes to what `span` gave its block."""
    if made is not None:
        made.set_attributes(_harmless(attributes))


def handed_over() -> tuple[str, str]:
    """Return the collector and the current position in the trace, for a child process; empty if nothing is traced."""
    if not _traces:
        return "", ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  optional

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return _traces[-1].collector, carrier.get(TRACEPARENT, "")


@contextmanager
def traced(url: str, name: str, exporter: Any = None, parent: str = "") -> Iterator[None]:
    """Trace the block as a span, and send it and the spans in it to the collector at `url`; without a URL, do nothing.

    `parent` is the position in another process's trace, as `handed_over` gives it. UsageError if OpenTelemetry's packages are
    missing, or if `url` is none. A collector that does not answer delays the end of the run by some seconds, and is named in
    the log.
    """
    if not url or _traces:  # a flow run within a command: that traces it
        yield
        return
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--traces {url}: give the http(s) URL of an OTLP collector, such as http://127.0.0.1:4318")
    try:
        from opentelemetry import context, trace  # noqa: PLC0415  optional
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(f"--traces needs OpenTelemetry: pip install 'irtysh[traces]' ({error})") from error
    address = url if url.rstrip("/").endswith(TRACES_PATH) else url.rstrip("/") + TRACES_PATH
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    sender = exporter or OTLPSpanExporter(endpoint=address, timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(sender))
    trace.set_tracer_provider(provider)  # Prefect's spans go there too
    tracer = provider.get_tracer(SERVICE)
    above = TraceContextTextMapPropagator().extract({TRACEPARENT: parent}) if parent else None
    try:
        with tracer.start_as_current_span(name, above):
            _traces.append(RunningTrace(url, tracer, context.get_current()))
            yield
    finally:
        _traces.clear()
        provider.shutdown()


def _harmless(attributes: dict[str, str | float]) -> dict[str, str | float]:
    return {
        f"irtysh.{key}": harmless(without_passwords(value)) if isinstance(value, str) else value
        for key, value in attributes.items()
    }
