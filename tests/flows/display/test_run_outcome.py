"""The exit code of a run says whether all that was asked for is there."""

import pytest

from articles.accounting import COLUMNS
from flows.display.console import Console
from flows.display.run_outcome import tell
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
def test_a_run_that_lost_or_held_something_says_so(tmp_path, outcome, code, as_json):
    assert tell(Console(as_json=as_json), DirectoryStore(tmp_path / "store"), outcome) == code
