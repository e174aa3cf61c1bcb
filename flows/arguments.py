"""Words of a command line: what they are short for, and what is wrong with them."""

import inspect
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from cyclopts import CycloptsError, MissingArgumentError, UnusedCliTokensError

from articles.errors import UsageError

INSTALL_COMPLETION = "--install-completion"
HELP_FLAGS = frozenset(("--help", "-h"))
FLAGS_WITHOUT_COMMAND = HELP_FLAGS | {"--version", "-V"}
REF = "ref"  # parameter of commands that read a snapshot


def expanded(arguments: list[str], groups: Mapping[str, Collection[str]]) -> list[str]:
    """Return a command line with its short forms written out: `help`, a lone `-`, and `outlets` without a command.

    `groups` has the commands of each group, such as `outlets`.
    """
    match arguments:
        case ["help", *command]:
            return [*command, "--help"]
        case ["outlets", *rest] if not rest or _are_outlets(rest[0], groups["outlets"]):
            return ["outlets", "list", *rest]
    return _name_standard_input(arguments)


def _are_outlets(word: str, commands: Collection[str]) -> bool:
    """Return whether a word after `outlets` is an option or a name, not a command or what is nearly one."""
    return word not in HELP_FLAGS and not get_close_matches(word, commands, n=1)


def _name_standard_input(arguments: list[str]) -> list[str]:
    """Replace a lone `-`, which the parser rejects as an unknown option: by `--from=-`, for `pull` by standard output."""
    if arguments[:1] == ["pull"]:
        return ["/dev/stdout" if word == "-" else word for word in arguments]
    before = ["", *arguments]
    return [
        "--from=-" if word == "-" and last != "--from" else word for last, word in zip(before, arguments, strict=False)
    ]


def check_first(arguments: list[str]) -> None:
    """Check that a command line begins with a command. UsageError."""
    first = arguments[0] if arguments else ""
    if first == INSTALL_COMPLETION:
        raise UsageError(f"{INSTALL_COMPLETION} takes no argument: it is for the shell that the variable SHELL names")
    if first.startswith("-") and first not in FLAGS_WITHOUT_COMMAND:
        alone = sorted({INSTALL_COMPLETION, *FLAGS_WITHOUT_COMMAND})
        near = get_close_matches(first, alone, n=1) if first.startswith("--") else []
        hint = f"; did you mean {near[0]}?" if near else f" comes after the command: irtysh COMMAND {first}"
        raise UsageError(first + hint)


def misused(error: CycloptsError) -> str:
    """Return what is wrong with a command line, where cyclopts does not say it plainly."""
    command = " ".join(error.command_chain or ())
    see = f"`irtysh {command} --help` describes it"
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f"{_takes(error, command)}, so {error.unused_tokens[0]!r} is one too many; {see}"
    if isinstance(error, MissingArgumentError) and error.keyword is None:
        absent = error.argument
        if absent is not None and not absent.tokens:
            name = absent.name if absent.index is None else absent.name.lstrip("-").upper()
            return f"{command} needs {name}; {see}"
    return str(error)


def _takes(error: CycloptsError, command: str) -> str:
    """Say which words a command takes, and how it is told a snapshot."""
    parameters = inspect.signature(error.target).parameters.values() if error.target else ()
    words = [one.name.upper() for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    by_option = any(one.name == REF and one.kind is one.KEYWORD_ONLY for one in parameters)
    takes = f"{command} takes {' and '.join(words) or 'no argument'}"
    return f"{takes} (--{REF} names a snapshot)" if by_option else takes
