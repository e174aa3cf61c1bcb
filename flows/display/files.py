"""Files of the user's that commands write."""

from pathlib import Path

from articles.errors import InputError


def write_html(path: Path, text: str) -> None:
    """Write an HTML page to a file of the user's. InputError if it can't be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="xmlcharrefreplace")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
