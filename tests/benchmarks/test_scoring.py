"""The measures, intervals and folds of `benchmarks/scoring/`."""

import gzip
import json

import numpy as np
import pytest

from benchmarks.scoring import baseline, sets, tables
from benchmarks.scoring.bootstrap import differences
from benchmarks.scoring.extractors import peer, text_of
from benchmarks.scoring.folds import folds, splits
from benchmarks.scoring.measures import (
    PageScore,
    Prediction,
    count_unmatched,
    in_grams,
    overlap,
    score,
    score_partial,
    summary,
)
from benchmarks.scoring.predictions import cached, compute, find, place, read, write


def row(name, text="", **fields):
    return {"id": name, "url": f"https://news.{name}.example/a", "text": text, "title": "", "date": "", **fields}


def make_folder(path, full, partial=()):
    (path / "pages").mkdir(parents=True)
    (path / "truth.jsonl").write_text("".join(json.dumps(one) + "\n" for one in full), "utf-8")
    if partial:
        (path / "truth_partial.jsonl").write_text("".join(json.dumps(one) + "\n" for one in partial), "utf-8")
    for one in (*full, *partial):
        (path / "pages" / f"{one['id']}.html.gz").write_bytes(gzip.compress(f"<p>{one['id']}".encode()))
    return path


def page_score(host, precision=1.0, recall=1.0, lost=0, paragraphs=10):
    return PageScore(host, precision, recall, False, paragraphs, lost, 0, None, None)


def test_precision_and_recall_count_shingles_of_four_words():
    assert overlap("a b c d e", "a b c d e f") == (2 / 3, 1.0)
    assert overlap("a b c d e", "") == (None, 0.0)
    assert overlap("", "a b c d") == (0.0, None)


def test_a_line_counts_as_found_if_half_its_triples_are():
    assert count_unmatched("one two three four\nfive six seven", "one two three four") == (2, 1)
    assert count_unmatched("short", "some short text") == (1, 0)
    assert count_unmatched("one two\nthree four five", "", words=3) == (1, 1)
    assert not in_grams("one two three", set(), "")


def test_f1_is_that_of_the_means_and_empty_pages_count_for_recall_only():
    figures = summary([page_score("a", 1.0, 0.5), page_score("b", None, 0.0)])
    assert (figures["P"], figures["R"], figures["F1"]) == (1.0, 0.25, 0.4)
    assert figures["poor"] == 1


def test_a_page_on_which_nothing_is_to_be_found_is_right_if_nothing_is():
    assert page_score("a", None, None).f1 == 1.0
    assert page_score("a", 0.0, None).f1 == 0.0


def test_titles_and_dates_count_only_where_the_reference_has_them(tmp_path):
    folder = make_folder(tmp_path / "dev2", [row("one", "text", title="A title.", date="2024-05-06T10:00"), row("two")])
    first, second = sets.load(folder).full
    found = Prediction("text", "A Title", "2024-05-06")
    assert (score(first, found).title, score(first, found).date) == (True, True)
    assert (score(second, found).title, score(second, found).date) == (None, None)


def test_a_partial_reference_asks_for_snippets_and_authors(tmp_path):
    partial = row("two", None, **{"with": ["Good news."], "without": ["Share", "Ads"], "authors": ["", " A. Writer"]})
    folder = make_folder(tmp_path / "dev2", [row("one", "text")], [partial])
    (page,) = sets.load(folder).partial
    found = score_partial(page, Prediction("good  news — share it", authors=("A Writer",)))
    assert (found.present, found.absent, found.authors, found.title) == ((True,), (False, True), True, None)


def test_texts_without_spaces_between_words_are_left_out_unless_asked_for(tmp_path):
    rows = [
        row("han", "北京 说 新闻 内容 文字"),
        row("stated", "text", lang="th"),
        row("quoting", "The word 北京 means northern capital"),
        row("korean", "서울은 한국의 수도이다"),
    ]
    folder = make_folder(tmp_path / "dev2", rows)
    assert [page.id for page in sets.load(folder).full] == ["quoting", "korean"]
    assert len(sets.load(folder, every_script=True).full) == 4


def test_hosts_come_from_the_reference_or_from_the_url(tmp_path):
    folder = make_folder(tmp_path / "dev2", [row("one"), row("two", host="other.example")])
    assert [page.host for page in sets.load(folder).full] == ["one.example", "other.example"]


def test_equal_extractors_do_not_differ():
    pages = [page_score(host, 0.9, 0.8, lost=1) for host in "aabbc"]
    found = differences(pages, pages)
    assert all((one.value, one.low, one.high) == (0, 0, 0) and not one.certain for one in found.values())


def test_an_interval_holds_the_difference_and_repeats():
    generator = np.random.default_rng(1)
    ours = [
        page_score(f"h{number % 40}", generator.uniform(0.8, 1), generator.uniform(0.8, 1)) for number in range(120)
    ]
    theirs = [
        page_score(f"h{number % 40}", generator.uniform(0.5, 0.7), generator.uniform(0.5, 0.7), lost=3)
        for number in range(120)
    ]
    found = differences(ours, theirs)
    assert found["F1"].low < found["F1"].value < found["F1"].high
    assert found["F1"].certain
    assert found["lost %"].value == pytest.approx(-30)
    assert differences(ours, theirs) == found


def test_pages_of_one_host_are_drawn_together():
    ours = [page_score("large", 1.0, 1.0)] * 20 + [page_score(f"h{number}", 0.5, 0.5) for number in range(20)]
    theirs = [page_score(one.host, 0.75, 0.75) for one in ours]
    apart = [page_score(f"p{number}", one.precision, one.recall) for number, one in enumerate(ours)]
    one, other = differences(ours, theirs)["F1"], differences(apart, theirs_of(apart))["F1"]
    assert one.high - one.low > other.high - other.low


def theirs_of(pages):
    return [page_score(one.host, 0.75, 0.75) for one in pages]


def test_folds_keep_a_host_together_are_balanced_and_ignore_the_order():
    hosts = [f"h{number % 13}" for number in range(100)]
    found = folds(hosts)
    assert len({(host, fold) for host, fold in zip(hosts, found, strict=True)}) == 13
    assert max(map(found.count, range(5))) - min(map(found.count, range(5))) <= 8
    assert folds(hosts[::-1]) == found[::-1]
    for train, test in splits(hosts):
        assert not {hosts[index] for index in train} & {hosts[index] for index in test}
        assert sorted(train + test) == list(range(100))


def test_predictions_are_written_read_and_cached(tmp_path):
    pages = sets.load(make_folder(tmp_path / "dev2", [row("one", "text"), row("two", "text")]))
    results = compute(
        lambda html, url: Prediction(f"{html.decode()}\u2028second\x85line", url, "2024-01-02", ("A",)), pages
    )
    write(place(tmp_path / "out", pages, "peer"), results)
    path = find(tmp_path / "out", pages, "peer")
    assert path is not None
    assert read(path, pages).by_id == results.by_id
    assert cached(tmp_path / "out", pages, "peer", lambda: pytest.fail("extracted again")).by_id == results.by_id


def test_a_cache_that_lacks_pages_is_completed(tmp_path):
    folder = make_folder(tmp_path / "dev2", [row("one", "text"), row("two", "文字")])
    some, every = sets.load(folder), sets.load(folder, every_script=True)
    seen = []

    def extractor(html, _url):
        seen.append(html)
        return Prediction(html.decode())

    cached(tmp_path / "out", some, "peer", lambda: extractor)
    seen.clear()
    found = cached(tmp_path / "out", every, "peer", lambda: extractor)
    assert set(seen) == {b"<p>two"}
    assert [one.text for one in found.of(every.full)] == ["<p>one", "<p>two"]
    assert cached(tmp_path / "out", every, "peer", lambda: pytest.fail("extracted again")).by_id == found.by_id


def test_markup_becomes_one_line_per_block():
    markup = "<div>One <b>two</b><p>three<br>four</p>five<!-- no --><script>x</script></div><ul><li>six</li></ul>"
    assert text_of(markup) == "One two\nthree\nfour\nfive\nsix"
    assert text_of("") == ""
    assert text_of("<html><body>One</body></html><body><p>two</p></body>") == "One\ntwo"


def test_a_page_that_breaks_a_peer_counts_as_empty(tmp_path):
    pages = sets.load(make_folder(tmp_path / "dev2", [row("one", "text")]))
    results = compute(peer(lambda _html, _url: Prediction(str(1 // 0))), pages)
    assert (results.unreadable, results.by_id["one"]) == (1, Prediction())
    with pytest.raises(ZeroDivisionError):
        compute(lambda _html, _url: Prediction(str(1 // 0)), pages)


def test_predictions_of_another_folder_are_not_taken(tmp_path):
    first = sets.load(make_folder(tmp_path / "dev2", [row("one", "text")]))
    second = sets.load(make_folder(tmp_path / "score2", [row("two", "text")]))
    write(place(tmp_path, first, "irtysh", alone=True), compute(lambda _html, _url: Prediction(), first))
    assert find(tmp_path, first, "irtysh") is not None
    assert find(tmp_path, second, "irtysh") is None


def test_a_gain_on_the_pages_that_are_looked_at_alone_is_called_tuning():
    start = baseline.BASELINES[False]
    assert baseline.tuned({name: f1 + 0.02 for name, f1 in start.items()}, every_script=False) == ""
    assert "tuned" in baseline.tuned({**start, "dev2": start["dev2"] + 0.011}, every_script=False)
    assert baseline.tuned({"dev2": 1.0}, every_script=False) == ""


def test_a_sealed_folder_shows_no_group_of_few_pages():
    members = {"en": list(range(30)), "ru": [30, 31], "pl": [32]}
    assert tables.merge_small(members) == {"en": list(range(30))}
    assert tables.merge_small({**members, "de": list(range(33, 42))})["others"] == list(range(30, 42))
