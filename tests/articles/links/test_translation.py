import hashlib
import random
import time
import tracemalloc
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.links.alignment import MAX_SENTENCES
from articles.links.anchors import anchors
from articles.links.best_links import keep_best
from articles.links.encoder import default_encoders, encoder_for, quantise
from articles.links.pair_budget import PairBudget
from articles.links.translation import BY_ANCHORS, ComparedText, relate
from articles.links.translation_index import MAX_KEYS, TranslationEntry, TranslationIndex
from articles.model import Link, LinkKind
from tests.parallel.making import event, write_report

WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("nal", "ro", "stik", "mat")]


class Concepts:
    """Encoder for made-up languages whose words end with their language: "banaxx" means "banayy"."""

    name = "concepts 1"
    languages = frozenset(("xx", "yy"))
    min_likeness = 0.45

    def encode(self, sentences, lang):
        if not sentences:
            return np.empty((0, 64), np.int8)
        return quantise(np.stack([self._of(sentence) for sentence in sentences]).astype(np.float32))

    def _of(self, sentence):
        words = [word for word in sentence.rstrip(".").split() if not word[0].isupper() and word[0].isalpha()]
        return sum((self._vector(word) for word in words), np.full(64, 1e-6))

    def _vector(self, word):
        seed = int(hashlib.sha256(word[:-2].encode()).hexdigest()[:8], 16)
        return np.random.default_rng(seed).normal(size=64)


def story(seed, lang, sentences=12):
    """Return sentences of nine words, a name and a number; name and number are the same in all languages."""
    dice = random.Random(seed)  # noqa: S311 - not used for cryptography
    found = []
    for _ in range(sentences):
        words = " ".join(f"{dice.choice(WORDS)}{lang}" for _ in range(9))
        found.append(f"{words} {dice.choice(WORDS).capitalize()}{dice.choice(WORDS)} {dice.randint(100, 99999)}.")
    return found


def respelled(paragraphs, kept):
    """Paraphrase: replace all but the first `kept` words of a sentence with others of the same meaning."""
    return [
        " ".join(word if i < kept or not word.endswith("xx") else f"{word[:-2]}xy" for i, word in enumerate(p.split()))
        for p in paragraphs
    ]


def row(name, lang, paragraphs, published="2024-05-01", source="", *, translated=False):
    text = ComparedText("\n\n".join(paragraphs), lang)
    articles = (f"article-{name}",)
    sources = (source,) if source else ()
    keys = anchors(text.text, lang if len(lang) == 2 else "en")
    return TranslationEntry(f"row-{name}", articles, lang, published, translated, sources, (), keys), text


def relation(one, other, encoder=Concepts()):  # noqa: B008 - the encoder has no state
    return relate(
        one[0], other[0], (one[1], other[1]), encoder, lambda _, text: encoder.encode(text.sentences, text.lang)
    )


def real(one, other):
    return encoder_for(default_encoders(), one[0].lang, other[0].lang)


def link(one, other):
    return relation(one, other).link


def test_a_full_translation_links_to_the_earlier_text():
    original, copy = row("z", "xx", story(1, "xx")), row("a", "yy", story(1, "yy"), "2024-05-03")
    found = relation(original, copy)
    assert found == relation(copy, original)
    assert (found.link.kind, found.link.a, found.link.b) == (LinkKind.TRANSLATION, "row-a", "row-z")
    assert (found.link.score, found.extent, found.link.method) == (1.0, "full", "concepts 1")
    assert found.link.evidence.startswith("full: 12 sentences aligned")
    assert [copy[1].text[slice(*a)] for a, _, _ in found.pairs] == story(1, "yy")
    assert [original[1].text[slice(*b)] for _, b, _ in found.pairs] == story(1, "xx")


def test_a_page_that_names_its_source_is_the_later_one():
    original, copy = row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy"), "2024-04-03", "article-a")
    assert link(original, copy).a == "row-b"
    assert "names it as its source" in link(original, copy).evidence


def test_pages_of_two_urls_are_compared_whatever_they_claim():
    index = TranslationIndex()
    one, other = (
        replace(row(name, lang, story(1, lang))[0], keys=row(name, "xx", story(1, "xx"))[0].keys)
        for name, lang in (("a", "xx"), ("b", "yy"))
    )
    index.add([one, replace(other, articles=("article-b", "article-a"))])
    assert list(index.pairs(0, PairBudget())) == [(1, 0)]
    both = TranslationIndex()
    both.add([one, replace(other, articles=one.articles)])
    assert list(both.pairs(0, PairBudget())) == []


def test_a_page_that_names_a_translator_is_the_later_one():
    original = row("a", "xx", story(1, "xx"))
    copy = row("b", "yy", story(1, "yy"), "2024-04-03", translated=True)
    assert link(original, copy).a == "row-b"


def test_a_translation_of_a_part_is_partial():
    found = relation(row("a", "xx", story(1, "xx", 20)), row("b", "yy", story(1, "yy", 20)[:8]))
    assert found.extent == "partial"
    assert found.link.evidence.startswith("partial: 8 sentences aligned")


def test_a_short_text_whose_sentences_lie_scattered_in_a_longer_one_is_a_report_of_the_same_event():
    brief = story(1, "yy", 24)[::4]
    found = relation(row("a", "xx", story(1, "xx", 24)), row("b", "yy", brief))
    assert (found.link.kind, len(found.pairs)) == (LinkKind.SAME_EVENT, 6)


def test_names_and_figures_decide_on_texts_of_few_sentences():
    found = relation(row("a", "xx", story(1, "xx", 3)), row("b", "yy", story(1, "yy", 3)))
    assert (found.link.kind, found.extent) == (LinkKind.TRANSLATION, "full")
    nameless = [" ".join(word for word in sentence.split() if word.islower()) + "." for sentence in story(1, "yy", 3)]
    assert relation(row("a", "xx", story(1, "xx", 3)), row("b", "yy", nameless)) is None


def test_a_few_sentences_are_an_excerpt_of_a_longer_text_that_has_them_without_a_gap():
    long = row("a", "xx", story(1, "xx", 8))
    found = relation(long, row("b", "yy", story(1, "yy", 8)[:3]))
    assert (found.link.kind, found.extent) == (LinkKind.TRANSLATION, "partial")
    assert relation(long, row("b", "yy", story(1, "yy", 8)[:6:2])).link.kind is LinkKind.SAME_EVENT


@pytest.mark.parametrize("other", [story(2, "yy"), [], story(1, "yy", 2) + story(2, "yy", 9)])
def test_texts_with_too_little_in_common_are_not_linked(other):
    assert relation(row("a", "xx", story(1, "xx")), row("b", "yy", other)) is None


def test_some_aligned_sentences_give_a_same_event_link():
    found = relation(row("a", "xx", story(1, "xx")), row("b", "yy", story(1, "yy")[:6] + story(2, "yy", 9)))
    assert (found.link.kind, found.extent) == (LinkKind.SAME_EVENT, "")


def test_texts_with_different_numbers_are_issues_of_a_template():
    numbers = iter(range(1000, 9999, 37))
    issue = [" ".join(word if word[0].isalpha() else f"{next(numbers)}." for word in p.split()) for p in story(1, "yy")]
    assert relation(row("a", "xx", story(1, "xx")), row("b", "yy", issue)) is None


def test_without_vectors_a_named_source_makes_a_link():
    original, copy = row("a", "ru", story(1, "xx")), row("b", "kk", story(1, "xx"), source="article-a")
    found = relation(original, copy)
    assert (found.link.score, found.link.method) == (1.0, BY_ANCHORS)
    assert len(found.pairs) == 12
    other = row("c", "kk", story(2, "xx"), source="article-a")
    assert relation(original, other) is None  # another text, whatever its page states
    mutual = relation((replace(original[0], others=("article-c",)), original[1]), other)
    assert (mutual.link.score, mutual.link.method) == (0.5, BY_ANCHORS)


def test_without_vectors_anchors_in_order_make_a_link():
    one, other = row("a", "ru", story(1, "xx")), row("b", "kk", story(1, "yy"))
    found = relation(one, other)
    assert (found.link.kind, found.link.method, found.extent) == (LinkKind.TRANSLATION, BY_ANCHORS, "")
    assert relation(one, row("c", "kk", story(2, "yy"))) is None
    assert relation(row("d", "xx", story(1, "xx")), row("e", "qq", story(1, "qq"))) is None


def test_without_an_encoder_anchors_make_a_link_in_any_language():
    one, other = row("a", "ru", story(1, "xx")), row("b", "en", story(1, "yy"))
    assert (
        relate(one[0], other[0], (one[1], other[1]), None, lambda *_: np.empty((0, 4), np.int8)).link.method
        == "anchors"
    )


def test_a_rewrite_has_the_same_meaning_and_few_common_words():
    found = link(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 4), "2024-05-02"))
    assert (found.kind, found.a, found.b) == (LinkKind.REWRITE, "row-b", "row-a")
    assert (
        "0.00 of the shingles"
        in link(row("a", "xx", story(1, "xx")), row("b", "xx", respelled(story(1, "xx"), 0))).evidence
    )
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(1, "xx"))) is None
    assert relation(row("a", "xx", story(1, "xx")), row("b", "xx", story(2, "xx"))) is None


def test_an_abridged_rewrite_covers_the_shorter_text():
    long = story(1, "xx", 12)
    found = link(row("a", "xx", long), row("b", "xx", respelled([*long[:5], *long[6:7]], 4), "2024-05-02"))
    assert (found.kind, found.score) == (LinkKind.REWRITE, 1.0)
    assert "abridged" in found.evidence
    scattered = respelled(long[::2], 4)
    assert relation(row("a", "xx", long), row("b", "xx", scattered)) is None


def test_reports_that_share_a_quotation_and_some_facts_are_no_rewrites():
    common = story(1, "xx", 4)
    one, other = [*common[:2], *story(2, "xx", 6), *common[2:]], [*story(3, "xx", 5), *respelled(common, 5)]
    assert relation(row("a", "xx", one), row("b", "xx", other)) is None


def test_two_texts_of_one_article_are_not_linked():
    one = row("a", "xx", story(1, "xx"))
    assert relation(one, one) is None


def pairs(rows):
    index = TranslationIndex()
    index.add(rows)
    index.add(rows)
    assert len(index) == len(rows)
    found = [frozenset((index[a].row_id[4:], index[b].row_id[4:])) for a, b in index.pairs(0, PairBudget())]
    assert len(found) == len(set(found))
    return {"".join(sorted(pair)) for pair in found}


def test_rows_far_apart_in_time_or_anchors_are_no_candidates():
    rows = [
        row("a", "xx", story(1, "xx"), "2024-01-01"),
        row("b", "yy", story(1, "yy"), "2024-12-31"),
        row("c", "yy", story(3, "yy"), "2024-01-01"),
        row("d", "yy", story(1, "yy"), "2024-12-30", "article-a"),
        row("e", "yy", story(1, "yy"), ""),
        row("f", "yy", story(1, "yy"), "2024-02-29"),
        row("g", "yy", story(1, "yy"), "tomorrow"),
    ]
    assert pairs([entry for entry, _ in rows]) == {
        "ad",
        "ae",
        "bd",
        "be",
        "de",
        "af",
        "ef",
        "ag",
        "bg",
        "dg",
        "eg",
        "fg",
    }


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["xx", "yy"]), st.integers(1, 9)), min_size=2, max_size=8),
    st.randoms(use_true_random=False),
)
def test_candidates_do_not_depend_on_order_or_split(drawn, rng):
    rows = [row(str(n), lang, story(seed, lang), f"2024-05-0{day}")[0] for n, (seed, lang, day) in enumerate(drawn)]
    shuffled, index = rng.sample(rows, len(rows)), TranslationIndex()
    cut = rng.randint(0, len(rows))
    found = []
    for batch in (shuffled[:cut], shuffled[cut:]):
        first = len(index)
        index.add(batch)
        found += [
            "".join(sorted((index[a].row_id[4:], index[b].row_id[4:]))) for a, b in index.pairs(first, PairBudget())
        ]
    assert Counter(found) == Counter(pairs(rows))


def test_links_by_anchors_are_kept_if_they_are_best_for_both_rows():
    def by_anchors(a, b, score):
        return Link(LinkKind.TRANSLATION, a, b, score, "", BY_ANCHORS)

    best, as_good = by_anchors("kk1", "ru1", 0.5), by_anchors("kk1", "ru2", 0.5)
    other_language = by_anchors("kk1", "en1", 0.2)
    by_vectors = Link(LinkKind.TRANSLATION, "kk1", "ru3", 0.1, "", "e 1")
    worse = [by_anchors("kk1", "ru3", 0.4), by_anchors("kk2", "ru1", 0.49)]
    kept = [best, as_good, other_language, by_vectors]
    assert keep_best([*worse, *kept], lambda row_id: row_id[:2]) == kept


ENGLISH = [
    "The two governments agreed in Osh on 12 May to widen the road over the Tosor pass.",
    "Lorries now wait there for days, because the tunnel lets only one of them through at a time.",
    "The work will cost 41.5 million dollars and take three years, minister Erlan Duishenov said.",
    "Half of the money is to come from the development bank, which has not yet approved the loan.",
    "People in the village of Karakaman fear that the noise will drive away their guests.",
    "A petition against the project was signed by 2,140 inhabitants last winter.",
]
RUSSIAN = [
    "12 мая в Оше правительства двух стран договорились расширить дорогу через перевал Тосор.",
    "Сейчас грузовики стоят там по несколько дней, потому что тоннель пропускает их только по одному.",
    "Работы обойдутся в 41,5 миллиона долларов и займут три года, сказал министр Эрлан Дуйшенов.",
    "Половину денег должен дать банк развития, который пока не одобрил кредит.",
    "Жители деревни Каракаман боятся, что шум отпугнёт их гостей.",
    "Прошлой зимой обращение против этого проекта подписали 2140 жителей.",
]
UKRAINIAN = [
    "12 травня в Оші уряди двох країн домовилися розширити дорогу через перевал Тосор.",
    "Зараз вантажівки стоять там по кілька днів, бо тунель пропускає їх лише по одній.",
    "Роботи коштуватимуть 41,5 мільйона доларів і триватимуть три роки, сказав міністр Ерлан Дуйшенов.",
    "Половину грошей має дати банк розвитку, який поки що не схвалив кредит.",
    "Мешканці села Каракаман бояться, що шум відлякає їхніх гостей.",
    "Минулої зими звернення проти цього проєкту підписали 2140 мешканців.",
]
GERMAN = [
    "Am 12. Mai einigten sich die beiden Regierungen in Osch darauf, die Straße über den Tosor-Pass zu verbreitern.",
    "Die Lastwagen warten dort jetzt tagelang, weil der Tunnel immer nur einen von ihnen durchlässt.",
    "Die Arbeiten werden 41,5 Millionen Dollar kosten und drei Jahre dauern, sagte Minister Erlan Duischenow.",
    "Die Hälfte des Geldes soll von der Entwicklungsbank kommen, die den Kredit noch nicht bewilligt hat.",
    "Die Leute im Dorf Karakaman fürchten, dass der Lärm ihre Gäste vertreibt.",
    "Eine Eingabe gegen das Vorhaben unterschrieben im letzten Winter 2140 Einwohner.",
]
TURKISH = [
    "İki hükümet 12 Mayıs'ta Oş'ta Tosor geçidi üzerindeki yolu genişletmek konusunda anlaştı.",
    "Kamyonlar şimdi orada günlerce bekliyor, çünkü tünel aynı anda yalnızca birinin geçmesine izin veriyor.",
    "Çalışmaların 41,5 milyon dolara mal olacağını ve üç yıl süreceğini bakan Erlan Duyşenov söyledi.",
    "Paranın yarısı, krediyi henüz onaylamamış olan kalkınma bankasından gelecek.",
    "Karakaman köyünde yaşayanlar gürültünün misafirlerini kaçıracağından korkuyor.",
    "Geçen kış projeye karşı bir dilekçeyi 2.140 kişi imzaladı.",
]
POLISH = [
    "12 maja w Oszu rządy obu krajów uzgodniły poszerzenie drogi przez przełęcz Tosor.",
    "Ciężarówki czekają tam teraz całymi dniami, bo tunel przepuszcza tylko jedną z nich naraz.",
    "Prace będą kosztować 41,5 miliona dolarów i potrwają trzy lata, powiedział minister Erłan Dujszenow.",
    "Połowę pieniędzy ma dać bank rozwoju, który jeszcze nie zatwierdził kredytu.",
    "Mieszkańcy wioski Karakaman boją się, że hałas odstraszy ich gości.",
    "Zeszłej zimy petycję przeciwko temu projektowi podpisało 2140 mieszkańców.",
]
OTHER = [
    "12 мая на рынке в Оше подорожали яблоки, сообщили продавцы в субботу утром.",
    "Урожай в этом году погиб из-за поздних заморозков, говорит фермер Эрлан Дуйшенов.",
    "Зоопарк показал посетителям двух детёнышей снежного барса, родившихся в Каракамане.",
    "Сборник стихов местного поэта вышел тиражом в 2140 экземпляров.",
    "Новый каток у реки откроют к первым морозам, пообещал мэр города.",
    "В школе на окраине починили крышу, которая протекала с прошлой весны.",
]


@pytest.mark.parametrize(
    ("lang", "text"), [("ru", RUSSIAN), ("uk", UKRAINIAN), ("de", GERMAN), ("tr", TURKISH), ("pl", POLISH)]
)
def test_the_real_encoder_links_its_languages(lang, text):
    for one in (
        row("e", "en", ENGLISH),
        row("r", "ru" if lang != "ru" else "uk", RUSSIAN if lang != "ru" else UKRAINIAN),
    ):
        other = row("x", lang, text)
        found = relation(one, other, real(one, other))
        assert (found.link.kind, found.extent) == (LinkKind.TRANSLATION, "full")
        assert len(found.pairs) >= 5
        assert len(pairs([one[0], other[0]])) == 1


def test_the_real_encoder_links_english_and_russian():
    english, russian, other = row("e", "en", ENGLISH), row("r", "ru", RUSSIAN), row("o", "ru", OTHER)
    found = relation(english, russian, real(english, russian))
    assert (found.link.kind, found.extent, found.link.score) == (LinkKind.TRANSLATION, "full", 1.0)
    assert (
        relation(english, other, real(english, other)).link.kind is LinkKind.SAME_EVENT
    )  # it names the same things in the same order
    assert "er" in pairs([english[0], russian[0], other[0]])


def crowd(number, template):
    """A text of many sentences that all name the same."""
    return "\n\n".join(template.format(place) for place in range(number))


def test_texts_of_very_many_sentences_that_name_the_same_cost_little_and_link_by_their_beginnings():
    english = crowd(4_000, "President Tokayev met Putin in Astana and Moscow on 5 May 2024, said Gazprom {}.")
    russian = crowd(4_000, "Президент Токаев встретил Путина в Астане и Москве 5 мая 2024, сообщил Газпром {}.")
    rows = [row("a", "uz", [english]), row("b", "kk", [russian], published="2024-05-02")]
    tracemalloc.start()
    started = time.process_time()
    found = relation(rows[0], rows[1], encoder=None)
    spent, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.link.evidence.endswith("only the beginnings compared")
    assert len(found.pairs) == MAX_SENTENCES
    assert spent < 15  # seconds, under tracemalloc; every pair of sentences took 74 s and 3.3 GB without it
    assert peak < 100_000_000


def test_a_row_keeps_a_bounded_number_of_anchors_whatever_the_order():
    many, _ = row("a", "en", [crowd(3_000, "Number {0}7{0} is 9{0}.")])
    few, _ = row("b", "ru", ["Number 15715 is 915."])
    for rows in ([many, few], [few, many]):
        index = TranslationIndex()
        index.add(rows)
        assert len(index.of("row-a").keys) == MAX_KEYS < len(many.keys)
        assert set(index.of("row-a").keys) == set(many.keys[:MAX_KEYS])


def claimed(one, other, encoder=None):
    """The link of two texts of which `one` names the other as its original, in languages without vectors."""
    entry, text = row("a", "kk", one, source="article-b")
    second = row("b", "ru", other)
    return relate(entry, second[0], (text, second[1]), encoder, lambda *_: pytest.fail("no vectors"))


def test_a_claim_alone_links_no_unrelated_texts():
    dice = random.Random(3)  # noqa: S311  synthetic texts
    victim, thief = event(dice), event(dice)
    true, other = (write_report(one, "kk", dice).split("\n\n") for one in (victim, thief))
    original = write_report(victim, "ru", dice).split("\n\n")
    found = claimed(true, original)
    assert found.link.kind is LinkKind.TRANSLATION
    assert found.link.evidence.startswith("names it as its source")
    assert claimed(other, original) is None
    assert claimed(["Атауы жоқ мәтін, онда ешкім аталмайды."], original) is None
    assert claimed([*true, *other * 6], original) is None


def test_a_claim_of_one_page_gives_no_link_more_weight_than_its_content():
    dice = random.Random(3)  # noqa: S311  synthetic texts
    story = event(dice)
    true, original = (write_report(story, lang, dice).split("\n\n") for lang in ("kk", "ru"))
    (a, text), (b, other) = row("a", "kk", true, source="article-b"), row("b", "ru", original)
    one = relate(a, b, (text, other), None, lambda *_: pytest.fail("no vectors"))
    both = relate(a, replace(b, originals=("article-a",)), (text, other), None, lambda *_: pytest.fail("no vectors"))
    plain = relate(replace(a, originals=()), b, (text, other), None, lambda *_: pytest.fail("no vectors"))
    assert one.link.score == plain.link.score <= both.link.score
    assert both.link.score >= 0.5
