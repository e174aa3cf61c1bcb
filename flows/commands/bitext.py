"""`irtysh bitext`: export the translations of a snapshot as a parallel corpus."""

import re
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.counting import many
from articles.errors import InputError, UsageError
from flows.exit_codes import DONE
from flows.options import CommonOptions, ref_and_destination
from storage.export.bitext import BitextFormat, export
from storage.snapshots.catalog import names_snapshot, resolve
from storage.tables.log_reader import LogReader

PAIR = re.compile(r"([a-z]{2})-([a-z]{2})")


def bitext(
    *ref_and_dest: Annotated[str, Parameter(name="[REF] DEST", allow_leading_hyphen=False)],
    pair: str,
    format: BitextFormat | None = None,  # noqa: A002  the option's name
    min_score: float = 0.0,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Export the translations of a snapshot as a parallel corpus.

    The file is TMX or JSON Lines. Each unit is a sentence and its translation, with the URLs, documents and versions that
    they come from, their similarity and the kind of the link. Of reprinted texts only one is exported.

    Example: `irtysh bitext latest corpus.tmx --pair ru-en`

    Example: `irtysh bitext latest corpus.jsonl --pair kk-ru --min-score 0.6`

    Parameters
    ----------
    ref_and_dest
        The snapshot (`latest`, a number, a tag or a date; default `latest`) and the file to write.
    pair
        Two languages as ISO 639-1 codes, the source language first: `ru-en`.
    format
        Format of the file. Default: the ending of its name, .tmx or .jsonl.
    min_score
        Minimum similarity of two sentences, 0 to 1. Sentences that were paired by position alone have 0.
    """
    langs = PAIR.fullmatch(pair.lower())
    if langs is None or langs[1] == langs[2]:
        raise InputError(f"--pair {pair}: give two different languages, for example ru-en")
    if not 0 <= min_score <= 1:
        raise InputError(f"--min-score {min_score:g}: the score must be from 0 to 1")
    console, log = common.console(), LogReader(common.open_existing())
    ref, word = ref_and_destination(ref_and_dest, "bitext", "file", partial(names_snapshot, log))
    if re.match(r"[A-Za-z][\w+.-]+:", word):
        raise UsageError(f"{word!r}: bitext writes a file on this machine; give its path, or say ./{word}")
    dest = Path(word)
    if dest.is_dir():
        raise UsageError(f"{dest} is a folder; give the name of a file")
    with console.live():
        report = export(
            log,
            resolve(log, ref),
            dest,
            langs=(langs[1], langs[2]),
            form=format or _form(dest),
            min_likeness=min_score,
            progress=lambda done, whole: console.progress("exporting, documents", done, whole),
        )
    console.note(
        "exported",
        f"{many(report.units, 'sentence pair')} from {many(report.documents, 'translation')} of snapshot {report.snapshot} in {dest} "
        f"(digest {report.digest})",
        **{**asdict(report), "path": str(dest)},
    )
    if not report.units:
        console.note(
            "empty",
            f"the snapshot links no translation between {langs[1]} and {langs[2]}; `irtysh show --links` lists the links",
        )
    return DONE


def _form(dest: Path) -> BitextFormat:
    try:
        return BitextFormat(dest.suffix.lstrip(".").lower())
    except ValueError as error:
        raise UsageError(
            f"{dest}: unknown ending; give --format tmx or --format jsonl, or a name that ends in .tmx or .jsonl"
        ) from error
