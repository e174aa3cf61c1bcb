"""Pages that a server sends in place of an article, and short reports that only look like them."""

import re

import pytest

from articles.extract import extract
from articles.model import Reason
from tests.articles.pages import ENGLISH, capture, page, paragraphs

REPORT = paragraphs(ENGLISH[:4])
NEWS = "".join(
    f"<li><a href='/news/{number}'>Headline number {number} of the latest news of the day</a></li>"
    for number in range(60)
)


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        ("404 - Page Not Found | The Outlet", "<p>Oops.</p>", Reason.GONE),
        ("Ошибка 404", f"<h1>Ошибка 404</h1><p>Начните с главной страницы.</p><ul>{NEWS}</ul>", Reason.GONE),
        ("Вестник", "<h1>Страница не найдена</h1><p>Возможно, она устарела, или в адресе ошибка.</p>", Reason.GONE),
        ("Вестник", "<p>Материал удалён по решению суда, приносим читателям извинения.</p>", Reason.GONE),
        ("Бет табылмады | Хабаршы", "<p>Іздеген бетіңіз жоқ немесе мекенжайы өзгерген.</p>", Reason.GONE),
        ("Сторінку не знайдено", "<p>Перевірте адресу або поверніться на головну сторінку.</p>", Reason.GONE),
        ("Статья удалена", f"<h1>Статья удалена</h1>{paragraphs(ENGLISH[:1])}", Reason.GONE),
        ("Site under maintenance", "<p>We will be back in an hour. Thank you for your patience.</p>", Reason.BLOCKED),
        (
            "Вестник",
            "<h1>Технические работы</h1><p>Сайт скоро откроется, просим подождать немного.</p>",
            Reason.BLOCKED,
        ),
        ("", "<p>На сайте ведутся технические работы. Приносим извинения за временные неудобства.</p>", Reason.BLOCKED),
        ("Access denied", "<p>You don't have permission to access this page on this server.</p>", Reason.BLOCKED),
        (
            "Вестник",
            "<p>Мы используем файлы cookie и просим разрешить это нам и нашим партнёрам, а их у нас очень много.</p>"
            * 5,
            Reason.BLOCKED,
        ),
    ],
)
def test_a_notice_in_place_of_an_article_is_rejected_with_its_reason(title, body, reason):
    outcome = extract(capture(page(body, title=title)))
    assert outcome.reason is reason, outcome
    assert outcome.detail.partition(":")[2]


@pytest.mark.parametrize(
    ("title", "more"),
    [
        ("Access denied: a ferry without passengers", ""),
        ("Captcha stops the ferry", ""),
        ("No Ferry", "<div class='bar'>We value your privacy. <button>Accept all cookies</button></div>"),
        ("No Ferry", "<p>Passengers saw the words “access denied” on the screens of the port.</p>"),
        ("No Ferry", "<p>The timetable is for subscribers only from now on, the carrier said on Tuesday.</p>"),
        ("Ошибка 404: почему не работает паром", ""),
        ("Page not found: the ferry's site is down", "<p>The page could not be found for an hour, users wrote.</p>"),
        ("Site of the ferry under maintenance until May", ""),
        ("404", ""),
    ],
)
def test_a_short_report_with_a_phrase_of_a_notice_is_an_article(title, more):
    outcome = extract(capture(page(f"<h1>{title}</h1>{REPORT}{more}", title=title)))
    assert outcome.documents, outcome
    assert set(ENGLISH[:4]) <= set(outcome.documents[0].paragraphs)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Статья снята", "Депутаты решили: статья снята. Норма устарела, документ внесён в парламент"),
        ("Суд в Омске", "Следствие считает, что он удалил документы о закупке угля, сам чиновник вину не признаёт"),
        ("Нет моста", "Новых материалов для строительства моста нет, сообщил подрядчик"),
        ("Портал закрыт", "Портал госуслуг переезжает на новые серверы и будет работать с перебоями"),
        ("Объезд в Уфе", "Движение по мосту ограничено: доступ для грузовиков запрещён до конца недели"),
        ("Құжат жоғалды", "Архивтегі құжаттар табылмады деп хабарлады әкімдік"),
        ("Sayt ishlamadi", "Davlat xizmatlari portali vaqtincha ishlamadi, deb xabar berdi vazirlik"),
        ("Lost post", "A post office in Kent lost 400 letters, which were not found for three weeks"),
        ("Robot vote", "Residents had to prove they are not robots: the town hall verified 3,000 votes"),
        ("Server farm", "A server farm near Tallinn will go offline for maintenance in May"),
        ("Подписка", "Чтобы читать тексты, подписка не нужна, сказали в компании журналистам"),
    ],
)
def test_short_news_without_a_date_may_have_words_of_notices(title, text):
    text = f"{text}. {ENGLISH[0]}"
    outcome = extract(capture(page(f"<h1>{title}</h1><p>{text}</p>", title=title)))
    assert outcome.documents, outcome
    assert outcome.documents[0].paragraphs == (text,)


def test_words_of_a_teaser_or_of_dated_news_refuse_no_article():
    lead = "Эта новость больше не доступна: так редакция ответила суду."
    teaser = "<aside><p><a href='/a'>Доступ к этому сайту заблокирован.</a></p></aside>"
    for body in (
        f"<p>{ENGLISH[0]}</p>{teaser}",
        f"<time datetime='2026-01-02'></time><p>{lead}</p><p>{ENGLISH[0][:130]}.</p>",
    ):
        assert extract(capture(page(f"<h1>Паром</h1>{body}", title="Паром"))).documents


def test_a_paywall_in_other_words_counts_beside_a_link_or_addresses_the_reader():
    stub = f"<main><h1>Ferry</h1><p>{ENGLISH[0]}</p>"
    asks = "<p>Чтобы дочитать, войдите или купите доступ за девяносто девять рублей.</p>"
    offers = (
        "<p>Read the full story: <a href='/subscribe'>subscribe</a> for a dollar, and cancel whenever you like.</p>"
    )
    for notice in (asks, offers):
        assert extract(capture(page(f"{stub}{notice}</main>", title="Ferry"))).reason is Reason.PAYWALLED
    assert extract(capture(page(stub + re.sub("</?a[^>]*>", "", offers), title="Ferry"))).documents
