"""Statistics of a snapshot, and citations."""

import json

import pytest

from articles.errors import UsageError
from storage.export import citation
from storage.export.citation import Citation
from storage.export.statistics import CoverageGap, gaps, months_between, statistics, summed
from storage.snapshots.contents import load
from tests.storage import corpus, samples
from tests.storage.history import log_of


@pytest.fixture
def found(directory_store):
    log = log_of(directory_store)
    corpus.build(log)
    later = samples.document(6, published="2026-05-09T10:00:00+05:00")
    undated = samples.document(7, published="")
    corpus.add(log, [corpus.Sighting(6, later), corpus.Sighting(7, undated)])
    state = log.state()
    return statistics(log.store, state, load(log.store, state))


def test_counts_add_up_and_months_without_documents_are_gaps(found):
    total = found.total
    assert (total.documents, total.duplicates, total.edited, total.silent) == (7, 1, 1, 2)
    by_month = {one.month: one.documents for one in summed(found.counts, ("month",))}
    assert by_month == {"2026-01": 4, "2026-02": 1, "2026-05": 1, "no date": 1}
    assert sum(one.documents for one in summed(found.counts, ("outlet", "lang"))) == 7
    assert found.gaps == (CoverageGap("steppe.example", "2026-03", "2026-04", 2),)
    assert gaps(()) == ()
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    with pytest.raises(UsageError, match="month, outlet or lang"):
        summed(found.counts, ("day",))


ARTICLE = Citation(
    key=citation.key_of(["tengrinews", "2026-02-03", "Мост & река", "0a1b2c"]),
    kind="article-newspaper",
    title="Мост & река {100%}",
    authors=("A. Bekova", "B_C"),
    issued="2026-02-03T10:00:00+05:00",
    container="tengrinews",
    url="https://tengrinews.example/a?b={c}",
    accessed="2026-02-04T00:00:00+00:00",
    version="",
    note="snapshot 2",
    lang="ru",
)


def test_a_citation_for_bibtex_escapes_what_tex_would_obey():
    entry = citation.bibtex(ARTICLE)
    assert entry.startswith("@article{tengrinews-2026-02-03-0a1b2c,\n")
    assert "  title = {{Мост \\& река (100\\%)}},\n" in entry
    assert "  author = {{A. Bekova} and {B\\_C}},\n" in entry
    assert "  urldate = {2026-02-04},\n" in entry
    assert entry.count("{") == entry.count("}")


def test_a_citation_as_csl_json_and_as_text():
    item = json.loads(json.dumps(citation.csl(ARTICLE)))
    assert item["issued"] == {"date-parts": [[2026, 2, 3]]}
    assert item["author"] == [{"literal": "A. Bekova"}, {"literal": "B_C"}]
    assert "version" not in item
    assert citation.plain(ARTICLE).startswith("A. Bekova; B_C (2026-02-03). Мост & река {100%}. tengrinews. https://")
