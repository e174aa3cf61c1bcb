"""Families of outlets: what an outlet inherits, and how a site's family is recognised."""

import pytest

from spiders.families import FAMILIES, Pangea, RossiyaSegodnya, WordPress, family_of
from spiders.outlet import Outlet
from spiders.outlets import load

STORY = "https://steppe.example/a-story-of-the-steppe/"


def outlet(base: type[Outlet], **attributes: object) -> Outlet:
    return type("Steppe", (base,), {"domains": ("steppe.example",), "__module__": __name__, **attributes})("steppe")


def test_an_outlets_own_selectors_go_before_those_of_its_family():
    made = outlet(Pangea, body=(".new",), lines=("More",))
    assert made.selectors.body == (".new", *Pangea.body)
    assert made.selectors.strip == Pangea.strip
    assert made.selectors.lines == ("More", *Pangea.lines)


def test_a_familys_path_matches_on_all_hosts_of_an_outlet_only():
    made = outlet(Pangea)
    assert made.is_article("https://rus.steppe.example/a/granitsa/32146002.html")
    assert made.is_article("http://www.steppe.example/a/32146002.html")
    assert not made.is_article("https://other.example/a/32146002.html")
    assert not made.is_article("https://rus.steppe.example/a/video-granitsa/32146002.html")


def test_the_day_in_the_path_of_a_family_is_known():
    assert (
        outlet(RossiyaSegodnya).addresses.day("https://steppe.example/politics/20171024/1507454680.html")
        == "2017-10-24"
    )


@pytest.mark.parametrize(
    ("source", "articles", "family"),
    [
        ('<link href="/wp-content/a.css"><script src="/wp-includes/b.js">', [STORY], WordPress),
        ('<a href="https://other.example/wp-content/a.jpg">', [STORY], None),  # one mark alone
        ('<link href="/wp-content/a.css"><script src="/wp-includes/b.js">', ["https://steppe.example/?p=1"], None),
        ('<img src="https://gdb.rferl.org/x.png"><h1 class="pg-title">', ["https://steppe.example/a/32146002.html"], Pangea),
        ("<p>plain</p>", [STORY], None),
    ],
)  # fmt: skip
def test_a_family_is_recognised_by_the_home_page_and_the_addresses(source, articles, family):
    assert family_of(source, articles) is family


def test_each_family_has_an_outlet_or_is_for_new_ones():
    used = {type(one).__mro__[1].__name__ for one in load().values()}
    assert {"Pangea", "RossiyaSegodnya", "WordPress", "Bitrix"} <= used
    assert used <= {*FAMILIES, "Outlet"}
