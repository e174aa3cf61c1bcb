"""Wire copy: documents with the same agency text form one cluster, which names the agency."""

import json

import pytest

from flows import process as stages
from storage.snapshots.contents import load
from tests.flows.making import Seen, article, put
from tests.flows.tables import Direct, contents, context, log_of

TEXT = (
    "Казахстан и Россия договорились считать вагоны на пограничной станции вручную ещё один месяц, до первого снега.",
    "Казахстанская сторона просила поставить машину ещё весной, но железная дорога ответила, что машина задержалась.",
    "Водители в Костанае говорят, что очередь выросла до двух дней и что вдоль неё продают чай и горячие лепёшки.",
    "Служащий из Оренбурга, который считает вагоны тридцать лет, сказал, что его карандаш не заменит никакая машина.",
)
ASTANA, ORENBURG, OWN = "http://astana.example/1/", "http://orenburg.example/2/", "http://tass.ru/3/"


def page(title, *paragraphs, day):
    return article(title, *paragraphs, head=f'<meta property="article:published_time" content="2026-10-{day:02}">')


@pytest.fixture
def clusters(monkeypatch, directory_store, tmp_path):
    monkeypatch.setattr("flows.processing.table.Workers", Direct)

    def found(*seen):
        put(directory_store, tmp_path / "spool", "run", seen)
        stages.process(context(directory_store))
        lines = [json.loads(line) for line in contents(directory_store, tmp_path)[0]]
        links = load(directory_store, log_of(directory_store).state()).view.links
        return {line["url"]: line for line in lines}, links

    return found


def test_a_cluster_names_the_agency_and_the_earliest_document(clusters):
    lines, (link,) = clusters(
        Seen(ASTANA, page("Вагоны", TEXT[0] + " Об этом сообщает Kazinform.", *TEXT[1:], day=3)),
        Seen(ORENBURG, page("Вагоны считают", *TEXT[:-1], TEXT[-1] + " Об этом пишут со ссылкой на Казинформ.", day=2)),
    )
    assert {line["cluster_source"] for line in lines.values()} == {link.source} == {"Kazinform"}
    assert {line["cluster_first"] for line in lines.values()} == {lines[ORENBURG]["document_id"]}
    assert len({line["cluster_id"] for line in lines.values()}) == 1


def test_the_agency_s_own_page_represents_its_reprints(clusters):
    lines, (link,) = clusters(
        Seen(OWN, page("Вагоны", *TEXT, day=5)),
        Seen(ORENBURG, page("Вагоны считают", *TEXT[:-1], TEXT[-1] + " Об этом пишут со ссылкой на Интерфакс.", day=2)),
    )
    assert {line["cluster_source"] for line in lines.values()} == {link.source} == {"TASS"}
    assert {line["cluster_id"] for line in lines.values()} == {lines[OWN]["document_id"]}
    assert lines[ORENBURG]["cluster_first"] == lines[ORENBURG]["document_id"]
