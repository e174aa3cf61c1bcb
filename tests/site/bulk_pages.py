"""Bulk articles as pages of 30 to 100 kB. The surroundings are cached; each request renders only the article."""

import html
import random
from functools import cache

from tests.site import bulk
from tests.site.wire import Answer

VARIANTS = 8  # of the surroundings
MIN_SURROUNDINGS_BYTES, MAX_SURROUNDINGS_BYTES = 25_000, 90_000
PAGES_PER_SITEMAP = 1000
XML = [("Content-Type", "application/xml")]
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "max-age=60")]
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"

HEAD = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Bulk Courier</title>
<link rel="canonical" href="{base}/{n}.html"><meta property="og:title" content="{title}">
<meta property="og:type" content="article"><meta property="article:published_time" content="{published}">
<meta name="author" content="{author}">
<script type="application/ld+json">{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{title}",
"datePublished":"{published}","author":{{"@type":"Person","name":"{author}"}}}}</script>
"""
ARTICLE = """<main><article class="story"><header><h1>{title}</h1>
<div class="meta">By <a rel="author" href="{base}/authors/">{author}</a> <time datetime="{published}">{published}</time></div></header>
<div class="story-body">
{body}</div></article>
<ul class="related-posts">{related}</ul></main>
"""


def answer(path: str, base: str, listed: int) -> Answer:
    """Return the page, sitemap or robots.txt at a path of bulk.example. Its sitemaps list the first `listed` pages."""
    name, dot, ending = path.strip("/").partition(".")
    if (dot, ending) == (".", "html") and name.isascii() and name.isdigit() and int(name) < bulk.MAX_PAGES:
        return Answer(200, HEADERS, page(int(name), base))
    if path == "/robots.txt":
        return Answer(200, [("Content-Type", "text/plain")], f"User-agent: *\nSitemap: {base}/sitemap.xml\n".encode())
    if path == "/sitemap.xml":
        parts = range((listed + PAGES_PER_SITEMAP - 1) // PAGES_PER_SITEMAP)
        rows = "".join(f"<sitemap><loc>{base}/sitemap-{part}.xml</loc></sitemap>" for part in parts)
        return Answer(200, XML, f'<sitemapindex xmlns="{SITEMAP}">{rows}</sitemapindex>'.encode())
    part = name.removeprefix("sitemap-")
    if ending == "xml" and part.isascii() and part.isdigit():
        first = int(part) * PAGES_PER_SITEMAP
        rows = "".join(
            f"<url><loc>{base}/{n}.html</loc></url>" for n in range(first, min(first + PAGES_PER_SITEMAP, listed))
        )
        return Answer(200, XML, f'<urlset xmlns="{SITEMAP}">{rows}</urlset>'.encode())
    return Answer(404, [("Content-Type", "text/plain")], b"no such page\n")


def page(n: int, base: str) -> bytes:
    """Return page n: head, menus and scripts of its variant, the article, links to the next ten pages, footer."""
    made = bulk.article(n)
    before, after = surroundings(n % VARIANTS)
    values = {
        "n": n,
        "base": base,
        "lang": made.lang,
        "title": html.escape(made.title, quote=True),
        "author": made.author,
        "published": made.published,
        "body": bulk.article_html(made),
        "related": "".join(
            f'<li><a href="{base}/{m % bulk.MAX_PAGES}.html">No. {m}</a></li>' for m in range(n + 1, n + 11)
        ),
    }
    return b"".join((HEAD.format_map(values).encode(), before, ARTICLE.format_map(values).encode(), after))


@cache
def surroundings(variant: int) -> tuple[bytes, bytes]:
    """Return the parts before and after the article: style, scripts, menus, side lists, footer."""
    rng = random.Random(variant)  # noqa: S311 - no secrets here
    size = MIN_SURROUNDINGS_BYTES + (MAX_SURROUNDINGS_BYTES - MIN_SURROUNDINGS_BYTES) * variant // (VARIANTS - 1)
    word = bulk.WRITERS["en"].people
    menu = "".join(f'<li><a href="/section/{name.lower()}/">{name}</a></li>' for name in rng.sample(word, 40))
    side = "".join(
        f'<li class="teaser"><a href="/{rng.randrange(bulk.MAX_PAGES)}.html">{bulk.WRITERS["en"].sentence(rng)}</a></li>'
        for _ in range(25)
    )
    style = "".join(
        f".{a.lower()}-{b.lower()}{{margin:{rng.randrange(40)}px;color:#{rng.randrange(4096):03x}}}\n"
        for a, b in zip(rng.sample(word, 200), rng.sample(word, 200), strict=True)
    )
    script, missing = "", size - len(menu) - len(side) - len(style)
    while len(script) < missing:
        a, b = rng.sample(word, 2)
        script += f"window.{a.lower()}=function(e){{return e.{b.lower()}||{rng.randrange(10**9)}}};\n"
    before = (
        f"<style>{style}</style><script>{script}</script></head><body><div id='top'>"
        f"<nav><ul>{menu}</ul></nav></div><div class='ad' id='ad-{variant}'></div>"
    )
    after = (
        f"<aside><h3>Most read</h3><ul>{side}</ul></aside><footer><p>Bulk Courier, edition {variant}. "
        "Reprints only with a link.</p></footer></body></html>"
    )
    return before.encode(), after.encode()
