"""Check all outlets against their live sites, one after the other, and write a report: `irtysh outlets check --all`.

A folder per outlet holds the captures and `report.json`, so that a stopped check goes on where it stopped, and that
`irtysh outlets adopt` can make fixtures and repairs of them. `report.md` sums up all outlets.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from articles.errors import CrawlError, InputError
from articles.model import Capture
from flows.crawl import Clock
from flows.listener import Listener
from flows.outlets import proposals
from flows.outlets.check import Finding, check, records
from flows.outlets.proposals import Proposal
from flows.processing.batch import ANSWERED_STATUSES, SOURCE_PURPOSES
from flows.processing.limited_pages import PageReader
from spiders.discovery.url_patterns import pattern
from spiders.outlet import Outlet
from spiders.spec import CrawlSpec
from storage.captures.limited_process import EndedError
from storage.objects.directory import DirectoryStore

MAX_NAMED = 2_000  # addresses of each source that are compared with the outlet's pattern
MAX_EXAMPLES = 5  # of addresses that the pattern does not match
REPORT_FILE = "report.json"


@dataclass(frozen=True, slots=True)
class OutletReport:
    """Findings about one outlet, the addresses that its sources name, and what would repair its file."""

    name: str
    checked: str  # ISO time
    findings: tuple[Finding, ...]
    named: int = 0  # addresses on the outlet's hosts that its sources name
    matching: int = 0  # of them match `article`
    others: tuple[str, ...] = ()  # some that do not
    shape: str = ""  # the form that those have
    proposals: tuple[Proposal, ...] = ()
    patch: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing was found that does not fit."""
        return all(one.good for one in self.findings)


@dataclass(slots=True)
class AllReports:
    """Reports of a check of all outlets, and the names of those left for the next one."""

    reports: list[OutletReport] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def check_all(
    outlets: Sequence[Outlet],
    spec: CrawlSpec,
    folder: Path,
    *,
    until: datetime,
    clock: Clock,
    listener: Listener,
) -> AllReports:
    """Check outlets that have no report in the folder yet, until the time is over, and write all reports."""
    found = AllReports()
    for outlet in outlets:
        path = folder / outlet.name / REPORT_FILE
        if not path.exists() and clock() < until:
            _write(path, check_one(outlet, spec, path.parent, clock=clock, listener=listener))
        if path.exists():
            found.reports.append(read(path))
        else:
            found.left.append(outlet.name)
    (folder / "report.md").write_text(summary(found), encoding="utf-8")
    return found


def check_one(outlet: Outlet, spec: CrawlSpec, folder: Path, *, clock: Clock, listener: Listener) -> OutletReport:
    """Check one outlet, and keep its captures in the folder."""
    shutil.rmtree(folder / "store", ignore_errors=True)  # of a check that was stopped
    folder.mkdir(parents=True, exist_ok=True)
    started = clock().isoformat()
    try:
        findings = check(outlet, spec, folder, clock=clock, listener=listener)
    except CrawlError as error:
        return OutletReport(outlet.name, started, (Finding(False, "crawl", "", str(error)),))
    captures = [one for one in records(DirectoryStore(folder / "store")) if isinstance(one, Capture)]
    with PageReader() as reader:
        named = _named(outlet, captures, reader)
        proposed = [
            *proposals.propose_addresses(outlet, named),
            *proposals.propose(outlet, _pages(captures), reader),
        ]
    others = [url for url in named if not outlet.is_article(url)]
    path = proposals.file_of(outlet, spec.outlets)
    return OutletReport(
        outlet.name,
        started,
        tuple(findings),
        len(named),
        len(named) - len(others),
        tuple(others[:MAX_EXAMPLES]),
        pattern(others)[0] if others else "",
        tuple(proposed),
        proposals.patch(path, proposed),
    )


def pages_in(folder: Path) -> list[Capture]:
    """Return the articles that a check fetched and kept in an outlet's folder. InputError if there is no check."""
    if not (folder / REPORT_FILE).exists():
        raise InputError(f"no check in {folder}; run `irtysh outlets check --all --report {folder.parent}` first")
    return _pages([one for one in records(DirectoryStore(folder / "store")) if isinstance(one, Capture)])


def _pages(captures: Sequence[Capture]) -> list[Capture]:
    return [one for one in captures if one.purpose.article and one.status in ANSWERED_STATUSES]


def _named(outlet: Outlet, captures: Sequence[Capture], reader: PageReader) -> list[str]:
    """Return the addresses on the outlet's hosts that the answers of its feeds and sitemaps name, each once."""
    found: dict[str, None] = {}
    for one in captures:
        if one.purpose in SOURCE_PURPOSES and one.status in ANSWERED_STATUSES:
            try:
                entries = reader.entries(one, MAX_NAMED)
            except EndedError:  # `check` names this source among its findings
                continue
            urls = (outlet.mend(entry.url) for entry in entries if not entry.nested)
            found.update(dict.fromkeys(url for url in urls if outlet.owns(url)))
    return list(found)


def _write(path: Path, report: OutletReport) -> None:
    """Write a report whole or not at all, since its presence says that the outlet was checked."""
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read(path: Path) -> OutletReport:
    """Read a report that `check_all` wrote. InputError if it is something else."""
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        report = OutletReport(**{**values, "others": tuple(values["others"])})
        findings = tuple(Finding(**one) for one in values["findings"])
        return replace(report, findings=findings, proposals=tuple(Proposal(**one) for one in values["proposals"]))
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise InputError(f"{path} is no report of a check ({error}); delete it, and check again") from error


def summary(found: AllReports) -> str:
    """Return the reports as Markdown: a table of all outlets, then what does not fit and what would repair it."""
    lines = [
        "# Live check of outlets",
        "",
        "| outlet | result | named addresses that match | wrong |",
        "|---|---|---|---|",
    ]
    for one in found.reports:
        wrong = "; ".join(f"{finding.what}: {finding.text}" for finding in one.findings if not finding.good)
        lines.append(
            f"| {one.name} | {'ok' if one.good else 'wrong'} | {one.matching} of {one.named} | {_cell(wrong)} |"
        )
    lines += [f"| {name} | not checked yet |  |  |" for name in found.left]
    for one in found.reports:
        if one.patch or one.others:
            lines += ["", f"## {one.name}", ""]
            lines += [f"- does not match `article`: {url}" for url in one.others]
            lines += [f"- form of these addresses: `{one.shape}`"] if one.shape else []
            lines += [f"- {proposal}" for proposal in one.proposals]
            lines += ["", "```diff", one.patch.rstrip("\n"), "```"] if one.patch else []
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
