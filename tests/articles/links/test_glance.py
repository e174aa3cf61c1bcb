"""Vectors by words tell which texts are worth encoding."""

import numpy as np
import pytest

from articles.links.anchors import SentenceNames, SharedNames
from articles.links.encoder import default_encoders
from articles.links.glance import MODULUS, MULTIPLIERS, may_translate, ordered_words

RU = (
    "Пожарные четыре часа тушили огонь на старом складе зерна у реки.",
    "Рыба в озере погибла из-за того, что лёд был слишком толстым.",
    "Учителя просят построить новую школу рядом с больницей.",
    "Пшеница подорожала, потому что летом почти не было дождей.",
    "Поезд с углём опоздал на два дня из-за сильной метели.",
    "Врачи советуют пить больше воды и меньше сидеть на солнце.",
    "Музей показал монеты, которые нашли под полом мечети.",
    "Футболисты проиграли последний матч и остались без кубка.",
)
KK = (
    "Өрт сөндірушілер өзен жағасындағы ескі астық қоймасындағы отты төрт сағат сөндірді.",
    "Мұз тым қалың болғандықтан көлдегі балық қырылып қалды.",
    "Мұғалімдер аурухананың жанынан жаңа мектеп салуды сұрайды.",
    "Жазда жаңбыр болмағандықтан бидай қымбаттады.",
    "Көмір тиеген пойыз қатты бораннан екі күнге кешікті.",
    "Дәрігерлер суды көп ішуге, күн астында аз отыруға кеңес береді.",
    "Музей мешіт еденінің астынан табылған тиындарды көрсетті.",
    "Футболшылар соңғы матчта ұтылып, кубоксыз қалды.",
)


@pytest.fixture(scope="module")
def words():
    encoder = default_encoders()[0]
    return encoder.glance(RU), encoder.glance(KK)


def nameless(a, b):
    sides = [SentenceNames(tuple(() for _ in side), (0.0,) * len(side)) for side in (a, b)]
    return SharedNames.of(*sides)


def test_a_translation_has_its_words_in_the_order_of_the_sentences(words):
    ru, kk = words
    assert ordered_words(ru, kk) > 0.03
    assert ordered_words(ru, kk) == ordered_words(ru, kk)
    assert ordered_words(ru, kk[[5, 2, 7, 0, 6, 3, 1, 4]]) < 0
    assert ordered_words(ru, kk[3:]) > 0.02


@pytest.mark.parametrize(("sentences", "own"), [(2, 6), (3, 3), (4, 2), (5, 1), (6, 1), (7, 0), (8, 0), (30, 0)])
def test_the_fewer_sentences_the_more_of_the_other_orders_are_the_own_one(sentences, own):
    places = np.arange(sentences)
    orders = [np.argsort(places * multiplier % MODULUS, kind="stable") for multiplier in MULTIPLIERS]
    assert sum(np.array_equal(order, places) for order in orders) == own


def test_little_is_said_of_the_order_of_few_sentences(words):
    ru, kk = words
    found = [ordered_words(ru[:size], kk[:size]) for size in (1, 2, 3, 4, 8)]
    assert found[:2] == [0.0, 0.0]
    assert 0 < found[2] < found[3] < found[4]


def test_words_and_names_decide_together(words):
    ru, kk = words
    shuffled = kk[[5, 2, 7, 0, 6, 3, 1, 4]]
    assert not may_translate(ru, shuffled, nameless(RU, KK), 0.3)
    named = SentenceNames(tuple(((number << 3) + 4,) for number in range(8)), (4.5,) * 8)
    assert may_translate(ru, kk, SharedNames.of(named, named), 0.3)
    assert not may_translate(ru[:1], kk, SharedNames.of(named, named), 1.0)  # no link comes of one sentence


def test_without_vectors_by_words_nothing_is_ruled_out():
    none = np.empty((3, 0), np.int8)
    assert may_translate(none, none, nameless(RU[:3], KK[:3]), 0.0)
    assert ordered_words(none, none) == 0.0


def test_common_names_in_one_order_count_whatever_else_is_named():
    a = SentenceNames(((12, 20), (28,), (36,)), (9.0, 4.5, 4.5))
    b = SentenceNames(((12,), (28, 44), (52,)), (4.5, 9.0, 4.5))
    swapped = SentenceNames(((28, 44), (12,), (52,)), (9.0, 4.5, 4.5))
    assert SharedNames.of(a, b).chained() == 1.0
    assert SharedNames.of(a, swapped).chained() == 0.5
    assert nameless(RU, KK).chained() == 0.0
