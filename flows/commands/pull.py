"""`irtysh pull` and `release`: a snapshot, or a part of it, out of the store."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import UsageError
from flows.deployment.prefect_api import run
from flows.exit_codes import DONE
from flows.options import CommonOptions, RunOptions, now
from flows.release import ReleaseReport
from flows.release import release as publish
from storage.export.formats import PullFormat
from storage.export.pull import pull as fetch
from storage.export.selection import Selection
from storage.snapshots.catalog import LATEST, resolve
from storage.tables.log_reader import LogReader


def pull(
    *ref_and_dest: Annotated[str, Parameter(name="[REF] DEST", allow_leading_hyphen=False)],
    format: PullFormat | None = None,  # noqa: A002  the option's name
    lang: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    all_versions: Annotated[bool, Parameter(negative="")] = False,
    with_duplicates: Annotated[bool, Parameter(negative="")] = False,
    with_review: Annotated[bool, Parameter(negative="")] = False,
    topic_min: float = 0.0,
    since: str = "",
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write a snapshot to a folder: by default the newest text of every article, once.

    What was fetched is checked against its checksums; the folder appears whole or not at all, and a pull that was
    interrupted does not fetch again what it had.

    Parameters
    ----------
    ref_and_dest
        Which snapshot (`latest`, a number, a tag or a date; `latest` if only one word is given) and the folder, or a
        file that ends in .jsonl.
    format
        parquet, jsonl or text; by default jsonl for a file that ends in .jsonl, else parquet.
    lang
        Only documents in this language, as an ISO 639-1 code; may be given several times.
    all_versions
        Every text that a document has had, not only the newest.
    with_duplicates
        Documents for which another one stands too.
    with_review
        Documents that fell a little short of their topic too; `irtysh topic review` lists them.
    topic_min
        The least topic score, 0 to 1; .5 is what acceptance asks for.
    since
        Only what this earlier snapshot did not have.
    """
    if not 0 <= topic_min <= 1:
        raise UsageError(f"--topic-min {topic_min:g}: a score from 0 to 1 is needed")
    ref, dest = _words(ref_and_dest)
    console, log = common.console(), LogReader(common.open())
    number = resolve(log, ref)
    with console.live():
        pulled = fetch(
            log,
            number,
            dest,
            form=format or (PullFormat.JSONL if dest.suffix == ".jsonl" else PullFormat.PARQUET),
            wish=Selection(frozenset(lang), all_versions, with_duplicates, with_review, topic_min),
            since=resolve(log, since) if since else None,
            progress=lambda done, size: console.progress("pulling, bytes", done, size),
        )
    console.note(
        "pulled",
        f"{pulled.documents} documents of snapshot {pulled.snapshot} in {dest} (digest {pulled.digest})",
        **{**asdict(pulled), "path": str(dest)},
    )
    if not pulled.documents and (lang or topic_min):
        console.note("empty", "nothing in the snapshot fits --lang and --topic-min; `irtysh show` lists its languages")
    return DONE


def release(
    ref: str, name: str, *, note: str = "", common: CommonOptions = CommonOptions(), running: RunOptions = RunOptions()
) -> int:
    """Publish a snapshot in the store as a plain data set: Parquet, a card, checksums. A name is given once.

    Parameters
    ----------
    ref
        `latest`, a number, a tag or a date.
    name
        Letters, digits, `.`, `_` and `-`.
    note
        A sentence for the data set's card.
    """
    console, log = common.console(), LogReader(common.open())
    number = resolve(log, ref)
    with console.live():
        parameters = {"ref": str(number), "name": name, "note": note, "store": common.store}
        made: ReleaseReport | None = run("release", console, parameters, directly=running.no_prefect)
        if made is None:
            made = publish(log, number, name, note=note, now=now(), listener=console)
    console.note(
        "released",
        f"release {made.name}: {made.documents} documents of snapshot {made.snapshot}, {len(made.files)} files under "
        f"{log.store.url}/{made.prefix}",
        **asdict(made),
    )
    return DONE


def _words(words: tuple[str, ...]) -> tuple[str, Path]:
    match words:
        case (dest,):
            return LATEST, Path(dest)
        case (ref, dest):
            return ref, Path(dest)
        case _:
            raise UsageError("pull takes [REF] DEST: the folder to write, and before it the snapshot if not the latest")
