"""Write the text of a drafted outlet's file: a class of literals, checked before anything is written."""

import keyword
import re
from collections.abc import Mapping

from spiders.outlet import Outlet
from spiders.outlet_file import DRAFT_IMPORTS, check_draft
from spiders.sources import Source

WORD_BREAK = re.compile(r"[^A-Za-z0-9]+")


def file_text(name: str, attributes: Mapping[str, object], base: type[Outlet] = Outlet) -> str:
    """Return the text of an outlet's file with these attributes, in their order. `base` is `Outlet` or a family.

    InputError if the attributes do not make an outlet, or if the text is not a class of literals.
    """
    title = class_name(name)
    outlet: Outlet = type(title, (base,), {**attributes, "__module__": __name__})(
        name
    )  # the same check as for every outlet's file
    imports = ", ".join(sorted({type(source).__name__ for source in outlet.sources}))
    lines = "".join(f"    {key} = {_written(value)}\n" for key, value in attributes.items())
    text = f'''"""{title}."""

from {base.__module__} import {base.__name__}
from spiders.sources import {imports}


class {title}({base.__name__}):
    """Describe the outlet here in one sentence."""

{lines}'''
    check_draft(text)
    return text


def _written(value: object) -> str:
    if isinstance(value, tuple) and any(isinstance(one, Source) for one in value):
        return "(\n" + "".join(f"        {type(one).__name__}({one.address!r}),\n" for one in value) + "    )"
    return repr(value)


def class_name(name: str) -> str:
    """Return the name of an outlet's class: the words of its name in capitals, as a valid name of Python."""
    title = "".join(word.capitalize() for word in WORD_BREAK.split(name))
    taken = frozenset().union(*DRAFT_IMPORTS.values())
    return title if title.isidentifier() and not keyword.iskeyword(title) and title not in taken else f"Site{title}"


def template_of(url: str) -> str:
    """Return a URL as a template of a source: its braces are literal."""
    return url.replace("{", "{{").replace("}", "}}")
