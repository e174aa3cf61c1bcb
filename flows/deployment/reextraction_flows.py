"""Prefect flows of re-extraction: `compare` reads the archive by the rules in force, `approve` publishes what it has read.

`infra/prefect.yaml` gives `compare` a schedule. It reads nothing as long as all documents were made by the rules in force. If
something would change, the run ends in the state `Awaiting approval`, with tables of what would change, and an event for alerts.
"""

from typing import Any

from prefect import State, flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.states import Completed

from articles.counting import many
from articles.harmless import harmless
from flows import comparing, reextraction
from flows.comparing import RebuildComparison
from flows.deployment import events
from flows.deployment.run_log import RunListener
from flows.deployment.run_states import ended
from flows.deployment.settling import opened, sign_of_life
from flows.display import comparison as shown
from flows.options import ProcessOptions, is_empty, now, processing_context, resolved_store
from flows.processing.topics import specify
from flows.reports import RunOutcome
from storage import leases
from storage.objects import ObjectStore

AWAITING = "Awaiting approval"


@flow(name="compare")
def compare(
    *, store: str = "", topic: str = "", processing: ProcessOptions = ProcessOptions(), outlets: str = ""
) -> State[Any]:
    """Read all captures again by the rules in force, publish nothing, and show what would change.

    Nothing is read if all documents were made by the rules in force. `approve` publishes what was read.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        topic: Judge all captures by this topic instead of their own: a built-in topic, a YAML file, or `any`.
        processing: Options of processing.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    corpus = opened(resolved_store(store))
    if is_empty(corpus):
        return Completed(message=f"{corpus.url} is empty: there is nothing to compare.")
    with sign_of_life(corpus, []), leases.held(corpus, reextraction.LEASE, "another rebuild", now):
        other = reextraction.documents_of_other_rules(corpus, outlets)
        if not (topic or other):
            return Completed(message="All documents were made by the rules in force: nothing was read.")
        request = comparing.request_of(corpus, specify(corpus, topic) if topic else "", outlets)
        context = processing_context(corpus, RunListener("compare"), processing, outlets=outlets)
        made = reextraction.compare(context, request)
    write_artifacts(corpus, made)
    if not any(one.differs for one in made.outlets.values()):
        return Completed(message=f"Nothing would change; {made.segments:,} of the archive's segments were read.")
    message = summary(made)
    payload = {"store": corpus.url, "comparison": made.name, "why": message}
    events.emit(events.REBUILD_WAITING, f"irtysh.store.{corpus.url}", payload)
    return Completed(name=AWAITING, message=f"{message} To publish it: `irtysh rebuild --approve {made.name}`")


@flow(name="approve")
def approve(*, comparison: str, store: str = "", processing: ProcessOptions = ProcessOptions()) -> State[RunOutcome]:
    """Publish what a run of `compare` has read, in one snapshot. It is refused if the rules have changed since.

    Args:
        comparison: Name of the comparison, as its run and its artifact state it.
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        processing: Options of processing.
    """
    corpus = opened(resolved_store(store))
    with sign_of_life(corpus, []), leases.held(corpus, reextraction.LEASE, "another rebuild", now):
        listener = RunListener("approve")
        report = reextraction.approve(
            corpus,
            lambda request: processing_context(corpus, listener, processing, outlets=request.outlets),
            comparison,
        )
    return ended("approve", corpus, RunOutcome(processed=report))


def summary(made: RebuildComparison) -> str:
    """Return in one sentence what would change."""
    changed = [one for one in made.outlets.values() if one.differs]
    gained, lost = sum(one.gained for one in changed), sum(one.lost for one in changed)
    edited = sum(one.edited for one in changed)
    return f"Comparison {made.name}: {many(gained, 'document')} gained, {lost:,} lost, {edited:,} with other lines, in {many(len(changed), 'outlet')}."


def write_artifacts(store: ObjectStore, made: RebuildComparison) -> None:
    """Create three artifacts: what would change by outlet and by rule, and how to approve it."""
    for name, columns, rows in (
        ("outlets", shown.OUTLET_COLUMNS, shown.outlet_rows(made)),
        ("rules", shown.RULE_COLUMNS, shown.rule_rows(made)),
        ("samples", shown.SAMPLE_COLUMNS, shown.sample_rows(made)),
    ):
        table = [{column: _plain(value) for column, value in zip(columns, row, strict=True)} for row in rows]
        create_table_artifact(table, key=f"comparison-{name}", description=f"What a rebuild would change: {name}")
    text = f"{summary(made)}\n\n    irtysh rebuild --approve {made.name} --store {store.url}\n"
    create_markdown_artifact(text, key="comparison", description="What a rebuild would change, and how to publish it")


def _plain(value: object) -> object:
    return harmless(value) if isinstance(value, str) else value
