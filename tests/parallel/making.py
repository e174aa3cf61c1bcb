"""Generate reports of invented events, from the sentences of `facts.yaml` and the names of `names.yaml`.

An event has people, towns, a company, a day, and facts with numbers. The same event can be reported in another language (a
translation, which may omit a sentence or swap two), in other words of the same language (a rewrite), or by another
reporter, who was at the same place but reports other facts. A sibling reports the same kinds of facts in the same order,
about other people and with other numbers, as the monthly news of an office does.
"""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
FIRST_DAY = date(2026, 3, 1)
MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "kk": [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
}
SYNONYMS = {
    "said": "stated", "told": "informed", "new": "fresh", "old": "aged", "people": "folks", "reached": "attained",
    "received": "obtained", "found": "discovered", "written": "composed", "built": "constructed", "small": "little",
    "works": "labours", "price": "cost", "prices": "costs", "grew": "elevated", "promised": "vowed", "letter": "missive",
    "counted": "tallied", "advise": "counsel", "meet": "convene", "asked": "requested", "complain": "grumble",
    "drivers": "motorists", "lorries": "trucks", "school": "academy", "schools": "academies", "village": "hamlet",
    "water": "aqua", "house": "dwelling", "houses": "dwellings", "doctor": "physician", "reporters": "journalists",
    "agreement": "accord", "signed": "inked", "before": "previous to", "because": "as a result of", "now": "presently",
    "nobody": "no person", "half": "one half", "home": "residence", "three": "trio", "week": "seven days", "month": "calendar month",
    "сообщил": "проинформировал", "сказал": "произнёс", "новая": "свежая", "люди": "граждане", "получил": "обрёл", "нашли": "отыскали",
    "водители": "шофёры", "цены": "расценки", "будет": "станет", "учёные": "исследователи", "очередь": "вереница", "писем": "посланий",
    "жителям": "обитателям", "деревня": "селение", "село": "селение", "поднял": "повысил", "дороже": "затратнее", "назвала": "именовала",
    "говорят": "сказывают", "магазины": "лавки", "рейса": "полёта", "стоит": "обходится", "школа": "училище", "врача": "доктора",
}  # fmt: skip
FILLERS = {True: ("indeed", "basically", "in fact", "as it were"), False: ("собственно", "в общем", "как бы", "именно")}


@dataclass(frozen=True)
class Event:
    """An event, independent of languages."""

    day: date
    names: dict[str, int]  # slot -> index of the person, town or company
    facts: tuple[tuple[int, dict[str, Any]], ...]


@cache
def facts() -> list[dict[str, list[str]]]:
    return yaml.safe_load((FOLDER / "facts.yaml").read_text("utf-8"))


@cache
def pools() -> dict[str, list[dict[str, str]]]:
    return yaml.safe_load((FOLDER / "names.yaml").read_text("utf-8"))


def event(dice: random.Random, day: date | None = None) -> Event:
    """Invent an event of nine to fourteen facts."""
    day = day or FIRST_DAY + timedelta(days=dice.randrange(60))
    people = dice.sample(
        range(len(pools()["persons"]) ** 2), 2
    )  # combine the first name of one person with the surname of another
    towns = dice.sample(range(len(pools()["towns"])), 2)
    names = dict(zip("pqcd", [*people, *towns], strict=True)) | {"k": dice.randrange(len(pools()["companies"]))}
    chosen = dice.sample(range(len(facts())), dice.randint(9, 14))
    return Event(day, names, tuple((fact, _values(dice, day)) for fact in chosen))


def other_report(dice: random.Random, story: Event) -> Event:
    """Return another report: the same people, place and day, with two or three of the same facts."""
    used = {fact for fact, _ in story.facts}
    kept = dice.sample(story.facts, dice.randint(2, 3))
    free = [fact for fact in range(len(facts())) if fact not in used]
    own = [(fact, _values(dice, story.day)) for fact in dice.sample(free, dice.randint(7, 10))]
    mixed = [*kept, *own]
    dice.shuffle(mixed)
    return replace(story, facts=tuple(mixed))


def sibling(dice: random.Random, story: Event) -> Event:
    """Return a sibling: the same kinds of facts in the same order, with other people and numbers, some weeks later."""
    other = event(dice, story.day + timedelta(days=dice.randint(7, 35)))
    town = {"c": story.names["c"]} if dice.random() < 0.5 and story.names["c"] != other.names["d"] else {}
    values = tuple((fact, _values(dice, other.day)) for fact, _ in story.facts)
    return replace(other, names={**other.names, **town}, facts=values)


def write_report(story: Event, lang: str, dice: random.Random, *, loss: float = 0.0, wording: int | None = None) -> str:
    """Write the report of an event, in paragraphs of one to three sentences.

    `loss` is the share of omitted sentences; `wording` the number of the wording, random if None.
    """
    order = [fact for fact in story.facts if dice.random() >= loss]
    if loss and len(order) > 3 and dice.random() < 0.3:
        position = dice.randrange(len(order) - 1)
        order[position], order[position + 1] = order[position + 1], order[position]
    sentences = []
    for fact, values in order:
        wordings = facts()[fact][lang]
        chosen = wordings[dice.randrange(len(wordings)) if wording is None else wording % len(wordings)]
        sentence = chosen.format(**_slots(story, values, lang))
        sentences.append(sentence[0].upper() + sentence[1:])
    return paragraphs(sentences, dice)


def rewrite(story: Event, lang: str, dice: random.Random) -> str:
    """Rewrite the report with wording 0: half of the sentences by hand (other wording), half by machine (synonyms)."""
    sentences = []
    for fact, values in story.facts:
        wordings = facts()[fact][lang]
        other = dice.random() < 0.5
        sentence = wordings[int(other)].format(**_slots(story, values, lang))
        sentence = sentence[0].upper() + sentence[1:]
        sentences.append(sentence if other else spin(sentence, dice))
    return paragraphs(sentences, dice)


def spin(sentence: str, dice: random.Random) -> str:
    """Replace words with synonyms and insert fillers, as a program does."""
    fillers = FILLERS[sentence[:1].isascii()]
    spun = []
    for number, word in enumerate(sentence.split(" ")):
        spun.append(SYNONYMS.get(word.lower(), word))
        if number % 7 == 4:
            spun.append(dice.choice(fillers))
    return " ".join(spun)


def paragraphs(sentences: list[str], dice: random.Random) -> str:
    """Join sentences into paragraphs."""
    found: list[list[str]] = []
    for sentence in sentences:
        if found and len(found[-1]) < 3 and dice.random() < 0.6:
            found[-1].append(sentence)
        else:
            found.append([sentence])
    return "\n\n".join(" ".join(paragraph) for paragraph in found)


def _values(dice: random.Random, day: date) -> dict[str, Any]:
    def number() -> int:
        scale = dice.choice([50, 400, 3_000, 60_000])
        value = dice.randint(scale // 10, scale)
        return value if dice.random() < 0.6 else max(10, round(value, -len(str(value)) + 2))

    return {
        "n": number(),
        "m": number(),
        "x": dice.randint(11, 249) / 10,
        "r": dice.randint(11, 89),
        "y": dice.randint(1950, 2024),
        "day": day + timedelta(days=dice.randint(-3, 40)),
    }


def _slots(story: Event, values: dict[str, Any], lang: str) -> dict[str, str]:
    people, towns, companies = (pools()[name] for name in ("persons", "towns", "companies"))
    within = "in" if lang == "en" else f"{lang}_in"
    day = values["day"]
    month = MONTHS[lang][day.month - 1]
    slots = {slot: _person(story.names[slot], people, lang) for slot in "pq"}
    for slot in "cd":
        slots |= {slot: towns[story.names[slot]][lang], f"{slot}_in": towns[story.names[slot]][within]}
    slots["k"] = companies[story.names["k"]][lang]
    slots |= {slot: _whole(values[slot], lang) for slot in "nmr"}
    slots["x"] = str(values["x"]) if lang == "en" else str(values["x"]).replace(".", ",")
    slots["y"] = str(values["y"])
    slots["day"] = f"{month} {day.day}" if lang == "en" else f"{day.day} {month}"
    return slots


def _person(number: int, people: list[dict[str, str]], lang: str) -> str:
    first, last = divmod(number, len(people))
    return f"{people[first][lang].split()[0]} {people[last][lang].split()[1]}"


def _whole(number: int, lang: str) -> str:
    return f"{number:,}" if lang == "en" else f"{number:,}".replace(",", "\u00a0")
