"""Statements on the use of a site's pages in its robots.txt and its /.well-known/tdmrep.json.

Read are the lines Content-Usage (draft-ietf-aipref-attach), Content-Signal (contentsignals.org) and License (RSL 1.0) of
robots.txt, and the rules of TDMRep (W3C Community Group Final Report, 2024). Values are kept as they are written.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from articles.model import Right

MAX_RULES = 200  # kept for each file; those of real sites have at most some dozens
MAX_RULE_CHARS = 300  # of a path or a value, the characters that are kept
ROBOTS_FILE = "robots.txt"
TDMREP_FILE = "tdmrep.json"
USAGE_FIELDS = frozenset({"content-usage", "content-signal"})
LICENCE_FIELD = "license"
AGENT_FIELDS = frozenset({"user-agent", "useragent"})
ALL_AGENTS = "*"
TDM_MEMBERS = ("tdm-reservation", "tdm-policy")
LINE = re.compile(r"\s*(?P<field>[A-Za-z][A-Za-z-]{0,39})\s*:(?P<value>.*)")
PATH = re.compile(r"(/\S*)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class SiteRule:
    """One statement, for the pages whose path matches a pattern of robots.txt."""

    path: str
    right: Right


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The statements of a site's files, of which the most specific ones count for a page."""

    rules: tuple[SiteRule, ...] = ()

    def of(self, url: str) -> tuple[Right, ...]:
        """Return the statements that apply to a URL: for each kind and file, those with the longest matching path."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        longest: dict[tuple[str, str], int] = {}
        found: list[tuple[int, Right]] = []
        for rule in self.rules:
            if _matches(rule.path, path):
                group = rule.right.kind, rule.right.where
                longest[group] = max(longest.get(group, 0), len(rule.path))
                found.append((len(rule.path), rule.right))
        kept = (right for length, right in found if length == longest[right.kind, right.where])
        return tuple(dict.fromkeys(kept))

    def __add__(self, other: "SiteRules") -> "SiteRules":
        """Return the statements of both."""
        return SiteRules(self.rules + other.rules)


NO_RULES = SiteRules()


def of_robots(text: str, agent: str) -> SiteRules:
    """Return the statements for an agent (in lower case): its own group's if it has one, else those for all agents.

    A line before any group, and a licence in any place, is for all agents.
    """
    groups: dict[str, list[SiteRule]] = {}  # of this agent and of all agents
    common: list[SiteRule] = []
    named: list[str] = []  # those of the two that the current group is for
    in_group = in_rules = False
    kept = 0
    for line in text.split("\n"):
        found = LINE.fullmatch(line.partition("#")[0] if LICENCE_FIELD not in line[:20].lower() else line)
        if found is None:
            continue
        field, value = found["field"].lower(), found["value"].strip()
        if field in AGENT_FIELDS:
            named = [] if in_rules else named
            if value.lower() in {agent, ALL_AGENTS} and value.lower() not in named:
                named.append(value.lower())
                groups.setdefault(value.lower(), [])
            in_group, in_rules = True, False
            continue
        in_rules = in_rules or field != "sitemap"
        if not value or kept >= MAX_RULES:
            continue
        if field == LICENCE_FIELD:
            common.append(_rule("/", Right("rsl", value, ROBOTS_FILE)))
            kept += 1
        elif field in USAGE_FIELDS and (named or not in_group):
            path = PATH.match(value)
            rule = _rule(path[1] if path else "/", Right(field, value, ROBOTS_FILE))
            for rules in [groups[name] for name in named] if in_group else [common]:
                rules.append(rule)
            kept += 1
    return SiteRules((*common, *groups.get(agent, groups.get(ALL_AGENTS, ()))))


def of_tdmrep(body: bytes) -> SiteRules:
    """Return the statements of a tdmrep.json; none if it has another form."""
    try:
        stated = json.loads(body)
    except (ValueError, RecursionError):
        return NO_RULES
    return SiteRules(tuple(_tdm_rules(stated if isinstance(stated, list) else [stated])))


def _tdm_rules(stated: list[object]) -> Iterator[SiteRule]:
    for entry in stated[:MAX_RULES]:
        if isinstance(entry, dict) and isinstance(location := entry.get("location"), str):
            for member in TDM_MEMBERS:
                value = entry.get(member)
                if isinstance(value, str | int | float):
                    text = value if isinstance(value, str) else json.dumps(value)
                    yield _rule("/" + location.strip().removeprefix("/"), Right(member, text.strip(), TDMREP_FILE))


def _rule(path: str, right: Right) -> SiteRule:
    return SiteRule(_normal(path[:MAX_RULE_CHARS]), Right(right.kind, right.value[:MAX_RULE_CHARS], right.where))


def _normal(path: str) -> str:
    """Return a path with uniform percent-encoding, in which `*` and `$` stay as they are."""
    return quote_from_bytes(unquote_to_bytes(path), safe="/*$?=&;,:@!~+()'")


def _matches(pattern: str, path: str) -> bool:
    """Return whether a path begins as a pattern says (RFC 9309 §2.2.3): `*` is any text, a final `$` is the end."""
    ends = pattern.endswith("$")
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    last = parts.pop() if parts and ends else None
    for part in parts:
        at = path.find(part, place)
        if at < 0:
            return False
        place = at + len(part)
    if last is not None:
        return len(path) - len(last) >= place and path.endswith(last)
    return place == len(path) if ends else True
