"""`irtysh topic`: the topics that are there, how well one judges, and what a corpus keeps for review."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from articles.errors import InputError
from articles.model import Mention
from articles.topics import topic as topics
from articles.topics.evaluation import Confusion, JudgedText, judge, parts, read, score
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.options import DEFAULT_TOPIC, CommonOptions
from flows.processing.topics import load
from storage.snapshots.catalog import LATEST, resolve
from storage.snapshots.review import ReviewDocument, doubtful
from storage.tables.log_reader import LogReader

AT_LEAST = 1.0
SHOWN_FORMS = 3  # of a term, in a line for people


def list_topics(*, common: CommonOptions = CommonOptions()) -> int:
    """List the topics that Irtysh brings along: name, sides, words."""
    console = common.console()
    rows = []
    for name in topics.builtin_names():
        stated = topics.builtin(name).stated
        words = sum(len(term.stem) + len(term.word) for side in stated.sides.values() for term in side)
        rows.append((name, " and ".join(stated.sides) or "everything", words))
        if console.as_json:
            console.json({"name": name, "sides": list(stated.sides), "words": words})
    if not console.as_json:
        console.table("Topics", ("name", "sides", "words"), rows)
    return DONE


def score_labelled(
    *files: Path,
    topic: str = DEFAULT_TOPIC,
    at_least: float = AT_LEAST,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Score a topic on labelled texts, and show each miss with the words it rests on.

    A line of a file is a JSON object with title, text, lang and label (1 or 0), and may have id and split. Exit code 1
    if precision or recall over all texts lies below --at-least.

    Parameters
    ----------
    files
        JSON Lines files of labelled texts.
    topic
        The name of a built-in topic, or a YAML file.
    at_least
        Precision and recall that are asked for, 0 to 1.
    """
    if not files:
        raise InputError("topic test takes one or more files of labelled texts")
    if not 0 <= at_least <= 1:
        raise InputError(f"--at-least {at_least:g}: a share from 0 to 1 is needed")
    console, judged = common.console(), []
    asked = load(topic)
    for path in files:
        judged += judge(asked, read(path))
    scores = [(name, score(part)) for name, part in parts(judged)]
    misses = [one for one in judged if not one.right]
    if console.as_json:
        for name, found in scores:
            console.json({"event": "score", "topic": asked.name, "part": name, **_for_programs(found)})
        for one in misses:
            console.json({"event": "miss", **_miss(one)})
    else:
        _show(console, asked.name, scores, misses)
    whole = scores[0][1]
    return DONE if min(whole.precision, whole.recall) >= at_least else FAILED


def list_doubtful(
    ref: Annotated[str, Parameter(show_default=True)] = LATEST, *, common: CommonOptions = CommonOptions()
) -> int:
    """List the documents that a snapshot keeps for review, those nearest to being accepted first.

    Parameters
    ----------
    ref
        `latest`, a number, a tag or a date.
    """
    console, log = common.console(), LogReader(common.open())
    found = doubtful(log.store, log.state(resolve(log, ref)))
    for one in found:
        if console.as_json:
            console.json({**_facts(one), "evidence": [_mention(mention) for mention in one.evidence]})
        else:
            console.text(f"{one.score:.3f}  {one.lang}  {one.title or 'no title'}", style="bold")
            console.text(f"       {one.url}")
            console.text(f"       {words(one.evidence)}")
    if not console.as_json:
        console.text(f"{len(found)} documents for review; `irtysh pull --with-review` hands them out")
    return DONE


def words(evidence: Iterable[Mention]) -> str:
    """Return what was found as a line: each term, how often and where, in the words of the text."""
    by_term: dict[str, list[Mention]] = {}
    for mention in evidence:
        by_term.setdefault(mention.term, []).append(mention)
    told = []
    for term, mentions in by_term.items():
        places = {mention.place.value: 0 for mention in mentions}
        for mention in mentions:
            places[mention.place.value] += len(mention.offsets)
        forms = list(dict.fromkeys(mention.form for mention in mentions))
        more = ", …" if len(forms) > SHOWN_FORMS else ""
        where = ", ".join(f"{place} {number}" for place, number in places.items())
        told.append(f"{term} ({where}: {', '.join(forms[:SHOWN_FORMS])}{more})")
    return "; ".join(told) or "no words of the topic"


def _show(console: Console, name: str, scores: Iterable[tuple[str, Confusion]], misses: Iterable[JudgedText]) -> None:
    columns = ("texts", "on topic", "accepted", "false alarms", "missed", "for review", "precision", "recall", "F1")
    rows = [
        (
            part, found.texts, found.hits + found.missed, found.hits + found.false_alarms, found.false_alarms,
            found.missed, found.review, found.precision, found.recall, found.f1,
        )
        for part, found in scores
    ]  # fmt: skip
    console.table(f"Topic {name}", ("part", *columns), rows)
    for one in misses:
        label = "missed" if one.text.on_topic else "false alarm"
        console.text(f"{label}: {one.text.name} ({one.text.where}): {one.text.title}", style="bold")
        console.text(f"    {one.judgement.verdict.value}, score {one.judgement.score:.3f}; {one.judgement.why}")
        console.text(f"    {words(one.judgement.evidence)}")


def _for_programs(found: Confusion) -> dict[str, Any]:
    return {
        "texts": found.texts,
        "hits": found.hits,
        "false_alarms": found.false_alarms,
        "missed": found.missed,
        "right_refusals": found.texts - found.hits - found.false_alarms - found.missed,
        "review": found.review,
        "precision": found.precision,
        "recall": found.recall,
        "f1": found.f1,
    }


def _miss(one: JudgedText) -> dict[str, Any]:
    judgement = one.judgement
    return {
        "id": one.text.name,
        "where": one.text.where,
        "lang": one.text.lang,
        "label": int(one.text.on_topic),
        "verdict": judgement.verdict.value,
        "score": judgement.score,
        "why": judgement.why,
        "evidence": [_mention(mention) for mention in judgement.evidence],
    }


def _facts(one: ReviewDocument) -> dict[str, Any]:
    return {
        "document_id": one.document_id,
        "url": one.url,
        "lang": one.lang,
        "title": one.title,
        "topic_score": one.score,
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return {
        "term": mention.term,
        "form": mention.form,
        "place": mention.place.value,
        "offsets": list(mention.offsets),
    }
