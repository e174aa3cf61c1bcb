"""Shorten a robots.txt to the lines that concern us, so that parsing and matching it cost little, whatever it holds.

The parser copies each rule to every user agent of its group, and asks each rule for every URL. So agents that are not us
become one, and a file with more than `MAX_RULES` rules is not used at all.
"""

import re

from articles.errors import SourceError

MAX_RULES = 20_000  # lines with a rule; the longest robots.txt of a news site known to us has some thousand
MAX_LINE_CHARS = 8_192  # of a rule; longer than any URL that we request
OTHER_AGENT = "another-robot"
AGENT_LINE = re.compile(r"user(?:-|\s+)?agent(?:\s*:|\s)(.*)", re.IGNORECASE)  # the parser takes these spellings
RULE_FIELDS = ("allow", "disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
# A URL in place of a path
ABSOLUTE = re.compile(r"(?P<field>(?:dis)?allow\s*:\s*)https?://(?P<host>[^/\s:]+)(?::\d+)?(?=/)", re.IGNORECASE)


def relevant(text: str, agent: str, host: str = "") -> str:
    """Return the robots.txt of a host (of any, if empty) with other agents made one. `SourceError` if it has too many rules."""
    lines: list[str] = []
    rules = 0
    for line in text.splitlines():
        kept = line[:MAX_LINE_CHARS].partition("#")[0].strip()
        if found := AGENT_LINE.match(kept):
            kept = f"User-agent: {_agent(found[1].strip().lower(), agent)}"
        elif (found := ABSOLUTE.match(kept)) and (not host or _bare(found["host"]) == _bare(host)):
            kept = found["field"] + kept[found.end() :]  # of another host it is no rule for this one
        rules += kept[: len("disallow")].lower().startswith(RULE_FIELDS)
        if rules > MAX_RULES:
            raise SourceError(f"more than {MAX_RULES} rules")
        if kept and kept not in lines[-1:]:
            lines.append(kept)
    return "\n".join(lines)


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")


def _agent(named: str, agent: str) -> str:
    """Return "*", or the named agent if it may be us, else `OTHER_AGENT`."""
    bare = named.replace("*", "")
    if not bare:
        return "*" if named else ""
    return bare if bare in agent else OTHER_AGENT
