"""Results of captures: rows with their keys, the accounting record, and the reason if there is no row."""

from articles import pipeline
from articles.extractor_version import extractor_version
from articles.links.fingerprint import row_id, version_key
from articles.model import CaptureRef, Failure, LinkKind, Purpose, Reason
from tests.flows.making import NOON, SENTENCES, article, capture, site_page
from tests.site import manifest

SPORT = (
    "The home side scored twice before the tea had cooled, and the visitors never found their feet on the wet grass.",
    "Their keeper, who sells furniture on weekdays, said that he had not slept, and that the goalposts had seemed wide.",
    "The referee stopped the game for ten minutes while a dog was led from the penalty area by two linesmen.",
    "The return match is to be played in a fortnight, on a pitch that has been promised a new coat of sand.",
)


def read(body, topic="any", url="http://steppe.example/a", **other):
    (found,) = pipeline.read_chunk([capture(url, body, topic=topic, **other)], {topic: ""})
    return found


def test_a_page_with_an_article_becomes_a_row_with_its_keys():
    found = read(article("Wagons are counted", *SENTENCES))
    (row,) = found.rows
    assert row.document.paragraphs == SENTENCES
    assert (row.row_id, row.version_key) == (row_id(row.document), version_key(row.document))
    assert found.fetch.rows == (row.row_id,)
    assert (found.fetch.reason, found.fetch.status) == ("", 200)
    assert found.fetch.article_id == row.document.article_id
    assert found.fetch.extractor == f"{extractor_version()}:any"


def test_extraction_is_a_pure_function_of_the_capture():
    page = article("Wagons are counted", *SENTENCES)
    assert read(page).fetch == read(page).fetch
    later = read(page, number=7, run="other", ref=CaptureRef("captures/x/2027/01/01/r-00000.warc.gz", 1, "urn:uuid:x"))
    assert [row.row_id for row in later.rows] == [row.row_id for row in read(page).rows]


def test_the_topic_of_a_capture_decides_what_is_kept():
    on, off = article("Wagons are counted", *SENTENCES), article("A dog on the pitch", *SPORT)
    assert read(on, "kazakhstan-russia").rows[0].document.topic_score > 0
    assert read(off, "any").rows
    refused = read(off, "kazakhstan-russia")
    assert (refused.rows, refused.links, refused.fetch.reason) == ((), (), Reason.OFF_TOPIC)
    assert refused.fetch.detail.startswith("score ")


def test_a_page_in_two_languages_gives_two_rows_and_the_link_between_them():
    page = manifest.page("lookout", "visit")
    seen = site_page("lookout", page.path)
    found = read(seen.body, url=seen.url)
    by_lang = {row.document.lang: row for row in found.rows}
    assert by_lang.keys() == {"en", "ru"}
    (link,) = found.links
    assert (link.kind, link.a, link.b) == (LinkKind.TRANSLATION, by_lang["en"].row_id, by_lang["ru"].row_id)
    assert found.fetch.rows == tuple(row.row_id for row in found.rows)


def test_a_failure_is_accounted_for_without_rows():
    ref = CaptureRef("captures/steppe.example/2026/11/01/run-00000.warc.gz", 1, "urn:uuid:1")
    failure = Failure(ref, "http://steppe.example/a", "steppe.example", NOON, Reason.TIMEOUT, "20 s", "run")
    fetch = pipeline.read_failure(failure).fetch
    assert (fetch.status, fetch.reason, fetch.detail, fetch.rows) == (0, Reason.TIMEOUT, "20 s", ())
    assert fetch.article_id == read(article("Wagons")).fetch.article_id


def test_a_failure_at_an_invalid_url_belongs_to_no_article():
    ref = CaptureRef("captures/steppe.example/2026/11/01/run-00000.warc.gz", 1, "urn:uuid:1")
    failure = Failure(ref, "http://[::broken/:port", "steppe.example", NOON, Reason.BAD_URL, "", "run", Purpose.PAGE)
    assert pipeline.read_failure(failure).fetch.article_id == ""


def test_a_redirect_to_an_invalid_url_is_still_a_redirect():
    found = read(b"", status=302, headers=(("Location", "http://[::broken/:port"),))
    assert (found.fetch.reason, found.fetch.detail) == (Reason.REDIRECTED, "")


def test_the_body_hash_covers_all_that_extraction_depends_on():
    base = capture(body=b"<p>a</p>")
    different = [
        capture(body=b"<p>b</p>"),
        capture(body=b"<p>a</p>", status=403),
        capture(body=b"<p>a</p>", headers=(("Content-Type", "text/html; charset=windows-1251"),)),
        capture(body=b"<p>a</p>", truncated="length"),
    ]
    hashes = {one.body_sha256 for one in [base, *different]}
    assert len(hashes) == 1 + len(different)
    assert capture("http://other.example/", b"<p>a</p>", 9).body_sha256 == base.body_sha256
