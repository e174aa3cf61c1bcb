import itertools
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.extract import extract
from articles.language import LanguageRun, identify, split
from tests.articles.pages import ENGLISH, RUSSIAN, capture, page, paragraphs

SENTENCES = {
    "en": "The two governments agreed to widen the road before the first snow closes the pass.",
    "ru": "Оба правительства договорились расширить дорогу, пока перевал не закрыл первый снег.",
    "kk": "Екі үкімет алғашқы қар асуды жаппай тұрып, жолды кеңейтуге келісті.",
    "uk": "Обидва уряди домовилися розширити дорогу, доки перевал не закрив перший сніг.",
    "be": "Абодва ўрады дамовіліся пашырыць дарогу, пакуль перавал не закрыў першы снег.",
    "bg": "Двете правителства се споразумяха да разширят пътя, преди първият сняг да затвори прохода.",
    "ky": "Эки өкмөт биринчи кар ашууну жапканга чейин жолду кеңейтүүгө макулдашты.",
    "tg": "Ҳарду ҳукумат барои васеъ кардани роҳ пеш аз барфи аввал мувофиқат карданд.",
    "uz": "Ikki hukumat birinchi qor dovonni yopib qo‘ygunicha yo‘lni kengaytirishga kelishib oldi.",
    "az": "İki hökumət ilk qar aşırımı bağlamadan əvvəl yolu genişləndirmək barədə razılığa gəldi.",
    "tr": "İki hükümet, ilk kar geçidi kapatmadan önce yolu genişletmek üzere anlaştı.",
    "lt": "Abi vyriausybės susitarė praplatinti kelią, kol pirmasis sniegas neuždarė perėjos.",
    "de": "Beide Regierungen einigten sich darauf, die Straße vor dem ersten Schnee zu verbreitern.",
    "pl": "Oba rządy zgodziły się poszerzyć drogę, zanim pierwszy śnieg zamknie przełęcz.",
    "fr": "Les deux gouvernements ont convenu d'élargir la route avant que la neige ne ferme le col.",
    "es": "Los dos gobiernos acordaron ensanchar la carretera antes de que la nieve cierre el paso.",
    "ko": "두 정부는 첫눈이 고개를 막기 전에 도로를 넓히기로 합의했다.",
    "ja": "両政府は初雪で峠が閉ざされる前に道路を広げることで合意した。",
    "zh": "两国政府同意在初雪封山之前拓宽这条道路。",
    "ar": "اتفقت الحكومتان على توسيع الطريق قبل أن تغلق الثلوج الأولى الممر الجبلي.",
}
KAZAKH_LATIN = [
    "Eki ükımet alğaşqy qar asudy jauyp qalmai tūryp, joldy keñeituge kelıstı.",
    "Qala turğyndary jañalyqty quana qarsy aldy jäne jūmys erteñ bastalady dep kütıledı.",
    "Ekі úkimet alǵashqy qar asýdy japqansha joldy keńeıtýge kelisti, bul týraly qalada aıtyldy.",
    "Eki u'kimet alg'as'qy qar asy'dy japqans'a joldy ken'eyty'ge kelisti, bul ty'raly qalada aytyldy.",
]
UZBEK_APOSTROPHES = (
    "San’at va ma’naviyat masalalari muhokama qilindi, qaror qabul qilindi, sur’at o‘sdi, qat’iy talab qo‘yildi."
)


@pytest.mark.parametrize("lang", SENTENCES)
def test_one_sentence_is_enough_to_identify_a_language(lang):
    assert identify(SENTENCES[lang]) == lang
    assert identify(SENTENCES[lang].upper()) == lang


@pytest.mark.parametrize("text", KAZAKH_LATIN)
def test_kazakh_in_latin_script_is_identified(text):
    assert identify(text) == "kk"


def test_uzbek_with_apostrophes_is_not_kazakh():
    assert identify(UZBEK_APOSTROPHES) == "uz"


def test_english_with_many_q_is_not_kazakh():
    text = "Officials in Qatar and Iraq said that Qantas would fly to Doha, and that the Al-Faq quay is open."
    assert identify(text) == "en"


@pytest.mark.parametrize("text", ["", "   ", "2024-09-12 14:00", "— * —", "https://example.org/a/b"])
def test_a_text_without_letters_has_no_language(text):
    assert identify(text) == "und"


def test_an_expected_language_is_only_a_hint():
    assert identify(SENTENCES["en"], among=("lt",)) == "en"
    assert identify("Pogled na planine in reke", among=("sl", "hr")) == "sl"


@pytest.mark.parametrize("lang", SENTENCES)
def test_a_page_in_one_language_is_one_part(lang):
    page = ["12.09.2024", SENTENCES[lang], "—", *[SENTENCES[lang] + " " + SENTENCES[lang]] * 6, "A. B."]
    assert split(page) == (LanguageRun(lang, 0, len(page)),)


def test_a_page_in_two_languages_is_split():
    page = [
        "A road over the pass",
        *[SENTENCES["en"] * 2] * 4,
        "Дорога",
        *[SENTENCES["ru"] * 2] * 4,
        "Hot now",
        *[SENTENCES["en"]] * 3,
    ]
    assert split(page) == (LanguageRun("en", 0, 5), LanguageRun("ru", 5, 10), LanguageRun("en", 10, 14))


def test_two_languages_of_one_script_are_split():
    page = ["Kelias", *[SENTENCES["lt"]] * 4, "The road", *[SENTENCES["en"]] * 4]
    assert [part.lang for part in split(page)] == ["lt", "en"]


@pytest.mark.parametrize("quote", [SENTENCES["ru"], " ".join([SENTENCES["ru"]] * 6)])
def test_quotations_do_not_split_a_page(quote):
    page = [*[SENTENCES["en"] * 3] * 8, quote, *[SENTENCES["en"] * 3] * 8]
    assert split(page) == (LanguageRun("en", 0, len(page)),)


def test_a_page_of_short_lines_has_one_language():
    assert split(["Да", "Нет", "Может быть, завтра утром"]) == (LanguageRun("ru", 0, 3),)
    assert split(["1", "2"]) == (LanguageRun("und", 0, 2),)
    assert split([]) == ()


@given(st.lists(st.sampled_from([*SENTENCES.values(), "", "Да", "Now", "12"]) | st.text(max_size=60), max_size=12))
def test_parts_are_consecutive_without_gaps(page):
    parts = split(page)
    assert [part.start for part in parts] == [0, *[part.stop for part in parts]][: len(parts)]
    assert not page or parts[-1].stop == len(page)
    assert all(one.lang != other.lang for one, other in itertools.pairwise(parts))
    assert parts == split(page)


def test_the_model_is_loaded_only_when_needed():
    code = "import sys, articles.language; sys.exit('py3langid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


HEADLINES = {
    "en": "The ferry stands still and the onions wait",
    "lt": "Keltas stovi, o svogūnai laukia geresnių laikų",
    "de": "Die Fähre steht still, und die Zwiebeln warten",
    "uz": "Parom to‘xtab qoldi, piyoz esa navbatda turibdi",
    "kk": "Parom ötken aptada kelmedı, jūrt älı kütıp otyr",
}
STORIES = {lang: [SENTENCES[lang]] * 4 for lang in ("en", "lt", "de", "uz")} | {"kk": KAZAKH_LATIN[:2] * 2}


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(HEADLINES, 2)))
def test_the_headline_of_the_second_text_belongs_to_it(first, second):
    page = [*STORIES[first], HEADLINES[second], *STORIES[second]]
    assert split(page) == (LanguageRun(first, 0, 4), LanguageRun(second, 4, 9))


@pytest.mark.parametrize("line", ["A. S.", "* * *", "2022", "Astana"])
def test_a_line_too_short_to_identify_belongs_to_the_text_above(line):
    assert split([*STORIES["en"], line, *STORIES["lt"]]) == (LanguageRun("en", 0, 5), LanguageRun("lt", 5, 9))


def test_both_texts_of_a_bilingual_page_are_cleaned():
    english = [*ENGLISH[:3], "Read also: Bridges of the region in winter", *ENGLISH[3:], "Share on Facebook"]
    russian = [*RUSSIAN[:2], "Читайте также: Мосты региона зимой", *RUSSIAN[2:], "Подписывайтесь на наш Telegram-канал"]
    html = page(f"<article>{paragraphs(english)}<h2>Парома нет</h2>{paragraphs(russian)}</article>", title="No ferry")
    documents = extract(capture(html)).documents
    assert [(one.lang, one.paragraphs) for one in documents] == [("en", ENGLISH), ("ru", RUSSIAN)]
    assert documents[1].title == "Парома нет"
