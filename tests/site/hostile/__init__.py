"""Named resources for each bad behaviour; importing this registers them all."""

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
