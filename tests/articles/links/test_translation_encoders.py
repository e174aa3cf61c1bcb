"""The installed encoders link texts in the languages that they know."""

import pytest

from articles.model import LinkKind
from tests.articles.links.compared_texts import pairs, real, relation, row

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
