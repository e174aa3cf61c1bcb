"""Builders of test pages in the templates of the difficult cases, so that each test states only what differs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from articles.model import Capture, CaptureRef

FETCHED = datetime(2022, 12, 1, 12, tzinfo=UTC)

ENGLISH = (
    (
        "The ferry across the upper Irtysh stopped running last week, and with it the only road by which traders from "
        "Semey reach the markets of Rubtsovsk without a detour of 140 kilometres."
    ),
    (
        "Officials on both banks say that the pontoon is to be repaired before the ice comes. Drivers who have waited "
        "since Monday are less certain: they count 212 lorries on the eastern side alone."
    ),
    (
        "“We were promised three days, then five, and now nobody picks up the telephone,” said a driver who carries "
        "onions and asked not to be named."
    ),
    (
        "The crossing carries about 9,400 tonnes of goods a month, most of it vegetables, flour and timber, according to "
        "the regional transport office, which published its figures in August 2021."
    ),
    (
        "Until the pontoon returns, the lorries go round by the bridge at Pavlodar, where the queue grew to 17 hours on "
        "Thursday, and the price of onions in the border towns has risen by a third."
    ),
)
RUSSIAN = (
    (
        "Паром через верхний Иртыш на прошлой неделе перестал ходить, а вместе с ним закрылась и единственная дорога, по "
        "которой торговцы из Семея попадают на рынки Рубцовска без объезда в 140 километров."
    ),
    (
        "Чиновники на обоих берегах уверяют, что понтон починят до ледостава. Водители, которые стоят с понедельника, "
        "уверены в этом меньше: только на восточном берегу они насчитали 212 грузовиков."
    ),
    (
        "«Нам обещали три дня, потом пять, а теперь никто не берёт трубку», — рассказал водитель, который возит лук и "
        "попросил не называть его имени."
    ),
    (
        "Через переправу проходит около 9,400 тонн грузов в месяц, в основном овощи, мука и лес, следует из данных "
        "областного управления транспорта, опубликованных в августе 2021 года."
    ),
    (
        "Пока понтон не вернули, машины идут в объезд через мост в Павлодаре, где очередь в четверг выросла до 17 часов, "
        "а лук в приграничных посёлках подорожал на треть."
    ),
)
MENU = '<header><nav class="main-navigation"><ul>{}</ul></nav></header>'.format(
    "".join(f'<li class="menu-item"><a href="/rubric-{n}">Rubric {n}</a></li>' for n in range(8))
)


def paragraphs(texts: Sequence[str]) -> str:
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def page(main: str, *, title: str = "", head: str = "", lang: str = "en") -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{MENU}{main}<footer><p>© The site's owners</p></footer></body></html>"
    )


def capture(
    html: str | bytes,
    *,
    url: str = "https://outlet.example/world/ferry-on-the-irtysh",
    status: int = 200,
    headers: Sequence[tuple[str, str]] = (("Content-Type", "text/html; charset=utf-8"),),
    truncated: str = "",
) -> Capture:
    body = html.encode() if isinstance(html, str) else html
    ref = CaptureRef("captures/outlet.example/2022/12/01/run-00001.warc.gz", 0, "urn:uuid:1")
    return Capture(ref, url, "outlet.example", FETCHED, status, tuple(headers), body, "run", truncated=truncated)


def wordpress(texts: Sequence[str] = ENGLISH, *, above: str = "", below: str = "", title: str = "No Ferry") -> str:
    """Return a WordPress post with its comment form and a sidebar of recent posts."""
    return page(
        f"""<div id="content"><main id="main"><article class="post type-post comments-open">
        <header class="entry-header"><h1 class="entry-title">{title}</h1>
        <div class="entry-meta"><span class="posted-on"><time datetime="2022-09-03T08:15:00+05:00">3 September</time></span></div>
        </header><div class="entry-content">{above}{paragraphs(texts)}{below}</div></article>
        <div id="comments" class="comments-area"><div id="respond" class="comment-respond">
        <h3 id="reply-title">Leave a Reply</h3><p class="must-log-in">You must be <a href="/login">logged in</a> to post
        a comment.</p></div></div></main>
        <aside class="widget-area"><h2>Recent Posts</h2><ul><li><a href="/1">A headline on the steppe</a></li>
        <li><a href="/2">Another headline of another day</a></li></ul></aside></div>""",
        title=f"{title} - Outlet Example",
        head='<meta property="og:site_name" content="Outlet Example">',
    )


CREDITS = """<p>Published in Vestnik Pereprav<br>(Russia) on 21 August 2022<br>by Pavel Strelkov
(<a href="https://vestnik.example/a/117">link to original</a><a href="https://vestnik.example/a/117">link to
original</a>)<br>Translated from by Nadia Kerimova. Edited by Tom Ashford.</p>
<p>*Editor’s Note: The newspaper in which this text appeared is owned by the ferry company.</p>"""


def tagdiv(*, original: Sequence[str] = RUSSIAN, title: str = "No Ferry") -> str:
    """Return a tagDiv page: a translation above its original, then three lists of other articles."""
    lists = "".join(
        f'<div class="td_block_wrap td_flex_block_1"><h4 class="td-block-title"><span>{name}</span></h4>'
        + "".join(
            f'<div class="tdb_module"><h3 class="td-module-title"><a href="/{name[0]}{n}">Country {n}: A Headline '
            "of Its Own</a></h3></div>"
            for n in range(4)
        )
        + "</div>"
        for name in ("Hot this week", "Topics", "Related Articles")
    )
    second = f"<p>Парома больше нет</p>{paragraphs(original)}" if original else ""
    return page(
        f"""<div class="td-main-content-wrap"><div class="tdb_title"><h1>{title}</h1></div>
        <div class="tdb_single_content td-post-content"><div class="tdb-block-inner">{CREDITS}
        {paragraphs([text.replace("’", "'") for text in ENGLISH])}{second}</div></div>{lists}</div>""",
        title=f"{title} – Outlet Example",
    )


def jamestown() -> str:
    """Return a page with a journal's header, an empty byline and citations in brackets."""
    cited = [
        f"{text} (Eurasianet, November {n}; Ritmeurasia.example, December {n})" for n, text in enumerate(ENGLISH, 1)
    ]
    return page(
        f"""<div class="row"><div class="content-area"><h1 class="pageTitle">Ferry Stops, Traders Turn</h1>
        <p>Publication: River Monitor Volume: 19 Issue: 179</p><p>By:</p>
        <div class="socialshare"><a href="#s">Share</a></div><div class="clear">{paragraphs(cited)}</div></div></div>""",
        title="Ferry Stops, Traders Turn - River Institute",
    )


def lithuanian_blog() -> str:
    """Return an English article on a Lithuanian blog: form and comments in Lithuanian, under neutral class names."""
    return page(
        f"""<article><h1>The ferry that does not come</h1><p>2022 m. rugpjūčio 2 d.</p>
        <div class="t">{paragraphs(ENGLISH)}</div></article>
        <div class="x1"><a href="/autorius">Žiūrėti visus straipsnius</a></div>
        <div class="x2"><h3>Palikite komentarą</h3><form><textarea></textarea><button>Siųsti</button></form>
        <h3>2 komentarų</h3><div><b>Jonas</b> 2022-08-03 10:12<p>Ačiū už straipsnį, labai įdomu skaityti.</p></div>
        <div><b>Ona</b> 2022-08-03 12:40<p>Nesutinku, padėtis prie upės visai kitokia.</p></div></div>
        <p>Autorius: Upė.online</p>""",
        title="The ferry that does not come – Upė.online",
        lang="lt-LT",
    )


def aggregator() -> str:
    """Return a copied article whose lead occurs twice, with a placeholder and a list of related posts."""
    twice = (*ENGLISH[:3], *ENGLISH[:3], *ENGLISH[3:])
    related = "".join(
        f'<div class="item"><h4><a href="/r{n}">The Story of River Number {n}</a></h4><span>admin</span></div>'
        for n in range(3)
    )
    return page(
        f"""<div class="container"><article><div><span><a href="/c">Rivers</a></span>
        <h1 class="post-title">Ferry Is Utilizing a Pause</h1></div><div><span>Image default</span></div>
        <div class="inner">{paragraphs(twice)}</div>
        <div class="post-box"><h4>Related posts</h4>{related}</div></article></div>""",
        title="Ferry Is Utilizing a Pause - Stream of News",
    )
