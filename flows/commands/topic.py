"""`irtysh topic`: list, show and draft topics, test one on labelled texts, and list documents that need review."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from articles.errors import InputError
from articles.model import Mention
from articles.topics import topic as topics
from articles.topics.builtin_files import builtin_names
from articles.topics.evaluation import Confusion, JudgedText, judge, parts, read, score
from flows.display.console import Console
from flows.exit_codes import DONE, FAILED
from flows.options import DEFAULT_TOPIC, CommonOptions
from flows.processing.topics import ENDINGS, load
from flows.topic_draft import draft
from storage.snapshots.refs import LATEST

if TYPE_CHECKING:
    from storage.snapshots.review import ReviewDocument

DEFAULT_MIN_SCORE = 1.0  # precision and recall of `topic test`
SCORE_LEGEND = (
    "Each rule gives r, the ratio of what was found to what is asked. The lowest r decides: the score is r / (1 + r), so .5 "
    "or more (r of at least 1) is accepted."
)
MAX_SHOWN_FORMS = 3  # of one term, in the text output


def list_topics(*, common: CommonOptions = CommonOptions()) -> int:
    """List the built-in topics.

    The list shows each topic's name, its sides (the countries) and the number of its words.

    Example: `irtysh topic list`

    Example: `irtysh topic list --json`
    """
    console = common.console()
    rows = []
    for name in builtin_names():
        stated = topics.builtin(name).stated
        words = sum(len(term.stem) + len(term.word) for side in stated.sides.values() for term in side)
        rows.append((name, " and ".join(stated.sides) or "everything", words))
        if console.as_json:
            console.json({"name": name, "sides": list(stated.sides), "words": words})
    if not console.as_json:
        console.table("Topics", ("name", "sides", "words"), rows)
    return DONE


def new(
    name: str,
    out: Path | None = None,
    *,
    sides: str = "KZ,RU",
    common: CommonOptions = CommonOptions(),
) -> int:
    """Write the file of a new topic, with comments and sound defaults.

    The file is valid as it stands: it knows the names of both countries in ten languages. Add the words for their people,
    capitals and leaders.

    Examples: `irtysh topic new kazakhstan-uzbekistan --sides KZ,UZ`
    and `irtysh topic show kazakhstan-uzbekistan.yaml`

    Parameters
    ----------
    name
        Name of the topic: lower-case letters, digits and hyphens.
    out
        The file to write. Default: NAME.yaml in this folder.
    sides
        The two countries, by ISO 3166-1 code.
    """
    codes = tuple(code.strip() for code in sides.split(","))
    if len(codes) != 2:  # noqa: PLR2004 - relations between two countries
        raise InputError(f"--sides {sides}: a topic needs two countries, for example --sides KZ,UZ")
    path = out or Path(f"{name}.yaml")
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path}: a topic's file ends in .yaml: say {path}.yaml; for the countries, say --sides KZ,UZ")
    if name in builtin_names():
        raise InputError(f"the topic {name!r} is built in (`irtysh topic show {name}`); choose another name")
    text = draft(name, (codes[0], codes[1]), str(path))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(
            f"{path} exists; nothing was written. Name another file: irtysh topic new {name} FILE"
        ) from error
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    console = common.console()
    if console.as_json:
        console.json({"name": name, "path": str(path)})
    else:
        console.text(f"wrote {path}; add words to it, then: irtysh crawl --from urls.txt --topic {path}")
    return DONE


def show(topic: str = DEFAULT_TOPIC, *, common: CommonOptions = CommonOptions()) -> int:
    """Show a topic: its words, its rules, and how a score comes about.

    Examples: `irtysh topic show`
    and `irtysh topic show my-topic.yaml`

    Parameters
    ----------
    topic
        A built-in topic (`irtysh topic list`), or a YAML file.
    """
    console, shown = common.console(), load(topic)
    stated = shown.stated
    if console.as_json:
        console.json({"sha256": shown.sha256, **stated.model_dump(mode="json", by_alias=True)})
        return DONE
    console.text(f"Topic {shown.name}", style="bold")
    if stated.rules is None:
        console.text("It accepts everything.")
        return DONE
    for side, terms in stated.sides.items():
        for term in terms:
            stems = [f"{word}…" for word in (*term.stem, *term.stem_cs)]
            only = f" [{', '.join(term.langs)} only]" if term.langs else ""
            console.text(
                f"{side}:{term.id} (weight {term.w:g}){only}: {', '.join((*stems, *term.word, *term.word_cs))}"
            )
    for name, value in stated.rules.model_dump().items():
        console.text(f"{name}: {value}")
    console.text(SCORE_LEGEND)
    return DONE


def score_labelled(
    *files: Path,
    topic: str = DEFAULT_TOPIC,
    at_least: float = DEFAULT_MIN_SCORE,
    common: CommonOptions = CommonOptions(),
) -> int:
    """Score a topic on labelled texts: precision, recall and each error.

    Each line of a file is a JSON object with `title`, `text`, `lang` and `label` (1 or 0), and optionally `id` and `split`.
    Each error is shown with the evidence for it. The exit code is 1 if precision or recall of all texts is below --at-least.

    Example: `irtysh topic test labelled.jsonl --at-least 0.9`

    Example: `irtysh topic test labelled.jsonl --topic my-topic.yaml`

    Parameters
    ----------
    files
        JSON Lines files of labelled texts.
    topic
        A built-in topic (`irtysh topic list`), or a YAML file.
    at_least
        Minimum precision and recall, 0 to 1.
    """
    if not files:
        raise InputError("topic test takes one or more JSON Lines files of labelled texts")
    if not 0 <= at_least <= 1:
        raise InputError(f"--at-least {at_least:g}: the share must be from 0 to 1")
    console, judged = common.console(), []
    tested = load(topic)
    for path in files:
        judged += judge(tested, read(path))
    scores = [(name, score(part)) for name, part in parts(judged)]
    misses = [one for one in judged if not one.right]
    if console.as_json:
        for name, found in scores:
            console.json({"event": "score", "topic": tested.name, "part": name, **_for_programs(found)})
        for one in misses:
            console.json({"event": "miss", **_miss(one)})
    else:
        _show(console, tested.name, scores, misses)
    whole = scores[0][1]
    return DONE if min(whole.precision, whole.recall) >= at_least else FAILED


def list_doubtful(
    ref: Annotated[str, Parameter(show_default=True)] = LATEST, *, common: CommonOptions = CommonOptions()
) -> int:
    """List the documents that need review, and the evidence for their topic.

    Their topic score is slightly below the limit. The highest scores come first. `irtysh pull` leaves these documents out
    unless --with-review is given.

    Example: `irtysh topic review latest`

    Example: `irtysh topic review paper-1 --json`

    Parameters
    ----------
    ref
        The snapshot: `latest`, a number, a tag or a date.
    """
    from storage.snapshots.catalog import resolve  # noqa: PLC0415  the other commands read no tables
    from storage.snapshots.review import documents_for_review  # noqa: PLC0415
    from storage.tables.log_reader import LogReader  # noqa: PLC0415

    console, log = common.console(), LogReader(common.open_existing())
    found = documents_for_review(log.store, log.state(resolve(log, ref)))
    for one in found:
        if console.as_json:
            console.json({**_facts(one), "evidence": [_mention(mention) for mention in one.evidence]})
        else:
            console.text(f"{one.score:.3f}  {one.lang}  {one.title or 'no title'}", style="bold")
            console.text(f"       {one.url}")
            console.text(f"       {words(one.evidence)}")
    if not console.as_json:
        console.text(SCORE_LEGEND)
        console.text(f"{len(found):,} documents need review; `irtysh pull --with-review` includes them")
    return DONE


def words(evidence: Iterable[Mention]) -> str:
    """Format topic evidence as one line: each term, its count by place, and the words of the text."""
    by_term: dict[str, list[Mention]] = {}
    for mention in evidence:
        by_term.setdefault(mention.term, []).append(mention)
    described = []
    for term, mentions in by_term.items():
        places = {mention.place.value: 0 for mention in mentions}
        for mention in mentions:
            places[mention.place.value] += len(mention.offsets)
        forms = list(dict.fromkeys(mention.form for mention in mentions))
        more = ", …" if len(forms) > MAX_SHOWN_FORMS else ""
        where = ", ".join(f"{place} {number}" for place, number in places.items())
        described.append(f"{term} ({where}: {', '.join(forms[:MAX_SHOWN_FORMS])}{more})")
    return "; ".join(described) or "no words of the topic found"


def _show(console: Console, name: str, scores: Iterable[tuple[str, Confusion]], misses: Iterable[JudgedText]) -> None:
    columns = ("texts", "on topic", "accepted", "false positives", "missed", "for review", "precision", "recall", "F1")
    rows = [
        (
            part, found.texts, found.hits + found.missed, found.hits + found.false_alarms, found.false_alarms,
            found.missed, found.review, found.precision, found.recall, found.f1,
        )
        for part, found in scores
    ]  # fmt: skip
    console.table(f"Topic {name}", ("part", *columns), rows)
    console.text(SCORE_LEGEND)
    for one in misses:
        label = "missed" if one.text.on_topic else "false positive"
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


def _facts(one: "ReviewDocument") -> dict[str, Any]:
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
