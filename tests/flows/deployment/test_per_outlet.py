"""Each outlet is asked as often as it publishes, at a minute of its own."""

from flows.deployment.cron import rules
from flows.deployment.per_outlet import FEW_HOURS, MANY_HOURS, by_outlet
from spiders import outlets

DEPLOYMENT = {"name": "ingest", "entrypoint": "x.py:ingest", "schedules": [], "parameters": {"store": "s3://corpus"}}


def test_there_is_one_deployment_for_each_outlet():
    known = outlets.load()
    made = by_outlet(DEPLOYMENT, known, "Asia/Almaty")
    assert [one["name"] for one in made] == [f"ingest-{name}" for name in sorted(known)]
    assert made[0]["parameters"] == {"store": "s3://corpus", "names": [min(known)]}
    assert DEPLOYMENT["parameters"] == {"store": "s3://corpus"}
    crons = [one["schedules"][0]["cron"] for one in made]
    assert len(set(crons)) > len(known) / 2  # spread over the hour
    assert all(rules(cron) for cron in crons)


def test_outlets_that_publish_much_are_asked_more_often():
    known = outlets.load()
    hours = {
        one["parameters"]["names"][0]: one["schedules"][0]["cron"].split()[1]
        for one in by_outlet(DEPLOYMENT, known, "UTC")
    }
    for name, outlet in known.items():
        often = hours[name].rpartition("/")[2]
        assert often == ("*" if outlet.daily >= 24 else str(MANY_HOURS) if outlet.daily >= 4 else str(FEW_HOURS))
