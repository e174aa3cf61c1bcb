import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.errors import InputError
from articles.topic import builtin, builtin_names, builtin_text, load

FIXTURES = [
    json.loads(line) for line in Path(__file__).with_name("topic_fixtures.jsonl").read_text("utf-8").splitlines()
]
TOPIC = builtin("kazakhstan-russia")
SMALL = """\
topic: small
sides:
  KZ:
    - {id: country, w: 1.0, stem: [kazakh], not: [kazakhoy]}
  RU:
    - {id: country, w: 1.0, stem: [russia]}
    - {id: short, w: 1.0, langs: [ru], word_cs: [РФ]}
others: {word_cs: [US]}
context: {w: 0.5, word: [union]}
score: {title_w: 3.0, lead_chars: 0, lead_w: 1.0, window: 2}
rules: {min_side_density: 0.1, min_side_sentences: 1, min_co: 1, min_co_share: 0.1, min_dominance: 0.5,
        min_balance: 0.1, outside_lead: 1.0, short_text: 2}
genre_reject:
  sport: {max: 0.05, word: [goal]}
"""


@pytest.mark.parametrize("fixture", FIXTURES, ids=[fixture["id"] for fixture in FIXTURES])
def test_labelled_texts(fixture):
    judgement = TOPIC.judge(fixture["title"], [fixture["text"]], fixture["lang"])
    assert judgement.accepted == bool(fixture["label"]), judgement
    assert judgement.accepted == (judgement.score >= 0.5)


def test_the_topic_any_accepts_everything():
    judgement = builtin("any").judge("", [], "und")
    assert judgement.accepted
    assert judgement.score == 1.0


def test_builtin_topics():
    assert builtin_names() == ("any", "kazakhstan-russia")
    assert TOPIC.sha256 == sha256(builtin_text("kazakhstan-russia").encode()).hexdigest()
    with pytest.raises(InputError, match=r"no topic 'mars'.*kazakhstan-russia"):
        builtin("mars")


def judge(*paragraphs, title="", lang="en", topic=SMALL):
    return load(topic).judge(title, paragraphs, lang)


def test_both_sides_must_meet():
    filler = ["The weather stayed calm over the hills all week."] * 5
    apart = judge("Kazakh officials spoke.", *filler, "Russia answered.")
    near = judge("Kazakh officials spoke.", "Russia answered.", *filler)
    assert not apart.accepted
    assert apart.why.startswith("places where the sides meet")
    assert near.accepted
    assert near.terms == (("KZ:country", 1), ("RU:country", 1))


def test_excluded_beginnings_and_inner_letters_are_no_hits():
    assert judge("Kazakhoy met Russia.").terms == (("RU:country", 1),)
    assert judge("The nonkazakh belarussian met.").terms == ()


def test_words_in_their_own_case_and_language():
    assert dict(judge("Kazakh officials met in РФ.", lang="ru").terms) == {"KZ:country": 1, "RU:short": 1}
    assert dict(judge("Kazakh officials met in рф.", lang="ru").terms) == {"KZ:country": 1}
    assert dict(judge("Kazakh officials met in РФ.", lang="uk").terms) == {"KZ:country": 1}


def test_other_countries_drown_the_two():
    text = "Kazakh and Russian officials met. France, Germany and Malta came, and the US."
    assert judge(text).why.startswith("weight among all countries: 0.67")
    assert judge("Kazakh and Russian officials met. The francs, germs and maltreated us stayed away.").accepted


def test_too_many_words_of_a_genre():
    assert judge("Kazakh and Russian fans saw goal after goal.").why.startswith("too many words of sport")


def test_context_supports_both_sides_and_decides_nothing():
    assert not judge("The union met in the union's hall.").accepted
    text = "Kazakh and Russian officials met."
    assert judge(text, "The union agreed.").terms == (("KZ:country", 1), ("RU:country", 1), ("context", 1))


def test_a_short_text_is_to_be_reviewed():
    assert judge("Kazakh and Russian officials met.").review
    assert not judge(*["Kazakh and Russian officials met."] * 20).review


@given(
    st.text(max_size=200), st.lists(st.text(max_size=200), max_size=5), st.sampled_from(["en", "ru", "und", "xx", ""])
)
def test_any_text_can_be_judged(title, paragraphs, lang):
    judgement = TOPIC.judge(title, paragraphs, lang)
    assert 0 <= judgement.score < 1
    assert judgement == TOPIC.judge(title, paragraphs, lang)


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [
        (("min_co: 1,", "min_co: often,"), 11, "rules.min_co"),
        (("min_co: 1,", ""), 11, "rules.min_co"),
        (("topic: small", "topic: small\ncolour: red"), 2, "colour"),
        (("topic: small", "topic: small\ntopic: large"), 2, "topic"),
        (("w: 1.0, stem: [russia]", "w: -1, stem: [russia]"), 6, "sides.RU.0.w"),
        (("stem: [russia]", "stem: [r]"), 6, "sides.RU.0.stem.0"),
        (("stem: [russia]", "steam: [russia]"), 6, "sides.RU.0"),
        (("  RU:", "  russia:"), 5, "sides.russia"),
        (("max: 0.05", "max: 5"), 14, "genre_reject.sport.max"),
        (("topic: small", "topic: [small"), 2, "no YAML"),
        (("topic: small", "topic: &a small\nother: *a"), 2, "aliases"),
        (("topic: small", "topic: small\neverything: true"), 1, "states nothing else"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(change, line, field):
    assert change[0] in SMALL
    with pytest.raises(InputError) as caught:
        load(SMALL.replace(*change, 1), "my.yaml")
    assert f"my.yaml, line {line}, " in str(caught.value)
    assert field in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "topic", "topic: x", "topic: x\nsides: {KZ: []}", "\x00", "a: {b: 1, b: 2}"]
)
def test_what_is_no_topic_file_is_refused(text):
    with pytest.raises(InputError, match=r"my\.yaml"):
        load(text, "my.yaml")
