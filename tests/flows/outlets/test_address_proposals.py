"""Proposals for an outlet's pattern of addresses, from what its sources name."""

import pytest

from flows.outlets import proposals
from spiders.outlet import Outlet
from spiders.outlets import load
from spiders.sources import Feed

FILE = '''
from spiders.outlet import Outlet
from spiders.sources import Feed


class Steppe(Outlet):
    """An outlet."""

    domains = ("steppe.example",)
    languages = ("en",)
    sources = (Feed("https://steppe.example/feed"),)
    article = (
        r"https://steppe\\.example/(?P<y>\\d{4})/[a-z-]+"
    )
    refuse = r"/video/"
'''


class Steppe(Outlet):
    """The outlet of that file."""

    domains = ("steppe.example",)
    languages = ("en",)
    sources = (Feed("https://steppe.example/feed"),)
    article = r"https://steppe\.example/(?P<y>\d{4})/[a-z-]+"
    refuse = r"/video/"


OLD = ["https://steppe.example/2024/a-bridge-is-measured"]
NEW = [f"https://steppe.example/news/2026/0{n}/1{n}/the-bridge-was-measured-again-{n}" for n in range(1, 8)]
VIDEOS = [f"https://steppe.example/video/2026/0{n}/11/the-bridge-on-a-sunday-{n}" for n in range(1, 9)]


def test_a_new_form_is_added_to_the_pattern_and_to_the_file(tmp_path):
    (found,) = proposals.propose_addresses(Steppe("steppe"), [*OLD, *NEW, *VIDEOS])
    assert (found.attribute, found.before, found.after, found.pages) == ("article", 1, 8, 7)
    assert "1 -> 8 addresses match" in str(found)
    path = tmp_path / "steppe.py"
    path.write_text(FILE)
    assert [line for line in proposals.patch(path, [found]).splitlines() if line.startswith("+  ")]
    proposals.apply(path, [found])
    outlet = load(str(path))["steppe"]
    assert all(map(outlet.is_article, [*OLD, *NEW]))
    assert not any(map(outlet.is_article, VIDEOS))


def test_a_pattern_that_matches_nothing_any_more_is_replaced():
    (found,) = proposals.propose_addresses(Steppe("steppe"), NEW)
    assert "(?P<y>" in found.selector
    assert "|https" not in found.selector


@pytest.mark.parametrize("named", [[], OLD, NEW[:4], [*OLD, *VIDEOS]])
def test_few_addresses_and_refused_ones_are_no_form(named):
    assert proposals.propose_addresses(Steppe("steppe"), named) == []
