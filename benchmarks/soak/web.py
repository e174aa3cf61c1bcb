"""Outlets whose articles come, change and go by the day, as a plan says that is made from a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ingest import OUTLET, REDESIGN, SOURCES, TEMPLATES, page_of, source
from tests.site import bulk
from tests.site.wire import Answer, Request

EDIT_SHARE, DELETE_SHARE = 0.1, 0.03  # of the articles
EDIT_AFTER_DAYS, DELETE_AFTER_DAYS = (1, 10), (3, 20)
OUTAGE_DAYS = 2
LARGE_EVERY, LARGE_TIMES = 10, 5  # every tenth outlet publishes five times as much
NEVER = float("inf")

Article = tuple[str, int]  # outlet and number


@dataclass(frozen=True, slots=True)
class ServedPage:
    """A page that was answered with 200."""

    article: Article
    etag: str  # of its edition and design


@dataclass
class PlantedWeb:
    """The outlets. `day` is today; the soak moves it on."""

    names: tuple[str, ...]
    a_day: float
    edited: Mapping[Article, float]  # day of the edit
    deleted: Mapping[Article, float]
    outages: tuple[tuple[str, float], ...]  # outlet and first day
    redesigned: Mapping[str, float]  # outlet -> day
    day: float = 0.0
    requests: int = 0
    served: set[ServedPage] = field(default_factory=set)  # since the last call of `taken`

    def answer(self, request: Request) -> Answer:
        """Answer a request."""
        self.requests += 1
        name = request.host.partition(".")[0]
        if request.path == "/robots.txt" or name not in self.names:
            return Answer(404)
        if any(name == one and first <= self.day < first + OUTAGE_DAYS for one, first in self.outages):
            return Answer(503)
        if request.path.startswith("/a/"):
            return self._article(name, int(request.path.removeprefix("/a/").removesuffix(".html")), request)
        urls = [f"http://{request.host}/a/{number}.html" for number in self.numbers(name)]
        return source(request.path.strip("/"), urls)

    def taken(self) -> set[ServedPage]:
        """Return the pages that were served since the last call."""
        served, self.served = self.served, set()
        return served

    def numbers(self, name: str) -> range:
        """Return the articles that an outlet has published so far."""
        return range(int(self.day * rate(self.names.index(name), self.a_day)) + 1)

    def paragraphs(self, name: str, number: int) -> tuple[str, ...]:
        """Return the text of an article today."""
        made = bulk.article(number, salt=name)
        if self.day < self.edited.get((name, number), NEVER):
            return made.paragraphs
        fresh = bulk.article(number, salt=f"{name} edited").paragraphs[0]
        return (made.paragraphs[0], fresh, *made.paragraphs[2:])

    def is_deleted(self, article: Article) -> bool:
        """Whether an article is deleted today."""
        return self.day >= self.deleted.get(article, NEVER)

    def _article(self, name: str, number: int, request: Request) -> Answer:
        if number not in self.numbers(name):
            return Answer(404)
        if self.is_deleted((name, number)):
            return Answer(410)
        edited = self.day >= self.edited.get((name, number), NEVER)
        redesigned = self.day >= self.redesigned.get(name, NEVER)
        etag = f'"{number}-{edited:d}-{redesigned:d}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(304, [("ETag", etag)])
        made = bulk.article(number, salt=name)
        template = REDESIGN if redesigned else TEMPLATES[self.names.index(name) % len(TEMPLATES)]
        self.served.add(ServedPage((name, number), etag))
        page = page_of(made, name, self.paragraphs(name, number), template)
        return Answer(200, [("Content-Type", "text/html; charset=utf-8"), ("ETag", etag)], page)


def rate(place: int, a_day: float) -> float:
    """Return how many articles a day the outlet at a place of the list publishes."""
    return a_day * (LARGE_TIMES if place % LARGE_EVERY == 0 else 1)


def planned(rng: random.Random, outlets: int, days: int, a_day: float, *, outages: int, redesigns: int) -> PlantedWeb:
    """Return the outlets, with the days of edits, deletions, outages and redesigns."""
    names = tuple(f"paper{number:02}" for number in range(outlets))
    edited: dict[Article, float] = {}
    deleted: dict[Article, float] = {}
    for place, name in enumerate(names):
        daily = rate(place, a_day)
        for number in range(int(days * daily) + 1):
            drawn = rng.random()
            if drawn < EDIT_SHARE:
                edited[name, number] = number / daily + rng.uniform(*EDIT_AFTER_DAYS)
            elif drawn < EDIT_SHARE + DELETE_SHARE:
                deleted[name, number] = number / daily + rng.uniform(*DELETE_AFTER_DAYS)
    out = tuple((rng.choice(names), rng.uniform(1, max(2, days - OUTAGE_DAYS - 1))) for _ in range(outages))
    large = [*names[::LARGE_EVERY], *(name for place, name in enumerate(names) if place % LARGE_EVERY)]
    changed = {name: rng.uniform(days / 2, days * 0.9) for name in large[:redesigns]}  # the large ones first
    return PlantedWeb(names, a_day, edited, deleted, out, changed)


def write_outlets(folder: Path, names: tuple[str, ...], port: int) -> None:
    """Write the files of the outlets."""
    folder.mkdir()
    for number, name in enumerate(names):
        kind, path = SOURCES[number % len(SOURCES)]
        text = OUTLET.format(host=f"{name}.example", port=port, source=kind, path=path)
        (folder / f"{name}.py").write_text(text)
