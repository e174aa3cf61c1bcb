"""Attacks on what leaves the corpus: terminals, spreadsheets, passwords."""

import csv
import json
import re
from pathlib import Path

from articles.harmless import harmless, spreadsheet_cell
from benchmarks.attacks.measure import Attack
from benchmarks.attacks.stores import documents, processed
from flows import cli
from tests.flows.making import SENTENCES, Seen, article
from tests.spiders.crawling import crawl

STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ESCAPES = "\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066"
FORMULAS = ('=HYPERLINK("http://evil.example")', "+1+1 wagons", "-2+3 wagons", "@SUM(1+1) wagons")


def _controls(folder: Path) -> str:
    texts = [f"{text[:40]}{ESCAPES}{text[40:]}" for text in SENTENCES]
    url = "http://steppe.example/1"
    store = processed(folder, [Seen(url, article(f"Wagons{ESCAPES} wait", *texts))])
    row = documents(store, folder)[url]
    shown = json.dumps(row, ensure_ascii=False) + harmless(ESCAPES)
    assert not STEERING.search(shown), "a document holds control characters"
    return "held: dropped from title and text, and recorded as a removal"


def _cells(folder: Path) -> str:
    pages = [
        Seen(f"http://steppe.example/{number}", article(title, *(f"{number}. {text}" for text in SENTENCES)))
        for number, title in enumerate(FORMULAS)
    ]
    store = processed(folder, pages)
    target = folder / "out"
    asked = ["pull", "latest", str(target), "--format", "text", "--with-duplicates", "--store", store.url, "--json"]
    assert cli.run(asked) == 0
    with (target / "index.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@" and cell != ""], "a cell is a formula"
    missing = [title for title in FORMULAS if spreadsheet_cell(title) not in cells]
    assert not missing, f"{missing} are missing"
    return f"held: {len(FORMULAS)} cells begin with an apostrophe"


def _passwords(folder: Path) -> str:
    done = crawl(folder / "store", "http://me:secret@127.0.0.1:9/c", "https://me:secret@[bad/")
    assert "secret" not in repr(done.events), "a password is in the events"
    assert not any(b"secret" in path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file())
    return f"refused: {done.of('bad_line')[0].detail}"


ATTACKS = (
    Attack("page: escapes and direction characters in title and text", "reached terminals", _controls),
    Attack("index.csv: titles that begin with = + - @", "formulas", _cells),
    Attack("list of URLs: passwords", "in output and WARC", _passwords),
)
