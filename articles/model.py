"""What Irtysh speaks of: captures, documents, links, removals, rejections. All frozen, all typed.

Rows are observations, versions are a view. `extract` turns one capture into rows; version numbers, first and last
sightings, clusters and representatives are computed from rows, fetches and links when a snapshot is read
(`articles.history.versions`, `articles.links.duplicates`), so that captures may arrive in any order.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a URL did not become a document."""

    # before or instead of an HTTP exchange
    BAD_URL = "bad_url"  # not an absolute http(s) URL
    ADDRESS_REFUSED = "address_refused"  # loopback, private, link-local, metadata …
    ROBOTS_REFUSED = "robots_refused"  # robots.txt says no
    DNS_ERROR = "dns_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    PARTIAL_BODY = "partial_body"  # the connection closed before the announced length
    TOO_LARGE = "too_large"  # body over the limit, before or after decompression
    REDIRECT_LOOP = "redirect_loop"  # too many redirects
    HOST_SUSPENDED = "host_suspended"  # its host refused so many in a row that it is left alone; nothing was asked
    FETCH_ERROR = "fetch_error"  # anything else the fetcher reports; the detail says what
    # an exchange took place
    REDIRECTED = "redirected"  # the detail names the target, which has a capture of its own
    HTTP_ERROR = "http_error"  # a status that is neither 2xx, 3xx nor 404/410
    GONE = "gone"  # 404 or 410
    NOT_MODIFIED = "not_modified"  # 304
    BLOCKED = "blocked"  # a bot-wall, captcha or consent wall, whatever its status
    PAYWALLED = "paywalled"
    NOT_HTML = "not_html"
    EMPTY = "empty"
    UNREADABLE = "unreadable"  # truncated, undecodable or unparsable
    TOO_COSTLY = "too_costly"  # parsing it would take more time or memory than a page may
    NO_ARTICLE = "no_article"  # an index, a tag page, a page without body text
    OFF_TOPIC = "off_topic"
    QUARANTINED = (
        "quarantined"  # its outlet's run does not look like those before; it is read again when that is settled
    )


class Role(StrEnum):
    """What a document is on its page."""

    MAIN = "main"
    ORIGINAL = "original"  # the text that the page's main document translates


class Purpose(StrEnum):
    """What a URL was asked for. Only pages are read for articles; the rest is archived and accounted for."""

    PAGE = "page"
    ROBOTS = "robots"
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"  # a page or answer that names articles: an archive, a section, a search, an index of captures
    ENTRY = "entry"  # an article as a feed held it, not its page
    ATTEMPT = "attempt"  # failed and asked again: a later record of the same run tells what became of the URL

    @property
    def article(self) -> bool:
        """Whether what came of it is read for an article."""
        return self in {Purpose.PAGE, Purpose.ENTRY}


class LinkKind(StrEnum):
    """How document `a` stands to document `b`. `duplicate_of` is symmetric: `a` has the smaller row id.

    In the others but `contained_in`, `a` is the later one.
    """

    DUPLICATE = "duplicate_of"
    CONTAINED = "contained_in"
    TRANSLATION = "translation_of"  # the whole or a part; the evidence says which
    REWRITE = "rewrite_of"  # in other words, by hand or by machine
    SAME_EVENT = "same_event"  # in another language, some sentences alike, but no translation


@dataclass(frozen=True, slots=True, order=True)
class CaptureRef:
    """Where a WARC record lies."""

    key: str  # the segment's key below the store's root
    offset: int  # of the record's gzip member, bytes
    record_id: str  # WARC-Record-ID, with its angle brackets off


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a crawl found a URL."""

    source: str  # as the outlet's file declares it: "Sitemap:https://news.example/sitemap.xml"
    url: str  # the document of that source in which it stood
    date: str = ""  # what the source said of its date, as it said it


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived HTTP response, content decoding done."""

    ref: CaptureRef
    url: str  # the URL that this response answered (not that of a later redirect)
    outlet: str
    fetched: datetime  # WARC-Date, UTC
    status: int
    headers: tuple[tuple[str, str], ...]  # as received, in order
    body: bytes
    run: str  # the crawl or import that made it
    topic: str = "any"  # what the crawl was asked to keep; see `articles.topics.topic`
    truncated: str = ""  # WARC-Truncated: "length", "time", "disconnect" … or empty
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None  # None: it was asked for by name, or is no page
    rendered: bool = False  # the body is what a browser made of the page, not what came over the wire

    def header(self, name: str) -> str:
        """Return the first value of a header, case ignored; empty if there is none."""
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def body_sha256(self) -> str:
        """Hash of what extraction depends on besides the URL."""
        return body_sha256(self.status, self.header("content-type"), self.body, self.truncated)


def body_sha256(status: int, content_type: str, body: bytes, truncated: str = "") -> str:
    """Hash what extraction depends on besides the URL: status, content type, what is cut short, and body; in hex."""
    return hashlib.sha256(f"{status}\n{content_type}\n{truncated}\n".encode() + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Failure:
    """A URL that was asked for and gave no HTTP response, as recorded in the WARC beside the responses."""

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
    """One candidate for a metadata field, and whether it was the one chosen."""

    field: str  # "title", "authors", "published", "modified"
    source: str  # "json-ld", "meta:article:published_time", "visible", "url", "feed", "sitemap" …
    value: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Why a metadata field has the value that it has."""

    field: str  # as in `Evidence`
    why: str  # a sentence for people


@dataclass(frozen=True, slots=True)
class Alternate:
    """Another page that holds the same article, by the word of this one."""

    lang: str  # as stated, lower case: "ru", "en-gb", "x-default"; empty where none is
    url: str  # canonical
    source: str  # "hreflang"; "original" or "translation" for a link that says so


@dataclass(frozen=True, slots=True)
class Right:
    """Something that a page or its response states about what may be done with it. Recorded, never judged."""

    kind: str  # "robots", "tdm-reservation", "tdm-policy", "licence", "copyright"
    value: str
    where: str  # "meta:robots", "header:x-robots-tag", "link:license", "json-ld:license" …


class Relevance(StrEnum):
    """Whether a document is about what its topic asks for."""

    ACCEPT = "accept"
    REVIEW = "review"  # it falls a little short: kept with this flag, for a person to look at
    REJECT = "reject"


class Place(StrEnum):
    """Where in a document a word stands."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a topic in a document, those alike in one place together."""

    term: str  # what they count as: "KZ:capital", "bilateral", "context", "other:france", "genre:sport"
    form: str  # as the document has it
    place: Place
    offsets: tuple[int, ...]  # characters into the title or, for lead and body, into the document's text


@dataclass(frozen=True, slots=True)
class Document:
    """One language's clean text of an article, as one capture showed it.

    Dates are ISO 8601 strings as precise as their evidence: a date, a local time without offset (the page gave no
    zone), or a time with its offset.
    """

    article_id: str  # `articles.url.article_id(canonical_url)`
    url: str
    canonical_url: str
    outlet: str
    lang: str  # ISO 639-1; "und" where it cannot be told
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
    note: str = ""  # an editor's note, kept apart from the text
    topic_score: float = 0.0
    topic_verdict: Relevance = Relevance.ACCEPT  # of the page: its documents stay together
    topic_evidence: tuple[Mention, ...] = ()
    lead: str = ""  # the description that the page gives of its article
    choices: tuple[Choice, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    rights: tuple[Right, ...] = ()
    flags: tuple[str, ...] = ()  # "live", "digest", "gallery", "video": see `articles.page.page_kinds`

    @property
    def text(self) -> str:
        """The clean text: paragraphs joined by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def document_id(self) -> str:
        """One per article and language."""
        return f"{self.article_id}-{self.lang}"


@dataclass(frozen=True, slots=True)
class Removal:
    """A block that cleaning struck from a page: nothing disappears in silence."""

    rule: str  # the rule's name, e.g. "comments:form"; what it rests on in a site's knowledge stands behind a blank
    reason: str  # its class: comments, related, share, navigation, repeat, metadata …
    text: str
    position: int  # order on the page, counted in blocks from 0


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link between two documents of one page, by their languages."""

    kind: LinkKind
    a_lang: str
    b_lang: str
    score: float
    evidence: str


@dataclass(frozen=True, slots=True)
class TemplateSigns:
    """The signs of one page that became documents, its main one's."""

    titled: bool
    dated: bool
    signed: bool  # it names authors
    characters: int  # of the body
    linked: int  # of them in links
    template: str  # where its text stood: "div.body < article.story < main"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one capture became. Either documents, or a reason why there are none; removals in both cases."""

    documents: tuple[Document, ...] = ()
    removals: tuple[Removal, ...] = ()
    links: tuple[PageLink, ...] = ()
    reason: Reason | None = None
    detail: str = ""
    missed: tuple[str, ...] = ()  # attributes of the outlet's file whose selectors found nothing: has it a new design?
    vitals: TemplateSigns | None = None  # of a page that became documents

    @classmethod
    def rejected(cls, reason: Reason, detail: str = "", removals: tuple[Removal, ...] = ()) -> "Outcome":
        """Return an outcome without documents."""
        return cls(removals=removals, reason=reason, detail=detail)


@dataclass(frozen=True, slots=True)
class Link:
    """A link between two rows (see `articles.links.fingerprint.row_id`), with what it rests on."""

    kind: LinkKind
    a: str
    b: str
    score: float
    evidence: str
    method: str = ""  # what compared the texts of translations and rewrites: an encoder, or "anchors"


@dataclass(frozen=True, slots=True)
class Fetch:
    """What came of one capture or failure: the fetch state and the accounting of every URL.

    `rows` holds the row ids that this capture showed; a row is stored once however often it is seen.
    """

    url: str
    article_id: str
    outlet: str
    fetched: datetime
    status: int  # 0 where there was no response
    reason: str  # a `Reason`, or empty when it became documents
    detail: str
    rows: tuple[str, ...]
    body_sha256: str
    etag: str
    last_modified: str
    ref: CaptureRef
    run: str
    extractor: str  # what read it: code and configuration, as a short hash
    purpose: Purpose = Purpose.PAGE
    discovery: Discovery | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A distinct text of a document over time, numbered from 1; `gone` marks a tombstone, which has no text of its own."""

    document_id: str
    number: int
    row_id: str
    first_seen: datetime
    last_seen: datetime
    gone: bool = False
    captures: tuple[CaptureRef, ...] = field(default=())
