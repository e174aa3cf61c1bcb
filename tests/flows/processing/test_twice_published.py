"""An article that one outlet published twice, under a title with and without a sign, is one article in every pull."""

import json

import pytest

from flows import process as stages
from storage.export.formats import PullFormat
from storage.export.pull import pull
from storage.export.selection import Selection
from tests.flows.making import Seen, put
from tests.flows.tables import Direct, context, log_of, no_progress

TITLE = "The Bridge Is Shut; the Ferry Tries Its Luck in Atyrau"
NOTE = (
    "*Editor's Note: In March the province passed a bylaw that punishes whoever calls the closed bridge closed rather "
    "than temporarily unused, in print or on the air. It is read as a threat to all that write about ferries."
)
ENGLISH = (
    "Atyrau, a neighbour and partner of the far bank, seems to have named the lines that its ferrymen should not cross.",
    "In winter the far bank helped the town to clear the ice, and made sure that the old ferry master kept his post.",
    "Did They Really Plan To Honour the Ferry Master?",
    "He spoke after the governor's long address, and what he said about 500 or 600 ferries seemed out of place to many.",
    "“If every village had a ferry of its own, there would be 600 of them, and it would be chaos on the water,” he said.",
    "Both sides use coal and oil as a lever: 1,700 wagons are said to wait at the bridge, which the ministry denies.",
    "The far bank had no statement on the matter, and neither did the town hall, where the clerks had gone to lunch.",
)
RUSSIAN = (
    "Сосед и партнёр дальнего берега, Атырау, похоже, начинает обозначать черту, за которую паромщикам нельзя заходить.",
    "Этой зимой дальний берег помог городу убрать лёд и позаботился о том, чтобы старый паромщик остался на должности.",
    "Он говорил после долгой речи губернатора, и слова о 500 или 600 паромах многим показались сказанными не к месту.",
    "«Если у каждой деревни будет свой паром, их станет 600, и на воде наступит хаос», — заявил он собравшимся в порту.",
    "Обе стороны давят углём и нефтью: говорят, что у моста стоят 1700 вагонов, но министерство это опровергает.",
)


def page(title, *paragraphs, note=""):
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} | Ferry Review</title></head><body>'
        f"<header>{note and f'<div class=intro><p>{note}</p></div>'}</header>"
        f"<article><h1>{title}</h1>{body}</article><p>You must be logged in to post a comment.</p></body></html>"
    ).encode()


SPARE = page(TITLE, NOTE, *ENGLISH)
STARRED = page(f"{TITLE}*", NOTE, *ENGLISH)
FULL = page(f"{TITLE}*", NOTE, *ENGLISH, "Мост закрыт. Паром пытает счастья в Атырау", *RUSSIAN)
OUTSIDE = page(f"{TITLE}*", *ENGLISH, note=NOTE)


@pytest.mark.parametrize("other", [STARRED, FULL, OUTSIDE])
@pytest.mark.parametrize("as_far", ["same run", "next run"])
def test_a_title_with_a_sign_and_a_note_outside_the_text_make_no_second_article(
    monkeypatch, directory_store, tmp_path, other, as_far
):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)
    first = Seen("http://review.example/2022/06/bridge-is-shut/", SPARE)
    second = Seen("http://review.example/ferry/bridge-is-shut-2/", other, hour=1)
    runs = [[first, second]] if as_far == "same run" else [[first], [second]]
    for number, seen in enumerate(runs):
        put(directory_store, tmp_path / f"spool{number}", f"run{number}", seen)
        stages.process(context(directory_store, run=f"processing{number}"))
    log = log_of(directory_store)
    for number, selection in enumerate((Selection(), Selection(langs=frozenset({"en"})))):
        target = tmp_path / f"pulled{number}.jsonl"
        pull(
            log,
            log.state().number,
            target,
            form=PullFormat.JSONL,
            selection=selection,
            since=None,
            progress=no_progress,
        )
        langs = [json.loads(line)["lang"] for line in target.read_text("utf-8").splitlines()]
        assert langs.count("en") == 1
