"""When an article was published and changed: every candidate with its source, the first believable one chosen."""

from articles import dates
from articles.model import Evidence
from articles.source import Source
from articles.structured import text_of

PUBLISHED = (
    "article:published_time",
    "article:published:time",
    "og:article:published_time",
    "og:published_time",
    "datepublished",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "dc.date.created",
    "date.created",
    "published_time",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "publish-date",
    "publish_date",
    "pubdate",
    "publishdate",
    "publisheddate",
    "publication_date",
    "published_at",
    "published",
    "rnews:datepublished",
    "article.published",
    "ptime",
    "date.available",
    "published_time_telegram",
    "mediator_published_time",
    "article_date_original",
    "originalpublicationdate",
    "og:pubdate",
    "citation_publication_date",
    "weibo: article:create_at",
    "dc.date",
    "dcterms.date",
    "date",
    "datecreated",
)
MODIFIED = (
    "article:modified_time",
    "article:modified:time",
    "og:article:modified_time",
    "datemodified",
    "og:updated_time",
    "dcterms.modified",
    "dc.date.modified",
    "date.modified",
    "date.updated",
    "article:updated_time",
    "lastmod",
    "last_modified",
    "article.updated",
    "utime",
    "revised",
)
LINE = 120  # characters of a block that is a dateline


def read(source: Source) -> tuple[str, str, list[Evidence]]:
    """Return the dates of publication and of the last change, empty where none is stated, and the candidates."""
    month_first = source.stated.lang.lower().startswith("en-us")
    published, first = choose("published", _published(source), source, month_first=month_first)
    modified, second = choose("modified", _modified(source), source, month_first=month_first)
    return published, modified, first + second


def choose(
    name: str, candidates: list[tuple[str, str]], source: Source, *, month_first: bool
) -> tuple[str, list[Evidence]]:
    """Return the first candidate that is a believable date, and all that are."""
    chosen = ""
    evidence = []
    for origin, text in candidates:
        value = dates.parse(text, month_first=month_first) if text else ""
        if value and dates.plausible(value, source.fetched):
            evidence.append(Evidence(name, origin, value, chosen=not chosen))
            chosen = chosen or value
    return chosen, evidence


def _published(source: Source) -> list[tuple[str, str]]:
    stated, page = source.stated, source.page
    article = stated.articles[0] if stated.articles else {}
    found = [("json-ld", text_of(article.get("datePublished")))]
    found += [(f"meta:{name}", stated.meta[name][0]) for name in PUBLISHED if name in stated.meta]
    found += [(f"itemprop:{prop}", value) for _, value, prop in page.times if prop in ("datePublished", "dateCreated")]
    found += [("json-ld:webpage", text_of(thing.get("datePublished"))) for thing in stated.pages[:1]]
    near = source.head()
    if near:
        first, last = near[0].position, near[-1].position + 1
        found += [("time", value) for position, value, _ in page.times if first <= position <= last]
    lines = (block for block in near if len(block.text) < LINE and block.position not in source.aside)
    found += [("visible", block.text) for block in lines if block.tag != "h1"]
    found.append(("url", dates.from_url(source.url)))
    found.append(("json-ld:created", text_of(article.get("dateCreated"))))
    return found


def _modified(source: Source) -> list[tuple[str, str]]:
    stated = source.stated
    things = stated.articles[:1] + stated.pages[:1]
    found = [("json-ld", text_of(thing.get("dateModified"))) for thing in things]
    found += [(f"meta:{name}", stated.meta[name][0]) for name in MODIFIED if name in stated.meta]
    found += [(f"itemprop:{prop}", value) for _, value, prop in source.page.times if prop == "dateModified"]
    return found
