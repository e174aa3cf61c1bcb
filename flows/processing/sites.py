"""Selectors and active profiles of the sites that captures come from."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from articles.errors import InputError
from articles.extractor_version import extractor_version
from articles.links.encoder import encoder_names
from articles.model import Capture
from articles.pipeline import site_extractor_key
from articles.profile import decode
from articles.site import NO_PROFILE, PLAIN, Profile, Selectors, Site
from articles.url import article_key, canonicalize
from spiders.outlets import load, outlet_name
from storage import profiles
from storage.objects import ObjectStore

HOST_CHARACTER = re.compile(r"[^a-z0-9.-]")  # that no name of a site has
AUTHORITY_PART = 2  # index of the host in a URL that is split at its slashes


class Sites:
    """Sites by the host of a URL. The active profiles are read once, at the first use.

    `extra_outlets` is a file or folder of outlets in addition to the built-in ones. InputError if one of its files
    cannot be used.
    """

    def __init__(self, store: ObjectStore, extra_outlets: str = "") -> None:
        self._store = store
        self._extra_outlets = extra_outlets
        self._in_force: dict[str, str] | None = None
        self._names: dict[str, tuple[str, str]] = {}  # by host: of its site, of its profile
        self._rules: dict[str, str] = {}  # by host; looked up for every row of `fetches`
        self._by_name: dict[str, Site] = {}
        self._outlets: dict[str, str] = {}  # of hosts below an outlet's domain

    def of(self, url: str) -> Site:
        """Return the site of a URL."""
        return self._site(self.profiled(url))

    def of_capture(self, capture: Capture) -> Site:
        """Return the site of a capture's URL, whatever outlet the capture names."""
        return self.of(capture.url)

    def rules(self, url: str) -> str:
        """Return the key of the rules that extract a page at a URL, without its topic."""
        host = _host(url)
        if host not in self._rules:
            self._rules[host] = site_extractor_key(self.of(url))
        return self._rules[host]

    def name(self, url: str) -> str:
        """Return the name of a URL's site: its outlet, or else its domain; empty if it is not a URL."""
        return self._names_of(url)[0]

    def profiled(self, url: str) -> str:
        """Return the name under which the profile of a URL's site is learned; empty if it is not a URL.

        It is the outlet if the host is one of its domains, or else the host ("www.", "m." and the like do not count): on a
        shared domain, each name below it is another writer, whose pages must not remove lines of others.
        """
        return self._names_of(url)[1]

    def _names_of(self, url: str) -> tuple[str, str]:
        host = _host(url)
        if host not in self._names:
            try:
                outlet = outlet_name(url, self._extra_outlets)
                self._names[host] = outlet, self._profiled(url, outlet)
            except InputError:
                self._names[host] = "", ""
        return self._names[host]

    def _profiled(self, url: str, outlet: str) -> str:
        host = _plain_host(url)
        known = load(self._extra_outlets).get(outlet)
        if known is not None and host in {_plain_host(f"http://{domain}/") for domain in known.domains}:
            return outlet
        name = HOST_CHARACTER.sub("-", host.replace("[", "").replace("]", ""))
        self._outlets[name] = outlet
        return name

    def configuration(self, readers: Iterable[str]) -> bytes:
        """Return the configuration that extraction results depend on, as JSON.

        `readers` are keys as `articles.pipeline.extractor_key` returns them.
        """
        keys = {reader.partition(":")[0].partition("+")[2] for reader in readers}
        used = {name: site for name, site in sorted(self._by_name.items()) if site.key in keys - {""}}
        configuration: dict[str, Any] = {
            "readers": extractor_version(),
            "linking": encoder_names(),
            "topics": sorted({reader.partition(":")[2] for reader in readers} - {""}),
            "sites": {
                name: {
                    "key": site.key,
                    "selectors": asdict(site.selectors),
                    "profile": site.profile.sha256,
                    "addresses": asdict(site.addresses),
                    "clock": site.clock,
                }
                for name, site in used.items()
            },
        }
        return json.dumps(configuration, ensure_ascii=False, indent=1, sort_keys=True).encode()

    def use_profiles_of(self, configuration: bytes | None) -> None:
        """Use the profiles that a configuration names, to repeat what was processed with it; None: those in force."""
        self._in_force = None
        if configuration is not None:
            named = json.loads(configuration)["sites"]
            self._in_force = {name: site["profile"] for name, site in named.items() if site["profile"]}
        self._by_name, self._rules = {}, {}

    def selectors(self, name: str) -> Selectors:
        """Return the selectors in the file of a site's outlet; none for a site without a file."""
        return self._stated(name).selectors

    def _stated(self, name: str) -> Site:
        """Return what the file of a site's outlet states; nothing for a site without a file."""
        outlets = load(self._extra_outlets)
        outlet = outlets.get(name) or outlets.get(self._outlets.get(name, ""))
        return outlet.site if outlet is not None else PLAIN

    def profile(self, name: str) -> Profile:
        """Return the active profile of a site, or an empty one. CorruptError."""
        return self._site(name).profile

    def _site(self, name: str) -> Site:
        if name not in self._by_name:
            self._by_name[name] = replace(self._stated(name), profile=self._profile(name))
        return self._by_name[name]

    def _profile(self, name: str) -> Profile:
        if self._in_force is None:
            self._in_force = profiles.in_force(self._store)
        sha256 = self._in_force.get(name)
        return decode(profiles.get(self._store, sha256)) if sha256 else NO_PROFILE


def _host(url: str) -> str:
    parts = url.split("/", AUTHORITY_PART + 1)
    return parts[AUTHORITY_PART].lower() if len(parts) > AUTHORITY_PART else ""


def _plain_host(url: str) -> str:
    """Return the host without "www.", "m." and similar labels."""
    return article_key(canonicalize(url)).partition("/")[0]
