"""`irtysh pull` and `irtysh release`: export a snapshot to a folder, or publish it in the store."""

from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from articles.errors import UsageError
from articles.metadata.reservations import Use
from flows.deployment.prefect_api import run
from flows.exit_codes import DONE
from flows.options import CommonOptions, RunOptions, now, ref_and_destination
from flows.release import ReleaseReport
from flows.release import release as publish
from storage.export.formats import PullFormat
from storage.export.pull import pull as fetch
from storage.export.selection import Selection
from storage.snapshots.catalog import resolve
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
    purpose: Use | None = None,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write a snapshot to a folder as Parquet, JSON Lines or text.

    By default the result has the newest text of every article, and one document per cluster of duplicates. All checksums
    are verified. The folder appears only when it is complete. After an interruption, the same command continues.

    Example: `irtysh pull latest corpus --lang kk`

    Parameters
    ----------
    ref_and_dest
        The snapshot (`latest`, a number, a tag or a date; default `latest`), and a folder or a .jsonl file.
    format
        Format of the output. Default: jsonl if DEST ends in .jsonl, else parquet.
    lang
        Only documents in this language, as an ISO 639-1 code: `kk`. Can be repeated.
    all_versions
        Include every version of a document, not only the newest.
    with_duplicates
        Include all documents of a cluster of duplicates, not only its representative.
    with_review
        Include documents that need review because their topic is in doubt; see `irtysh topic review`.
    topic_min
        Minimum topic score, 0 to 1. The topic accepts from 0.5 on, so only higher values leave documents out.
    since
        An earlier snapshot (number, tag or date): write only documents that it does not have.
    purpose
        Leave out documents whose publishers reserve this use by a signal that Irtysh reads.
    """
    if not 0 <= topic_min <= 1:
        raise UsageError(f"--topic-min {topic_min:g}: the score must be from 0 to 1")
    ref, dest = ref_and_destination(ref_and_dest, "pull", "folder")
    console, log = common.console(), LogReader(common.open())
    number = resolve(log, ref)
    with console.live():
        pulled = fetch(
            log,
            number,
            dest,
            form=format or (PullFormat.JSONL if dest.suffix == ".jsonl" else PullFormat.PARQUET),
            selection=Selection(frozenset(lang), all_versions, with_duplicates, with_review, topic_min, purpose),
            since=resolve(log, since) if since else None,
            progress=lambda done, size: console.progress("pulling, bytes", done, size),
        )
    console.note(
        "pulled",
        f"{pulled.documents:,} documents of snapshot {pulled.snapshot} in {dest} (digest {pulled.digest})",
        **{**asdict(pulled), "path": str(dest)},
    )
    if not pulled.documents and (lang or topic_min):
        console.note(
            "empty", "no document of the snapshot matches --lang and --topic-min; `irtysh show` lists its languages"
        )
    return DONE


def release(
    ref: str,
    name: str,
    *,
    note: str = "",
    purpose: Use | None = None,
    common: CommonOptions = CommonOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Publish a snapshot in the store as a plain data set.

    A release has Parquet files, a data card and checksums. The name of a release cannot be used again.

    Example: `irtysh release latest 2026-03 --note "Corpus of the March paper"`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    name
        Name of the release: letters, digits, `.`, `_` and `-`.
    note
        A sentence for the data card.
    purpose
        Leave out documents whose publishers reserve this use by a signal that Irtysh reads. The card states it.
    """
    console, log = common.console(), LogReader(common.open())
    number = resolve(log, ref)
    with console.live():
        parameters = {"ref": str(number), "name": name, "note": note, "store": common.store, "purpose": purpose}
        published: ReleaseReport | None = run("release", console, parameters, directly=running.no_prefect)
        if published is None:
            published = publish(log, number, name, note=note, now=now(), listener=console, purpose=purpose)
    console.note(
        "released",
        f"release {published.name}: {published.documents:,} documents of snapshot {published.snapshot}, "
        f"{len(published.files)} files under {log.store.url}/{published.prefix}",
        **asdict(published),
    )
    return DONE
