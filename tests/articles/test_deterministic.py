"""The same page gives the same bytes: a hundred runs in four processes with different hash seeds."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.articles import pages
from tests.flows.making import ROOT
from tests.site import pages as web
from tests.site.outlets import OUTLETS

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "determinism.py"


def write_pages(folder):
    """Write test pages in the format of the benchmark: the difficult templates, and pages of the test site."""
    found = {
        "https://outlet.example/wordpress": pages.wordpress().encode(),
        "https://outlet.example/tagdiv": pages.tagdiv().encode(),
        "https://outlet.example/jamestown": pages.jamestown().encode(),
        "https://outlet.example/lithuanian": pages.lithuanian_blog().encode(),
        "https://outlet.example/aggregator": pages.aggregator().encode(),
    }
    for name in sorted(OUTLETS)[:3]:
        answer = web.answer(name, "/", ROOT, 1)
        found[f"http://{OUTLETS[name].host}/"] = answer.body
    (folder / "pages").mkdir()
    lines = []
    for number, (url, body) in enumerate(found.items()):
        (folder / "pages" / f"{number}.html.gz").write_bytes(gzip.compress(body))
        lines.append(json.dumps({"id": str(number), "url": url}))
    (folder / "truth.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.slow
def test_a_hundred_runs_in_four_processes_give_one_digest(tmp_path):
    write_pages(tmp_path)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "--runs", "25"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "100 runs in 4 processes: 1 digest\n", done.stderr
    assert done.returncode == 0
