import hashlib
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.links.fingerprint import (
    ANY_UNSPACED,
    SKETCH_FRACTION,
    WORD,
    WORD_OR_SIGN,
    normalise,
    row_id,
    shingles,
    sketch,
    text_sha256,
    unify,
    version_key,
    words,
)
from articles.model import Alternate, Choice, Document, Evidence, Mention, Place, Relevance, Right, Role

DOCUMENT = Document(
    article_id="0" * 16,
    url="https://example.org/a",
    canonical_url="https://example.org/a",
    outlet="example.org",
    lang="en",
    role=Role.MAIN,
    title="The “bridge” re-opens",
    paragraphs=("The bridge — closed since May — re‑opens today.", "“It’s safe,” the mayor said…"),
)
CHANGED = {
    "role": Role.ORIGINAL,
    "paragraphs": ("Something else.",),
    "authors": ("A. B.",),
    "translators": ("A. B.",),
    "editors": ("A. B.",),
    "evidence": (Evidence("title", "meta", "x"),),
    "tags": ("x",),
    "topic_score": 0.5,
    "topic_verdict": Relevance.REVIEW,
    "topic_evidence": (Mention("KZ:country", "Kazakhstan", Place.LEAD, (3,)),),
    "choices": (Choice("title", "x"),),
    "alternates": (Alternate("ru", "x", "hreflang"),),
    "rights": (Right("robots", "noai", "meta:robots"),),
    "flags": ("live",),
}


def test_a_change_of_typography_makes_no_version():
    retyped = replace(
        DOCUMENT,
        title='The "bridge" re-opens ',
        paragraphs=('The bridge - closed since May - re-opens\u00a0today. "It\'s sa\u00adfe," the mayor said...',),
        url="https://example.org/b",
        authors=("Someone",),
    )
    assert version_key(retyped) == version_key(DOCUMENT)
    assert row_id(retyped) != row_id(DOCUMENT)


@pytest.mark.parametrize(
    "edited",
    [
        replace(DOCUMENT, title="The “bridge” closes"),
        replace(DOCUMENT, paragraphs=DOCUMENT.paragraphs[:1]),
        replace(DOCUMENT, paragraphs=("the bridge — closed since May — re‑opens today.", DOCUMENT.paragraphs[1])),
        replace(DOCUMENT, title="", paragraphs=(DOCUMENT.title, *DOCUMENT.paragraphs)),
    ],
)
def test_an_edit_makes_a_version(edited):
    assert version_key(edited) != version_key(DOCUMENT)


@pytest.mark.parametrize("name", [field.name for field in fields(Document)])
def test_a_row_id_depends_on_every_field(name):
    changed: dict[str, Any] = {name: CHANGED.get(name, "x")}
    other = replace(DOCUMENT, **changed)
    assert row_id(other) != row_id(DOCUMENT)
    assert row_id(replace(DOCUMENT)) == row_id(DOCUMENT)
    assert len(row_id(DOCUMENT)) == 32


def test_a_row_id_does_not_change_between_releases():
    assert row_id(DOCUMENT) == "6cac5e08a14b23388d04bebdafbf9a1e"
    assert version_key(DOCUMENT) == "5e434d14ec4a3d6b03734af883a9fe53"
    assert sketch("one two three").whole == 7_211_743_416_349_135_538
    assert shingles("one two three").tolist() == [15_927_345_279_514_135_291]


def test_words_are_normalised():
    assert words("ЁЛКА «Ёлочка»\u200b, don’t—stop ＡＢＣ oʻzbek") == [
        *("елка", "елочка", "don", "t", "stop", "abc", "o", "zbek")
    ]
    assert words("両国ABC語") == ["両", "国", "abc", "語"]
    assert unify("a\u2003b «c» ‘d’ – e") == "a b \"c\" 'd' - e"


@given(st.text())
def test_normalising_is_idempotent(text):
    assert unify(unify(text)) == unify(text)
    assert words(normalise(text)) == words(text)


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60).map(" ".join))
def test_a_sketch_holds_the_smallest_shingle_hashes(text):
    whole, kept = shingles(text), sketch(text)
    tokens = text.split()
    grams = {tuple(tokens[i : i + 3]) for i in range(max(1, len(tokens) - 2))} if tokens else set()
    assert len(whole) == len(grams) == kept.shingles
    assert kept.hashes.tolist() == [h for h in whole.tolist() if h < 2**64 // SKETCH_FRACTION]
    assert whole.tolist() == sorted(whole.tolist())
    assert kept.hashes.dtype == np.uint64


def test_a_sketch_keeps_about_an_eighth():
    text = " ".join(f"word{i}" for i in range(20_000))
    assert len(sketch(text).hashes) == pytest.approx(20_000 / 8, rel=0.05)


def test_the_hash_of_the_whole_distinguishes_equal_and_reordered_texts():
    assert sketch("One, two").whole == sketch("one — TWO").whole
    assert sketch("one two").whole != sketch("two one").whole


def test_text_sha256_hashes_the_utf8_bytes():
    assert text_sha256("абв") == hashlib.sha256("абв".encode()).hexdigest()
    assert len(text_sha256("\ud800")) == 64


def reference(text):
    """Return the words of a text by the regular expression alone."""
    normal = normalise(text)
    return (WORD_OR_SIGN if ANY_UNSPACED.search(normal) else WORD).findall(normal)


strange = st.sampled_from("a Zя_5٠é\u0301\u00ad\u200b\u02bc´‘«—ßİﬁ\u3000\x1c\x85語กЁё\U0001f600\U00020000\ud800")


@given(st.lists(strange | st.characters(), max_size=20).map("".join))
def test_the_fast_path_finds_the_same_words_as_the_regular_expression(text):
    assert words(text) == reference(text)
