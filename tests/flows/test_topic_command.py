"""`irtysh topic`: list topics, score a topic on labelled texts, list documents for review."""

import json
from pathlib import Path
from typing import Any

import pytest

from articles.model import Capture, CaptureRef, Place, Reason, Relevance
from articles.pipeline import read_capture
from articles.topics.evaluation import Confusion, JudgedText, LabelledText, judge, score
from articles.topics.topic import builtin
from flows.cli import run
from flows.process import process
from flows.processing.topics import specify
from tests.flows.making import NOON, SENTENCES, Seen, article, put
from tests.flows.tables import context

LABELLED = Path(__file__).parents[1] / "articles" / "topics" / "topic_labelled.jsonl"
ON: dict[str, Any] = {
    "id": "on",
    "lang": "en",
    "title": "Tokayev meets Putin",
    "text": "Kazakhstan and Russia signed.\nAstana paid Moscow.",
    "label": 1,
}
OFF = {"id": "off", "lang": "en", "title": "Rain", "text": "It rained in Peru.", "label": "reject"}
LOST = {"id": "lost", "lang": "ru", "title": "Дождь", "text": "В Перу шёл дождь.", "label": "accept"}
ALARM = {"id": "alarm", "lang": "en", "title": "Tokayev meets Putin", "text": "Kazakhstan and Russia.", "label": 0}


def labelled(tmp_path, *texts):
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts), "utf-8")
    return str(path)


def json_lines(capfd):
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_topics_are_listed(capfd):
    assert run(["topic", "list", "--json"]) == 0
    topics = {one["name"]: one["sides"] for one in json_lines(capfd)}
    assert topics == {"any": [], "kazakhstan-china": ["KZ", "CN"], "kazakhstan-russia": ["KZ", "RU"]}


def test_no_errors_give_exit_code_0(tmp_path, capfd):
    assert run(["topic", "test", labelled(tmp_path, ON, OFF), "--json"]) == 0
    scores = json_lines(capfd)
    assert [one["part"] for one in scores] == ["all", "en"]
    assert {one["event"] for one in scores} == {"score"}
    assert (scores[0]["precision"], scores[0]["recall"], scores[0]["f1"]) == (1, 1, 1)


def test_each_error_is_shown_with_its_evidence(tmp_path, capfd):
    path = labelled(tmp_path, ON, OFF, LOST, ALARM)
    assert run(["topic", "test", path, "--json"]) == 1
    lines = json_lines(capfd)
    whole = lines[0]
    assert (whole["hits"], whole["false_alarms"], whole["missed"], whole["right_refusals"]) == (1, 1, 1, 1)
    lost, alarm = (one for one in lines if one["event"] == "miss")
    assert (lost["id"], lost["verdict"], lost["where"]) == ("lost", "reject", f"{path}, line 3")
    assert (alarm["id"], alarm["verdict"]) == ("alarm", "accept")
    assert {"term": "RU:leader", "form": "Putin", "place": "title", "offsets": [14]} in alarm["evidence"]
    assert run(["topic", "test", path, "--at-least", "0.5"]) == 0
    shown = capfd.readouterr().out
    assert "false positive: alarm" in shown
    assert "RU:leader (title 1: Putin)" in shown
    assert "no words of the topic" not in shown
    assert "missed: lost" in shown


def test_the_labelled_set_of_ten_languages_reaches_its_score(capfd):
    assert run(["topic", "test", str(LABELLED), "--at-least", "0.98", "--json"]) == 0
    parts = [one["part"] for one in json_lines(capfd) if one["event"] == "score"]
    assert parts == ["all", "held-out", "last", "open", "de", "en", "kk", "ky", "lt", "pl", "ru", "tr", "uk", "uz"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not valid JSON"),
        ("[]", "not a JSON object"),
        ('{"text": "a"}', "label None"),
        ('{"text": "a", "label": 2}', "label 2"),
        ('{"text": "a", "label": [1]}', "label"),
        ('{"label": 1}', "text ''"),
        ('{"text": "a", "label": 1, "title": 3}', "title 3"),
        ("", "no labelled texts"),
    ],
)
def test_an_invalid_line_is_named_in_the_error(tmp_path, capfd, line, what):
    path = tmp_path / "bad.jsonl"
    path.write_text(f"\n{line}\n", "utf-8")
    assert run(["topic", "test", str(path)]) == 2
    error = capfd.readouterr().err
    assert str(path) in error
    assert what in error


@pytest.mark.parametrize(
    "arguments",
    [[], ["no-such-file.jsonl"], [str(LABELLED), "--topic", "mars"], [str(LABELLED), "--at-least", "7"]],
)
def test_wrong_usage_is_exit_code_2(arguments, capfd):
    assert run(["topic", "test", *arguments]) == 2
    assert capfd.readouterr().err.startswith("irtysh: ")


def test_scores_of_no_texts_are_1():
    assert (score([]).precision, score([]).recall) == (1, 1)
    assert Confusion(2, hits=0, false_alarms=1, missed=1, review=0).f1 == 0


def test_a_text_for_review_does_not_count_as_accepted():
    text = LabelledText("", "a", "en", ON["title"], tuple(ON["text"].split("\n")), on_topic=True, split="")
    [one] = judge(builtin("kazakhstan-russia"), [text])
    assert one.right
    assert not JudgedText(text, type(one.judgement)(0.45, Relevance.REVIEW, (), "")).right


def page(*paragraphs, title="A meeting"):
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    html = f"<!doctype html><html><body><article><h1>{title}</h1>{body}</article></body></html>"
    return Capture(
        CaptureRef("k", 0, "r"), "https://steppe.example/a", "steppe.example", NOON, 200, (), html.encode(), "run"
    )


def test_a_document_keeps_the_evidence_for_its_topic():
    first = "Kazakhstan and Russia signed a treaty on the waters of the river that both of them drink from, in silence."
    reading = read_capture(
        page(first, "Nobody in Astana or Moscow would say on the next day what the treaty costs or who pays for it."),
        {"any": builtin("kazakhstan-russia")},
    )
    [document] = [row.document for row in reading.rows]
    assert document.topic_verdict is Relevance.ACCEPT
    found = {mention.term: mention for mention in document.topic_evidence}
    assert found["RU:country"].place is Place.LEAD
    for mention in document.topic_evidence:
        assert all(document.text.startswith(mention.form, offset) for offset in mention.offsets)


def test_an_off_topic_rejection_names_the_rule_and_the_words():
    text = (
        "Kazakhstan opened a bridge over the river that nobody had asked for, and it was photographed by all who came."
    )
    reading = read_capture(page(text, text.replace("bridge", "road")), {"any": builtin("kazakhstan-russia")})
    assert reading.fetch.reason == Reason.OFF_TOPIC
    assert reading.fetch.detail.startswith(
        "score 0.000: both sides are named: 0.00 of what is asked; found KZ:country "
    )


NEARLY = (
    "A Kazakh carter and a Russian smith have built a sledge for the frozen river, and they say that it will carry four.",
    "Kazakhstan taxes no sledges, and Russia taxes them by the runner, so that the two of them race on one bank only.",
    "Nobody has yet won, since the smith stops to mend the runners, and the carter waits for him with tea on the stove.",
)
STRICT = """\
topic: strict
sides:
  KZ: [{id: country, w: 1.0, stem: [kazakh]}]
  RU: [{id: country, w: 1.0, stem: [russia]}]
score: {title_w: 1.0, lead_chars: 600, lead_w: 1.0, window: 2}
rules: {min_side_density: 0.1, min_side_named: 3, min_co: 1, min_co_share: 0.1, min_dominance: 0.1, min_balance: 0.1,
        outside_lead: 1.0, review_from: 0.3, short: {sentences: 0, min_co: 1, min_side_named: 1}}
"""


def test_doubtful_documents_are_kept_listed_and_pulled_on_request(tmp_path, directory_store, capfd):
    strict = tmp_path / "strict.yaml"
    strict.write_text(STRICT, "utf-8")
    seen = [
        Seen("https://steppe.example/on", article("Kazakh and Russian wagons", *SENTENCES, *SENTENCES[:1])),
        Seen("https://steppe.example/nearly", article("Wagons", *NEARLY)),
        Seen("https://steppe.example/off", article("Tea", SENTENCES[2], SENTENCES[3])),
    ]
    put(directory_store, tmp_path / "spool", "run", seen, specify(directory_store, str(strict)))
    process(context(directory_store))
    store = ["--store", directory_store.url]
    assert run(["topic", "review", *store, "--json"]) == 0
    [doubtful] = json_lines(capfd)
    assert doubtful["url"] == "https://steppe.example/nearly"
    assert 0.3 <= doubtful["topic_score"] < 0.5
    assert {one["form"] for one in doubtful["evidence"]} == {"Kazakh", "Kazakhstan", "Russia", "Russian"}
    assert run(["topic", "review", *store]) == 0
    assert "RU:country (lead 2: Russian, Russia)" in capfd.readouterr().out
    pulled = {}
    for name, options in {
        "plain": [],
        "review": ["--with-review"],
        "sure": ["--with-review", "--topic-min", ".5"],
    }.items():
        path = tmp_path / f"{name}.jsonl"
        assert run(["pull", str(path), "--format", "jsonl", *options, *store]) == 0
        pulled[name] = {one["url"]: one for one in map(json.loads, path.read_text("utf-8").splitlines())}
    assert list(pulled["plain"]) == list(pulled["sure"]) == ["https://steppe.example/on"]
    assert {url: one["topic_verdict"] for url, one in pulled["review"].items()} == {
        "https://steppe.example/on": "accept",
        "https://steppe.example/nearly": "review",
    }


def test_a_topic_score_out_of_range_is_wrong_usage(tmp_path, capfd):
    assert run(["pull", str(tmp_path / "out"), "--topic-min", "7"]) == 2
    assert "--topic-min 7" in capfd.readouterr().err


def test_a_new_topic_is_drafted_shown_and_its_mistyped_keys_are_named(tmp_path, monkeypatch, capsys):
    from flows.cli import run  # noqa: PLC0415  after the environment is set

    monkeypatch.chdir(tmp_path)
    assert run(["topic", "new", "kz-uz", "--sides", "kz,uz"]) == 0
    assert run(["topic", "new", "kz-uz"]) == 2
    assert run(["topic", "show", "kz-uz.yaml"]) == 0
    shown = capsys.readouterr()
    assert "kz-uz.yaml exists" in shown.err
    assert "узбекистан…" in shown.out
    assert "r / (1 + r)" in shown.out
    made = tmp_path / "kz-uz.yaml"
    made.write_text(made.read_text("utf-8").replace("lead_chars", "lead_char"), "utf-8")
    assert run(["topic", "show", "kz-uz.yaml"]) == 2
    assert "score.lead_char: is no known key; did you mean lead_chars?" in capsys.readouterr().err
    for wrong in (["x", "--sides", "KZ,XQ"], ["x", "--sides", "KZ"], ["X Y"], ["x", "--sides", "KZ,KZ"]):
        assert run(["topic", "new", *wrong]) == 2
    assert not (tmp_path / "x.yaml").exists()
