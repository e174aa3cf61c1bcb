"""Pages that are as expensive to extract as possible: many shapes, each just below the size limits of a fetch.

`KINDS` maps a name to a builder. A builder takes a scale: 1.0 gives a page of `LARGE_BYTES` or `MANY_TAGS`.
"""

import json
from collections.abc import Callable, Iterator
from html import escape

LARGE_BYTES = 9_900_000  # just below the longest text that libxml2 accepts, and the limit of `articles.page.intake`
MANY_TAGS = 140_000  # just below the limit of `articles.page.intake`
SENTENCE = "The ferry, which nobody has seen since, was to come back with the onions before the ice. "
HEAD = "<!doctype html><html lang=en><head><meta charset=utf-8><title>The ferry has not come back</title>"
# Repeated, these strings make a careless regular expression backtrack from every character.
PUMPS = {
    "spaces": " ", "no-break-spaces": "\u00a0 ", "tabs": "\t", "dots": ".", "commas": ", ", "dashes": "-", "quotes": '"',
    "backslashes": "\\", "escaped-quotes": '\\"', "slashes": "/", "at-signs": "a@", "addresses": "a@a.aa ", "digits": "1",
    "dates": "1 1 ", "times": "1:11 ", "letters": "a", "capitals": "A", "names": "Ann ", "initials": "A. ", "cyrillic": "Ж",
    "kazakh": "қ", "ideographs": "国", "words": "by ", "colons": "a:", "pipes": "a | ", "brackets": "(", "closing": ")",
    "angles": "&lt;", "tags": "&lt;p&gt;", "ampersands": "&amp;amp;", "hashes": "#", "underscores": "_", "soft": "\u00ad",
    "combining": "a\u0301", "urls": "http://a.aa/ ", "months": "May ", "sentence": SENTENCE, "both": "Да. No. ",
}  # fmt: skip


def page(body: str, head: str = "") -> bytes:
    """Return a page that begins like an article and continues with `body`."""
    start = f"<h1>The ferry has not come back</h1><p>{SENTENCE * 2}</p><p>{SENTENCE * 3}</p>"
    return f"{HEAD}{head}</head><body><article>{start}{body}</article></body></html>".encode()


def repeated(text: str, scale: float, of: int = LARGE_BYTES) -> str:
    """Repeat a text until it has `of * scale` bytes."""
    return text * max(1, int(of * scale / len(text.encode())))


def rows(text: Callable[[int], str], scale: float, tags: int) -> str:
    """Return as many elements as the limits of tags and bytes allow. Each element has `tags` tags."""
    count = int(MANY_TAGS * scale / tags)
    size = len(text(count).encode())
    return "".join(text(number) for number in range(min(count, int(LARGE_BYTES * scale / size))))


def json_ld_script(value: object) -> str:
    """Return a script element with JSON-LD."""
    return f'<script type="application/ld+json">{json.dumps(value, ensure_ascii=False)}</script>'


def nested_blocks(depth: int, width: int) -> str:
    """Return `width` paragraphs inside `depth` nested elements."""
    return "<div>" * depth + "<p>A word, and one more.</p>" * width + "</div>" * depth


def deep_blocks(scale: float) -> str:
    """Return blocks that are each nested as deep as a page may be."""
    return "".join(nested_blocks(230, 20) for _ in range(max(1, int(MANY_TAGS * scale / 500))))


KINDS: dict[str, Callable[[float], bytes]] = {
    "nested tags": lambda scale: page(repeated("<div>", scale)),
    "nested inline": lambda scale: page(rows(lambda _: "<b>", scale, 1)),
    "nested below the limit": lambda scale: page(deep_blocks(scale)),
    "nested lists": lambda scale: page("<ul><li>" * 100 + rows(lambda n: f"<li>Item {n}", scale, 1)),
    "unclosed paragraphs": lambda scale: page(rows(lambda n: f"<p>w{n}", scale, 1)),
    "siblings": lambda scale: page(rows(lambda n: f"<p>w{n}</p>", scale, 2)),
    "paragraphs": lambda scale: page(rows(lambda n: f"<p>{n} {SENTENCE}</p>", scale, 2)),
    "paragraphs below the limit": lambda scale: page(
        "".join(f"<p>{n} {SENTENCE * 3}</p>" for n in range(int(7000 * scale)))
    ),
    "headings": lambda scale: page(rows(lambda n: f"<h1>The ferry number {n} has not come back</h1>", scale, 2)),
    "headings below the limit": lambda scale: page(
        "".join(f"<h1>The ferry number {n} has not come back</h1>" for n in range(int(7000 * scale)))
    ),
    "links": lambda scale: page(rows(lambda n: f"<a href=/{n}>Ferry {n}</a> ", scale, 2)),
    "links in items": lambda scale: page(
        "<ul>" + rows(lambda n: f"<li><a href=/{n}>Ferry {n} came</a>", scale, 3) + "</ul>"
    ),
    "links in one paragraph": lambda scale: page("<p>" + rows(lambda n: f"<a href=/{n}>{n}</a>", scale, 2) + "</p>"),
    "cards": lambda scale: page(
        rows(lambda n: f"<div class=card><h3><a href=/{n}>The ferry number {n}</a></h3><p>{SENTENCE}</p></div>", scale, 8)
    ),
    "cards below the limit": lambda scale: page(
        "".join(
            f"<div class=card><h3><a href=/{n}>The ferry number {n}</a></h3><p>{SENTENCE}</p></div>"
            for n in range(int(3500 * scale))
        )
    ),
    "comments": lambda scale: page(
        "".join(
            f"<div class=x><i>Ann {n}</i><p>May 1, 2022 at 1:11</p><p>So it is.</p><p>Reply</p></div>"
            for n in range(int(2000 * scale))
        )
    ),
    "sections": lambda scale: page("".join(f"<p>Related articles</p><p>w{n}</p>" for n in range(int(3500 * scale)))),
    "comment sections": lambda scale: page("".join(f"<p>Comments</p><p>w{n}</p>" for n in range(int(3500 * scale)))),
    "table": lambda scale: page("<table>" + rows(lambda n: f"<tr><td>{n}<td>Ferry<td>1:11", scale, 4) + "</table>"),
    "table of paragraphs": lambda scale: page(
        "<table>" + rows(lambda n: f"<tr><td><p>{n} ferries, and more</p>", scale, 4) + "</table>"
    ),
    "attributes": lambda scale: page(f"<p {rows(lambda n: f'a{n}=1 ', scale * 4, 1)}>{SENTENCE}</p>"),
    "attributes alike": lambda scale: page(f"<p {repeated('a=1 ', scale)}>{SENTENCE}</p>"),
    "one attribute": lambda scale: page(f'<p style="{repeated("display :", scale)}">{SENTENCE}</p>'),
    "classes": lambda scale: page(f'<div class="{repeated("a-b related ", scale)}"><p>{SENTENCE}</p></div>'),
    "different classes": lambda scale: page(
        rows(lambda n: f'<div class="c{n} related-{n} x{n}y share{n}"><p>{n}</p></div>', scale, 4)
    ),
    "breaks": lambda scale: page("<p>" + rows(lambda n: f"w{n}<br>", scale, 1) + "</p>"),
    "entities": lambda scale: page("<p>" + repeated("&amp;", scale) + "</p>"),
    "numeric entities": lambda scale: page("<p>" + repeated("&#1078;&#x301;", scale) + "</p>"),
    "unknown entities": lambda scale: page("<p>" + repeated("&ferry;", scale) + "</p>"),
    "lone ampersands": lambda scale: page("<p>" + repeated("& ", scale) + "</p>"),
    "lone angles": lambda scale: page("<p>" + rows(lambda _: "< ", scale, 1) + "</p>"),
    "comments in markup": lambda scale: page(rows(lambda n: f"<!--{n}-->a", scale, 1)),
    "scripts": lambda scale: page(rows(lambda n: f"<script>let a{n} = 1</script>", scale, 2)),
    "JSON-LD scripts": lambda scale: page(
        "", rows(lambda n: json_ld_script({"@type": "NewsArticle", "headline": f"Ferry {n} has not come"}), scale, 2)
    ),
    "JSON-LD articles": lambda scale: page(
        rows(lambda n: f"<h2>The ferry number {n} has not come</h2>", min(scale, 0.1), 2),
        json_ld_script([{"@type": "NewsArticle", "headline": f"Ferry {n} has not come"} for n in range(int(30_000 * scale))]),
    ),
    "JSON-LD nested": lambda scale: page("", nested_json_ld("[", "]", scale)),
    "JSON-LD nested graphs": lambda scale: page("", nested_json_ld('{"@graph":[', "]}", scale)),
    "JSON-LD wide": lambda scale: page("", json_ld_script({f"key{n}": n for n in range(int(100_000 * scale))})),
    "JSON-LD body": lambda scale: page(
        "", json_ld_script({"@type": "NewsArticle", "articleBody": repeated(SENTENCE, scale, 1_900_000)})
    ),
    "JSON-LD bodies": lambda scale: page(
        "", "".join(json_ld_script({"@type": "NewsArticle", "articleBody": repeated("<p>" * 9, scale, 1_900_000)}) for _ in "12345")
    ),
    "JSON-LD commas": lambda scale: page(
        "", f'<script type="application/ld+json">{repeated(",  ", scale, 1_900_000)}</script>'
    ),
    "JSON-LD authors": lambda scale: page(
        "",
        json_ld_script({"@type": "NewsArticle", "author": [{"name": f"Ann {n} Bee"} for n in range(int(60_000 * scale))]}),
    ),
    "JSON-LD keywords": lambda scale: page("", json_ld_script({"@type": "NewsArticle", "keywords": repeated("a,", scale, 1_900_000)})),
    "meta elements": lambda scale: page("", rows(lambda n: f'<meta name="m{n}" content="{n}">', scale, 1)),
    "authors in meta": lambda scale: page("", rows(lambda n: f'<meta name="author" content="Ann {n} Bee">', scale, 1)),
    "alternates": lambda scale: page("", rows(lambda n: f'<link rel=alternate hreflang="x{n}" href="/{n}">', scale, 1)),
    "titles": lambda scale: page("", rows(lambda n: f"<title>The ferry number {n}</title>", scale, 2)),
    "script string": lambda scale: page_with_script(f'"{repeated(SENTENCE, scale)}'),
    "script strings": lambda scale: page_with_script(
        rows(lambda n: json.dumps(f"<p>{SENTENCE * 5}</p>{n}").replace("<", "\\u003c"), scale, 2)
    ),
    "script of markup": lambda scale: page_with_script(json.dumps("<p>" + repeated("<div><p>a", scale, 1_900_000))),
    "empty elements": lambda scale: b"<html><body>" + rows(lambda _: "<div></div>", scale, 2).encode() + b"</body></html>",
    "elements and no prose": lambda scale: page_with_script("1", rows(lambda n: f"<div><span>w{n}</span></div>", scale, 4)),
    "no prose below the limit": lambda scale: page_with_script(
        "1", "".join(f"<div><span>w{n}</span></div>" for n in range(int(7000 * scale)))
    ),
    "no markup at all": lambda scale: b"<p>" + repeated(SENTENCE, scale).encode(),
    "two languages": lambda scale: page("".join(f"<p>{n}. Да, конечно.</p><p>No, no.</p>" for n in range(int(4000 * scale)))),
    "two languages in prose": lambda scale: page(
        "".join(f"<p>{SENTENCE}</p><p>Паром не вернулся, и никто не знает, где он теперь.</p>" for _ in range(int(4000 * scale)))
    ),
    "UTF-16": lambda scale: "\ufeff".encode("utf-16-le") + page(repeated(SENTENCE, scale / 2)).decode().encode("utf-16-le"),
    "no encoding": lambda scale: page("").replace(b"<article>", b"<article>" + bytes(range(128, 256)) * int(80_000 * scale)),
    "null bytes": lambda scale: page("<p>" + repeated("a\0", scale) + "</p>"),
    "lists in lists": lambda scale: page(rows(lambda n: f"<ul><li>{n}<ul><li><a href=/{n}>Ferry {n} came</a></ul></ul>", scale, 7)),
    "forms": lambda scale: page(rows(lambda n: f"<form><label>Name {n}</label><input></form>", scale, 4)),
    "frames": lambda scale: page(rows(lambda n: f"<iframe src=/{n}></iframe><p>w{n}</p>", scale, 4)),
    "times": lambda scale: page(rows(lambda n: f"<time datetime='2022-01-01'>May {n}</time> ", scale, 2)),
    "menus": lambda scale: page(rows(lambda n: f"<nav><a href=/{n}>{n}</a></nav>", scale, 4)),
}  # fmt: skip


def nested_json_ld(begin: str, end: str, scale: float) -> str:
    """Return JSON-LD that is nested too deep for any parser."""
    depth = int(900_000 * scale / len(begin))
    return f'<script type="application/ld+json">{begin * depth}{end * depth}</script>'


def page_with_script(code: str, body: str = "") -> bytes:
    """Return a page with a script, whose elements contain no article."""
    return f"{HEAD}</head><body>{body}<script>window.state = {code}</script></body></html>".encode()


def pump_pages(pump: str, scale: float) -> Iterator[tuple[str, bytes]]:
    """Yield for each place whose text is matched with patterns: its name, and a page with the pump string there."""
    long = repeated(pump, scale, 2_900_000)
    plain = long.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    line = repeated(pump, 1, 115)
    yield "paragraph", page(f"<p>{long}</p>")
    yield "paragraph that ends badly", page(f"<p>By {long}\u2603</p>")
    yield "paragraphs", page(f"<p>{repeated(pump, 1, 400)} {SENTENCE}</p>" * int(5000 * scale))
    yield "lines", page(f"<p>{line}</p>" * int(7000 * scale))
    yield "items", page("<ul>" + f"<li>{line}</li>" * int(7000 * scale) + "</ul>")
    yield "heading", page(f"<h1>{long}</h1>")
    yield "title", page("", f"<title>{long}</title><meta property='og:title' content='{escape(plain)}'>")
    yield "description", page("", f"<meta name=description content='{escape(plain)}'>")
    yield "author", page("", f"<meta name=author content='{escape(plain)}'>")
    yield "date", page("", f"<meta property='article:published_time' content='{escape(plain)}'>")
    yield (
        "JSON-LD",
        page(
            "",
            json_ld_script(
                {
                    "@type": "NewsArticle",
                    **dict.fromkeys(
                        ("headline", "articleBody", "author", "datePublished", "keywords"), plain[:350_000]
                    ),
                }
            ),
        ),
    )
    yield "class", page(f"<div class='{escape(plain)}'><p>{SENTENCE}</p></div>")
    yield "style", page(f"<div style='{escape(plain)}'><p>{SENTENCE}</p></div>")
    yield (
        "address",
        page(
            f"<p>{SENTENCE}<a href='{escape(plain)}'>here</a></p><p><a href='http://a.aa/{escape(plain)}'>Link to original</a>"
        ),
    )
    yield "canonical", page("", f"<link rel=canonical href='http://a.aa/{escape(plain)}'>")
    yield "script", page_with_script(plain.replace("<", "\\u003c"))
