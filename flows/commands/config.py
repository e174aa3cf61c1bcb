"""`irtysh config`: show the settings that apply, and where each comes from."""

from flows.exit_codes import DONE
from flows.options import DEFAULT_STORE, DEFAULT_TOPIC, CommonOptions
from flows.settings import FILE_NAME, VARIABLES, settings, settings_file

DEFAULTS = {"store": DEFAULT_STORE, "topic": DEFAULT_TOPIC, "log_format": "text"}  # of the settings that have one


def config(*, common: CommonOptions = CommonOptions()) -> int:
    """Show the settings, and where each comes from.

    The settings are the store, the contact, the topic and the folder of your outlets. A file named irtysh.toml in this folder, or else in your home folder, gives defaults, such as store = "s3://bucket/corpus".
    Options come before environment variables, and variables before the file.

    Examples: `irtysh config`
    and `irtysh config --json`
    """
    console, path = common.console(), settings_file()
    found = settings()
    if console.as_json:
        console.json({"file": str(path or ""), **{one.name: {"value": one.value, "from": one.origin} for one in found}})
        return DONE
    rows = [(one.name, one.value or DEFAULTS.get(one.name, "none"), one.origin or _unset(one.name)) for one in found]
    console.table(
        f"Settings; file: {path or f'none ({FILE_NAME} here or in the home folder)'}",
        ("setting", "value", "from"),
        rows,
    )
    return DONE


def _unset(name: str) -> str:
    return f"the default: {VARIABLES[name]} is not set"
