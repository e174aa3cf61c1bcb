"""Write HTML files for the user."""

from pathlib import Path

from articles.errors import InputError, UsageError

ENDINGS = (".html", ".htm")
# The browser may load nothing but the page's own style, whatever a text smuggles in.
CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def check_html(path: Path | None) -> None:
    """Check the name of a page to write, before it is made. UsageError if it does not end like one."""
    if path is not None and path.suffix.lower() not in ENDINGS and not path.is_dir():
        raise UsageError(f"--html {path}: a page ends in .html; say --html {path.with_suffix(ENDINGS[0])}")


def write_html(path: Path, text: str) -> None:
    """Write an HTML page to a file. InputError if the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
