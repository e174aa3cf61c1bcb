"""Render HTML pages from the templates in `flows/display/templates`: one frame and one style, all text escaped."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from articles.harmless import harmless
from flows.display.files import CONTENT_SECURITY_POLICY

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render_page(template: str, **values: Any) -> str:
    """Return a self-contained page: no script runs, and nothing is loaded from elsewhere."""
    return _environment().get_template(template).render(policy=CONTENT_SECURITY_POLICY, **values)


def _shown(value: Any) -> Any:
    """Return a value as a page shows it: texts without characters that turn the direction of writing, for example."""
    return harmless(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  takes 50 ms

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
