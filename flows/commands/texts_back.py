"""`irtysh rebuild --from-release`: put the texts back into a release that was published without them."""

from dataclasses import asdict
from pathlib import Path

from articles.counting import many
from articles.errors import InputError
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.options import CommonOptions, OutletOptions, ProcessOptions
from flows.rebuilt_release import RebuiltRelease, rebuild_release

NAMED_URLS = 10  # of each kind in the text; --json has all


def run(
    release: Path | None,
    to: Path | None,
    common: CommonOptions,
    processing: ProcessOptions,
    extracting: OutletOptions,
    *,
    others: bool,
) -> int:
    """Rebuild the texts, print the result and return the exit code: 1 if a text is not there."""
    if release is None or to is None:
        raise InputError(
            "--from-release FOLDER and --to NEW belong together: the release without texts, and a new folder"
        )
    if others:
        raise InputError(
            "--from-release changes nothing in the store: give none of --compare, --approve, --leave-out with it"
        )
    console = common.console()
    with console.live():
        done = rebuild_release(
            common.open_existing(), release, to, console, workers=processing.workers, outlets=extracting.outlets
        )
    if console.as_json:
        console.json({**asdict(done), "path": str(done.path), "ok": done.rebuilt == done.documents})
    else:
        _print(console, done)
    return DONE if done.rebuilt == done.documents else FAILED


def _print(console: Console, done: RebuiltRelease) -> None:
    kinds = {
        "the captures give another text (they are of another time, or were read by other rules)": done.other,
        "the store has no capture that can be read; `irtysh import` adds some, and `irtysh ingest --from-archive`": done.missing,
    }
    for key in done.damaged:
        console.text(f"{key} is lost or damaged, and may have held some of the texts: see `irtysh verify`")
    for why, urls in kinds.items():
        if urls:
            console.text(f"{many(len(urls), 'URL')}: {why}")
            for url in urls[:NAMED_URLS]:
                console.text(f"    {url}")
            if len(urls) > NAMED_URLS:
                console.text(f"    and {len(urls) - NAMED_URLS:,} more: --json names all")
    proof = "; the files are those of the full release, byte for byte" if done.same_files else ""
    console.text(f"{done.rebuilt:,} of {many(done.documents, 'text')} put back into {done.path}{proof}", style="bold")
