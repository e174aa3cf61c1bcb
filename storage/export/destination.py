"""Where a pull writes: a folder, one file, standard output, or a place in a bucket. Nothing is guessed."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from articles.errors import UsageError
from storage.export.formats import ENDINGS, FOLDER_ONLY, PullFormat

STANDARD_OUTPUT = "-"
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
FILE_ENDING = re.compile(r"\.[a-z]{2,8}[0-9]?", re.IGNORECASE)  # `.json`; a folder may be called `v1.2` or `2026.03`
S3 = "s3"


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination of a pull."""

    text: str  # as it was given
    form: PullFormat
    one_file: bool
    path: Path | None = None  # on this machine; None: standard output, or a bucket
    url: str = ""  # s3://bucket/prefix of the folder, or of the file

    @property
    def standard_output(self) -> bool:
        """Whether the documents go to standard output."""
        return self.path is None and not self.url


def parse(text: str, form: PullFormat | None) -> Destination:
    """Read a destination. `form` is the format that was asked for, or None.

    The ending of a file decides the format. A name that ends in `/` is a folder. Raises UsageError for what could mean
    two things, with both ways to say it.
    """
    if text == STANDARD_OUTPUT:
        if form in FOLDER_ONLY:
            raise UsageError(f"--format {form} writes a folder, which standard output cannot be; name a folder")
        return Destination(text, form or PullFormat.JSONL, one_file=True)
    if not text.strip():
        raise UsageError("the destination's name is empty; name a folder or a file, or '-' for standard output")
    scheme = SCHEME.match(text)
    url, path = "", Path(text).expanduser()
    if scheme is not None and scheme[1].lower() == "file":
        path = Path(unquote(urlsplit(text).path))
    elif scheme is not None and scheme[1].lower() == S3:
        if not re.match(r"s3://[^/]", text):
            raise UsageError(
                f"{text!r} is no place in a bucket; say s3://bucket/prefix, or ./{text} for a local folder"
            )
        url = text
    elif scheme is not None and "://" in text:
        raise UsageError(f"{text!r}: pull writes to a path, to s3://bucket/prefix or to '-', not to {scheme[1]}://")
    form, one_file = _form(text, path, form)
    return Destination(text, form, one_file, None if url else path, url)


def _form(text: str, path: Path, form: PullFormat | None) -> tuple[PullFormat, bool]:
    ending = path.suffix.lower()
    if ending in ENDINGS and path.is_dir() and not text.endswith("/"):
        raise UsageError(
            f"{text} is a folder, but its name ends like a file: say {text}/ to write into the folder, or choose another name"
        )
    if text.endswith("/") or not FILE_ENDING.fullmatch(ending) or path.is_dir():
        return form or PullFormat.PARQUET, False
    named = ENDINGS.get(ending)
    if named is None:
        known = ", ".join(sorted(ENDINGS))
        raise UsageError(
            f"{text}: no format of pull ends in {ending}. For one file, use one of {known}; for a folder of that name, "
            f"say {text}/"
        )
    if form is not None and form is not named:
        other = next((end for end, known in ENDINGS.items() if known is form), "")
        right = f"name the file {path.with_suffix(other).name}, or" if other else "for one file,"
        raise UsageError(
            f"{text} ends like a file in the format {named}, but --format says {form}: {right} leave --format out; for a "
            f"folder of that name, say {text}/"
        )
    return named, True
