"""Write HTML files for the user."""

from pathlib import Path

from articles.errors import InputError

# The browser may load nothing but the page's own style, whatever a text smuggles in.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_html(path: Path, text: str) -> None:
    """Write an HTML page to a file. InputError if the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
