"""The flows that compare a rebuild and publish it on approval, without a server."""

import pytest

from flows import process as stages
from flows.deployment import events, run_states
from flows.deployment import reextraction_flows as flows
from flows.listener import SilentListener
from storage.objects.directory import DirectoryStore
from tests.flows.making import SENTENCES, Seen, article, put
from tests.flows.tables import Direct, context, log_of, rows
from tests.flows.test_comparing import BOOTS, OUTLET


@pytest.fixture
def said(monkeypatch):
    """Artifacts and events, by name."""
    said = {}
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    monkeypatch.setattr(flows, "RunListener", lambda _: SilentListener())
    monkeypatch.setattr(flows, "create_table_artifact", lambda table, key, description: said.update({key: table}))  # noqa: ARG005
    monkeypatch.setattr(flows, "create_markdown_artifact", lambda text, key, description: said.update({key: text}))  # noqa: ARG005
    monkeypatch.setattr(events, "emit", lambda event, _, payload: said.update({event: payload}))
    for name in ("write_artifacts", "emit_outcome"):
        monkeypatch.setattr(run_states, name, lambda *_: None)
    return said


def test_a_scheduled_comparison_waits_for_approval_and_reads_nothing_afterwards(tmp_path, said):
    store = DirectoryStore(tmp_path / "store")
    assert flows.compare.fn(store=store.url).message.endswith("is empty: there is nothing to compare.")
    page = article("Queue at the border", *SENTENCES)
    boots = page.replace(b"</article>", f'<p class="boots">{BOOTS}</p></article>'.encode())
    put(store, tmp_path / "spool", "one", [Seen("http://kurier.example/1", boots)])
    stages.process(context(store))
    assert flows.compare.fn(store=store.url).message.startswith("All documents were made by the rules in force")

    (tmp_path / "kurier.py").write_text(OUTLET)
    outlets = str(tmp_path / "kurier.py")
    state = flows.compare.fn(store=store.url, outlets=outlets)
    assert (state.type, state.name) == ("COMPLETED", "Awaiting approval")
    name = said["irtysh.rebuild.waiting"]["comparison"]
    assert f"Comparison {name}: 0 documents gained, 0 lost, 1 with other lines, in 1 outlet." in str(state.message)
    assert said["comparison-samples"][0]["before"] == BOOTS
    assert name in said["comparison"]
    assert log_of(store).head() == 0
    assert any(BOOTS in row["text"] for row in rows(store, "documents", "text"))

    flows.approve.fn(comparison=name, store=store.url)
    assert log_of(store).head() == 1
    assert not any(BOOTS in row["text"] for row in rows(store, "documents", "text"))
    assert flows.compare.fn(store=store.url, outlets=outlets).message.startswith("All documents were made by the rules")
