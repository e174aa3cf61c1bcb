"""One deployment of the ingest flow for each outlet, so that a daily magazine is not asked as often as a news agency."""

from collections.abc import Mapping
from typing import Any

from flows.deployment.cron import minute_of
from spiders.outlet import Outlet

HOURLY_ARTICLES = 24  # a day, from which an outlet is asked every hour: there is a new one nearly every time
MANY_ARTICLES, MANY_HOURS = 4, 3  # a day, from which an outlet is asked every so many hours
FEW_HOURS = 12  # between two runs of all other outlets: feeds hold the articles of days


def cron_of(name: str, outlet: Outlet) -> str:
    """Return the cron schedule of an outlet: as often as it publishes, at a minute (and hour) of its own."""
    if outlet.daily >= HOURLY_ARTICLES:
        return f"{minute_of(name)} * * * *"
    hours = MANY_HOURS if outlet.daily >= MANY_ARTICLES else FEW_HOURS
    return f"{minute_of(name)} {minute_of(name + '/hour') % hours}/{hours} * * *"


def by_outlet(deployment: Mapping[str, Any], outlets: Mapping[str, Outlet], timezone: str) -> list[dict[str, Any]]:
    """Return a deployment for each outlet, named `ingest-NAME`, made from the deployment of the flow for all outlets."""
    return [
        {
            **deployment,
            "name": f"{deployment['name']}-{name}",
            "description": f"Discover, fetch and process new articles of {name}.",
            "schedules": [{"cron": cron_of(name, outlets[name]), "timezone": timezone}],
            "parameters": {**deployment["parameters"], "names": [name]},
        }
        for name in sorted(outlets)
    ]
