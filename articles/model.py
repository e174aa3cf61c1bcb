"""Data classes of the pipeline: captures, documents, links, removals, rejections. All are immutable.

Rows are observations, versions are a view: `extract` turns one capture into rows. Version numbers, first and last
sightings, clusters and representatives are computed from rows, fetches and links when a snapshot is read
(`articles.history.versions`, `articles.links.clusters`). So captures may arrive in any order.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from articles.reasons import Reason as Reason  # noqa: PLC0414  this module's own, too, for all who import it from here


class Role(StrEnum):
    """Role of a document on its page."""

    MAIN = "main"
    ORIGINAL = "original"  # the text that the page's main document translates


class Purpose(StrEnum):
    """Why a URL was fetched. Only pages and feed entries are extracted; all fetches are archived and counted."""

    PAGE = "page"
    ROBOTS = "robots"
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"  # a response that lists articles: an archive, a section, a search, an index of captures
    ENTRY = "entry"  # an article taken from a feed instead of its page
    ATTEMPT = "attempt"  # failed and was retried: a later record of the same run holds the result for the URL

    @property
    def article(self) -> bool:
        """Whether the response is extracted as an article."""
        return self in {Purpose.PAGE, Purpose.ENTRY}


class LinkKind(StrEnum):
    """Relation of document `a`, which has the smaller row id, is the contained text or, else, is later, to `b`."""

    DUPLICATE = "duplicate_of"
    CONTAINED = "contained_in"
    TRANSLATION = "translation_of"  # in whole or in part; the evidence says which
    REWRITE = "rewrite_of"  # the same language in other words, by hand or by machine
    CONTINUES = "continues"  # a later page of one article, and the page before it; computed as part of the view
    SAME_EVENT = "same_event"  # in another language: some sentences match, but it is no translation


@dataclass(frozen=True, slots=True, order=True)
class CaptureRef:
    """Location of a WARC record."""

    key: str  # of the segment, relative to the store's root
    offset: int  # of the record's gzip member, in bytes
    record_id: str  # WARC-Record-ID without angle brackets


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a crawl found a URL."""

    source: str  # as declared in the outlet's file: "Sitemap:https://news.example/sitemap.xml"
    url: str  # the document of that source that held the link
    date: str = ""  # the date that the source gave, unparsed


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived HTTP response, with the content encoding decoded."""

    ref: CaptureRef
    url: str  # the URL that was requested (not the target of a redirect)
    outlet: str
    fetched: datetime  # WARC-Date, UTC
    status: int
    headers: tuple[tuple[str, str], ...]  # as received, in order
    body: bytes
    run: str  # the crawl or import that captured it
    topic: str = "any"  # the topic that the crawl was given; see `articles.topics.topic`
    truncated: str = ""  # WARC-Truncated: "length", "time", "disconnect" … or empty
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None  # None: the URL was given by hand, or is no page
    rendered: bool = False  # the body is the page as rendered by a browser, not as received
    site_rights: "tuple[Right, ...]" = ()  # what the site's robots.txt and tdmrep.json said of this URL at that time
    reserved_use: str = ""  # the use (`articles.metadata.reservations.Use`) that must not be reserved; empty: recorded

    def header(self, name: str) -> str:
        """Return the first value of a header, or an empty string; names are case-insensitive."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def body_sha256(self) -> str:
        """Hash of the response: see `body_sha256` of this module."""
        return body_sha256(self.status, self.header("content-type"), self.body, self.truncated)


def body_sha256(status: int, content_type: str, body: bytes, truncated: str = "") -> str:
    """Return the SHA-256 (hex) of all that extraction depends on besides the URL: status, type, truncation, body."""
    return hashlib.sha256(f"{status}\n{content_type}\n{truncated}\n".encode() + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no HTTP response, as recorded in the WARC beside the responses."""

    ref: CaptureRef
    url: str
    outlet: str
    fetched: datetime
    reason: Reason
    detail: str
    run: str
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One candidate for a metadata field, and whether it was chosen."""

    field: str  # "title", "authors", "published", "modified", "section", "canonical"
    source: str  # "json-ld", "meta:article:published_time", "visible", "url", "feed", "sitemap" …
    value: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Explanation why a metadata field has its value."""

    field: str  # as in `Evidence`
    why: str  # a sentence for readers


@dataclass(frozen=True, slots=True)
class Alternate:
    """Another page with the same article, as this page states."""

    lang: str  # as stated, in lower case: "ru", "en-gb", "x-default"; empty if not stated
    url: str  # canonical
    source: str  # "hreflang", or "original" or "translation" for a link with such a label


@dataclass(frozen=True, slots=True)
class Right:
    """A statement of a page, its response headers or its site about permitted use. It is recorded, not interpreted."""

    kind: (
        str  # "robots", "tdm-reservation", "tdm-policy", "content-usage", "content-signal", "rsl", "price", "licence" …
    )
    value: str
    where: str  # "meta:robots", "header:x-robots-tag", "link:license", "json-ld:license", "robots.txt", "tdmrep.json" …


class Relevance(StrEnum):
    """Verdict whether a document is on topic."""

    ACCEPT = "accept"
    REVIEW = "review"  # just below the threshold: kept with this flag for manual review
    REJECT = "reject"


class Place(StrEnum):
    """Part of a document in which a word occurs."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Mention:
    """Occurrences of a topic word in one part of a document, grouped by form."""

    term: str  # the term that they count for: "KZ:capital", "bilateral", "context", "other:france", "genre:sport"
    form: str  # as written in the document
    place: Place
    offsets: tuple[int, ...]  # in characters, from the start of the title or, for lead and body, of the text


@dataclass(frozen=True, slots=True)
class Document:
    """Clean text of an article in one language, extracted from one capture.

    Dates are ISO 8601 strings as precise as their evidence: a date, a local time without an offset (if the page gave
    no zone), or a time with its offset.
    """

    article_id: str  # `articles.url.article_id` of the URL that was fetched
    url: str
    canonical_url: str  # what the page claims, as far as the page alone bears it out (`articles.metadata.canonical`)
    outlet: str
    lang: str  # ISO 639-1, or "und" if unknown
    role: Role
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    translators: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""
    evidence: tuple[Evidence, ...] = ()
    section: str = ""
    tags: tuple[str, ...] = ()
    source_outlet: str = ""
    source_url: str = ""
    source_date: str = ""
    note: str = ""  # an editor's note, separate from the text
    topic_score: float = 0.0
    topic_verdict: Relevance = Relevance.ACCEPT  # of the page: all of its documents get the same verdict
    topic_evidence: tuple[Mention, ...] = ()
    lead: str = ""  # the description of the article that the page states
    choices: tuple[Choice, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    rights: tuple[Right, ...] = ()
    continues: str = ""  # canonical URL of the page before, if this is a later page of an article
    flags: tuple[str, ...] = ()  # "embedded", and those of `articles.page.page_kinds`: "live", "digest" …

    @property
    def text(self) -> str:
        """Text of the document: paragraphs joined by blank lines."""
        return "\n\n".join(self.paragraphs)

    @property
    def document_id(self) -> str:
        """Identifier of the article in this language."""
        return f"{self.article_id}-{self.lang}"


@dataclass(frozen=True, slots=True)
class Removal:
    """A block that cleaning removed, with the rule that removed it."""

    rule: str  # name of the rule, e.g. "comments:form"; rules of a site's profile add a space and their counts
    reason: str  # class of the rule: comments, related, share, navigation, repeat, metadata …
    text: str
    position: int  # index of the block on the page, from 0


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link between two documents of one page, which are identified by their languages."""

    kind: LinkKind
    a_lang: str
    b_lang: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class TemplateSigns:
    """Features of one page and its main document, used to detect redesigns."""

    titled: bool
    dated: bool
    signed: bool  # has authors
    characters: int  # of the body
    linked: int  # characters of the body in links
    template: str  # the elements that hold the text: "div.body < article.story < main"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of extracting one capture: documents, or a reason why there are none; removals in both cases."""

    documents: tuple[Document, ...] = ()
    removals: tuple[Removal, ...] = ()
    links: tuple[PageLink, ...] = ()
    reason: Reason | None = None
    detail: str = ""
    missed: tuple[str, ...] = ()  # attributes of the outlet's file whose selectors found nothing: a hint at a redesign
    vitals: TemplateSigns | None = None  # None if there are no documents

    @classmethod
    def rejected(cls, reason: Reason, detail: str = "", removals: tuple[Removal, ...] = ()) -> "Outcome":
        """Return an outcome without documents."""
        return cls(removals=removals, reason=reason, detail=detail)


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two rows (see `articles.links.fingerprint.row_id`), with its evidence."""

    kind: LinkKind
    a: str
    b: str
    score: float
    evidence: str
    method: str = ""  # how translations and rewrites were compared: the name of an encoder, or "anchors"


@dataclass(frozen=True, slots=True)
class Fetch:
    """Result of one capture or failure: fetch state and accounting of its URL."""

    url: str
    article_id: str
    outlet: str
    fetched: datetime
    status: int  # 0 if there was no response
    reason: str  # a `Reason`, or empty if there are documents
    detail: str
    rows: tuple[str, ...]  # ids of the rows extracted from this capture; each is stored once, however often it is seen
    body_sha256: str
    etag: str
    last_modified: str
    ref: CaptureRef
    run: str
    extractor: str  # version of code and configuration, as a short hash
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None
    rights: tuple[Right, ...] = ()  # stated by the response's headers and by the site at that time
