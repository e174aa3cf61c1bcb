"""Why a URL did not become a document. Apart from `articles.model`, whose data classes take long to define."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a URL did not become a document."""

    # no HTTP exchange took place
    BAD_URL = "bad_url"  # not an absolute http(s) URL
    ADDRESS_REFUSED = "address_refused"  # loopback, private, link-local, metadata …
    ROBOTS_REFUSED = "robots_refused"  # disallowed by robots.txt
    DNS_ERROR = "dns_error"
    CONNECT_ERROR = "connect_error"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    PARTIAL_BODY = "partial_body"  # the connection closed before the announced length
    TOO_LARGE = "too_large"  # body over the limit, before or after decompression
    REDIRECT_LOOP = "redirect_loop"  # too many redirects
    HOST_SUSPENDED = "host_suspended"  # not requested: the host refused too many requests in a row, or asked for money
    TAKEN_DOWN = "taken_down"  # a takedown removed the article from the store, so it is not fetched or kept again
    RESERVED = "reserved"  # its publisher reserves the use that the crawl is for
    FETCH_ERROR = "fetch_error"  # any other error of the fetcher; see the detail
    # an HTTP exchange took place
    REDIRECTED = "redirected"  # the detail holds the target, which has its own capture
    HTTP_ERROR = "http_error"  # a status that is neither 2xx, 3xx nor 404/410
    GONE = "gone"  # 404 or 410, or a page that says so with another status
    NOT_MODIFIED = "not_modified"  # 304
    BLOCKED = "blocked"  # a bot wall, captcha, consent wall or notice of maintenance, with any status
    PAYWALLED = "paywalled"
    PAYMENT_REQUIRED = "payment_required"  # 402: the host asks crawlers for a price
    NOT_HTML = "not_html"
    EMPTY = "empty"
    UNREADABLE = "unreadable"  # truncated, undecodable or unparsable
    TOO_COSTLY = "too_costly"  # parsing it would exceed the limits of time or memory per page
    NO_ARTICLE = "no_article"  # for example an index, a tag page, a page without body text
    OFF_TOPIC = "off_topic"
    QUARANTINED = "quarantined"  # its run differs from earlier runs of the outlet; extracted again after the decision
