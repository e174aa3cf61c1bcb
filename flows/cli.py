"""The command line: `irtysh`. What each command does stands in its own module; this one joins and runs them.

Exit codes: 0 done; 1 some URLs failed (each is named) or the store failed; 2 wrong usage or configuration;
130 interrupted.
"""

import sys

from cyclopts import App, CycloptsError

from articles.errors import IrtyshError, UsageError
from flows import cli_corpus, cli_runs

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

app = App(
    name="irtysh",
    help="Build, keep and read a clean, deduplicated, versioned corpus of news articles.",
    help_format="plaintext",
    version_flags=["--version"],
)
cli_runs.register(app)
cli_corpus.register(app)


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are told on standard error without a traceback."""
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


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))


def _fail(error: Exception, code: int) -> int:
    sys.stderr.write(f"irtysh: {error}\n")
    return code
