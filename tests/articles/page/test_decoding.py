"""Pages in encodings that they do not declare, or declare wrongly. The sentences are our own."""

import pytest

from articles.extract import extract
from articles.model import Reason
from articles.page import letters
from articles.page.decoding import Decoded, decode
from tests.articles.pages import capture

SENTENCES = {
    "ru": "Павлодарская область и Омск договорились открыть второй пункт пропуска на дороге через Черлак, сообщила пресс-служба "
    "акимата. «Грузовики стоят на границе до девяти часов», — рассказал Пётр Лузгин. Объём перевозок вырос, съезд закрыт.",
    "uk": "Павлодарська область і Омськ домовилися відкрити другий пункт пропуску на дорозі через Черлак, повідомила пресслужба. "
    "Вантажівки стоять на кордоні з Росією до дев’яти годин, а після ремонту черга зменшиться втричі.",
    "kk": "Павлодар облысы мен Омбы екінші өткізу бекетін ашуға келісті, деп хабарлады әкімдіктің баспасөз қызметі. Жүк көліктері "
    "қазір Ресей шекарасында тоғыз сағатқа дейін тұрып қалады. Жиһаз бен ұн тасымалы өсті, үкімет қаржы бөледі.",
    "ky": "Павлодар облусу менен Омск экинчи өткөрүү бекетин ачууга макулдашты, деп билдирди акимчиликтин басма сөз кызматы. Жүк "
    "ташуучу унаалар Россиянын чегинде тогуз саатка чейин турат. Жаңы жолду күзгө чейин бүтүрүшөт.",
    "uz": "Павлодар вилояти ва Омск Черлак орқали йўлда иккинчи ўтказиш пунктини очишга келишди, деб хабар берди ҳокимлик. Юк "
    "машиналари Россия чегарасида тўққиз соатгача навбатда турибди. Ғалла ташиш ҳажми ўсди.",
    "de": "Die Behörden von Öskemen erklärten, die Brücke über den Fluss müsse größtenteils erneuert werden. Für Fußgänger bleibt "
    "sie geöffnet, äußerte der Bürgermeister.",
    "tr": "Kazakistan ile Rusya ikinci sınır kapısını açmak için anlaştı, diye açıkladı valilik. Kamyonlar şu an dokuz saat bekliyor, "
    "onarımdan sonra kuyruk üçe inecek. Güneşli bir gündü, İstanbul’dan gelen heyet görüştü.",
    # Not among the languages that the letters were weighted by.
    "be": "Паўладарская вобласць і Омск дамовіліся адкрыць другі пункт пропуску на дарозе праз Чарлак, паведаміла прэс-служба. "
    "Грузавікі стаяць на мяжы да дзевяці гадзін, а пасля рамонту чарга скароціцца ўтрая.",
    "tg": "Вилояти Павлодар ва Омск дар бораи кушодани гузаргоҳи дуюм дар роҳи Черлак ба мувофиқа расиданд. Мошинҳои боркаш ҳоло "
    "дар сарҳад то нӯҳ соат меистанд. Баъди таъмир навбат се баробар кам мешавад.",
}
ENCODINGS = {
    "ru": ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"),
    "uk": ("cp1251", "koi8-u"),
    "kk": ("kz1048", "ptcp154"),
    "ky": ("ptcp154",),
    "uz": ("ptcp154",),
    "de": ("cp1252",),
    "tr": ("cp1254",),
    "be": ("cp1251", "koi8-u"),
    "tg": ("ptcp154",),
}
DECLARATIONS = [  # of the header, of the page
    ("", ""),
    ("utf-8", ""),
    ("", "utf-8"),
    ("iso-8859-1", ""),
    ("", "utf-16"),
    ("", "koi8-r"),
    ("windows-1251", ""),
    ("no-such-encoding", "utf8mb4"),
]
WAYS = [
    (lang, encoding, header, meta)
    for lang, encodings in ENCODINGS.items()
    for encoding in encodings
    for header, meta in DECLARATIONS
    # These two differ in capitals and one letter: what is declared is believed.
    if (encoding, header) != ("mac-cyrillic", "windows-1251")
]
MISREAD_AS = ("latin-1", "cp1251", "koi8-r", "cp866", "mac-roman")


def page_of(body: bytes, declared: str = "") -> bytes:
    meta = f"<meta charset={declared}>".encode() if declared else b""
    return b"<!DOCTYPE html><html><head>" + meta + b"</head><body><article><p>" + body + b"</p></article></body></html>"


def decoded(body: bytes, content_type: str = "text/html") -> Decoded:
    found = decode(body, content_type)
    assert isinstance(found, Decoded), found
    return found


def readable(text: str, encoding: str) -> tuple[bytes, str]:
    """Return a text in an encoding, without the few signs that the encoding lacks."""
    body = text.encode(encoding, "ignore")
    return body, body.decode(encoding)


@pytest.mark.parametrize(("lang", "encoding", "header", "meta"), WAYS)
def test_a_page_is_read_whatever_it_declares(lang, encoding, header, meta):
    body, text = readable(SENTENCES[lang], encoding)
    found = decoded(page_of(body, meta), f"text/html; charset={header}")
    assert text in found.source.decode()
    assert [candidate.field for candidate in found.evidence if candidate.chosen][:1] == ["encoding"]


@pytest.mark.parametrize("label", ["win-1251", "windows1251", "CP-1251", "x-cp1251", "ansi-1251", "'windows-1251'"])
def test_labels_that_browsers_and_people_write_are_known(label):
    body, text = readable(SENTENCES["ru"], "cp1251")
    found = decoded(page_of(body, label))
    assert text in found.source.decode()
    assert found.encoding == "cp1251"
    assert found.choices[0].why == "it is declared, and reads like a language"


def test_a_declaration_far_below_the_beginning_is_found():
    body, text = readable(SENTENCES["ru"], "cp1251")
    start = (
        b"<html><head><!-- "
        + b"x" * 5000
        + b" --><meta http-equiv=Content-Type content='text/html; charset=windows-1251'>"
    )
    assert text in decoded(start + body).source.decode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_unicode_encodings_are_read_with_and_without_a_mark(encoding):
    page = page_of(b"", "utf-16").decode().replace("<p>", f"<p>{SENTENCES['ru']}")
    assert SENTENCES["ru"] in decoded(page.encode(encoding)).source.decode()
    outcome = extract(capture(page.encode(encoding)))
    assert [SENTENCES["ru"]] == list(outcome.documents[0].paragraphs)


@pytest.mark.parametrize("rounds", [1, 2])
@pytest.mark.parametrize("wrong", MISREAD_AS)
@pytest.mark.parametrize("lang", ["ru", "kk", "uk", "uz"])
def test_text_that_was_decoded_wrongly_before_it_was_sent_is_repaired(lang, wrong, rounds):
    text = SENTENCES[lang]
    for _ in range(rounds):
        text = "".join(bytes((byte,)).decode(wrong, "ignore") or chr(byte) for byte in text.encode())
    found = decoded(page_of(text.encode(), "utf-8"), "text/html; charset=utf-8")
    assert SENTENCES[lang] in found.source.decode()
    assert "before it was sent" in found.choices[0].why


@pytest.mark.parametrize("lang", SENTENCES)
def test_valid_text_is_left_as_it_is(lang):
    page = page_of(SENTENCES[lang].encode(), "utf-8")
    assert decoded(page) == Decoded(page, "utf-8")
    assert decoded(page, "text/html; charset=windows-1251").source == page


@pytest.mark.parametrize(
    "garbage",
    [
        "\ufffd" * 400,
        " ".join("?" * len(word) for word in SENTENCES["ru"].split()),
        "".join(chr(0x80 + number % 32) + "ж" for number in range(400)),
        SENTENCES["ru"].encode("cp1251").decode("utf-8", "replace"),
    ],
)
def test_what_reads_as_garbage_is_not_kept(garbage):
    page = page_of(f"{garbage}</p><p>Text of a menu, which is short.</p>".encode())
    outcome = extract(capture(page))
    assert outcome.reason in {Reason.UNREADABLE, Reason.NO_ARTICLE}
    assert not outcome.documents


def test_signs_that_are_no_letters_are_kept():
    page = page_of("🙂 → ½ ∑ ▼ \u00a0★ ™ € ♥ ✓ 👍🏽 λ → — №".encode() * 5)
    assert decoded(page).source == page


def test_binary_bytes_are_unreadable():
    assert isinstance(decode(page_of(bytes(range(0x80, 0x100)) * 20), ""), str)


def test_a_document_says_which_encoding_was_believed():
    body, _ = readable(SENTENCES["ru"], "koi8-r")
    outcome = extract(capture(page_of(body, "utf-8"), headers=(("content-type", "text/html; charset=windows-1251"),)))
    document = outcome.documents[0]
    assert [(one.source, one.value, one.chosen) for one in document.evidence if one.field == "encoding"] == [
        ("header", "cp1251", False),
        ("page", "utf-8", False),
        ("text", "koi8-u", True),
    ]
    assert any(choice.field == "encoding" for choice in document.choices)


def test_a_text_in_a_wrong_encoding_is_less_plausible():
    for lang in ("ru", "uk", "be"):
        right, body = letters.plausibility(SENTENCES[lang]), SENTENCES[lang].encode("cp1251", "ignore")
        assert all(
            letters.plausibility(body.decode(wrong, "replace")) < right for wrong in ("koi8-u", "cp866", "cp1252")
        )
