"""Named resources for each bad behaviour; importing this registers them all."""

from tests.site.hostile import contents, redirects, transport
from tests.site.hostile.contents import WALLS
from tests.site.hostile.redirects import FORBIDDEN
from tests.site.hostile.registry import RESOURCES, Resource, answer, article_of

__all__ = ["FORBIDDEN", "RESOURCES", "WALLS", "Resource", "answer", "article_of", "contents", "redirects", "transport"]
