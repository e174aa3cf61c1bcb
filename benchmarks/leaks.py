"""Count the pages whose text holds a line that does not belong to the article, by the kind of line.

    python benchmarks/leaks.py FOLDER [PREDICTIONS.jsonl] [--lines]

FOLDER holds `truth.jsonl` and `pages/` as for `extraction.py`, whose `--out` writes PREDICTIONS (one line per page: id,
text). Without PREDICTIONS, Irtysh extracts the pages. A line counts if it matches a pattern and is not in the reference.
The patterns are broader than the phrases that cleaning uses, and cleaning does not use them.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.scoring.extractors import irtysh
from benchmarks.scoring.measures import count_unmatched

WORDS_ONLY = re.compile(r"[\W_]+")
MAX_LINE_CHARS = 600  # longer lines are not checked
PATTERNS = {
    "comments": r"^(?:\d+ )?(?:comments?|leave a (?:reply|comment)|post a comment|reply|комментари\w*|ответить|оставить комментарий|"
    r"пікір\w*|komentar\w*|kommentare?|antworten|yorum\w*|коментар\w*)\b.{0,20}$|"
    r"\byou must be logged in|e-?mail (?:address )?will not be published|для отправки комментария|вам необходимо авториз",
    "related": r"^\W*(?:related (?:posts?|articles?|stories|news)|read (?:more|also|next)|also read|see also|more on this|"
    r"more from|recommended|you (?:may|might) also like|most (?:read|popular)|trending|hot this week|don'?t miss|"
    r"читайте (?:также|ещ[её]|по теме)|смотрите также|по теме|материалы по теме|похожие|другие новости|последние новости|"
    r"самое читаемое|читайте також|тағы оқыңыз|сондай-ақ оқыңыз|taip pat skaitykite|lesen sie auch|mehr zum thema|"
    r"das könnte sie auch|lire aussi|à lire|te puede interesar|lea también|leggi anche|czytaj (?:też|także)|ayrıca oku)\b",
    "subscribe": r"\b(?:subscribe (?:to|now|for)|sign up (?:for|to)|newsletter|already a subscriber|create (?:a free |an )?account|"
    r"become a member|donate|support (?:our|us)|подпи(?:шитесь|сывайтесь)|рассылк\w|поддержите|жазылыңыз|підпи(?:шіться|суйтесь)|"
    r"prenumeruok|abonnieren|abonnez|suscríb|iscriviti|inscreva-se)\b",
    "share": r"^\W*(?:share(?: this| on)?|tweet|facebook|twitter|whatsapp|telegram|copy link|поделиться|поделитесь|бөлісу|teilen|"
    r"partager|compartir|dalintis|paylaş)\b.{0,40}$|(?:download|скачайте|загрузите).{0,20}\b(?:app|приложение)\b|"
    r"(?:follow|join|like) us\b|(?:наш|біздің|наш[аеу]м?)\b.{0,25}(?:telegram|телеграм|whatsapp)|^\W*(?:log|sign) in\b.{0,30}$",
    "credit of a picture": r"^\W*(?:photo|image|foto|фото|сурет|nuotr|bild|fot|photograph|crédit photo)\w*\s*[:.©]|"
    r"\((?:photo|image|picture|pic|foto|фото)\b[^)]*\)$|©.{0,40}(?:getty|afp|reuters|epa|imago|shutterstock)|"
    r"(?:getty images|shutterstock|picture alliance|via reuters|/ ?afp|/ ?reuters)\W*$",
    "copyright": r"\ball rights reserved|все права защищены|барлық құқықтар|^\W*(?:©|copyright\b)|may not be (?:published|reproduced)|"
    r"при (?:использовании|перепечатке|цитировании) материал|перепечатка|alle rechte vorbehalten|visos teisės",
    "feedback": r"\b(?:found an error|report (?:a typo|an error)|нашли (?:ошибку|опечатку)|выделите (?:текст|ошибку|её)|ctrl ?\+ ?enter|"
    r"қате тапсаңыз|знайшли помилку|have a (?:news )?tip\b|got a (?:tip|story)|get in touch|contact us|do you have a story)\b",
    "consent": r"\b(?:we use cookies|accept (?:all )?cookies|cookie (?:policy|settings|preferences)|использу(?:ет|ем) (?:файлы )?cookie|"
    r"datenschutz-?einstellungen|externe[rn]? inhalt\w*|klick für den datenschutz|personenbezogene daten)\b",
    "tags": r"^\W*(?:tags?|topics?|filed under|posted in|categor(?:y|ies)|keywords|теги|метки|рубрик\w|ключевые слова|тегтер|"
    r"schlagwörter|themen|etiquetas|žymos)\s*:",
    "audio, video, print": r"^\W*(?:listen(?: to (?:this|the) \w+)?|play|pause|mute|print|video player|audio player|watch(?: now)?|loading\W*|"
    r"слушать(?: новость)?|распечатать|версия для печати|тыңдау|drucken|artikel anhören)\W*$|no media source|"
    r"browser does not support|enable javascript|minutes? read\b.{0,10}$",
    "placeholder": r"^\W*(?:image default|default image|placeholder|advertisement|реклама|жарнама|anzeige|werbung|sponsored)\W*$|lorem ipsum",
}
COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in PATTERNS.items()}
REPEATED_TITLE = "title repeated"


def leaks(text: str, truth: str, title: str) -> Iterator[tuple[str, str]]:
    """Yield pattern name and line, for lines of a text that match a pattern and are not in the reference."""
    for line in filter(None, text.split("\n")):
        if title and fold(line) == fold(title):
            if line not in truth:
                yield REPEATED_TITLE, line
            continue
        if len(line) > MAX_LINE_CHARS:
            continue
        name = next((name for name, pattern in COMPILED.items() if pattern.search(line)), "")
        if name and count_unmatched(line, truth)[1]:
            yield name, line


def fold(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return WORDS_ONLY.sub("", text).casefold()


def main() -> None:
    """Count the pages with leaks and print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("predictions", type=Path, nargs="?")
    parser.add_argument("--lines", action="store_true", help="print each leaked line")
    options = parser.parse_args()
    truth = [
        json.loads(line) for line in (options.folder / "truth.jsonl").read_text("utf-8").split("\n") if line.strip()
    ]
    texts: dict[str, str] = {}
    if options.predictions:
        texts = {
            one["id"]: one["text"]
            for one in map(json.loads, filter(None, options.predictions.read_text("utf-8").split("\n")))
        }
    pages: dict[str, set[str]] = {name: set() for name in (*PATTERNS, REPEATED_TITLE)}
    for page in truth:
        if not options.predictions:
            body = gzip.decompress((options.folder / "pages" / f"{page['id']}.html.gz").read_bytes())
            texts[page["id"]] = irtysh(body, page["url"]).text
        for name, line in leaks(texts.get(page["id"], ""), page["text"], page.get("title") or ""):
            pages[name].add(page["id"])
            if options.lines:
                print(f"{name}\t{page['id']}\t{line}")
    for name, found in pages.items():
        print(f"{name:<22}{len(found):>5} of {len(truth)} pages")


if __name__ == "__main__":
    main()
