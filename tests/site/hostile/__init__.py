"""Named resources, one for each fault. Importing this package registers all of them."""

from tests.site.hostile import charsets, contents, redirects, transport, walls
from tests.site.hostile.redirects import FORBIDDEN
from tests.site.hostile.registry import RESOURCES, Resource, answer, article_of
from tests.site.hostile.walls import WALLS

__all__ = [
    "FORBIDDEN",
    "RESOURCES",
    "WALLS",
    "Resource",
    "answer",
    "article_of",
    "charsets",
    "contents",
    "redirects",
    "transport",
    "walls",
]
