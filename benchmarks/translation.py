"""Measure precision, recall and cost of linking translations and rewrites.

    python -m benchmarks.translation [--scale 1.0] [--unrelated 400] [--seed 1] [--texts FOLDER] [--pages FOLDER]

The texts are synthetic (`tests.parallel`) and are linked by `flows.processing.translation_links`, as in processing. Besides
the planted pairs there are other reports of the same events in both languages, siblings (the same sentences with other
names and numbers), and reports of other events from the same pools of sentences, people and towns. `--texts` is a folder of
your own texts: those in two languages are aligned too. `--pages` is a folder of HTML files: the cost of linking is compared
with the cost of extracting them.
"""

import argparse
import gzip
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from articles import extract, language
from articles.links.anchors import anchors
from articles.links.best_links import keep_best
from articles.links.compared_text import ComparedText
from articles.links.duplicates import compare
from articles.links.encoder import default_encoders, encoder_for
from articles.links.pair_budget import PairBudget
from articles.links.translation import relate
from articles.links.translation_index import TranslationEntry
from articles.model import LinkKind
from flows.processing.translation_links import LinkedBatch, TranslationLinker, entry
from storage.objects.directory import DirectoryStore
from tests.flows.making import article, capture
from tests.parallel.labelled import UNRELATED, Set, make

MAX_PAGES = 412


def run(labelled: Set, seconds_a_page: float, wrong: int) -> None:
    """Link a set as processing does, and print the figures. `wrong` is the number of wrong and missed pairs to print."""
    texts = {f"{number:032x}": text for number, (text, _, _) in enumerate(labelled.texts)}
    langs = {f"{number:032x}": lang for number, (_, lang, _) in enumerate(labelled.texts)}
    before = time.process_time()
    entries = [
        TranslationEntry(row_id, (f"article {row_id}",), lang, day.isoformat(), False, (), (), anchors(text, lang))
        for (row_id, text), (_, lang, day) in zip(texts.items(), labelled.texts, strict=True)
    ]
    anchored = time.process_time() - before
    before = time.process_time()
    linked, rows = join(entries, texts)
    spent = time.process_time() - before + anchored
    print(f"{len(texts)} texts: " + ", ".join(f"{n} {lang}" for lang, n in sorted(Counter(langs.values()).items())))
    print(
        f"linking {1000 * spent / len(texts):.1f} ms a text (of these anchors {1000 * anchored / len(texts):.1f}); "
        f"{rows.get('vectors', 0)} texts had to be encoded"
    )
    if seconds_a_page:
        print(
            f"extracting a page {1000 * seconds_a_page:.1f} ms: linking adds {spent / len(texts) / seconds_a_page:.0%}"
        )
    links = keep_best(linked.links, langs.__getitem__)
    kinds = Counter(link.kind.value for link in links)
    print("links: " + ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())))
    for what, pairs in sorted(labelled.pairs.items()):
        planted = set(pairs)
        kind = LinkKind.REWRITE if what == "rewrite" else LinkKind.TRANSLATION
        found = set()
        for link in links:
            if link.kind is kind and (what == "rewrite" or {langs[link.a], langs[link.b]} == set(what.split("-"))):
                found.add(frozenset((int(link.a, 16), int(link.b, 16))))
        if what == "rewrite":
            near = {pair for pair in planted if _duplicates(labelled, pair)}
            print(
                f"rewrite: {len(near)} of {len(planted)} planted pairs are near duplicates, which `articles.links.duplicates` links"
            )
            planted -= near
        right = len(found & planted)
        precision, recall = right / max(1, len(found)), right / len(planted)
        if wrong:
            for pair in [*(found - planted), *(planted - found)][:wrong]:
                one, other = (f"{number:032x}" for number in sorted(pair))
                stored = [link for link in linked.links if {link.a, link.b} == {one, other}]
                print("missed" if pair in planted else "wrong", *sorted(pair), stored[0] if stored else "")
        print(f"{what}: {len(planted)} planted, {len(found)} found, precision {precision:.3f}, recall {recall:.3f}")


def _duplicates(labelled: Set, pair: frozenset[int]) -> bool:
    one, other = (labelled.texts[number][0] for number in sorted(pair))
    return compare(one, other).kind() is not None


def own_texts(folder: Path) -> None:
    """Align the two halves of each text in a folder that is in two languages."""
    for path in sorted(folder.glob("*.txt")):
        found = [part.strip() for part in re.split(r"\n+", path.read_text("utf-8")) if part.strip()]
        parts: dict[str, list[str]] = {}
        for part in language.split(found):
            parts.setdefault(part.lang, []).extend(found[part.start : part.stop])
        halves = sorted(parts.items(), key=lambda half: -sum(map(len, half[1])))[:2]
        if len(halves) < 2:
            print(f"{path.name}: one language")
            continue
        sides = [
            (
                TranslationEntry(name, (name,), name, "", False, (), (), anchors("\n\n".join(paragraphs), name)),
                ComparedText("\n\n".join(paragraphs), name),
            )
            for name, paragraphs in halves
        ]
        encoder = encoder_for(default_encoders(), *(name for name, _ in halves))
        link = relate(
            sides[0][0],
            sides[1][0],
            (sides[0][1], sides[1][1]),
            encoder,
            lambda _, text, places=None, known=encoder: (
                known.encode(text.sentences, text.lang)[slice(None) if places is None else list(places)]
                if known
                else np.empty((0, 1), np.int8)
            ),
        )
        print(f"{path.name}: {link.link.kind.value + ' ' + link.link.evidence if link else 'no link'}")


def extraction_seconds(folder: Path) -> float:
    """Return the mean CPU seconds for extracting a page of a folder, and print the cost of linking the documents."""
    paths = sorted(folder.iterdir())[:MAX_PAGES]
    bodies = [gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths]
    extract.extract(capture(body=article("Warm")))
    for encoder in default_encoders():
        encoder.encode(["Warm"], "ru")
    before = time.process_time()
    outcomes = [
        extract.extract(capture(f"http://steppe.example/{number}", body, number)) for number, body in enumerate(bodies)
    ]
    seconds = time.process_time() - before
    documents = [document for outcome in outcomes for document in outcome.documents]
    texts = {f"{number:032x}": document.text for number, document in enumerate(documents)}
    before = time.process_time()
    entries = [
        entry(row_id, document, anchors(document.text, document.lang))
        for row_id, document in zip(texts, documents, strict=True)
    ]
    linked, rows = join(entries, texts)
    spent = time.process_time() - before
    print(
        f"{len(documents)} documents of {len(bodies)} pages, {sum(map(len, texts.values())) / len(texts):.0f} characters each: "
        f"extraction {seconds:.1f} s, linking {spent:.1f} s ({spent / seconds:.0%}), {rows.get('vectors', 0)} encoded, "
        f"{len(linked.links)} links"
    )
    return seconds / len(bodies)


def join(entries: Sequence[TranslationEntry], texts: Mapping[str, str]) -> tuple[LinkedBatch, dict[str, int]]:
    """Link rows in a temporary store; return the links, and the number of rows written to each table."""
    with tempfile.TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder) / "store")
        linked = TranslationLinker(default_encoders()).link(
            store, entries, (), lambda wanted: {row_id: texts[row_id] for row_id in wanted}, PairBudget()
        )
        return linked, {ref.table: ref.rows for ref in linked.files}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unrelated", type=int, default=UNRELATED, help="number of reports of other events")
    parser.add_argument("--wrong", type=int, default=0, help="print so many wrong or missed pairs of each kind")
    parser.add_argument("--texts", type=Path, help="folder of .txt files to align")
    parser.add_argument("--pages", type=Path, help="folder of HTML files to extract and link")
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311  synthetic texts
    run(
        make(rng, options.scale, options.unrelated),
        extraction_seconds(options.pages) if options.pages else 0.0,
        options.wrong,
    )
    if options.texts:
        own_texts(options.texts)


if __name__ == "__main__":
    main()
