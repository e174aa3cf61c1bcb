"""Descriptions of all tables and columns. `docs/data.md` and the card of a release are generated from them.

A test compares them with the schemas: every column has a description, and nothing else has one.
"""

from collections.abc import Mapping

from articles.model import Reason

TABLES: Mapping[str, str] = {
    "documents": (
        "One row for each text with its metadata, as one capture showed it. Rows are observations: version numbers, "
        "clusters and first and last sightings are not stored here. They are computed when a snapshot is read. "
        "This table is a Delta Lake table."
    ),
    "links": "One row for each relation between two rows of `documents`.",
    "removals": (
        "One row for each block that cleaning removed from a page, with the rule that removed it. Only pages that "
        "became documents have rows here."
    ),
    "rejections": "One row for each fetched URL that became no document, with the reason.",
    "fetches": (
        "One row for each capture and each failed request. It accounts for every URL, and it holds what the next "
        "conditional request needs."
    ),
    "sketches": "One row for each row of `documents`: the sketch by which near duplicates are found.",
    "anchors": "One row for each row of `documents`: the names, numbers and dates by which translations are found.",
    "vectors": "Sentence vectors of the rows whose sentences an encoder had to compare.",
    "alignments": "The aligned sentences of two linked rows: the evidence of a translation or a rewrite.",
    "health": "Counts and page signs of each outlet, by day and run. Quarantine and `irtysh outlets` read them.",
}

CAPTURE_COLUMNS: Mapping[str, str] = {
    "capture_key": "Key of the WARC segment that holds the capture.",
    "capture_offset": "Byte in that segment at which the record's gzip member begins.",
    "capture_record_id": "WARC-Record-ID, without its angle brackets.",
}
ROW_ID = "The row of `documents` that this belongs to."
PAIR_COLUMNS = {
    "a": (
        "Row id of the one text: of `duplicate_of` the smaller id, of `contained_in` the contained text, else the later "
        "text."
    ),
    "b": "Row id of the other text.",
}

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "documents": {
        "document_id": "One language's text of one article: `article_id`, a hyphen and the language.",
        "article_id": (
            "The article. In a stored row, computed from the URL that was fetched; what is pulled names the article that "
            "the row belongs to."
        ),
        "row_id": "Hash of everything that the document says. The same observation always has the same id.",
        "version_key": "Hash of title and text. It ignores the form of quotes, dashes and blanks, paragraph breaks, and lines that change with every fetch.",
        "url": "The URL that was fetched.",
        "canonical_url": (
            "The URL that identifies the article. In a stored row, the URL that the page names, if it is on the same "
            "host and can be an article; what is pulled names another URL than the fetched one only if its content agrees."
        ),
        "outlet": "The outlet's name, or the registrable domain of a site without an outlet file.",
        "lang": "Language, ISO 639-1; `und` if it cannot be identified.",
        "role": "`main`, or `original`: the text that the page's main document translates.",
        "title": "Title as the page states it, without the outlet's name.",
        "authors": "Authors; people only.",
        "translators": "Translators; people only.",
        "editors": "Editors; people only.",
        "published": (
            "Date of publication, ISO 8601, as precise as the page: a date, a local time, or a time with its offset."
        ),
        "modified": "Date of the last change that the page states, in the same form.",
        "evidence": (
            "Every candidate for title, authors, dates, section and canonical URL: `field`, the `source` it was read from, its "
            "`value`, and whether it was `chosen`."
        ),
        "section": "Section in which the outlet files the article.",
        "tags": "Tags that the outlet gives.",
        "source_outlet": "Of a translation or a reprint: the outlet or agency that published the text first.",
        "source_url": "Of a translation or a reprint: the URL of the original.",
        "source_date": "Of a translation or a reprint: the date of the original.",
        "note": "Editor's note. It is not part of the text.",
        "text": "The clean text. A blank line separates paragraphs.",
        "paragraphs": "Length of each paragraph in characters.",
        "text_sha256": "SHA-256 of the text in UTF-8.",
        "topic_score": "Score by the topic that the crawl asked for, 0 to 1.",
        "captured": "When the page was captured, UTC.",
        "http_status": "HTTP status of the response.",
        **CAPTURE_COLUMNS,
        "extractor": (
            "What the extraction depends on: a hash of code and data, a second hash of what is known about the site "
            "(after `+`), and the topic (after `:`)."
        ),
        "run": "The crawl or import that made the capture.",
        "lead": "The description that the page gives of its article.",
        "choices": "Why a field of `evidence` has its value: the `field` and, in a sentence, `why`.",
        "alternates": (
            "Pages that hold the article in another language, or its original, as this page states: `lang`, `url` and "
            "the `source` of the statement."
        ),
        "rights": (
            "What the page, its response and its site's robots.txt and tdmrep.json state for robots, for text and data "
            "mining, for AI, and as their licence: `kind`, `value` and `where` it is stated. It is recorded, not judged."
        ),
        "topic_verdict": (
            "`accept`, or `review` where the text fell a little short of the topic; null in rows older than the column."
        ),
        "topic_evidence": (
            "Words of the topic in the document: the `term` they count as, the `form` in the text, the `place` "
            "(title, lead or body) and the `offsets` in characters."
        ),
        "flags": "Forms that are no plain article: `live`, `digest`, `gallery`, `video`; `embedded`: the page holds the text but does not show it.",
        "continues": (
            "Of a later page of an article: the URL of the page before it. Empty for all others; null in rows older than "
            "the column."
        ),
        "marks": (
            "Hashes of the title with the long paragraphs, and of each short paragraph, its words and its shape: they tell "
            "lines that change with every fetch (`articles/history/changing.py`). Empty if there are none or more than 60."
        ),
    },
    "links": {
        "kind": "`duplicate_of`, `contained_in`, `translation_of`, `rewrite_of` or `same_event`.",
        **PAIR_COLUMNS,
        "score": "How sure the link is, 0 to 1. Scores of different kinds are not comparable.",
        "evidence": "What the link rests on, in words and figures.",
        "method": "What compared the texts of translations and rewrites: an encoder, or `anchors`.",
    },
    "removals": {
        "outlet": "The outlet of the page.",
        "url": "The URL that was fetched.",
        "fetched": "When it was fetched, UTC.",
        **CAPTURE_COLUMNS,
        "position": "Number of the block on the page, from 0.",
        "rule": "Rule that removed the block, such as `comments:form`.",
        "reason": "Class of the rule: comments, related, share, navigation, repeat, metadata and others.",
        "text": "Text of the block.",
    },
    "rejections": {
        "outlet": "The outlet of the page.",
        "url": "The URL that was fetched.",
        "fetched": "When it was fetched, UTC.",
        **CAPTURE_COLUMNS,
        "status": "HTTP status; 0 if there was no response.",
        "reason": "Why there is no document: a value of `articles.model.Reason`.",
        "detail": "The reason in words, with its figures.",
        "run": "The crawl or import that made the capture.",
    },
    "fetches": {
        "outlet": "The outlet of the URL.",
        "url": "The URL that was fetched.",
        "fetched": "When it was fetched, UTC.",
        **CAPTURE_COLUMNS,
        "article_id": "The article at this URL, computed from the URL; empty where the URL cannot be parsed.",
        "status": "HTTP status; 0 if there was no response.",
        "reason": "Why there is no document, as in `rejections`; empty if the capture became documents.",
        "detail": "The reason in words, with its figures.",
        "rows": "Row ids of the documents that the capture showed.",
        "body_sha256": "Hash of status, content type and body. An unchanged page is not extracted again.",
        "etag": "ETag of the response, for the next conditional request.",
        "last_modified": "Last-Modified of the response, for the next conditional request.",
        "run": "The crawl or import that made the capture.",
        "extractor": "What the extraction depends on, as in `documents`.",
        "purpose": "What the URL was fetched as: `page`, `feed`, `sitemap`, `listing`, `entry`, `robots` or `attempt`.",
        "source": "Source of the outlet file that named the URL; empty if it was given by hand.",
        "found_in": "Document of that source in which the URL was found.",
        "found_date": "Date that the source gives for the URL, as written there.",
        "rights": (
            "What the response's headers and the site's robots.txt and tdmrep.json stated at that time on permitted "
            "use: `kind`, `value` and `where`, as in `documents`; null in rows older than the column."
        ),
    },
    "sketches": {
        "row_id": ROW_ID,
        "shingles": "Number of distinct shingles (3 words each) of the whole text.",
        "whole": "Hash of all words in order. It finds equal texts, however short.",
        "hashes": "Sorted hashes of the kept shingles, about one in eight.",
    },
    "anchors": {
        "row_id": ROW_ID,
        "articles": "The article id of the URL that was fetched, then that of the URL that its page claims if it differs.",
        "lang": "Language of the text.",
        "published": "Date of publication.",
        "translated": "Whether the document names a translator.",
        "originals": "Article ids that the page names as the original.",
        "others": "Article ids that the page names as the same article in another language.",
        "keys": "Sorted hashes of the anchors: names, numbers, dates, countries, acronyms.",
        "site": "Registrable domain of the URL that was fetched; what a page states of one on its own site counts more.",
    },
    "vectors": {
        "row_id": ROW_ID,
        "encoder": "Encoder and its version.",
        "dimensions": "Dimensions of a vector, one byte each.",
        "codes": "The vectors of all sentences, one after the other, as signed bytes.",
    },
    "alignments": {
        "kind": "Kind of the link, as in `links`.",
        **PAIR_COLUMNS,
        "method": "What compared the sentences: an encoder, or `anchors`.",
        "extent": "Of a translation: `full`, `partial` or empty.",
        "a_start": "Start of each aligned sentence in text `a`, in characters.",
        "a_end": "End of each aligned sentence in text `a`.",
        "b_start": "Start of its counterpart in text `b`.",
        "b_end": "End of its counterpart in text `b`.",
        "likeness": "Similarity of the two sentences, 0 to 1.",
    },
    "health": {
        "outlet": "The outlet.",
        "day": "Day (UTC) to which the value belongs.",
        "run": "The run to which the value belongs.",
        "measure": "Name of the value: a column of `articles/accounting.py`, a sign of `articles/drift.py`, `sources`.",
        "value": "The value.",
    },
}

VIEW_COLUMNS: Mapping[str, str] = {  # what `irtysh pull` and a release add to the columns of `documents`
    "version": "Version number of the document, from 1.",
    "first_seen": "When the document was first seen, UTC; with `--all-versions`, when this version was.",
    "last_seen": "When it was last seen, UTC.",
    "gone": "Whether the source has since deleted the page (404 or 410).",
    "cluster_id": "Id of the document that represents all copies of the text.",
    "representative": "Whether this document represents its cluster.",
    "cluster_source": "The agency or outlet from which the text of the cluster comes; empty if no document names one.",
    "cluster_first": "Id of the document of the cluster that was published first.",
    "date_doubt": "Why `published` is implausible: it is long before the first sighting and no other evidence confirms it. "
    "Such a date does not decide who was first. Empty if there is no doubt.",
    "published_date": "The day of `published`, as the page states it; null if it states none.",
    "published_at": "The time of `published` in UTC; null if the page states no time, or no zone with it.",
    "published_precision": "How precise `published` is: `day`, `local_time` (no zone is stated), `time`; empty if there is none.",
}

REASONS: Mapping[Reason, str] = {  # values of the column `reason` of `rejections` and `fetches`
    Reason.BAD_URL: "Not an absolute http(s) URL.",
    Reason.ADDRESS_REFUSED: "The host has a private, loopback, link-local, metadata or reserved address.",
    Reason.ROBOTS_REFUSED: "robots.txt disallows the URL, or the host cannot serve its robots.txt now.",
    Reason.DNS_ERROR: "The host name does not resolve.",
    Reason.CONNECT_ERROR: "No connection could be made.",
    Reason.TLS_ERROR: "The TLS handshake failed.",
    Reason.TIMEOUT: "The host did not answer in time.",
    Reason.PARTIAL_BODY: "The connection closed before the announced length.",
    Reason.TOO_LARGE: "The body exceeds the size limit, before or after decompression.",
    Reason.REDIRECT_LOOP: "Too many redirects, or a redirect to a URL already visited.",
    Reason.HOST_SUSPENDED: (
        "The host refused too many requests in a row, or asked for payment (402). Nothing was requested."
    ),
    Reason.TAKEN_DOWN: "`irtysh takedown` removed the article from the store, so it is neither fetched nor kept again.",
    Reason.RESERVED: "With `--respect-optout skip`: the publisher reserves the use; the detail quotes the statement.",
    Reason.FETCH_ERROR: "Another error of fetching; the detail says which.",
    Reason.REDIRECTED: "A redirect. The target has a capture of its own.",
    Reason.HTTP_ERROR: "A status other than 2xx, 3xx, 404 and 410.",
    Reason.GONE: "404 or 410, or a page that says that it does not exist, whatever the status.",
    Reason.NOT_MODIFIED: "304: the page has not changed since the last fetch.",
    Reason.BLOCKED: "A bot wall, a captcha, a consent wall or a notice of maintenance, whatever the status.",
    Reason.PAYWALLED: "Only the start of the article is readable without payment.",
    Reason.PAYMENT_REQUIRED: "402: the host asks crawlers for payment; the detail has the price.",
    Reason.NOT_HTML: "The response is not an HTML page.",
    Reason.EMPTY: "The response has no body.",
    Reason.UNREADABLE: "The body is truncated, or cannot be decoded or parsed.",
    Reason.TOO_COSTLY: "Processing the page would take more time or memory than one page may.",
    Reason.NO_ARTICLE: "A home page, a section, a tag page or another page without an article.",
    Reason.OFF_TOPIC: "The article is not about the topic; the detail names the score and the words.",
    Reason.QUARANTINED: "The run of its outlet is in quarantine. The capture is processed again after release.",
}
