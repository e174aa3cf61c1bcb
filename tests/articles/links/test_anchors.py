import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.links.anchors import (
    CLASS_WEIGHTS,
    SentenceNames,
    SharedNames,
    all_anchors,
    anchors,
    shared,
    skeleton,
    stem,
    total_weight,
)


def name(word, lang):
    return skeleton(stem(word.casefold(), lang), lang)


@pytest.mark.parametrize(
    "spellings",
    [
        "en:Tokayev ru:Токаева kk:Тоқаевтың uz:Toqayevning",
        "en:Khabarovsk ru:Хабаровск de:Chabarowsk pl:Chabarowsk",
        "en:Kostanay ru:Костанае kk:Қостанайдан",
        "en:Mishustin ru:Мишустина de:Mischustin",
        "ru:Шымкент en:Shymkent de:Schymkent pl:Szymkent kk:Шымкенттен",
        "en:Japarov ru:Жапаров ky:Жапаровдун",
    ],
)
def test_all_spellings_of_a_name_give_one_anchor(spellings):
    pairs = [spelling.split(":") for spelling in spellings.split()]
    assert len({name(word, lang) for lang, word in pairs}) == 1


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        ("en:On September 12 they met in Germany", "ru:12 сентября они встретились в Германии", 9.0),
        ("en:On 12 September 2024 in Germany", "kk:2024 жылғы 12 қыркүйекте Германияда", 10.0),
        ("de:Am 12. September in Deutschland", "lt:Rugsėjo 12 d. Vokietijoje", 9.0),
        ("en:1,700 wagons and $3.5 billion", "ru:1700 вагонов и 3,5 млрд долларов", 9.0),
        ("en:1,700 wagons", "ru:1 700 вагонов", 5.0),
        ("de:1.700 Waggons", "pl:1 700 wagonów", 5.0),
        ("en:In 2024 700 wagons, 41 buses", "ru:В 2024 году 700 вагонов, 41 автобус", 7.5),
        ("en:the EAEU and NATO", "kk:ЕАЭО және НАТО", 2.0),
        ("en:5 apples", "ru:5 яблок", 0.0),
    ],
)
def test_two_languages_share_anchors(one, other, weight):
    sides = [all_anchors(text, lang) for lang, _, text in (side.partition(":") for side in (one, other))]
    assert total_weight(shared(*sides)) == weight


def test_frequent_names_do_not_distinguish_texts():
    assert not len(anchors("President Putin of Russia met Tokayev in Astana in 2024.", "en"))
    assert len(all_anchors("President Putin of Russia met Tokayev in Astana in 2024.", "en")) >= 4


ENGLISH = ("Satpayev signed it.", "They loaded 4,512 tonnes.", "Nobody came.")


def test_sentences_are_compared_by_their_anchors():
    russian = SentenceNames.of(("Погрузили 4512 тонн.", "Сатпаев её подписал."), "ru")
    found = SharedNames.of(SentenceNames.of(ENGLISH, "en"), russian).likeness()
    assert np.argmax(found, axis=1).tolist() == [1, 0, 0]
    assert not found[2].any()


def test_in_order_measures_the_order_of_anchors():
    english = SentenceNames.of(ENGLISH, "en")
    same, other = SentenceNames.of(("Satpayev.", "4512 t"), "en"), SentenceNames.of(("4512 t", "Satpayev."), "en")
    assert SharedNames.of(english, same).in_order() == 1.0
    assert SharedNames.of(english, other).in_order() == pytest.approx(5.0 / 9.5)
    assert SharedNames.of(english, SentenceNames.of((), "en")).in_order() == 0.0


def naive_order(one: SentenceNames, other: SentenceNames) -> float:
    """The heaviest chain of pairs in the order of both texts, by definition."""
    best = [[0.0] * (len(other.keys) + 1) for _ in range(len(one.keys) + 1)]
    for i, ours in enumerate(one.keys):
        for j, theirs in enumerate(other.keys):
            weight = sum(CLASS_WEIGHTS[key & 7] for key in set(ours) & set(theirs))
            best[i + 1][j + 1] = max(best[i][j] + weight, best[i][j + 1], best[i + 1][j])
    return best[-1][-1] / max(1.0, min(one.mass, other.mass))


NAMES = st.lists(st.sampled_from(["Astana", "Tokayev", "Gazprom", "1984", "Omsk", "Semey", "12.5"]), max_size=4)


@given(st.lists(NAMES, max_size=8), st.lists(NAMES, max_size=8))
def test_shared_names_agree_with_their_definition(ours, theirs):
    one, other = (SentenceNames.of([" and ".join(names) for names in side], "en") for side in (ours, theirs))
    found = SharedNames.of(one, other)
    assert found.in_order() == naive_order(one, other)
    likeness = found.likeness()
    for i, keys in enumerate(one.keys):
        for j, others in enumerate(other.keys):
            weight = sum(CLASS_WEIGHTS[key & 7] for key in set(keys) & set(others))
            dice = 2 * weight / (one.weights[i] + other.weights[j]) if weight else 0.0
            assert likeness[i, j] == np.float32(dice)


def test_a_name_in_too_many_sentences_of_both_texts_carries_no_pairs():
    crowd = SentenceNames.of(["Gazprom speaks."] * 300 + ["Gazprom meets Tokayev."], "en")
    shared = SharedNames.of(crowd, crowd).weights
    assert shared[0, 0] == 0
    assert shared[300, 300] > 0  # by the name that only one sentence has
    few = SentenceNames.of(["Gazprom speaks."] * 100, "en")
    assert SharedNames.of(crowd, few).weights.all()


def test_german_nouns_are_no_names():
    text = "Der russische Präsident sprach in Almaty über die Vereinbarung und den alten Bahnhof, sagte Merkel."
    names = ["Almaty", "Merkel"]
    assert set(all_anchors(text, "de").tolist()) == set(all_anchors(" ".join(names), "de").tolist())
