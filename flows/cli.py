"""Command line `irtysh`: its commands, their errors and exit codes.

`flows.commands` holds the commands. The module of a command is loaded only when the command is called.

Exit codes: 0 done; 1 some URLs failed (each is named), a check found a problem, or the store failed; 2 wrong usage or
configuration; 4 the store does not answer or is overloaded, so that the same command may succeed later; 130 interrupted.
"""

import atexit
import gc
import inspect
import os
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from cyclopts import App, CycloptsError, Group, Parameter

from articles.errors import ContendedError, CorruptError, IrtyshError, UnreachableError, UsageError
from articles.harmless import harmless, json_line
from flows import settings
from flows.arguments import FLAGS_WITHOUT_COMMAND, INSTALL_COMPLETION, check_first, expanded, misused
from flows.display.closed_pipe import discard_output, open_closed_streams
from flows.display.help_tables import FlowingHelp
from flows.display.json_log import LOG_FORMAT_VARIABLE, JsonLog, everything_as_json
from flows.exit_codes import DONE, FAILED, INTERRUPTED, OUTAGE, WRONG_USAGE

DAMAGE_ADVICE = "`irtysh verify` lists all that is damaged; `irtysh repair` mends what it can"

ON_INTERRUPT = "interrupted; nothing that is in the store is lost, and the same command continues from there"
# name: (module and function, the line for the list of commands: the first line of the function's docstring)
COMMANDS = {
    "crawl": ("flows.commands.crawl:crawl", "Fetch a list of URLs, process the pages and make a snapshot."),
    "ingest": (
        "flows.commands.ingest:ingest",
        "Find new articles of outlets, fetch and process them, make a snapshot.",
    ),
    "plan": ("flows.commands.plan:plan", "Show what `irtysh ingest` would request from an outlet now."),
    "import": (
        "flows.commands.process:import_",
        "Import web archives (WARC, WACZ), process their pages and make a snapshot.",
    ),
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
    "outlets adopt": ("flows.commands.outlet_repair:adopt", "Adopt the repair and the pages of a live check."),
    "outlets heal": ("flows.commands.outlet_repair:heal", "Propose selectors for an outlet whose site was redesigned."),
    "outlets new": ("flows.commands.outlets:new", "Draft the file of a new outlet from its live site."),
    "outlets release": ("flows.commands.outlets:release", "Release a quarantined run into the corpus."),
    "snapshots": ("flows.commands.snapshots:snapshots", "List the snapshots, the newest first."),
    "show": ("flows.commands.snapshots:show", "Summarise a snapshot: documents, rejections, removed blocks, links."),
    "documents": ("flows.commands.listings:documents", "List the documents of a snapshot."),
    "rejections": ("flows.commands.listings:rejections", "List the URLs that became no document, and why."),
    "diff": ("flows.commands.snapshots:diff", "List the documents that differ between two snapshots."),
    "stats": (
        "flows.commands.figures:stats",
        "Count documents by month, outlet and language, with gaps and shares.",
    ),
    "browse": ("flows.commands.browse:browse", "Search and read a snapshot in a browser."),
    "report": ("flows.commands.report:report", "Write a page of charts and tables about a snapshot."),
    "cite": ("flows.commands.figures:cite", "Print how to cite a snapshot, or a document of it."),
    "tag": ("flows.commands.snapshots:tag", "Give a snapshot a permanent name."),
    "verify": ("flows.commands.snapshots:verify", "Verify the checksum of every file and capture of a snapshot."),
    "repair": ("flows.commands.repair:repair", "Mend a damaged store with what its captures can give back."),
    "takedown": ("flows.commands.takedown:takedown", "Take articles out of the store for good, on a legal request."),
    "optimize": ("flows.commands.maintenance:optimize", "Join small files of the newest snapshot into large ones."),
    "expire-snapshots": (
        "flows.commands.maintenance:expire_snapshots",
        "List the files that only old snapshots need, or delete them.",
    ),
    "gc": ("flows.commands.maintenance:gc", "List files that belong to no snapshot, or remove them."),
    "pull": ("flows.commands.pull:pull", "Write a snapshot to a folder, a file, standard output or a bucket."),
    "bitext": ("flows.commands.bitext:bitext", "Export the translations of a snapshot as a parallel corpus."),
    "wacz": ("flows.commands.wacz:wacz", "Write the captures of a snapshot as a WACZ file."),
    "history": ("flows.commands.history:history", "Show the versions of an article and what each edit changed."),
    "topic list": ("flows.commands.topic:list_topics", "List the built-in topics."),
    "topic show": ("flows.commands.topic:show", "Show a topic: its words, its rules, and how a score comes about."),
    "topic new": ("flows.commands.topic:new", "Write the file of a new topic, with comments and sound defaults."),
    "topic test": (
        "flows.commands.topic:score_labelled",
        "Score a topic on labelled texts: precision, recall and each error.",
    ),
    "topic review": (
        "flows.commands.topic:list_doubtful",
        "List the documents that need review, and the evidence for their topic.",
    ),
    "release": ("flows.commands.pull:release", "Publish a snapshot in the store as a plain data set."),
    "metrics": ("flows.commands.metrics:metrics", "Measure a store for Prometheus."),
    "config": ("flows.commands.config:config", "Show the settings, and where each comes from."),
    "deploy": ("flows.commands.deploy:deploy", "Deploy the flows and their schedule to a Prefect work pool."),
    "serve": ("flows.commands.deploy:serve", "Ingest on a schedule in this process, without a work pool."),
}
GROUPS = {
    "outlets": "List, check, draft and release outlets. Without a command: list them.",
    "topic": "List, show and draft topics, test one on labelled texts, and review doubtful documents.",
}
COMMANDS_OF = {group: tuple(name.split()[1] for name in COMMANDS if name.startswith(f"{group} ")) for group in GROUPS}


HELP_GROUPS = {
    "Collect": ("crawl", "ingest", "import", "plan", "outlets"),
    "Process": ("process", "rebuild", "relink", "learn", "topic", "explain"),
    "Publish and operate": (
        "tag",
        "repair",
        "takedown",
        "release",
        "verify",
        "optimize",
        "expire-snapshots",
        "gc",
        "deploy",
        "serve",
        "metrics",
        "config",
    ),
}
READING = "Read"  # all other commands
_groups = {
    title: Group(title, sort_key=order)
    for order, title in enumerate(("Collect", "Process", READING, "Publish and operate"))
}


def _group_of(command: str) -> Group:
    """Return the group of a command in the help."""
    return _groups[next((title for title, names in HELP_GROUPS.items() if command in names), READING)]


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415  takes 40 ms, and only --version needs it

    return version("irtysh")


def _shown_default(value: object) -> str | None:
    """Return a default as the help shows it; None for flags and for what is empty, where it says nothing."""
    if value is None or value is False or value in ("", ()):
        return None
    return str(getattr(value, "value", value))


app = App(
    name="irtysh",
    suppress_keyboard_interrupt=False,  # `run` says how to go on
    default_parameter=Parameter(show_default=_shown_default),
    version=_version,
    version_flags=["--version", "-V"],
    help=(
        "Build, maintain and read a clean, deduplicated, versioned corpus of news articles.\n\n"
        "Completion in the shell: irtysh --install-completion. Settings: irtysh config."
    ),
    help_format="plaintext",
    help_formatter=FlowingHelp(),
)
app["--help"].group = app["--version"].group = Group("Options", sort_key=0)
for _group, _help in GROUPS.items():
    app.command(App(name=_group, help=_help, help_format="plaintext", group=_group_of(_group)))
for _name, (_path, _help) in COMMANDS.items():
    *_group_names, _last = _name.split()
    if _group_names:
        app[_group_names[0]].command(_path, name=_last, help=_help)
    else:
        app.command(_path, name=_last, help=_help, group=_group_of(_last))


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
    open_closed_streams()
    if arguments == [INSTALL_COMPLETION]:
        return _install_completion()
    arguments = expanded(arguments, COMMANDS_OF)
    with ExitStack() as stack:
        failed = _Failure(as_json="--json" in arguments)
        try:
            if not FLAGS_WITHOUT_COMMAND.intersection(arguments):  # help needs no settings, which may be wrong
                stack.enter_context(settings.applied())
            failed.log = _json_log(arguments)
            if failed.log is not None:
                stack.enter_context(everything_as_json(failed.log))
            check_first(arguments)
            for name in COMMANDS:
                if arguments[: len(name.split())] == name.split():
                    load_help(name)
            if not gc.isenabled():  # see `flows.entry`
                gc.freeze()  # what is loaded stays: no collection looks at it again
                gc.enable()
            code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        except CycloptsError as error:
            return failed(UsageError(misused(error)), WRONG_USAGE)
        except (UnreachableError, ContendedError) as error:
            return failed(error, OUTAGE)
        except UsageError as error:
            return failed(error, WRONG_USAGE)
        except CorruptError as error:
            return failed(error, FAILED, advice=DAMAGE_ADVICE)
        except IrtyshError as error:
            return failed(error, FAILED)
        except BrokenPipeError:  # of a list or a pull, whose reader wants no more, as `head` does: no error
            discard_output()  # what is left in its buffer
            return DONE
        except KeyboardInterrupt:
            return failed(InterruptedError(ON_INTERRUPT), INTERRUPTED)
    return code if isinstance(code, int) else DONE


def _json_log(arguments: list[str]) -> JsonLog | None:
    """Return the log for `--log-format json`, as an option or as a setting; None for text."""
    stated = os.environ.get(LOG_FORMAT_VARIABLE, "")
    for place, word in enumerate(arguments):
        if word == "--log-format":
            stated = "".join(arguments[place + 1 : place + 2])
        elif word.startswith("--log-format="):
            stated = word.partition("=")[2]
    return JsonLog() if stated == "json" else None


def _install_completion() -> int:
    """Install the completion of commands and options for the user's shell."""
    try:
        path = app.install_completion()
    except (OSError, ValueError, RuntimeError) as error:
        return _Failure()(
            UsageError(f"cannot install the completion: {error}; SHELL must name bash, zsh or fish"), FAILED
        )
    sys.stdout.write(f"wrote {path}; open a new shell to use it\n")
    return DONE


def main() -> None:
    """Run the console script `irtysh`, and end the process.

    Everything that Python does at its end is done, but it is not taken apart: a thread of Arrow that drops a buffer at that
    moment would abort the process (1 of 30 runs of `irtysh documents`).
    """
    code = run(sys.argv[1:])
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  as `multiprocessing` ends its processes
    atexit._run_exitfuncs()  # noqa: SLF001
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, KeyboardInterrupt):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(code)


@dataclass(slots=True)
class _Failure:
    """Writes an error to standard error, as lines of text, as JSON or as a line of the log, and returns its exit code."""

    as_json: bool = False
    log: JsonLog | None = None

    def __call__(self, error: Exception, code: int, *, advice: str = "") -> int:
        """Write an error."""
        text, more = str(error), {"advice": advice} if advice else {}
        if self.log is not None:
            self.log.write("error", "error", text, {"code": code} | more)
        elif self.as_json:
            sys.stderr.write(json_line({"event": "error", "text": text, "code": code} | more) + "\n")
        else:
            lines = (text, advice) if advice else (text,)
            sys.stderr.write("".join(f"irtysh: {harmless(line)}\n" for line in lines))
        return code


if __name__ == "__main__":
    main()
