"""`irtysh outlets adopt` and `heal`: repair an outlet's file by what its pages show."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from articles.errors import InputError
from flows.exit_codes import DONE, FAILED
from flows.options import OUTLETS_VARIABLE, CommonOptions
from spiders import outlets as known

OWN_OUTLETS = Annotated[str, Parameter(env_var=OUTLETS_VARIABLE)]


def adopt(
    name: str,
    *,
    report: Path,
    fixtures: Path = Path("tests/outlets"),
    outlets: OWN_OUTLETS = "",
    common: CommonOptions = CommonOptions(),
) -> int:
    """Adopt the repair and the pages of a live check.

    `irtysh outlets check --all --report DIR` keeps the pages and the proposed patch. The patch is written into the outlet's
    file; then the pages are added to its fixtures with what is extracted from them. Check both before you commit them.

    Example: `irtysh outlets adopt tengrinews --report live`

    Example: `irtysh outlets adopt steppe --report live --outlets my-outlets`

    Parameters
    ----------
    name
        Name of the outlet.
    report
        Folder that the check wrote.
    fixtures
        Folder with a folder of test pages for each outlet.
    outlets
        File or folder with outlets of your own, in addition to the built-in ones.
    """
    from flows.outlets import adopt as adoption  # noqa: PLC0415  parsing pages is needed here only
    from flows.outlets import check_all, proposals  # noqa: PLC0415

    console, outlet = common.console(), known.find(name, outlets)
    pages = check_all.pages_in(report / name)
    found = check_all.read(report / name / check_all.REPORT_FILE)
    path = proposals.file_of(outlet, outlets)
    if found.proposals and any(one.selector not in getattr(outlet, one.attribute) for one in found.proposals):
        proposals.apply(path, found.proposals)
        known.load.cache_clear()
        outlet = known.find(name, outlets)
    added = adoption.add_fixtures(outlet, pages, fixtures)
    for one in found.proposals:
        console.note("adopted", f"{path}: {one}", file=str(path))
    for page in added:
        console.note("added", f"{page}: check what was extracted before you rely on it", file=str(page))
    if not found.proposals and not added:
        raise InputError(f"the check of {name} in {report} has neither new pages nor a proposal; nothing was changed")
    return DONE


def heal(
    name: str,
    *,
    adopt: Annotated[bool, Parameter(negative="")] = False,
    outlets: OWN_OUTLETS = "",
    common: CommonOptions = CommonOptions(),
) -> int:
    """Propose selectors for an outlet whose site was redesigned.

    A run of the outlet is in quarantine. If its pages agree among themselves, the elements that hold their articles become selectors. They are proposed only
    if they find what the general rules find, and the text of earlier versions of the same articles. `--adopt` writes them
    into the outlet's file. The next `irtysh process` judges the run again by the changed file.

    Example: `irtysh outlets heal tengrinews`

    Example: `irtysh outlets heal tengrinews --json`

    Parameters
    ----------
    name
        Name of the outlet.
    adopt
        Write the proposed selectors into the outlet's file.
    outlets
        File or folder with outlets of your own, in addition to the built-in ones.
    """
    from flows.outlets import proposals  # noqa: PLC0415  parsing pages is needed here only
    from flows.outlets.heal import repair  # noqa: PLC0415

    console, outlet = common.console(), known.find(name, outlets)
    found = repair(common.open(), outlet)
    path = proposals.file_of(outlet, outlets)
    change = proposals.patch(path, found.proposals)
    if adopt and found.proposals:
        proposals.apply(path, found.proposals)
    adopted = adopt and bool(found.proposals)
    if console.as_json:
        console.json({"name": name, "runs": found.runs, "pages": found.pages, "patch": change, "adopted": adopted,
                      "proposals": [asdict(one) for one in found.proposals]})  # fmt: skip
        return DONE if found.proposals else FAILED
    if not found.proposals:
        console.text(
            f"{name}: {found.pages} pages of {', '.join(found.runs)} do not agree on elements that hold their articles; "
            f"repair {path} by hand, or release the run: irtysh outlets release {name}",
            style="yellow",
        )
        return FAILED
    for one in found.proposals:
        console.text(f"{name}: {one}")
    console.text(change)
    console.text(
        f"{path} changed; next: irtysh process" if adopted else f"To adopt: irtysh outlets heal {name} --adopt"
    )
    return DONE
