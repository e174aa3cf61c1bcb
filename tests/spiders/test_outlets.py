from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import spiders.outlets
from articles.errors import InputError
from spiders.date_window import DateSpan, DateWindow
from spiders.discovery.paging import PageSeen, following, steps
from spiders.outlet_file import check_file
from spiders.outlets import find, load, outlet_name

GOOD = """
from spiders.outlet import Outlet
from spiders.sources import Archive, Feed, JsonListing, Listing, Search, Sitemap

class {name}(Outlet):
    '''A fictional outlet.'''

    domains = ("{domain}",)
    languages = ("en",)
    {more}
"""


def write(folder: Path, name: str, domain: str = "steppe.example", more: str = "") -> Path:
    path = folder / f"{name}.py"
    path.write_text(GOOD.format(name=name.capitalize(), domain=domain, more=more))
    return path


@pytest.mark.parametrize("name", sorted(load()))
def test_every_outlet_has_the_attributes_that_a_crawl_needs(name):
    outlet = load()[name]
    assert outlet.name == name
    assert type(outlet).__doc__
    assert outlet.languages
    assert all(len(code) == 2 for code in outlet.languages)
    assert len(outlet.country) == 2
    assert outlet.kind
    assert outlet.sources
    assert outlet.article
    assert all(getattr(outlet, attribute) for attribute in outlet.guessed)
    assert outlet.daily > 0
    assert not outlet.is_article(f"https://{outlet.domains[0]}/")
    assert 0.5 <= outlet.delay <= 10
    assert outlet_name(f"https://www.{outlet.domains[0]}/x") == name


def test_every_file_of_the_folder_is_an_outlet():
    folder = Path(spiders.outlets.__file__).parent
    assert set(load()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


@pytest.mark.parametrize(
    ("name", "url", "is_article"),
    [
        ("eurasianet", "https://eurasianet.org/a-railway-through-the-steppe", True),
        ("eurasianet", "https://russian.eurasianet.org/a-railway", True),
        ("eurasianet", "https://eurasianet.org/node/123", False),
        ("eurasianet", "https://eurasianet.org/latest", False),
        ("eurasianet", "https://eurasianet.org.example/a-railway", False),
        ("tengrinews", "https://tengrinews.kz/kazakhstan_news/some-thing-happened-123456/", True),
        ("tengrinews", "https://kaz.tengrinews.kz/kazakhstan_news/some-thing-123456/", True),
        ("tengrinews", "https://tengrinews.kz/kazakhstan_news/", False),
    ],
)
def test_article_urls_are_recognised(name, url, is_article):
    assert find(name).is_article(url) is is_article


def test_a_doubled_host_in_a_url_is_corrected():
    outlet = find("tengrinews")
    assert outlet.mend("https://tengrinews.kzhttps://tengrinews.kz/news/a-1/") == "https://tengrinews.kz/news/a-1/"
    assert outlet.mend("https://tengrinews.kz/news/a-1/") == "https://tengrinews.kz/news/a-1/"


def test_the_wrong_time_zone_of_the_kremlins_dates_is_corrected():
    outlet = find("kremlin")
    assert outlet.mend_date("2024-09-03T12:00:00+04:00") == "2024-09-03T12:00:00+03:00"
    assert outlet.mend_date("2012-09-03T12:00:00+04:00") == "2012-09-03T12:00:00+04:00"


@pytest.mark.parametrize("name", sorted(load()))
def test_every_source_with_pages_has_a_second_page(name):
    outlet = load()[name]
    now = datetime(2026, 11, 20, tzinfo=UTC)
    full = PageSeen(200, 5, 5, 5, (DateSpan(now - timedelta(days=1), now - timedelta(days=1)),))
    for source in outlet.sources:
        for first in steps(source, DateWindow(now)):
            assert outlet.owns(first.url)
            further = following(first, full, DateWindow(now), resuming=False)
            assert (further is not None) == bool(getattr(source, "pages", ""))
            assert further is None or (outlet.owns(further.url) and further.url != first.url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://eurasianet.org/x", "eurasianet"),
        ("HTTPS://RUSSIAN.EURASIANET.ORG/x", "eurasianet"),
        ("https://noteurasianet.org/x", "noteurasianet.org"),
        ("https://www.gazette.co.uk/x", "gazette.co.uk"),
        ("http://127.0.0.1:8800/x", "127.0.0.1-8800"),
    ],
)
def test_a_url_gets_its_outlets_name_or_its_domain(url, name):
    assert outlet_name(url) == name


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://eurasia.example/", "http://[::1"])
def test_an_invalid_url_has_no_outlet(url):
    with pytest.raises(InputError):
        outlet_name(url)


def test_extra_outlets_are_added_and_override_ours(tmp_path):
    write(tmp_path, "steppe")
    write(tmp_path, "eurasianet", "127.0.0.1:8080")
    (tmp_path / "_notes.py").write_text("raise SystemExit")
    known = load(str(tmp_path))
    assert set(known) == {*load(), "steppe"}
    assert known["eurasianet"].domains == ("127.0.0.1:8080",)
    assert outlet_name("http://www.steppe.example/a", str(tmp_path)) == "steppe"
    assert outlet_name("http://127.0.0.1:8080/a", str(tmp_path)) == "eurasianet"
    assert outlet_name("http://127.0.0.1:8081/a", str(tmp_path)) == "127.0.0.1-8081"
    assert set(load(str(tmp_path / "steppe.py"))) == {*load(), "steppe"}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("sitemap = ('https://steppe.example/s',)", "no attribute 'sitemap'"),
        ("sources = Feed('https://steppe.example/f')", "sources must be a tuple"),
        ("sources = ('https://steppe.example/f',)", "sources must be a tuple"),
        ("sources = (Feed('steppe.example/f'),)", "Feed: .*steppe.example/f"),
        ("sources = (Feed('https://steppe.example/f', pages='page/'),)", "has neither {page} nor {before}"),
        ("sources = (Feed('https://steppe.example/{yyyy}'),)", "cannot have the placeholder {yyyy}"),
        ("sources = (Sitemap('https://steppe.example/{year}'),)", "cannot have the placeholder {year}"),
        ("sources = (Sitemap('https://steppe.example/{yyyy'),)", "expected '}'"),
        ("sources = (Archive('https://steppe.example/all/'),)", "has no date placeholder"),
        ("sources = (Listing('https://steppe.example/', links='a:('),)", "links .* is not a CSS selector"),
        ("sources = (Search('https://steppe.example/?s={query}', ()),)", "at least one search word"),
        ("sources = (JsonListing('https://steppe.example/api', items='a..b'),)", "is not a path"),
        ("sources = (Feed('https://steppe.example/f'), Feed('https://steppe.example/f'))", "listed twice"),
        ("wait = 'a:('", "wait .* is not a CSS selector"),
        ("article = '('", "regular expression"),
        ("delay = -1", "negative"),
        ("domains = ('https://steppe.example',)", "host names"),
        ("domains = ()", "host names"),
        ("sources = (Feed('https://steppe.example/f', pages='p={page:99999999999}'),)", "only be a name in braces"),
        ("sources = (Sitemap('https://steppe.example/{yyyy!r}'),)", "only be a name in braces"),
        ("mend_date = eval", "mend_date is assigned; only data may be assigned"),
        ("is_article: object = len", "is_article is assigned"),
        ("mend = lambda self, url: url", "mend is assigned"),
        ("__init__ = print", "__init__ is assigned"),
        ("_check = print", "_check is assigned"),
        ("mend, kind = len, ''", "is assigned"),
        ("from builtins import eval as mend_date", "this is no attribute"),
        ("for mend in (len,): pass", "this is no attribute"),
        ("print('run')", "this is no attribute"),
        ("kind = (mend := len) and ''", "mend must be a method, written with `def mend`"),
        ("def _check(self): return None", "_check is class machinery"),
        ("def __getattribute__(self, name): return len", "__getattribute__ is class machinery"),
        ("x = 1\n\nOutlet.mend_date = eval", "mend_date of another object is assigned"),
        ("x = 1\n\nclass Other(Outlet, metaclass=type): pass", "neither decorators nor keywords"),
        ("kind = 1", "kind must be a string"),
        ("legal = len", "legal must be a string"),
        ("javascript = 1", "javascript must be True or False"),
        ("cookies = 0", "cookies must be True or False"),
        ("daily = float('nan')", "daily must be a number"),
        ("x = 1 / 0", "cannot be loaded"),
        ("def", "cannot be loaded"),
    ],
)
def test_an_invalid_outlet_is_named_with_the_reason(tmp_path, more, why):
    write(tmp_path, "steppe", more=more)
    with pytest.raises(InputError, match=why) as caught:
        load(str(tmp_path))
    assert "steppe" in str(caught.value)


def test_a_method_from_elsewhere_is_refused_before_its_file_runs(tmp_path):
    ran = tmp_path / "ran"
    path = write(tmp_path, "steppe", more=f"mend_date = open({str(ran)!r}, 'w')")
    with pytest.raises(InputError, match=f"{path} line 10: mend_date is assigned"):
        load(str(tmp_path))
    assert not ran.exists()


def test_a_method_by_inheritance_or_decoration_is_refused(tmp_path):
    path = write(tmp_path, "steppe")
    text = path.read_text()
    path.write_text("class Mixin:\n    mend_date = eval\n" + text.replace("(Outlet):", "(Mixin, Outlet):"))
    with pytest.raises(InputError, match="mend_date must be a method"):
        load(str(tmp_path))
    path.write_text("from functools import cache\n" + text + "\n    @cache\n    def mend(self, url): return url\n")
    with pytest.raises(InputError, match="mend must be a method"):
        load(str(path))


def test_a_method_written_with_def_is_used(tmp_path):
    write(
        tmp_path,
        "steppe",
        more="def mend(self, url):\n        return self._bare(url)\n\n    def _bare(self, url):\n        return url[1:]",
    )
    assert load(str(tmp_path))["steppe"].mend("xhttps://a") == "https://a"


@pytest.mark.parametrize(
    "path", sorted(Path(spiders.outlets.__file__).parent.glob("[!_]*.py")), ids=lambda path: path.stem
)
def test_our_own_files_assign_only_data(path):
    check_file(path)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        load(str(tmp_path / "nowhere"))


def test_similar_names_are_suggested_for_an_unknown_outlet():
    with pytest.raises(InputError, match=r"no outlet 'eurasia'; did you mean .*eurasianet"):
        find("eurasia")
    with pytest.raises(InputError, match=f"`irtysh outlets` lists all {len(load())}"):
        find("xyzzy")
