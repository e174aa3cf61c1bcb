"""Tables of a command's help. Descriptions flow over the width of the terminal, whatever lines their docstrings have."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpPanel
    from rich.console import Console as RichConsole
    from rich.console import ConsoleOptions


class FlowingHelp:
    """Formats help as cyclopts does, but joins the lines of a description. Loads its libraries when help is shown."""

    def __call__(self, console: "RichConsole", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        """Print a panel."""
        from rich.text import Text  # noqa: PLC0415

        for entry in panel.entries:
            text = getattr(entry.description, "primary_renderable", None)
            if isinstance(text, Text):
                entry.description.primary_renderable = Text(" ".join(text.plain.split()))
        _usual()(console, options, panel)

    def render_usage(self, console: "RichConsole", options: "ConsoleOptions", usage: Any) -> None:
        """Print the line of usage."""
        _usual().render_usage(console, options, usage)

    def render_description(self, console: "RichConsole", options: "ConsoleOptions", description: Any) -> None:
        """Print what a command does."""
        _usual().render_description(console, options, description)


def _usual() -> Any:
    from cyclopts.help.formatters import DefaultFormatter  # noqa: PLC0415

    return DefaultFormatter()
