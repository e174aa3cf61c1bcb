"""Build pages as eight publishing systems and houses write them, around articles of our own.

Each function takes an article of `articles.yaml` and returns its page: the bytes, the address, the content type and what an
extraction must give. Class names and the order of parts are those of the real templates.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

Article = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A page and what an extraction must give."""

    body: bytes
    url: str
    text: tuple[str, ...]
    published: tuple[str, ...]  # any of these
    authors: tuple[str, ...]
    content_type: str = "text/html; charset=utf-8"
    title: str = field(default="")


def text_of(article: Article, *, lead: bool = True) -> tuple[str, ...]:
    """Return the paragraphs of an article in their order."""
    return (*([article["lead"]] if lead else []), *article["paragraphs"], article["subhead"], *article["more"])


def day(article: Article) -> str:
    """Return the day as most of these outlets print it."""
    year, month, number = article["published"][:10].split("-")
    return f"{number}.{month}.{year}"


def clock(article: Article) -> str:
    """Return the hour and minute of publication."""
    return str(article["published"][11:16])


def menu(article: Article) -> str:
    """Return the links of the site's menu."""
    return "".join(
        f'<li><a href="/s{number}/">{escape(word)}</a></li>' for number, word in enumerate(article["labels"]["menu"])
    )


def links(article: Article, pattern: str) -> str:
    """Return the related headlines, each in the markup of `pattern` with {n}, {url} and {title}."""
    return "".join(
        pattern.format(n=number, url=f"/{article['lang']}/news/other-{number}00{number}/", title=escape(title))
        for number, title in enumerate(article["related"], 1)
    )


def paragraphs(texts: list[str], pattern: str = "<p>{}</p>") -> str:
    """Return texts as paragraphs."""
    return "\n".join(pattern.format(escape(text, quote=False)) for text in texts)


def page(
    article: Article, name: str, inner: str, *, head: str = "", encoding: str = "utf-8", meta: bool = True
) -> bytes:
    """Return a whole page of the site `name` around the markup of its main part."""
    stated = f'<meta property="og:title" content="{escape(article["title"])}"/><meta property="og:site_name" content="{name}"/>'
    labels = article["labels"]
    whole = f"""<!DOCTYPE html>
<html lang="{article["lang"]}"><head><meta charset="{encoding}"><title>{escape(article["title"])} — {name}</title>
{stated if meta else ""}{head}</head>
<body><div class="page-wrap"><header><div class="logo"><a href="/">{name}</a></div><ul class="top-menu">{menu(article)}</ul>
<form action="/search/"><input name="q" placeholder="{labels["search"]}"></form></header>
{inner}
<footer><p>© {name}, 2010–2024. <a href="/about/">{labels["about"]}</a></p><ul>{menu(article)}</ul></footer></div></body></html>"""
    return whole.encode(encoding, "xmlcharrefreplace")


def bitrix(article: Article) -> TemplatePage:
    """Return a page of Bitrix's `news.detail`: bare text with <br /> in one div, windows-1251 where the letters allow it."""
    encoding = "windows-1251" if article["lang"] in {"ru", "uk"} else "utf-8"
    labels = article["labels"]
    bare = "<br />\n<br />\n".join(escape(text, quote=False) for text in (article["lead"], *article["paragraphs"]))
    rest = "<br />\r\n<br />\r\n".join(escape(text, quote=False) for text in article["more"])
    comments = "".join(
        f'<table class="forum-post-table"><tr><td><div class="forum-user-name">User{n}</div><div class="forum-post-date">'
        f'1{n}.12.2024 10:0{n}</div><div class="forum-post-text">{escape(said)}</div></td></tr></table>'
        for n, said in enumerate(article["comments"], 1)
    )
    inner = f"""<table class="layout"><tr><td class="left-col"><div class="bx-news-index"><ul>{links(article, '<li><a href="{url}">{title}</a></li>')}</ul></div></td>
<td class="main-col"><div class="news-detail">
<img class="detail_picture" src="/upload/iblock/1.jpg" alt="{escape(labels["caption"])}" title="{escape(labels["caption"])}" />
<span class="news-date-time">{day(article)} {clock(article)}</span>
<h3>{escape(article["title"])}</h3>
{bare}<br /><br /><b>{escape(article["subhead"])}</b><br /><br />{rest}
<div style="clear:both"></div><br />
{labels["views"]}: 1 532<br />
<div class="news-detail-share"><noindex><div class="yashare-auto-init">{labels["share"]}</div></noindex></div></div>
<p><a href="/news/">← {labels["menu"][0]}</a></p>
<div class="news-list"><h4>{labels["also"]}</h4>{links(article, '<p class="news-item"><span class="news-date-time">0{n}.12.2024</span> <a href="{url}"><b>{title}</b></a></p>')}</div>
<div class="reviews-block-container"><h3>{labels["comments"]}</h3>{comments}</div></td></tr></table>"""
    body = page(
        article, "Дала жаршысы" if encoding == "utf-8" else "Степной вестник", inner, encoding=encoding, meta=False
    )
    return TemplatePage(
        body, f"https://vestnik.example/news/detail.php?ID={article['id']}", text_of(article),
        (article["published"], article["published"][:16], article["published"][:10]), (), "text/html", article["title"],
    )  # fmt: skip


def dle(article: Article) -> TemplatePage:
    """Return a page of DataLife Engine: text in `#news-id-N` with line breaks, related news and comments below."""
    labels = article["labels"]
    comments = "".join(
        f'<div id="comment-id-{n}"><div class="comment"><b class="c-author">guest{n}</b><span class="c-date">1{n} '
        f'{labels["menu"][2]}</span><div class="c-text clearfix"><div id="comm-id-{n}">{escape(said)}</div></div></div></div>'
        for n, said in enumerate(article["comments"], 1)
    )
    year, month, number = article["published"][:10].split("-")
    first = "<br><br>".join(escape(text, quote=False) for text in (article["lead"], *article["paragraphs"]))
    rest = "<br><br>".join(escape(text, quote=False) for text in article["more"])
    inner = f"""<div id='dle-content'><article class="box story fullstory"><div class="box_in">
<h1 class="title">{escape(article["title"])}</h1>
<div class="text" id="news-id-{article["id"]}" style="display:inline;"><!--dle_image_begin:/uploads/1.jpg--><img src="/uploads/1.jpg" alt="{escape(article["title"])}"><!--dle_image_end-->{first}<br><br><!--sizestart:4--><b>{escape(article["subhead"])}</b><br><br>{rest}</div>
<div class="story_tools ignore-select"><div class="category"><a href="/c/">{escape(article["section"])}</a></div><div class="rate">+12</div></div></div>
<div class="meta ignore-select"><ul class="right"><li class="grey" title="{labels["views"]}: 734">734</li><li>{len(article["comments"])}</li></ul>
<ul class="left"><li class="story_date"><time datetime="{article["published"][:16]}">{day(article)}, {clock(article)}</time></li></ul></div></article>
<div class="rightside"><div class="block"><h4 class="title">{labels["also"]}</h4><ul class="lastnews">{links(article, '<li class="rel"><a href="{url}">{title}</a></li>')}</ul></div></div>
<div class="box comments"><h4>{labels["comments"]}</h4><div id="dle-comments-list">{comments}</div></div></div>"""
    body = page(article, "Тобол-инфо", inner)
    return TemplatePage(
        body, f"https://tobol.example/{year}/{month}/{number}/{article['id']}-maqala.html", text_of(article),
        (article["published"], article["published"][:16], article["published"][:10]), (), title=article["title"],
    )  # fmt: skip


def wordpress(article: Article) -> TemplatePage:
    """Return a page of WordPress with the theme Newspaper of tagDiv: related posts inside the text, a share bar, comments."""
    labels = article["labels"]
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": "Ertis Review", "url": "https://review.example/"},
            {"@type": "Article", "headline": article["title"], "datePublished": article["published"],
             "dateModified": "2025-01-09T10:00:00+00:00", "author": {"@type": "Person", "name": article["author"]},
             "mainEntityOfPage": f"https://review.example/{article['id']}/"},
        ],
    }  # fmt: skip
    head = f'<script type="application/ld+json">{json.dumps(graph, ensure_ascii=False)}</script>'
    comments = "".join(
        f'<li class="comment even" id="comment-{n}"><article class="comment-body"><footer class="comment-meta"><b class="fn">Reader {n}</b></footer><div class="comment-content"><p>{escape(said)}</p></div></article></li>'
        for n, said in enumerate(article["comments"], 1)
    )
    middle, last = article["paragraphs"], article["more"]
    inner = f"""<div class="td-container"><div class="td-crumb-container"><span><a href="/">{labels["menu"][0]}</a></span> <span>{escape(article["section"])}</span></div>
<article class="post type-post status-publish"><div class="td-post-header"><h1 class="entry-title">{escape(article["title"])}</h1>
<div class="td-module-meta-info"><div class="td-post-author-name"><a href="/author/a/">{escape(article["author"])}</a></div><span class="td-post-date"><time class="entry-date updated td-module-date" datetime="{article["published"]}">{day(article)}</time></span><div class="td-post-views">812</div></div></div>
<div class="td-post-sharing-top"><a href="#">{labels["share"]}</a><a href="#">Facebook</a><a href="#">Telegram</a></div>
<div class="td-post-content"><div class="td-post-featured-image"><figure><img src="/1.jpg"><figcaption class="wp-caption-text">{escape(labels["caption"])}</figcaption></figure></div>
<p><strong>{escape(article["lead"], quote=False)}</strong></p>{paragraphs(middle[:2])}
<div class="td_block_wrap td_block_related_posts"><h4 class="td-related-title">{labels["also"]}</h4>{links(article, '<div class="td-related-span4"><h3 class="entry-title td-module-title"><a href="{url}">{title}</a></h3></div>')}</div>
{paragraphs(middle[2:])}<h2 class="wp-block-heading">{escape(article["subhead"])}</h2>{paragraphs(last)}
<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">{labels["share"]}:</h3><ul><li><a href="#">X</a></li></ul></div></div>
<footer><div class="td-post-source-tags"><ul class="td-tags"><li><span>{labels["tags"]}</span></li>{"".join(f'<li><a href="/tag/">{escape(tag)}</a></li>' for tag in article["tags"])}</ul></div>
<div class="td-block-row td-post-next-prev">{links(article, '<div class="td-block-span6"><a href="{url}">{title}</a></div>')}</div></footer></article>
<div class="comments" id="comments"><h4 class="td-comments-title">{labels["comments"]}</h4><ol class="comment-list">{comments}</ol></div></div>"""
    return TemplatePage(
        page(article, "Ertis Review", inner, head=head), f"https://review.example/{article['id']}/", text_of(article),
        (article["published"],), (article["author"],), title=article["title"],
    )  # fmt: skip


def pangea(article: Article) -> TemplatePage:
    """Return a page of RFE/RL's Pangea: `.wsw` with embedded players and related articles among the paragraphs."""
    labels = article["labels"]
    also = f"""<div class="media-block also-read"><a class="img-wrap" href="/a/1.html"><span class="thumb"><img src="/2.jpg" alt=""></span></a><div class="media-block__content"><span class="label">{labels["also"]}</span><h4 class="media-block__title media-block__title--size-3">{escape(article["related"][0])}</h4></div></div>"""
    embed = """<div class="wsw__embed"><div class="media-download"><p>No media source currently available</p><span>0:00</span><span>0:02:31</span></div><div class="c-sticky-element"><p>Embed</p><p>share</p></div></div>"""
    inner = f"""<div id="content"><div class="hdr-container"><div class="container"><div class="category js-category"><a class="links__item-link" href="/z/1">{escape(article["section"])}</a></div><h1 class="title pg-title">{escape(article["title"])}</h1>
<div class="publishing-details"><div class="published"><span class="date"><time pubdate="pubdate" datetime="{article["published"]}">{day(article)} {clock(article)}</time></span></div><div class="links"><ul class="links__list links__list--column"><li class="links__item links__item--author"><a class="links__item-link" href="/author/x">{escape(article["author"])}</a></li></ul></div></div>
<div class="cover-media"><figure class="media-image js-media-expand"><div class="img-wrap"><img src="/1.jpg" alt=""></div><figcaption><span class="caption">{escape(labels["caption"])}</span></figcaption></figure></div></div></div>
<div class="body-container"><div class="container"><div class="row"><div class="col-xs-12 col-md-7"><div class="intro intro--bold"><p>{escape(article["lead"], quote=False)}</p></div>
<div class="content-floated-wrap fb-quotable" id="article-content"><div class="wsw">{paragraphs(article["paragraphs"][:2])}{also}{embed}{paragraphs(article["paragraphs"][2:])}<h2 class="wsw__h2">{escape(article["subhead"])}</h2>{paragraphs(article["more"])}</div>
<div class="region"><div class="media-block-wrap" id="wrowblock-1"><h2 class="section-head">{labels["also"]}</h2>{links(article, '<div class="media-block"><a href="{url}"><h4 class="media-block__title">{title}</h4></a></div>')}</div></div></div>
<section class="comments" id="comments"><h3>{labels["comments"]}</h3><p>{escape(article["comments"][0])}</p></section></div></div></div></div></div>"""
    head = f'<meta property="article:published_time" content="{article["published"]}">'
    host = "rus.azattyq.org" if article["lang"] == "ru" else "www.azattyq.org"
    return TemplatePage(
        page(article, "Азаттық", inner, head=head), f"https://{host}/a/{article['id']}000.html", text_of(article),
        (article["published"],), (article["author"],), title=article["title"],
    )  # fmt: skip


def tengri(article: Article) -> TemplatePage:
    """Return a page of Tengrinews: the lead in bold, links to other news as paragraphs, a Telegram box, comments."""
    labels = article["labels"]
    comments = "".join(f'<div class="comment_block"><p>{escape(said)}</p></div>' for said in article["comments"])
    inner = f"""<main><section class="first column"><div class="content_main_inner"><h1 class="head-single">{escape(article["title"])}</h1>
<div class="content_main_meta"><div class="date-time">{day(article)} {clock(article)}</div><div class="tn-shared"><a href="#">{labels["share"]}</a></div><div class="content_main_views">2 841</div></div>
<div class="content_main_thumb"><img src="/u/1.jpg"><div class="content_main_thumb_alt">{escape(labels["caption"])}</div></div>
<div class="content_main_desc"><p>{escape(article["lead"], quote=False)}</p></div>
<div class="content_main_text">{paragraphs(article["paragraphs"])}
<p><a href="/news/other-1001/"><strong>{escape(article["related"][0])}</strong></a></p>
<p><strong>{escape(article["subhead"])}</strong></p>{paragraphs(article["more"])}
<div class="tn-subscribe-whatsapp"><p>{labels["subscribe"]}</p></div>
<div class="content_main_text_tags">{"".join(f'<span><a href="/tag/">{escape(tag)}</a></span>' for tag in article["tags"])}</div></div>
<div class="content_main_share"><span>{labels["share"]}</span></div><div id="comm"><h3>{labels["comments"]}</h3>{comments}</div></div></section>
<aside class="second column"><div class="tn-side-bar">{links(article, '<div class="tn-article-item"><a href="{url}">{title}</a><span>0{n}:00</span></div>')}</div></aside></main>"""
    head = f'<meta property="article:published_time" content="{article["published"]}"><meta name="author" content="{escape(article["author"])}">'
    return TemplatePage(
        page(article, "Tengrinews.kz", inner, head=head), f"https://tengrinews.kz/kazakhstan_news/maqala-{article['id']}00/",
        text_of(article), (article["published"],), (article["author"],), title=article["title"],
    )  # fmt: skip


def zakon(article: Article) -> TemplatePage:
    """Return a page of zakon.kz: JSON-LD whose articleBody is only the lead, a tail that asks to follow and to share."""
    labels = article["labels"]
    stated = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": article["title"],
        "datePublished": article["published"], "articleBody": article["lead"],
        "author": {"@type": "Person", "name": article["author"]},
    }  # fmt: skip
    inner = f"""<div class="zmainCard"><div class="article__block"><div class="articleBlock"><h1>{escape(article["title"])}</h1>
<div class="article__info"><time class="date" datetime="{article["published"]}">{day(article)}, {clock(article)}</time><a class="author" href="/authors/12/">{escape(article["author"])}</a></div>
<div class="article__socialList"><a href="#">Telegram</a><a href="#">VK</a></div>
<figure class="imageBlock"><img src="/1.jpg"><figcaption>{escape(labels["caption"])}</figcaption></figure>
<div class="description">{escape(article["lead"], quote=False)}</div>
<div class="content">{paragraphs(article["paragraphs"])}<blockquote class="readMore"><p>{labels["also"]} <a href="/2.html">{escape(article["related"][1])}</a></p></blockquote>
<h2>{escape(article["subhead"])}</h2>{paragraphs(article["more"])}
<div class="google-news-follow"><p>{labels["subscribe"]}</p></div><div class="willShare"><p>{labels["share"]}</p></div>
<div class="tags newsTags">{"".join(f'<a href="/tags/">#{escape(tag)}</a>' for tag in article["tags"])}</div></div></div></div>
<div class="lastNews"><h3>{labels["also"]}</h3>{links(article, '<div class="lastNews_item"><a href="{url}"><p>{title}</p></a><time>0{n}:15</time></div>')}</div></div>"""
    head = f'<script type="application/ld+json">{json.dumps(stated, ensure_ascii=False)}</script>'
    host = "kaz.zakon.kz" if article["lang"] == "kk" else "www.zakon.kz"
    return TemplatePage(
        page(article, "Zakon.kz", inner, head=head), f"https://{host}/obshestvo/{article['id']}000-maqala.html", text_of(article),
        (article["published"],), (article["author"],), title=article["title"],
    )  # fmt: skip


def inform(article: Article) -> TemplatePage:
    """Return a page of Kazinform: the agency's name before the text's first words, tags, latest news between blocks."""
    labels = article["labels"]
    inner = f"""<div class="container"><div class="row"><div class="col-lg-8 article"><div class="article__title"><h1>{escape(article["title"])}</h1></div>
<div class="article__time-view"><div class="article__time">{clock(article)}, {day(article)}</div></div>
<div class="article__description">{escape(article["lead"], quote=False)}</div>
<div class="article__picture"><picture><img src="/1.webp" alt=""></picture><div class="article__picture-description">{escape(labels["caption"])}</div></div>
<div class="article__body-text">{paragraphs(article["paragraphs"])}
<div class="frame_news_article"><a href="/ru/other-1a2b3c"><span>{escape(article["related"][2])}</span></a></div>
<p><strong>{escape(article["subhead"])}</strong></p>{paragraphs(article["more"])}</div>
<div class="article__tags tags">{"".join(f'<a class="article__tags-link" href="/tag/">{escape(tag)}</a>' for tag in article["tags"])}</div>
<div class="article__author"><a href="/avtor/1/"><p class="article__author-name">{escape(article["author"])}</p></a></div>
<div class="article__telegram"><a href="https://t.me/x">{labels["subscribe"]}</a></div></div>
<div class="col-lg-4 sidebar"><h2>{labels["also"]}</h2>{links(article, '<div class="allNewsCard"><a href="{url}"><span class="allNewsCard__time">1{n}:00</span><p>{title}</p></a></div>')}</div></div></div>"""
    head = f'<meta property="article:published_time" content="{article["published"]}">'
    return TemplatePage(
        page(article, "Kazinform", inner, head=head), f"https://www.inform.kz/{'kz' if article['lang'] == 'kk' else 'ru'}/maqala-{article['id']}ab",
        text_of(article), (article["published"],), (article["author"],), title=article["title"],
    )  # fmt: skip


def ria(article: Article) -> TemplatePage:
    """Return a page of RIA's layout of 2025: text in blocks, a block of schema.org data that a style sheet hides, tags before the text."""
    labels = article["labels"]
    block = '<div class="article__block" data-type="text"><div class="article__text">{}</div></div>'
    other = f'<div class="article__block" data-type="article"><div class="article__article"><a class="article__article-link" href="/20250101/other-1.html"></a><div class="article__article-desc"><span class="article__article-title"><span>{escape(article["related"][3])}</span></span><span class="article__article-info">1 {labels["menu"][1]}, 10:00</span></div></div></div>'
    tags = "".join(
        f'<a href="/tag_{n}/" class="article__tags-item">{escape(tag)}</a>' for n, tag in enumerate(article["tags"])
    )
    schema = "".join(
        f'<div itemprop="{name}">{escape(value)}</div>'
        for name, value in (
            ("mainEntityOfPage", "https://ria.ru/20250101/1.html"), ("headline", article["title"]),
            ("alternativeHeadline", article["title"]), ("description", article["lead"]),
            ("datePublished", article["published"]), ("dateModified", article["published"]),
            *(("articleSection", tag) for tag in (article["section"], *article["tags"])),
            ("associatedMedia", "https://cdn.ria.ru/1.jpg"), ("articleBody", " ".join(text_of(article))),
            *(("contentLocation", tag) for tag in article["tags"]), ("copyrightYear", article["published"][:4]),
            ("inLanguage", "ru-RU"), ("license", "https://ria.ru/docs/about/copyright.html"),
            ("keywords", ", ".join(article["tags"])),
        )
    )  # fmt: skip
    inner = f"""<div class="layout-article m-infinity"><div class="layout-article__main"><div class="layout-article__over" itemscope itemtype="http://schema.org/NewsArticle">
<div class="article__meta" itemscope itemtype="https://schema.org/Article">{schema}<div itemprop="publisher" itemscope><div itemprop="name">РИА Новости</div><div itemprop="address">Москва, Зубовский бульвар, 4</div><div itemprop="telephone">7 495 645-66-01</div></div></div>
<div class="article__header"><div class="article__info"><div class="article__info-date"><a href="/20250101/">{clock(article)} {day(article)}</a></div><div class="article__info-statistic">{labels["views"]}: 4821</div></div><div class="article__tags m-top">{tags}</div><h1 class="article__title">{escape(article["title"])}</h1><h2 class="article__second-title">{escape(article["lead"])}</h2></div>
<div class="article__announce"><div class="photoview__open"><img src="/1.jpg" alt=""></div><div class="media__copyright"><a href="#">© {escape(labels["caption"])}</a></div></div>
<div class="article__body js-mediator-article mia-analytics">{paragraphs(article["paragraphs"][:2], block)}{other}{paragraphs(article["paragraphs"][2:], block)}
<div class="article__block" data-type="h3"><h3 class="article__h3">{escape(article["subhead"])}</h3></div>{paragraphs(article["more"], block)}</div>
<div class="article__tags">{tags}</div><div class="article__userbar"><span>{labels["share"]}</span></div></div>
<div class="layout-article__content-list">{links(article, '<div class="list-item"><a href="{url}" class="list-item__title">{title}</a><div class="list-item__date">0{n}:20</div></div>')}</div></div></div>"""
    head = f'<meta property="article:published_time" content="{article["published"][:16].replace("-", "").replace(":", "")}">'
    stamp = article["published"][:10].replace("-", "")
    return TemplatePage(
        page(article, "РИА Новости", inner, head=head), f"https://ria.ru/{stamp}/maqala-18340{article['id']}.html", text_of(article),
        (article["published"], article["published"][:16], article["published"][:10]), (), title=article["title"],
    )  # fmt: skip


TEMPLATES: dict[str, Callable[[Article], TemplatePage]] = {
    "bitrix": bitrix,
    "dle": dle,
    "wordpress": wordpress,
    "pangea": pangea,
    "tengri": tengri,
    "zakon": zakon,
    "inform": inform,
    "ria": ria,
}
