"""The exit code of a run says whether everything that was requested was fetched and processed."""

import pytest

from articles.accounting import COLUMNS
from flows.display.console import Console
from flows.display.run_outcome import report_outcome
from flows.reports import CrawlReport, LostUrl, ProcessReport, RunOutcome
from storage.objects.directory import DirectoryStore

HELD = {"a.example": {**dict.fromkeys(COLUMNS, 0), "asked": 1, "held": 1}}


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (RunOutcome((CrawlReport(finished=True),), ProcessReport((3,))), 0),
        (RunOutcome((CrawlReport(finished=True, lost=[LostUrl("http://a.example/", "timeout", "")]),)), 1),
        (RunOutcome((CrawlReport(finished=False),)), 1),
        (RunOutcome(processed=ProcessReport(damaged=("captures/a.warc.gz",))), 1),
        (RunOutcome(processed=ProcessReport(unread=("http://a.example/",))), 1),
        (RunOutcome(processed=ProcessReport(counts=HELD)), 1),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_the_exit_code_is_1_if_a_page_failed_or_is_in_quarantine(tmp_path, outcome, code, as_json):
    assert report_outcome(Console(as_json=as_json), DirectoryStore(tmp_path / "store"), outcome) == code
