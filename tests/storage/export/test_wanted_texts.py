"""The texts that a release lacks, found one by one."""

import pytest

from articles.links.fingerprint import text_sha256
from articles.model import Document, Role
from storage.export.wanted_texts import MAX_ASKED, RUNNING_TEXT, WantedTexts

URL = "https://paper.example/a"


def wanted(row_id, text, lang="ru", url=URL):
    return {"row_id": row_id, "url": url, "lang": lang, "text_sha256": text_sha256(text)}


def document(text, lead="", lang="ru"):
    return Document("a", URL, URL, "paper", lang, Role.ORIGINAL, "", (text,), lead=lead)


@pytest.fixture
def texts(tmp_path):
    with WantedTexts(tmp_path / "texts.sqlite") as opened:
        yield opened
    assert not list(tmp_path.iterdir())


def test_the_first_document_with_the_text_in_its_language_is_kept(texts):
    texts.want([wanted("r1", "one"), wanted("r2", "two"), wanted("r3", "one", url="https://paper.example/b")])
    assert texts.lacks(URL)
    texts.keep(URL, [document("one", lang="kk"), document("one", "first"), document("one", "second")])
    texts.keep(URL, [document("one", "third")])
    assert texts.texts(["r2", "r1"]) == {"text": [None, "one"], "lead": [None, "first"], "note": [None, ""]}
    assert texts.lacks(URL)
    assert texts.counts() == (3, 1)
    assert texts.lost(seen=True) == (URL,)
    assert texts.lost(seen=False) == ("https://paper.example/b",)
    texts.keep(URL, [document("two")])
    assert not texts.lacks(URL)


def test_texts_come_as_packs_hold_them_and_in_any_number(texts):
    broken = "half \ud83d of a pair"  # JSON on a page can hold it, UTF-8 cannot
    texts.want([wanted("r", broken)])
    texts.keep(URL, [document(broken)])
    asked = [f"n{number}" for number in range(MAX_ASKED + 1)]
    assert texts.texts([*asked, "r"])["text"] == [None] * len(asked) + ["half \ufffd of a pair"]
    assert texts.texts([]) == {name: [] for name in RUNNING_TEXT}
