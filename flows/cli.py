"""The command line: `irtysh`. What each command does stands in `flows.commands`, loaded only when it is asked for.

Exit codes: 0 done; 1 some URLs failed (each is named) or the store failed; 2 wrong usage or configuration;
130 interrupted.
"""

import sys

from cyclopts import App, CycloptsError

from articles.errors import IrtyshError, UsageError

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

# name: (where it lives, what it does)
COMMANDS = {
    "crawl": ("flows.commands.crawl:crawl", "Fetch a list of URLs, process them and make a snapshot."),
    "ingest": ("flows.commands.ingest:ingest", "Find, fetch and process what known outlets have published."),
    "plan": ("flows.commands.plan:plan", "Say what a run would ask of an outlet now."),
    "import": ("flows.commands.process:import_", "Take captures made elsewhere: WARC files."),
    "process": ("flows.commands.process:process", "Take captures that no snapshot has consumed into snapshots."),
    "rebuild": (
        "flows.commands.process:rebuild",
        "Make fresh tables from all captures, read by the code, outlets and profiles in force now.",
    ),
    "learn": (
        "flows.commands.learn:learn",
        "Learn what a site's pages repeat, to strike it from texts processed from now on.",
    ),
    "explain": ("flows.commands.explain:explain", "Show what each block of a page became, and why."),
    "outlets list": ("flows.commands.outlets:list_outlets", "List the outlets that Irtysh knows, and how they do."),
    "outlets check": ("flows.commands.outlets:check", "Probe an outlet live, and say what does not fit its file."),
    "outlets new": ("flows.commands.outlets:new", "Write a new outlet's file from what its site shows."),
    "outlets release": ("flows.commands.outlets:release", "Let a run in that is held: it does not look like before."),
    "snapshots": ("flows.commands.snapshots:snapshots", "List the snapshots."),
    "show": ("flows.commands.snapshots:show", "Show what a snapshot holds: documents, rejections, links."),
    "diff": ("flows.commands.snapshots:diff", "Show which documents differ between two snapshots."),
    "tag": ("flows.commands.snapshots:tag", "Give a snapshot a name, once and for all."),
    "verify": ("flows.commands.snapshots:verify", "Check every file of a snapshot against its checksum."),
    "pull": ("flows.commands.pull:pull", "Write a snapshot to a folder as Parquet, JSON lines or text."),
    "bitext": ("flows.commands.bitext:bitext", "Write the translations of a snapshot as a parallel corpus."),
    "history": ("flows.commands.snapshots:history", "Show the versions of an article, as diffs."),
    "topic list": ("flows.commands.topic:list_topics", "List the topics that Irtysh brings along."),
    "topic test": (
        "flows.commands.topic:score_labelled",
        "Score a topic on labelled texts: precision, recall, each miss.",
    ),
    "topic review": (
        "flows.commands.topic:list_doubtful",
        "List what a snapshot keeps for review, and the words it rests on.",
    ),
    "release": ("flows.commands.pull:release", "Publish a snapshot in the store as a plain data set."),
    "deploy": ("flows.commands.deploy:deploy", "Deploy the flows and their schedule to a Prefect work pool."),
    "serve": ("flows.commands.deploy:serve", "Ingest on a schedule from this machine."),
}
GROUPS = {
    "outlets": "The outlets that Irtysh knows, and how they do; alone it lists them.",
    "topic": "What is kept: topic files, how well they judge, and what they leave in doubt.",
}


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - 40 ms that only --version needs

    return version("irtysh")


app = App(
    name="irtysh",
    version=_version,
    help="Build, keep and read a clean, deduplicated, versioned corpus of news articles.",
    help_format="plaintext",
)
for _group, _help in GROUPS.items():
    app.command(App(name=_group, help=_help, help_format="plaintext"))
for _name, (_path, _help) in COMMANDS.items():
    *_above, _last = _name.split()
    (app[_above[0]] if _above else app).command(_path, name=_last, help=_help)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are told on standard error without a traceback."""
    arguments = _listing_outlets(_standard_input_named(arguments))
    try:
        code = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        return WRONG_USAGE
    except UsageError as error:
        return _fail(error, WRONG_USAGE)
    except IrtyshError as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _standard_input_named(arguments: list[str]) -> list[str]:
    """Spell a lone `-` as `--from=-`: the parser takes it for an unknown option."""
    before = ["", *arguments]
    return [
        "--from=-" if word == "-" and last != "--from" else word for last, word in zip(before, arguments, strict=False)
    ]


def _listing_outlets(arguments: list[str]) -> list[str]:
    """Spell `outlets` alone, or with options, as `outlets list`."""
    first, *rest = arguments or [""]
    alone = first == "outlets" and (not rest or (rest[0].startswith("-") and rest[0] not in {"-h", "--help"}))
    return ["outlets", "list", *rest] if alone else arguments


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write(f"irtysh: {error}\n")
    return code


if __name__ == "__main__":
    main()
