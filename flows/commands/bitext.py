"""`irtysh bitext`: the translations of a snapshot as a parallel corpus."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import InputError, UsageError
from flows.exit_codes import DONE
from flows.options import CommonOptions
from storage.export.bitext import BitextFormat, export
from storage.snapshots.catalog import LATEST, resolve
from storage.tables.log_reader import LogReader

PAIR = re.compile(r"([a-z]{2})-([a-z]{2})")


def bitext(
    *ref_and_dest: Annotated[str, Parameter(name="[REF] DEST", allow_leading_hyphen=False)],
    pair: str,
    format: BitextFormat | None = None,  # noqa: A002  the option's name
    min_score: float = 0.0,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write the sentences of translations with those of their originals: a parallel corpus, as TMX or JSON lines.

    Each pair of sentences tells the addresses, documents and versions that it stands in, how alike the two are and what
    links the documents. Of texts that were reprinted one is taken.

    Parameters
    ----------
    ref_and_dest
        Which snapshot (`latest`, a number, a tag or a date; `latest` if only one word is given) and the file to write.
    pair
        Two languages as ISO 639-1 codes, the source first: ru-en.
    format
        tmx or jsonl; by default what the file's name ends in.
    min_score
        The least likeness of two sentences, 0 to 1. Those paired by their place between others alone have 0.
    """
    ref, dest = _words(ref_and_dest)
    langs = PAIR.fullmatch(pair.lower())
    if langs is None or langs[1] == langs[2]:
        raise InputError(f"--pair {pair}: two languages are needed, like ru-en")
    if not 0 <= min_score <= 1:
        raise InputError(f"--min-score {min_score:g}: it lies between 0 and 1")
    if dest.is_dir():
        raise UsageError(f"{dest} is a folder; a file is needed")
    console, log = common.console(), LogReader(common.open())
    with console.live():
        made = export(
            log,
            resolve(log, ref),
            dest,
            langs=(langs[1], langs[2]),
            form=format or _form(dest),
            least=min_score,
            progress=lambda done, whole: console.progress("exporting, documents", done, whole),
        )
    console.note(
        "exported",
        f"{made.units} pairs of sentences from {made.documents} translations of snapshot {made.snapshot} in {dest} "
        f"(digest {made.digest})",
        **{**asdict(made), "path": str(dest)},
    )
    if not made.units:
        console.note(
            "empty", f"no translation in the snapshot joins {langs[1]} and {langs[2]}; `irtysh show --links` lists them"
        )
    return DONE


def _form(dest: Path) -> BitextFormat:
    try:
        return BitextFormat(dest.suffix.lstrip(".").lower())
    except ValueError as error:
        raise UsageError(f"{dest}: say --format tmx or --format jsonl, or let the name end so") from error


def _words(words: tuple[str, ...]) -> tuple[str, Path]:
    match words:
        case (dest,):
            return LATEST, Path(dest)
        case (ref, dest):
            return ref, Path(dest)
        case _:
            raise UsageError("bitext takes [REF] DEST: the file to write, and before it the snapshot if not the latest")
