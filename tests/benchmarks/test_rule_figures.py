"""Precision, coverage and gain of cleaning rules, as `benchmarks/scoring/rules.py` counts them."""

import ast
import gzip
import json

from benchmarks.scoring import inventory, rules, sets
from benchmarks.scoring.extractors import irtysh
from benchmarks.scoring.measures import Prediction
from benchmarks.scoring.predictions import Results, compute

PARAGRAPH = "The council approved the new budget on Monday after a long debate about roads and schools in the region."
TRUTH = f"{PARAGRAPH}\nA second paragraph of the article follows here."
ARTICLE = [
    PARAGRAPH,
    "Members of three parties voted for the plan, which gives more money to villages than that of last year.",
    "The mayor said that work on the bridge would begin in spring, as soon as the ground is no longer frozen.",
    "Residents who live near the river had asked for the repair many times since the flood of two years ago.",
]
PAGE = (
    f"<html><body><article><h1>Council approves budget</h1>{''.join(f'<p>{one}</p>' for one in ARTICLE)}"
    "<p>Read also: <a href='/b'>Another article about roads</a></p></article></body></html>"
)


def a_set(path, html="", text=TRUTH):
    (path / "pages").mkdir()
    row = {"id": "one", "url": "https://news.example/a", "text": text}
    (path / "truth.jsonl").write_text(json.dumps(row), "utf-8")
    (path / "pages" / "one.html.gz").write_bytes(gzip.compress(html.encode()))
    return sets.load(path)


def figures(path, kept, *removals):
    return rules.figures(a_set(path), Results({"one": Prediction(kept, removals=removals)}))


def test_words_of_the_reference_are_errors_of_the_rule(tmp_path):
    found = figures(
        tmp_path,
        PARAGRAPH,
        ("links:list", "Another article entirely about something else"),
        ("links:list", "A second paragraph of the article follows here."),
    )["links:list"]
    assert (found.blocks, found.words, found.wrong_words, found.wrong_blocks) == (2, 14, 8, 1)
    assert (found.precision, found.block_precision, found.pages) == (1 - 8 / 14, 0.5, {"one"})


def test_what_the_text_holds_elsewhere_is_no_error(tmp_path):
    assert figures(tmp_path, PARAGRAPH, ("repeat:block", PARAGRAPH))["repeat:block"].wrong_words == 0


def test_a_line_of_a_word_or_two_must_be_a_line_of_the_reference(tmp_path):
    assert figures(tmp_path, PARAGRAPH, ("markup:tags", "budget"))["markup:tags"].wrong_words == 0


def test_rules_are_named_without_what_they_counted(tmp_path):
    assert set(figures(tmp_path, "", ("site:line 3 of 9", "some words"))) == {"site:line"}


def test_the_gain_of_a_rule_is_what_the_text_loses_without_it(tmp_path):
    pages = a_set(tmp_path, PAGE, "\n".join(ARTICLE))
    results = compute(irtysh, pages)
    of_rules = rules.figures(pages, results)
    struck = next(rule for rule, text in results.by_id["one"].removals if text.startswith("Read also"))
    gains = rules.gains(pages, results, of_rules)
    assert gains[struck]["P"].value > 0
    assert compute(irtysh, pages).by_id == results.by_id


def test_a_sealed_folder_shows_no_precision_of_a_single_page(tmp_path, capsys):
    pages = a_set(tmp_path)
    found = rules.figures(pages, Results({"one": Prediction(removals=(("links:list", "some other words"),))}))
    rules.print_figures([pages], [found])
    rules.print_figures([pages], [found], sealed=[pages.name])
    shown, hidden = (line for line in capsys.readouterr().out.splitlines() if line.startswith("links:list"))
    assert shown.split()[1:] == ["1", "1", "3", "1.00", "1.00"]
    assert hidden.split()[1:] == ["1", "1", "3"]


def test_rules_are_disabled_by_name_or_by_beginning(tmp_path):
    pages = a_set(tmp_path, PAGE)
    assert "Read also" not in compute(irtysh, pages).by_id["one"].text
    with rules.without(["phrase:", "links:whole"]):
        assert "Read also" in compute(irtysh, pages).by_id["one"].text


def test_thresholds_are_numbers_with_names_in_capitals():
    tree = ast.parse("A = 1\nB: int = -2\nC = (1, 2)\nD = 3 * 4\nE = 'x'\nF = True\nlower = 1\nG = re.compile('x')")
    values = [node.value for statement in tree.body for node in inventory._constants(statement)]
    assert [inventory._numeric(value) for value in values] == [True, True, True, True, False, False, False]
    assert [inventory._pattern(value) for value in values] == [False] * 6 + [True]


def test_the_inventory_counts_something_of_each_kind():
    assert all(count > 0 for count in inventory.inventory().values())
