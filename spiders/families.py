"""Families of outlets: base classes for a publishing system or a house whose sites share templates.

An outlet of a family states its domains, its languages and its exceptions. Its own selectors go before those of its
family, and a change of the family's template is one edit here. `marks` are texts in the source of a home page by which
`irtysh outlets new` recognises a family; a page needs `MIN_MARKS` of them, and most article URLs must fit `path`.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from spiders.outlet import Outlet

MIN_MARKS = 2  # different marks; one alone may be a link to another site, or an embedded picture
MIN_PATH_SHARE = 0.5  # of the article URLs found, which must fit the family's `path`


class WordPress(Outlet):
    """A site on WordPress: addresses of words, feeds with `?paged=`."""

    path = r"/(?!feed/|category/|tag/|author/|page/|wp-)([a-z0-9-]+/)*[a-z0-9]+(-[a-z0-9]+){2,}/?"
    marks: tuple[str, ...] = ("/wp-content/", "/wp-includes/", 'content="WordPress', "wp-json")
    body: tuple[str, ...] = ("article .entry-content",)
    strip: tuple[str, ...] = (".sharedaddy", ".jp-relatedposts", ".yarpp-related", ".post-navigation", "#respond")


class Dle(Outlet):
    """A site on DataLife Engine: addresses that begin with a number and end in `.html`."""

    path = r"/([a-z0-9_-]+/)*\d+-[^/?#]+\.html"
    marks: tuple[str, ...] = ("dle_root", "dle_skin", "DataLife Engine", "/engine/classes/", "dle-content")
    body: tuple[str, ...] = (".full-text", ".fullstory", "#dle-content .full-story")
    strip: tuple[str, ...] = ("#dle-comments-list", ".comments-tree-list", ".related-news", ".rating", ".ya-share2")


class Bitrix(Outlet):
    """A site on 1C-Bitrix: sections as folders, lists with `?PAGEN_1=`."""

    path = r"/([a-z0-9_-]+/)+[a-z0-9_-]*[a-z0-9]+([-_][a-z0-9]+){2,}/?"
    marks: tuple[str, ...] = (
        "/bitrix/templates/",
        "/bitrix/js/",
        "/bitrix/cache/",
        "BX.setCSSList",
        "bitrix_sessid",
        "/bitrix/panel/",
    )
    body: tuple[str, ...] = (".news-detail",)
    strip: tuple[str, ...] = (".bx_breadcrumb", ".news-detail-share", ".bx-breadcrumb")


class Pangea(Outlet):
    """A site of Radio Free Europe/Radio Liberty or Voice of America, on their own system Pangea."""

    country = "CZ"
    kind = "public broadcaster"
    path = r"/a/([^/?#]+/)?\d+\.html"
    # Their sitemaps name 33,548 videos under addresses of articles.
    refuse = r"/a/((video|foto|photo|photos|photogallery|fotogalereya|gallery)(-[^/]*)?|[^/]*-(video|foto|photogallery|fotogalereya|gallery))/\d+\.html"
    marks: tuple[str, ...] = (
        "gdb.rferl.org",
        "gdb.voanews.com",
        "rfe.pangea-cms",
        "Content/responsive/",
        "pg-title",
        "media-block__content",
        "hdr-20",
    )
    title: tuple[str, ...] = ("h1.pg-title",)
    body: tuple[str, ...] = ("#article-content .wsw",)
    strip: tuple[str, ...] = (
        ".media-block.also-read",
        ".wsw__embed",
        "#article-content aside",
        "#comments",
        ".comments--fb",
        "section.comments",
        ".share--box",
        ".sticky-share-container",
        ".mailchimp-signup-form",
        ".media-block-wrap",
        ".btn--load-more",
        "#ymla-section",
        ".pg-title--ymla",
        ".c-author__btns",
        "figure.nrtk-embed",
    )
    lines: tuple[str, ...] = (
        "No media source currently available",
        "Embed share",
        "The code has been copied",
        "site logo site logo",
    )


class RossiyaSegodnya(Outlet):
    """A site of the house Rossiya Segodnya: RIA Novosti and the editions of Sputnik. Its templates since 2017."""

    path = r"/([a-z_-]+/)?(?P<ymd>\d{8})/[^/?#]+(/[^/?#]+)?\.html"
    refuse = r"/(photolents?|photo|video|infografika|infographics|caricature|podcast|radio|longrid_video)/\d{8}/"
    marks: tuple[str, ...] = (
        "rian.ru",
        "img.ria.ru",
        "cdn1.img.sputnik",
        "endless__item",
        "layout-article",
        "js__chat",
        "sputniknews",
    )
    title: tuple[str, ...] = (
        "h1.white-longread__header-title",
        "h1.article__title, .article__title",
        "h1.b-article__title",
    )
    body: tuple[str, ...] = (
        ".article__body .article__text, .article__body .article__h2, .article__body .article__h3, .article__quote-text",
        ".white-longread__text, .white-longread__h2, .white-longread__h3, .white-longread__quote",
        ".b-article__body",
        ".article__body",
    )
    lead: tuple[str, ...] = (".white-longread__header-subtitle", ".article__second-title", ".b-article__second-title")
    author: tuple[str, ...] = (".white-longread__header-author", ".article__author-name")
    strip: tuple[str, ...] = (
        'div[data-type="article"]',
        '[class*="b-inject"]',
        ".white-longread__media",
        ".white-longread__photo",
        ".article__photo-item-text",
        ".article__userbar",
        ".article__article-info",
        "#subscriber",
        "//p[contains(., 'Также на Sputnik:')]",
        "//p[starts-with(normalize-space(), 'Подробнее')][contains(., '>>')]",
    )


FAMILIES: Mapping[str, type[Outlet]] = MappingProxyType(
    {family.__name__: family for family in (Pangea, RossiyaSegodnya, Dle, Bitrix, WordPress)}
)


def family_of(source: str, articles: Iterable[str]) -> type[Outlet] | None:
    """Return the family of a site by the source of its home page and the URLs of its articles; None if it has none."""
    urls = list(articles)
    for family in FAMILIES.values():
        if sum(mark in source for mark in family.marks) >= MIN_MARKS:
            fitting = sum(fits(family, url) for url in urls)
            return family if fitting >= MIN_PATH_SHARE * len(urls) else None
    return None


def fits(family: type[Outlet], url: str) -> bool:
    """Return whether a URL has the form of the article URLs of a family."""
    host = url.split("/", 3)[2]
    probe: Outlet = type("Probe", (family,), {"domains": (host.lower(),), "__module__": __name__})("probe")
    return probe.is_article(url)
