"""Lists of what a snapshot kept and rejected, and their sums."""

from datetime import timedelta
from typing import Any

import pytest

from articles.errors import UsageError
from articles.url import article_id
from storage.export.listing import ListFilter, contents_for, documents, last_kept, rejections
from storage.export.published import DateRange
from storage.snapshots import catalog
from storage.snapshots.contents import load
from storage.snapshots.summary import summarise
from storage.tables import packs
from tests.storage import samples
from tests.storage.export.pulling import pull_to
from tests.storage.history import commit, log_of

few_read: list[ListFilter] = []


def listed(log, number=2, **chosen):
    state = log.state(number)
    wanted = ListFilter(**chosen)
    found = documents(log.store, state, load(log.store, state), wanted)
    few = contents_for(log.store, state, wanted)
    assert documents(log.store, state, few, wanted) == found
    if found and len(few.view.documents) < len(load(log.store, state).view.documents):
        few_read.append(wanted)
    return [(int(one.document_id[:16], 16), one.reason) for one in found]


def test_documents_with_their_reasons(log):
    assert listed(log) == [(3, "kept"), (1, "kept"), (4, "kept"), (5, "kept"), (2, "duplicate")]
    assert listed(log, reasons=frozenset({"duplicate"})) == [(2, "duplicate")]
    assert listed(log, outlets=frozenset({"dala.example"}), langs=frozenset({"kk"})) == [(3, "kept")]
    assert listed(log, dates=DateRange.parse("2026-02")) == [(2, "duplicate")]
    assert listed(log, query="last DAY") == [(5, "kept")]
    assert listed(log, runs=frozenset({"run-00002"})) == listed(log, runs=frozenset({"other"})) == []
    assert len(few_read) == 3  # by reason, by outlet and language, by date
    with pytest.raises(UsageError, match="use one of kept, duplicate, review"):
        listed(log, reasons=frozenset({"dupe"}))


def test_counts_of_show_pull_and_list_add_up(log, tmp_path):
    for number in range(3):
        state = log.state(number)
        summary = summarise(log.store, state)
        kept = [one for one in listed(log, number) if one[1] == "kept"]
        assert summary.kept == len(kept) == pull_to(log, tmp_path / f"out{number}", number=number).documents
        assert summary.documents == summary.kept + sum(summary.left_out.values()) == len(listed(log, number))


def test_sizes_of_snapshots_are_rows_of_their_files(log):
    expected = [sum(ref.rows for ref in log.state(number).live("documents")) for number in range(3)]
    assert catalog.sizes(log) == expected


def test_a_rejection_is_listed_once_for_each_reason(directory_store):
    log = log_of(directory_store)
    sample = samples.any_rows("rejections", 1)[0]
    rows = [
        {**sample, "outlet": "a.example", "url": url, "reason": reason, "detail": f"{hour}", "run": run}
        | {"fetched": samples.NOON + timedelta(hours=hour)}
        for hour, (url, reason, run) in enumerate(
            [
                ("https://a.example/1", "timeout", "one"),
                ("https://a.example/1", "timeout", "two"),
                ("https://a.example/2", "off_topic", "two"),
            ]
        )
    ]
    refs = packs.write(log.store, "rejections", rows)
    commit(log, [1], add=refs)
    state = log.state()
    first, second = rejections(log.store, state, ListFilter())
    assert (first.reason, first.times) == ("off_topic", 1)
    assert (second.url, second.times, second.run, second.detail) == ("https://a.example/1", 2, "two", "1")
    assert rejections(log.store, state, ListFilter(query="EXAMPLE/2")) == [first]
    assert [one.times for one in rejections(log.store, state, ListFilter(runs=frozenset({"one"})))] == [1]
    kept = {article_id(first.url): first.fetched, article_id(second.url): second.fetched + timedelta(seconds=1)}
    assert [one.kept_later for one in rejections(log.store, state, ListFilter(), kept)] == [False, True]
    with pytest.raises(UsageError, match="off_topic"):
        rejections(log.store, state, ListFilter(reasons=frozenset({"offtopic"})))


def test_a_page_that_is_kept_under_another_address_is_kept_later(directory_store):
    """Its text may have joined the article that it names as its canonical URL, or it redirects to one."""
    log = log_of(directory_store)
    answers = [  # hour, address, reason, detail
        (0, "copy", "timeout", ""),
        (0, "moved", "timeout", ""),
        (0, "lost", "timeout", ""),
        (1, "original", "", ""),
        (2, "copy", "", ""),  # its row belongs to the article at `original`
        (2, "moved", "redirected", "https://a.example/hop"),
        (3, "hop", "redirected", "https://a.example/original"),
        (3, "lost", "redirected", "https://a.example/nowhere"),
        (4, "copy", "gone", "404"),
        (0, "start", "no_article", ""),
        (1, "start", "", "listing"),  # read for its links
    ]
    fetched: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for hour, name, reason, detail in answers:
        url, at = f"https://a.example/{name}", samples.NOON + timedelta(hours=hour)
        facts: dict[str, Any] = {"outlet": "a.example", "url": url, "fetched": at, "reason": reason, "detail": detail}
        fetch = samples.any_rows("fetches", 1)[0]
        text = {} if detail != "listing" else {"purpose": "listing", "rows": [], "detail": ""}
        fetched.append({**fetch, **facts, **text, "article_id": article_id(url), "capture_offset": len(fetched)})
        if reason:
            rejected.append({**samples.any_rows("rejections", 1)[0], **facts, "capture_offset": len(fetched)})
    refs = [*packs.write(log.store, "fetches", fetched), *packs.write(log.store, "rejections", rejected)]
    commit(log, [1], add=refs)
    state = log.state()
    found = rejections(log.store, state, ListFilter(), last_kept(log.store, state))
    assert {(one.url.rpartition("/")[2], one.reason) for one in found if not one.kept_later} == {
        ("lost", "timeout"),
        ("lost", "redirected"),
        ("copy", "gone"),
        ("start", "no_article"),
    }
    assert sum(one.times for one in found) == len(rejected)
