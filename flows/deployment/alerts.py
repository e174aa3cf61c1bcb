"""Automations on a Prefect server: messages to a webhook, and processing of captures that wait."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import yaml
from prefect import get_client
from prefect.blocks.webhook import Webhook
from prefect.events.actions import CallWebhook, RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger

from articles.errors import UsageError
from flows.deployment.events import CAPTURES_WAITING

if TYPE_CHECKING:
    from uuid import UUID

BLOCK = "irtysh-alerts"
PREFIX = "irtysh-"
MAX_AGE = "max-age"  # stands for the age of a snapshot in the file
PROCESS = "process/process"
CRAWLING = ("crawl", "ingest", "ingest-*")  # deployments whose runs leave captures when they are killed


def read_alerts(text: str, max_age: int) -> list[dict[str, Any]]:
    """Return the alerts of a file, with the age of the newest snapshot in seconds for `max-age`."""
    alerts: list[dict[str, Any]] = yaml.safe_load(text)["alerts"]
    for alert in alerts:
        if alert["trigger"].get("within") == MAX_AGE:
            alert["trigger"]["within"] = max_age
    return alerts


def make_alerts(url: str, alerts: Sequence[Mapping[str, Any]]) -> None:
    """Make or replace one automation for each alert, which posts JSON to a webhook. UsageError if `url` is none."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"--alerts {url!r}: give the http(s) URL of a webhook")
    block = Webhook.model_validate({"url": url, "headers": {"content-type": "application/json"}})
    identity = cast("UUID", block.save(BLOCK, overwrite=True))  # a coroutine only in asynchronous code
    for alert in alerts:
        payload = '{"alert": %s, "text": {{ text | tojson }}}' % json.dumps(alert["name"])  # noqa: UP031  braces
        payload = "{% set text %}" + alert["text"] + "{% endset %}" + payload
        _upsert(
            AutomationCore(
                name=f"{PREFIX}{alert['name']}",
                description="Made by `irtysh deploy --alerts` from infra/alerts.yaml; that replaces it.",
                trigger=EventTrigger(**alert["trigger"]),
                actions=[CallWebhook(block_document_id=identity, payload=payload)],
            )
        )


def process_waiting() -> None:
    """Make or replace the automation that processes captures which a stopped run has left."""
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(PROCESS)
    template = {"__prefect_kind": "jinja", "template": "{{ event.payload.store }}"}
    _upsert(
        AutomationCore(
            name=f"{PREFIX}process-waiting",
            description="Processes captures that a stopped run has left. Made by `irtysh deploy`, which replaces it.",
            trigger=EventTrigger(expect={CAPTURES_WAITING}),
            actions=[RunDeployment.model_validate({"deployment_id": deployment.id, "parameters": {"store": template}})],
        )
    )


def process_crashed() -> None:
    """Make or replace the automation that processes the captures of deployed crawls whose process was killed."""
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name(PROCESS)
    template = {"__prefect_kind": "jinja", "template": "{{ flow_run.parameters.store or '' }}"}
    trigger = EventTrigger.model_validate(
        {
            "expect": ["prefect.flow-run.Crashed"],
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {"prefect.resource.role": "deployment", "prefect.resource.name": list(CRAWLING)},
        }
    )
    _upsert(
        AutomationCore(
            name=f"{PREFIX}process-crashed",
            description="Processes what a killed run has fetched. Made by `irtysh deploy`, which replaces it.",
            trigger=trigger,
            actions=[RunDeployment.model_validate({"deployment_id": deployment.id, "parameters": {"store": template}})],
        )
    )


def _upsert(automation: AutomationCore) -> None:
    with get_client(sync_client=True) as client:
        found = client.read_automations_by_name(automation.name)
        for one in found:
            client.delete_automation(one.id)
        client.create_automation(automation)
