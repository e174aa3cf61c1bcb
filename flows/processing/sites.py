"""What is known of the sites that captures come from: the selectors of their outlets' files, the profiles in force."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from articles.errors import InputError
from articles.extractor_version import extractor_version
from articles.links.encoder import encoder_name
from articles.model import Capture
from articles.pipeline import rules_of
from articles.profile import decode
from articles.site import NO_PROFILE, NO_SELECTORS, Profile, Selectors, Site
from spiders.outlets import load, outlet_name
from storage import profiles
from storage.objects import ObjectStore

AUTHORITY = 2  # in a URL cut at its slashes


class Sites:
    """Sites by the host of a URL. What is in force is read once, at the first question, and then stands.

    `extra_outlets` is a file or folder of outlets beside our own. InputError where a file of it cannot be used.
    """

    def __init__(self, store: ObjectStore, extra_outlets: str = "") -> None:
        self._store = store
        self._extra_outlets = extra_outlets
        self._in_force: dict[str, str] | None = None
        self._names: dict[str, str] = {}  # by host
        self._rules: dict[str, str] = {}  # by host: asked for every fetch that a table holds
        self._by_name: dict[str, Site] = {}

    def of(self, url: str) -> Site:
        """Return what is known of the site that a URL lies on."""
        return self._site(self.name(url))

    def of_capture(self, capture: Capture) -> Site:
        """Return what is known of the site that a capture was made of, whatever it was called then."""
        return self.of(capture.url)

    def rules(self, url: str) -> str:
        """Return what a page at a URL is read by, its topic apart."""
        host = _host(url)
        if host not in self._rules:
            self._rules[host] = rules_of(self.of(url))
        return self._rules[host]

    def name(self, url: str) -> str:
        """Return the name of a URL's site: its outlet's, or else its domain; empty for what is no URL."""
        host = _host(url)
        if host not in self._names:
            try:
                self._names[host] = outlet_name(url, self._extra_outlets)
            except InputError:
                self._names[host] = ""
        return self._names[host]

    def configuration(self, readers: Iterable[str]) -> bytes:
        """Return, for people and programs, what readings rest on. `readers` are those of `articles.pipeline.extractor_key`."""
        keys = {reader.partition(":")[0].partition("+")[2] for reader in readers}
        used = {name: site for name, site in sorted(self._by_name.items()) if site.key in keys - {""}}
        told: dict[str, Any] = {
            "readers": extractor_version(),
            "linking": encoder_name(),
            "topics": sorted({reader.partition(":")[2] for reader in readers} - {""}),
            "sites": {
                name: {"key": site.key, "selectors": asdict(site.selectors), "profile": site.profile.sha256}
                for name, site in used.items()
            },
        }
        return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()

    def selectors(self, name: str) -> Selectors:
        """Return what an outlet's file says of its pages; nothing for a site without one."""
        outlet = load(self._extra_outlets).get(name)
        return outlet.selectors if outlet is not None else NO_SELECTORS

    def profile(self, name: str) -> Profile:
        """Return the profile of a site that is in force; an empty one where none is. CorruptError."""
        return self._site(name).profile

    def _site(self, name: str) -> Site:
        if name not in self._by_name:
            self._by_name[name] = Site(self.selectors(name), self._profile(name))
        return self._by_name[name]

    def _profile(self, name: str) -> Profile:
        if self._in_force is None:
            self._in_force = profiles.in_force(self._store)
        sha256 = self._in_force.get(name)
        return decode(profiles.get(self._store, sha256)) if sha256 else NO_PROFILE


def _host(url: str) -> str:
    parts = url.split("/", AUTHORITY + 1)
    return parts[AUTHORITY].lower() if len(parts) > AUTHORITY else ""
