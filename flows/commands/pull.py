"""`irtysh pull` and `irtysh release`: export a snapshot to a folder, or publish it in the store."""

import sys
from dataclasses import asdict
from functools import partial
from typing import Annotated

from cyclopts import Parameter

from articles.counting import many
from articles.errors import UsageError
from articles.metadata.reservations import Use
from flows.display.console import Console
from flows.display.left_out import sentence
from flows.display.none_found import NO_DOCUMENTS, unknown
from flows.exit_codes import DONE
from flows.options import CommonOptions, RunOptions, languages, now, ref_and_destination
from storage.export.deliver import deliver
from storage.export.destination import parse
from storage.export.formats import PullFormat
from storage.export.published import DateRange
from storage.export.pull import PullReport
from storage.export.selection import Selection
from storage.snapshots.catalog import names_snapshot, resolve
from storage.snapshots.contents import load_tables
from storage.tables.log_reader import LogReader

BINARY = frozenset({PullFormat.PARQUET, PullFormat.XLSX, PullFormat.SQLITE})
STANDARD_OUTPUT_PATHS = frozenset({"-", "/dev/stdout"})


def pull(
    *ref_and_dest: Annotated[str, Parameter(name="[REF] DEST", allow_leading_hyphen=False)],
    format: PullFormat | None = None,  # noqa: A002  the option's name
    lang: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    outlet: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    published: str = "",
    query: str = "",
    all_versions: Annotated[bool, Parameter(negative="")] = False,
    with_duplicates: Annotated[bool, Parameter(negative="")] = False,
    with_review: Annotated[bool, Parameter(negative="")] = False,
    topic_min: float = 0.0,
    changed_since: str = "",
    since: Annotated[str, Parameter(show=False)] = "",
    purpose: Use | None = None,
    text_header: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write a snapshot to a folder, a file, standard output or a bucket.

    By default the result has the newest text of every article, and one document per cluster of duplicates. All checksums
    are verified. The result appears only when it is complete. After an interruption, the same command continues.

    The ending of DEST decides the format: .parquet, .jsonl, .csv, .xlsx, .txt, .sqlite. A DEST without one is a folder. `-`
    is standard output, as JSON Lines unless --format says otherwise; s3://bucket/prefix is a folder in a bucket.

    Example: `irtysh pull latest corpus --lang kk`

    Example: `irtysh pull latest march.xlsx --published 2026-03 --outlet tengrinews`

    Parameters
    ----------
    ref_and_dest
        The snapshot (`latest`, a number, a tag or a date; default `latest`), and where to write.
    format
        Format of the output. Default: what the ending of DEST says; for a folder, parquet. `hf` is a folder for the Hugging
        Face Hub, `text` a folder of plain texts, `csv` and `xlsx` are for spreadsheets.
    lang
        Only documents in this language, as an ISO 639-1 code: `kk`. Can be repeated.
    outlet
        Only documents of this outlet: `tengrinews`. Can be repeated.
    published
        Only documents published then: a year, a month, a day, or FROM..TO with both included: `2026-01..2026-03`.
    query
        Only documents whose title or text has all of these words, also inside longer words. Quotation marks keep words
        together.
    all_versions
        Include every version of a document, not only the newest.
    with_duplicates
        Include all documents of a cluster of duplicates, not only its representative.
    with_review
        Include documents that need review because their topic is in doubt; see `irtysh topic review`.
    topic_min
        Minimum topic score, 0 to 1. The topic accepts from 0.5 on, so only higher values leave documents out.
    changed_since
        An earlier snapshot (number, tag or date): write only documents that are new or changed since.
    purpose
        Leave out documents whose publishers reserve this use by a signal that Irtysh reads.
    text_header
        Begin each plain text with lines that name its title, URL, outlet, language, date and authors.
    """
    if since:
        raise UsageError(
            f"pull has no --since, which is for dates of articles elsewhere: say --changed-since {since} for what is new since "
            f"that snapshot, or --published {since}.. for what was published since"
        )
    selection = Selection(
        languages(lang),
        all_versions,
        with_duplicates,
        with_review,
        _score(topic_min),
        purpose,
        frozenset(outlet),
        DateRange.parse(published) if published else None,
        query,
    )
    console, log = common.console(), LogReader(common.open_existing())
    ref, word = ref_and_destination(ref_and_dest, "pull", "destination", partial(names_snapshot, log))
    dest = parse("-" if word in STANDARD_OUTPUT_PATHS else word, format)
    if text_header and dest.form is not PullFormat.TEXT:
        raise UsageError(
            f"--text-header is for plain texts, and {word} gets {dest.form}; add --format text, or leave it out"
        )
    if dest.standard_output and dest.form in BINARY and sys.stdout.isatty():
        raise UsageError(f"a terminal cannot show {dest.form}; name a file, or pipe it into a program")
    if dest.standard_output and common.json:
        raise UsageError("--json and the destination '-' both write to standard output; leave one of them out")
    number = resolve(log, ref)
    with console.live():
        pulled = deliver(
            log,
            number,
            dest,
            selection=selection,
            since=resolve(log, changed_since) if changed_since else None,
            progress=lambda done, size: console.progress("pulling, bytes", done, size),
            header=text_header,
        )
    _report(console, log, pulled, selection, "standard output" if dest.standard_output else word)
    return DONE


def _report(console: Console, log: LogReader, pulled: PullReport, selection: Selection, place: str) -> None:
    unit = "version" if selection.all_versions else "document"
    missing = sentence(pulled.left_out)
    console.note(
        "pulled",
        f"{many(pulled.documents, unit)} of snapshot {pulled.snapshot}, which has {many(pulled.whole, 'document')}, in {place} "
        f"(digest {pulled.digest})" + (f"; {missing}" if missing else ""),
        **{**asdict(pulled), "path": place},
    )
    if pulled.documents:
        return
    if not pulled.whole:
        console.note("empty", NO_DOCUMENTS)
        return
    there = load_tables(log.store, log.state(pulled.snapshot), ("outlet", "lang"), links=False).documents
    said = unknown("--outlet", selection.outlets, there["outlet"].unique().to_pylist())
    said += unknown("--lang", selection.langs, there["lang"].unique().to_pylist())
    hint = "; ".join(said) or "`irtysh show` lists its languages and outlets"
    if pulled.left_out.get("topic_min"):
        hint = f"the highest topic score is {pulled.highest_score:.3f}, and --topic-min says {selection.topic_min:g}"
    console.note("empty", f"no document of the snapshot matches: {missing or 'it has none'}; {hint}")


def _score(topic_min: float) -> float:
    if not 0 <= topic_min <= 1:
        raise UsageError(f"--topic-min {topic_min:g}: the score must be from 0 to 1")
    return topic_min


def release(
    ref: str,
    name: str,
    *,
    note: str = "",
    purpose: Use | None = None,
    non_consumptive: Annotated[bool, Parameter(negative="")] = False,
    common: CommonOptions = CommonOptions(),
    running: RunOptions = RunOptions(),
) -> int:
    """Publish a snapshot in the store as a plain data set.

    A release has Parquet files (documents, links, versions, coverage by outlet and day), a card that `datasets.load_dataset` reads,
    descriptions (Croissant, Frictionless, RO-Crate, DataCite), how to cite it, and checksums. They lie in a folder that is named by their content; the file
    SHA256SUMS beside it, written last, says which folder is the release. The name of a release cannot be used again. If
    the command is interrupted, run it again: it continues within 14 days.

    Example: `irtysh release latest 2026-03 --note "Corpus of the March paper"`

    Example: `irtysh release paper-1 paper-1 --purpose research`

    Example: `irtysh release paper-1 paper-1-words --non-consumptive`

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
    non_consumptive
        Leave the running texts out: metadata, hashes, links and counts of words can be shared where texts cannot. Whoever has
        the captures puts the texts back with `irtysh rebuild --from-release`.
    """
    from flows.deployment.prefect_api import run  # noqa: PLC0415  a pull needs neither
    from flows.release import ReleaseReport  # noqa: PLC0415  likewise
    from flows.release import release as publish  # noqa: PLC0415  likewise

    console, log = common.console(), LogReader(common.open_existing())
    number = resolve(log, ref)
    with console.live():
        parameters: dict[str, str | bool | None] = {
            "ref": str(number),
            "name": name,
            "note": note,
            "store": common.store,
        }
        parameters |= {"purpose": purpose, "non_consumptive": non_consumptive}
        published: ReleaseReport | None = run("release", console, parameters, directly=running.no_prefect)
        if published is None:
            published = publish(
                log,
                number,
                name,
                note=note,
                now=now(),
                listener=console,
                purpose=purpose,
                non_consumptive=non_consumptive,
            )
    console.note(
        "released",
        f"release {published.name}: {published.documents:,} documents of snapshot {published.snapshot}, "
        f"{len(published.files)} files under {log.store.url}/{published.prefix}/{published.folder}",
        **asdict(published),
    )
    return DONE
