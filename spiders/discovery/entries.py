"""Entries of feeds, sitemaps and listings, as their source states them."""

from dataclasses import dataclass, field

MAX_TEXT_CHARS = 2 << 20  # of an entry's text; the longest speeches of a president are a tenth of it


@dataclass(frozen=True, slots=True)
class FeedText:
    """The article text of a feed entry."""

    title: str
    html: str
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One entry of a feed, sitemap or listing; dates are the strings of the source, empty if it gives none."""

    url: str
    published: str = ""
    modified: str = ""
    nested: bool = False  # the URL is that of a sitemap
    nearby: str = ""  # a date near the link, maybe of another article: enough to tell how old a page of a listing is
    text: FeedText | None = field(default=None, repr=False)  # only with `full_text`

    @property
    def date(self) -> str:
        """The date of publication, or else of the last change."""
        return self.published or self.modified
