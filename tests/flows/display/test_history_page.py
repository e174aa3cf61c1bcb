"""History of an article through the whole pipeline: all edits of the source, and nothing else."""

import io
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from rich.console import Console as RichConsole

from articles.errors import InputError
from articles.history.edits import EditKind
from flows import process as stages
from flows.display import history_text
from flows.display.console import Console
from flows.display.history_page import render
from storage.snapshots import article_history
from tests.articles.history.planted import planted
from tests.flows.making import ROOT, Seen, article, put
from tests.flows.tables import Direct, context, log_of
from tests.site import manifest, mustache, pages, prose
from tests.site.outlets import OUTLETS

URL = "http://steppe.example/bridge/"
PLANTED = planted()


def page(document):
    body = article(document.title, *document.paragraphs).decode()
    return body.replace('<html lang="en">', f'<html lang="{document.lang}">').encode()


@pytest.fixture
def history(monkeypatch, directory_store, tmp_path):
    """Return a function that processes captures and returns the history of the first one's article."""
    monkeypatch.setattr("flows.processing.table.Workers", Direct)

    def process_and_load(*seen, url=""):
        put(directory_store, tmp_path / "spool", "run", seen)
        stages.process(context(directory_store))
        return article_history.history(directory_store, log_of(directory_store).state(), url or seen[0].url)

    return process_and_load


def steps_of(found):
    (steps,) = found.values()
    return steps


def written(found):
    out = io.StringIO()
    console = Console(out=RichConsole(file=out, width=200, color_system=None, soft_wrap=True))
    history_text.show(console, found)
    return out.getvalue()


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_the_pipeline_finds_the_planted_edits(history, lang):
    ours = [edit for edit in PLANTED if edit.old.lang == lang]
    seen = [Seen(URL, page(ours[0].old))]
    for hour, edit in enumerate(ours, 1):
        seen += [Seen(URL, page(edit.new), hour=2 * hour - 1), Seen(URL, page(edit.old), hour=2 * hour)]
    steps = steps_of(history(*seen))
    assert len(steps) == len(seen)
    for edit, changed, back in zip(ours, steps[1::2], steps[2::2], strict=True):
        assert {(one.kind, one.paragraph) for one in changed.edits} == {(edit.kind, edit.place)}
        assert changed.silent
        assert (changed.reverts, back.reverts) == (0, 1)


def test_edits_tombstones_reverts_and_reused_urls_in_one_history(history):
    first = PLANTED[0].old
    number = next(edit.new for edit in PLANTED if edit.kind is EditKind.NUMBER)
    other = replace(
        first,
        title="Snow falls early upon the eastern passes",
        paragraphs=tuple(
            f"Shepherd number {n} came down from the pastures with a flock that had seen neither grass nor sun for days."
            for n in range(5)
        ),
    )
    found = history(
        Seen(URL, page(first)),
        Seen(URL, page(number), hour=1),
        Seen(URL, status=404, hour=2),
        Seen(URL, page(number), hour=3),
        Seen(URL, page(first), hour=4),
        Seen(URL, page(other), hour=5),
    )
    versions = history_text.for_programs(found)
    assert [one["version"] for one in versions] == [1, 2, 3, 4, 5, 6]
    assert [one["gone"] for one in versions] == [False, False, True, False, False, False]
    assert [[edit["kind"] for edit in one["edits"]] for one in versions[:5]] == [[], ["number"], [], [], ["number"]]
    assert [one["silent"] for one in versions] == [False, True, False, False, True, True]
    assert [one["reverts"] for one in versions] == [None, None, None, None, 1, None]
    assert [one["reused"] for one in versions] == [False] * 5 + [True]
    assert versions[1]["edits"][0] == {"kind": "number", "paragraph": 0, "old": "14", "new": "17"}
    json.dumps(versions)
    shown = written(found)
    assert "[-14-]{+17+}" in shown
    assert "(number)" in shown
    assert "silent edit: the text changed" in shown
    assert "reverts to version 1" in shown
    assert "gone (404 or 410)" in shown
    assert "another article" in shown


class Loads(HTMLParser):
    """Collects the elements and attributes of a page, to find what it would load or run."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_the_html_page_escapes_all_text_and_loads_nothing(history):
    first = PLANTED[0].old
    nasty = (
        "A reader wrote that &lt;script&gt;alert(1)&lt;/script&gt; and &lt;img src=x onerror=y&gt; stood on the wall."
    )
    old = replace(first, title="Bridge &lt;b&gt;closed&lt;/b&gt; for good", paragraphs=(*first.paragraphs, nasty))
    new = replace(old, paragraphs=(*first.paragraphs, nasty.replace("wall", "gate of the yard")))
    text = render(URL + "?<q>", history(Seen(URL, page(old)), Seen(URL, page(new), hour=1)))
    loads = Loads()
    loads.feed(text)
    assert not {"script", "img", "link", "iframe", "b"} & set(loads.tags)
    assert not {"src", "href", "onerror"} & set(loads.attributes)
    assert "default-src 'none'" in unescape(text)
    assert "&lt;script&gt;alert(1)" in text
    assert "<del>wall</del>" in text
    assert re.search(r"<ins>gate of the yard</ins>", text)
    assert "?&lt;q&gt;" in text
    for tag in ("table", "section", "main", "tr", "td"):
        assert text.count(f"<{tag}") == text.count(f"</{tag}>")


def test_a_url_without_captures_has_no_history(history):
    with pytest.raises(InputError, match="no article at"):
        history(Seen("http://steppe.example/other/", page(PLANTED[0].old)), url=URL)


TEMPLATES = (
    "wordpress",
    "newswire",
    "tagdiv",
    "ltblog",
    "kazakh",
    "jamestown",
    "aggregator",
    "pangea",
    "amp",
    "jsonbody",
)


def on_template(outlet, slug, template, hour, edition=1):
    values = pages.values(prose.article(outlet, slug, edition), ROOT, edition)
    url = f"http://{OUTLETS[outlet].host}{manifest.page(outlet, slug).path}"
    return Seen(url, mustache.render(template, values).encode(), hour=hour)


@pytest.mark.parametrize(
    ("outlet", "slug"), [("steppe", "wagons"), ("azat", "gaz"), ("dala", "talaba"), ("lookout", "pasture")]
)
def test_a_new_template_makes_no_version(history, outlet, slug):
    seen = (on_template(outlet, slug, name, hour) for hour, name in enumerate(TEMPLATES))
    for steps in history(*seen).values():
        (step,) = steps
        assert len(step.version.captures) == len(TEMPLATES)


def test_an_edit_under_a_new_template_is_the_only_difference(history):
    old, new = on_template("dala", "talaba", "kazakh", 0), on_template("dala", "talaba", "wordpress", 1, edition=2)
    _, step = steps_of(history(old, new))
    assert [(edit.kind, edit.old, edit.new) for edit in step.edits] == [(EditKind.NUMBER, "38", "36")]
