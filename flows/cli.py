"""Command line `irtysh`: its commands, their errors and exit codes.

`flows.commands` holds the commands. The module of a command is loaded only when the command is called.

Exit codes: 0 done; 1 some URLs failed (each is named), a check found a problem, or the store failed; 2 wrong usage or
configuration; 4 the store does not answer or is overloaded, so that the same command may succeed later; 130 interrupted.
"""

import inspect
import sys

from cyclopts import App, CycloptsError

from articles.errors import ContendedError, CorruptError, IrtyshError, UnreachableError, UsageError
from articles.harmless import harmless
from flows.exit_codes import DONE, FAILED, INTERRUPTED, OUTAGE, WRONG_USAGE

DAMAGE_ADVICE = "\nirtysh: `irtysh verify` lists all that is damaged; `irtysh repair` mends what it can"

# name: (module and function, the line for the list of commands: the first line of the function's docstring)
COMMANDS = {
    "crawl": ("flows.commands.crawl:crawl", "Fetch a list of URLs, process the pages and make a snapshot."),
    "ingest": (
        "flows.commands.ingest:ingest",
        "Find new articles of outlets, fetch and process them, make a snapshot.",
    ),
    "plan": ("flows.commands.plan:plan", "Show what `irtysh ingest` would request from an outlet now."),
    "import": ("flows.commands.process:import_", "Import WARC files, process their pages and make a snapshot."),
    "process": ("flows.commands.process:process", "Process captures that no snapshot contains yet."),
    "rebuild": ("flows.commands.process:rebuild", "Process all captures again and replace all tables in one snapshot."),
    "relink": ("flows.commands.maintenance:relink", "Recompute the links between all documents."),
    "learn": (
        "flows.commands.learn:learn",
        "Learn the lines that a site's pages repeat, so that processing removes them.",
    ),
    "explain": ("flows.commands.explain:explain", "Show for each block of a page whether it was kept, and why."),
    "outlets list": ("flows.commands.outlets:list_outlets", "List outlets and their health."),
    "outlets check": ("flows.commands.outlets:check", "Compare an outlet's live site with the outlet's file."),
    "outlets new": ("flows.commands.outlets:new", "Draft the file of a new outlet from its live site."),
    "outlets release": ("flows.commands.outlets:release", "Release a quarantined run into the corpus."),
    "snapshots": ("flows.commands.snapshots:snapshots", "List the snapshots, the newest first."),
    "show": ("flows.commands.snapshots:show", "Summarise a snapshot: documents, rejections, removed blocks, links."),
    "diff": ("flows.commands.snapshots:diff", "List the documents that differ between two snapshots."),
    "tag": ("flows.commands.snapshots:tag", "Give a snapshot a permanent name."),
    "verify": ("flows.commands.snapshots:verify", "Verify the checksum of every file and capture of a snapshot."),
    "repair": ("flows.commands.repair:repair", "Mend a damaged store with what its captures can give back."),
    "takedown": ("flows.commands.takedown:takedown", "Take articles out of the store for good, on a legal request."),
    "gc": ("flows.commands.maintenance:gc", "List files that belong to no snapshot, or remove them."),
    "pull": ("flows.commands.pull:pull", "Write a snapshot to a folder as Parquet, JSON Lines or text."),
    "bitext": ("flows.commands.bitext:bitext", "Export the translations of a snapshot as a parallel corpus."),
    "history": ("flows.commands.history:history", "Show the versions of an article and what each edit changed."),
    "topic list": ("flows.commands.topic:list_topics", "List the built-in topics."),
    "topic test": (
        "flows.commands.topic:score_labelled",
        "Score a topic on labelled texts: precision, recall and each error.",
    ),
    "topic review": (
        "flows.commands.topic:list_doubtful",
        "List the documents that need review, and the evidence for their topic.",
    ),
    "release": ("flows.commands.pull:release", "Publish a snapshot in the store as a plain data set."),
    "deploy": ("flows.commands.deploy:deploy", "Deploy the flows and their schedule to a Prefect work pool."),
    "serve": ("flows.commands.deploy:serve", "Ingest on a schedule in this process, without a work pool."),
}
GROUPS = {
    "outlets": "List, check, draft and release outlets. Without a command: list them.",
    "topic": "List topics, test one on labelled texts, and review doubtful documents.",
}


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415  takes 40 ms, and only --version needs it

    return version("irtysh")


app = App(
    name="irtysh",
    version=_version,
    help="Build, maintain and read a clean, deduplicated, versioned corpus of news articles.",
    help_format="plaintext",
)
for _group, _help in GROUPS.items():
    app.command(App(name=_group, help=_help, help_format="plaintext"))
for _name, (_path, _help) in COMMANDS.items():
    *_group_names, _last = _name.split()
    (app[_group_names[0]] if _group_names else app).command(_path, name=_last, help=_help)


def load_help(name: str) -> None:
    """Load a command and set its help text to its docstring without the parameters, which cyclopts shows in a table."""
    command = app
    for word in name.split():
        command = command[word]
    command.help = None  # cyclopts then reads the docstring
    text, _, _ = inspect.cleandoc(command.help).partition("\n\nParameters\n")
    command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code. Errors go to standard error, without a traceback."""
    arguments = _list_outlets_by_default(_name_standard_input(arguments))
    for name in COMMANDS:
        if arguments[: len(name.split())] == name.split():
            load_help(name)
    try:
        code = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        return WRONG_USAGE
    except (UnreachableError, ContendedError) as error:
        return _fail(error, OUTAGE)
    except UsageError as error:
        return _fail(error, WRONG_USAGE)
    except CorruptError as error:
        return _fail(error, FAILED, DAMAGE_ADVICE)
    except IrtyshError as error:
        return _fail(error, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _name_standard_input(arguments: list[str]) -> list[str]:
    """Replace a lone `-` with `--from=-`: the parser rejects a lone `-` as an unknown option."""
    before = ["", *arguments]
    return [
        "--from=-" if word == "-" and last != "--from" else word for last, word in zip(before, arguments, strict=False)
    ]


def _list_outlets_by_default(arguments: list[str]) -> list[str]:
    """Replace `outlets` without a command with `outlets list`."""
    first, *rest = arguments or [""]
    alone = first == "outlets" and (not rest or (rest[0].startswith("-") and rest[0] not in {"-h", "--help"}))
    return ["outlets", "list", *rest] if alone else arguments


def main() -> None:
    """Run the console script `irtysh`."""
    sys.exit(run(sys.argv[1:]))


def _fail(error: Exception, code: int, advice: str = "") -> int:
    sys.stderr.write(f"irtysh: {harmless(str(error))}{advice}\n")
    return code


if __name__ == "__main__":
    main()
