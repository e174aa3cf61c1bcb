"""Prefect flows that keep a store in order: `verify`, `optimize` and `gc`. `infra/prefect.yaml` gives each a schedule."""

from typing import Any

from prefect import State, flow
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from articles.counting import many
from articles.errors import CorruptError
from articles.harmless import harmless
from flows.deployment.settling import opened, sign_of_life
from flows.optimize import optimize as join_packs
from flows.options import CommonOptions, is_empty, now, randomness, resolved_store
from flows.processing.table import CODE_VERSION
from flows.verifying import check
from storage.clock import check_clock
from storage.snapshots.gc import gc as collect
from storage.tables.log_reader import LogReader

MAX_NAMED = 5  # problems that the message of a state names; the run log has all of them


@flow(name="verify")
def verify(*, store: str = "", ref: str = "latest", deep: bool = True, outlets: str = "") -> State[Any]:
    """Verify the checksum of every file and capture of a snapshot.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        ref: Snapshot to verify: `latest`, a number, a tag or a date.
        deep: Also prove every document from its capture.
        outlets: File or folder of outlets in addition to the built-in ones.
    """
    url = resolved_store(store)
    corpus = opened(url)
    if is_empty(corpus):
        return Completed(message=f"{url} is empty: there is nothing to verify.")
    console = CommonOptions(store=url, quiet=True).console()
    with sign_of_life(corpus, []):
        try:
            problems = check(corpus, ref, console, deep=deep, workers=None, outlets=outlets)[0].problems
        except CorruptError as error:
            problems = (harmless(str(error)),)
    for problem in problems:
        get_run_logger().error("%s", problem)
    if not problems:
        return Completed(message=f"{ref} has no problems.")
    more = f"; and {len(problems) - MAX_NAMED} more" if len(problems) > MAX_NAMED else ""
    return Failed(message=f"{many(len(problems), 'problem')}: {'; '.join(problems[:MAX_NAMED])}{more}")


@flow(name="optimize")
def optimize(*, store: str = "") -> State[Any]:
    """Join small files of the newest snapshot into large ones, in a new snapshot with the same rows.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
    """
    url = resolved_store(store)
    corpus = opened(url)
    if is_empty(corpus):
        return Completed(message=f"{url} is empty: there is nothing to join.")
    console = CommonOptions(store=url, quiet=True).console()
    with sign_of_life(corpus, []):
        found = join_packs(corpus, now, randomness(), console, CODE_VERSION, dry_run=False)
    if found.snapshot is None:
        return Completed(message="There is nothing to join: no table has two small files.")
    before, after = sum(one.before for one in found.tables), sum(one.after for one in found.tables)
    return Completed(message=f"{many(before, 'file')} joined to {after:,} in snapshot {found.snapshot}.")


@flow(name="gc")
def gc(*, store: str = "", delete: bool = False) -> State[Any]:
    """List files that belong to no snapshot, or remove them.

    Args:
        store: Path or s3://bucket/prefix of the store. Default: IRTYSH_STORE on the machine of the run.
        delete: Remove the files. Only the store's owner may delete: see docs/operating.md.
    """
    corpus = opened(resolved_store(store))
    if delete:
        check_clock(corpus, now())
    with sign_of_life(corpus, []):
        found = collect(LogReader(corpus), now(), dry_run=not delete)
    for key in found.keys:
        get_run_logger().info("%s", key)
    return Completed(
        message=f"{many(len(found.keys), 'file')}, {many(found.size, 'byte')} {'removed' if delete else 'can be removed'}"
    )
