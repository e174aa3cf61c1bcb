"""Word banks and sentence patterns of the bulk articles, in English, Russian and Kazakh.

The `{bank}` marks of a pattern are filled at random. Between two fixed words of a pattern there are at least two marks. So
two articles share about one three-word run in a hundred, like unrelated news. The words have the form that the pattern
needs: Russian objects are masculine and inanimate, Kazakh objects have their endings.
"""

import random
from collections.abc import Sequence
from functools import cache
from typing import Final

Bank = Sequence[str]

NAME_SEED: Final = 20240912  # the invented names are always the same


def syllables(rng: random.Random, count: int, starts: str, middles: str, ends: str) -> list[str]:
    """Return distinct invented words: a start, one or two middles and an end, from lists separated by spaces."""
    first, middle, last = starts.split(), middles.split(), ends.split()
    words: dict[str, None] = {}
    while len(words) < count:
        words[rng.choice(first) + "".join(rng.choices(middle, k=rng.choice((1, 1, 2)))) + rng.choice(last)] = None
    return list(words)


@cache
def names() -> dict[str, Bank]:
    """Return the banks of invented names in both alphabets, and of numbers."""
    rng = random.Random(NAME_SEED)  # noqa: S311 - no secrets here
    starts = "Ba Be Bo Da De Du Er Ga Go Ha Iz Ka Ke Ku La Ma Me Mu Na No Ol Or Pa Ra Sa Se Su Ta Te To Tu Ur Va Ve Ya Za Zhe Zhu"
    middles = "bar da dek gal il ka kan lar len mak mir nak nel nu ra rin san sel ta tan tem val ver yan zha"
    cyrillic_starts = (
        "Ба Бе Бо Да Де Ду Ер Га Го За Из Ка Ке Ку Ла Ма Ме Му На Но Ол Ор Па Ра Са Се Су Та Те То Ту Ур Ва Ве Жа Же Жу"
    )
    cyrillic_middles = "бар да дек гал ил ка кан лар лен мак мир нак нел ну ра рин сан сел та тан тем вал вер ян жа"
    return {
        "name": syllables(rng, 3000, starts, middles, "ov in enko baev lin skis bek yev uly man"),
        "town": syllables(rng, 1500, starts, middles, "tau kol sk grad abad bulak ino ovo kent say"),
        "firm": syllables(rng, 1500, starts, middles, "trans neft agro line gaz mash stroy energo port tel"),
        "имя": syllables(rng, 3000, cyrillic_starts, cyrillic_middles, "ов ин енко баев лин ский бек ев улы ман"),
        "город": syllables(
            rng, 1500, cyrillic_starts, cyrillic_middles, "тау коль ск град абад булак ино ово кент сай"
        ),
        "фирма": syllables(
            rng, 1500, cyrillic_starts, cyrillic_middles, "транс нефть агро лайн газ маш строй энерго порт тел"
        ),
        "n": [str(n) for n in range(12, 999)],
        "d": [f"{n // 10}.{n % 10}" for n in range(11, 990)],
        "д": [f"{n // 10},{n % 10}" for n in range(11, 990)],
    }


ENGLISH: Final = {
    "kz": "Kazakh Kazakhstani Kazakhstan's Astana's Tokayev's Kazakh Kazakhstani",
    "ru": "Russian Russia's Moscow's Putin's Kremlin Russian Russia's",
    "adj": """new old cheap costly quiet loud slow swift joint rival northern southern eastern western rural coastal
        seasonal annual monthly secret public tidy messy modest bold narrow broad early late frozen flooded rusty shiny
        borrowed leased unpaid overdue provisional final partial complete vague precise awkward friendly hostile lukewarm
        clumsy skilful unwanted promised forgotten revived hidden open empty crowded remote nearby local federal regional
        private armoured wooden electric digital handwritten printed sealed stamped unsigned amended rejected pending
        bilateral unilateral technical legal fiscal veterinary sanitary nautical seismic medical municipal military civil
        temporary permanent idle busy profitable ruinous fragile sturdy polite blunt hasty patient thin thick lavish frugal""",
    "good": """wheat barley rye oat flax rapeseed sunflower potato onion melon carrot honey milk cheese butter beef mutton
        poultry sturgeon carp caviar salt sugar flour timber plywood paper cement gravel brick glass steel copper zinc
        uranium chrome aluminium coal coke diesel petrol kerosene bitumen gas helium oxygen fertiliser sulphur phosphate
        wool leather cotton felt furniture tyre turbine battery cable transformer locomotive wagon tractor combine pump
        pipe valve drone satellite telephone server vaccine insulin fodder seed cattle horse poplar apple apricot walnut
        water ice power heat steam software insurance freight parcel container pallet border transit pension visa""",
    "thing": """contract quota tariff permit licence ban subsidy loan bond audit survey census forecast warning appeal protest
        petition verdict hearing lawsuit strike shipment convoy train ferry terminal depot warehouse refinery smelter
        mine quarry reservoir dam canal bridge tunnel road track runway checkpoint fence corridor zone market fair
        exhibition forum summit treaty protocol memorandum letter note speech interview report study atlas map plan draft
        budget deficit surplus payment invoice refund fine penalty bonus salary grant scholarship school clinic hospital
        laboratory station mast grid plant factory workshop garage mill elevator silo orchard farm ranch fishery""",
    "role": """minister deputy governor mayor envoy consul negotiator adviser inspector auditor prosecutor judge lawyer notary
        banker trader broker insurer haulier driver dispatcher engineer surveyor geologist hydrologist agronomist farmer
        herder forester fisher miner welder fitter electrician programmer teacher lecturer historian economist analyst
        pollster reporter editor translator librarian doctor nurse vet chemist pharmacist sailor pilot ranger guard
        colonel general veteran pensioner student builder architect planner landlord tenant shopkeeper baker importer
        exporter customer shareholder director manager secretary spokesman commissioner ambassador delegate official""",
    "did": """praised blamed checked counted doubted dropped backed banned bought sold leased mended painted measured mapped
        moved stopped started delayed doubled halved trimmed raised lowered froze revived signed leaked shelved opened
        closed sealed cleared seized returned replaced rebuilt renamed redrafted rewrote challenged welcomed rejected
        accepted approved confirmed denied defended attacked ignored noticed discussed debated compared confused split
        merged shared hid showed filmed recorded published quoted copied translated tested inspected audited taxed
        insured financed funded repaid cancelled postponed extended shortened settled ended renewed sponsored mocked""",
    "adv": """quietly loudly slowly quickly again twice abroad overnight yesterday later reluctantly gladly openly secretly
        politely bluntly together separately jointly briefly repeatedly finally early late nearby elsewhere online""",
}  # fmt: skip
ENGLISH_PATTERNS: Final = """{kz} {role} {name} {did} {adj} {good} {things} near {town}, where {ru} {roles} {did} {adj} {things} {adv}.
{name}, {adj} {role} of {firm}, {did} {ru} {good} {things} worth {n} {adj} {things}.
{adj} {good} {things} {adv} {did} {ru} {roles} and {kz} {roles} around {town}.
"{adj} {things} {did} {adj} {roles}," {role} {name} {adv} {did} {ru} {things}.
Since {firm} {did} {adj} {good} {things}, {kz} {roles} {did} {d} {adj} {things} a {good} {thing}.
{ru} {role} {name} and {kz} {role} {name} {did} {town} {good} {things} {adv}.
{kz} {good} {things} {did} {firm} after {adj} {role} {name} {did} {n} {adj} {roles}.
In {town} {n} {adj} {roles} {did} {kz} {things}, while {ru} {good} {roles} {adv} {did} {town}.
{firm} and {firm} {adv} {did} {ru} {good} {things} for {n} {kz} {roles}.
{adj} {role} {name} {did} {d} {adj} {things}, though {kz} {good} {roles} {did} {ru} {adj} {things}.
No {adj} {role} {did} {firm} {things}; {town} {role} {name} {did} {adj} {kz} {roles}."""

OFF_TOPIC: Final = {
    "adj": ENGLISH["adj"],
    "kz": "smiling tired famous retired barefoot nervous cheerful sleepy",
    "ru": "hungry muddy graceful stubborn tuneful lucky veteran young",
    "good": """plum leek pastry custard cello violin choir ballet opera marathon relay hurdle tennis chess rugby hockey garden
        tulip rose orchid beetroot mushroom noodle pancake biscuit jam cider lemon ginger saffron pepper trout lobster
        bicycle sailing skating rowing judo archery puppet circus cinema watercolour pottery quilt lace jazz folk""",
    "thing": """match race final trophy medal recipe oven tray ladle melody overture rehearsal concert album stage curtain mural
        portrait sketch statue gallery festival parade picnic supper breakfast lunch salad soup cake loaf sauce garden
        greenhouse pond trail hike tent lantern kite balloon puzzle novel poem diary letter costume mask ribbon""",
    "role": """coach goalkeeper striker captain referee umpire sprinter swimmer skater rower cellist singer dancer actor painter
        potter weaver gardener florist baker chef waiter critic novelist poet juggler clown conductor tenor organist""",
    "did": ENGLISH["did"],
    "adv": ENGLISH["adv"],
}  # fmt: skip

RUSSIAN: Final = {
    "кз": "казахстанский казахстанский казахстанский астанинский",
    "рф": "российский российский московский кремлёвский",
    "прил": """новый старый дешёвый дорогой тихий громкий медленный быстрый совместный спорный северный южный восточный
        западный сельский береговой сезонный годовой тайный открытый скромный смелый узкий широкий ранний поздний
        замороженный ржавый арендованный просроченный временный окончательный частичный полный туманный точный неловкий
        дружеский вялый забытый скрытый пустой переполненный дальний ближний местный федеральный областной частный
        деревянный цифровой рукописный печатный опечатанный подписанный отклонённый двусторонний технический правовой
        налоговый ветеринарный санитарный речной сейсмический городской военный гражданский прибыльный хрупкий прочный""",
    "кто": """министр депутат губернатор посол консул переговорщик советник инспектор аудитор прокурор судья юрист нотариус
        банкир трейдер брокер страховщик перевозчик водитель диспетчер инженер геодезист геолог гидролог агроном фермер
        лесник рыбак шахтёр сварщик монтёр программист учитель историк экономист аналитик социолог репортёр редактор
        переводчик библиотекарь врач ветеринар химик моряк лётчик пограничник полковник ветеран пенсионер студент
        строитель архитектор арендатор импортёр экспортёр покупатель акционер директор секретарь представитель чиновник""",
    "сделал": """похвалил проверил посчитал отложил отклонил поддержал запретил купил продал починил измерил передвинул
        остановил запустил удвоил сократил поднял снизил заморозил возобновил подписал опубликовал открыл закрыл
        опечатал вернул заменил перестроил переименовал переписал оспорил одобрил подтвердил защитил раскритиковал
        заметил обсудил сравнил разделил объединил показал записал процитировал перевёл испытал застраховал оплатил
        отменил продлил урезал завершил обновил высмеял пересмотрел согласовал утвердил""",
    "что": """договор тариф запрет кредит аудит прогноз протест приговор иск груз конвой поезд паром терминал склад завод
        рудник карьер канал мост тоннель коридор рынок форум протокол меморандум доклад атлас план проект бюджет дефицит
        платёж счёт штраф грант институт полигон узел цех элеватор сад участок отчёт список график маршрут устав акт
        ответ вопрос спор обмен выпуск закон указ регламент стандарт реестр архив тендер аукцион склон берег причал""",
    "чего": """пшеницы ячменя льна рапса картофеля лука мёда молока сыра масла говядины баранины осетра соли сахара муки
        леса фанеры бумаги цемента щебня кирпича стекла стали меди цинка урана хрома алюминия угля кокса дизтоплива
        бензина керосина битума газа гелия кислорода удобрений серы шерсти кожи хлопка войлока мебели турбин кабеля
        вагонов тракторов насосов труб клапанов спутников серверов вакцин инсулина кормов семян скота яблок абрикосов
        воды энергии тепла страхования транзита перевозок пенсий виз посылок контейнеров""",
    "как": """тихо громко медленно быстро снова дважды ночью вчера позже неохотно открыто тайно вежливо резко вместе порознь
        ненадолго наконец рано поздно рядом""",
}  # fmt: skip
RUSSIAN_PATTERNS: Final = """{кз} {кто} {имя} {сделал} {прил} {что} {чего}, а {рф} {кто} {как} {сделал} {прил} {что}.
{имя}, {прил} {кто} {фирма}, {сделал} {рф} {что} {чего} стоимостью {n} {прил} {что}.
{прил} {что} {чего} {как} {сделал} {рф} {кто} {имя}.
«{прил} {что} {сделал} {прил} {кто}», — {как} {сделал} {имя} {рф} {что}.
Пока {фирма} {сделал} {прил} {что} {чего}, {кз} {кто} {имя} {сделал} {д} {прил} {что}.
{рф} {кто} {имя} и {кз} {кто} {имя} {как} {сделал} {что} {чего}.
{город} и {город} {как} обсудили {кз} {что} {чего}, {кто} {имя} {сделал} {рф} {прил} {что}.
{кз} {прил} {что} {чего} {имя} {сделал} {как}, {n} {рф} {кто} {имя} {сделал} {прил} {что}."""

KAZAKH: Final = {
    "қз": "қазақстандық қазақстандық қазақстандық астаналық",
    "рс": "ресейлік ресейлік мәскеулік кремльдік",
    "сын": """жаңа ескі арзан қымбат тыныш баяу жылдам ортақ даулы солтүстік оңтүстік шығыс батыс ауылдық маусымдық жылдық
        құпия ашық қарапайым батыл тар кең ерте кеш тот мұзды уақытша түпкілікті толық бұлыңғыр нақты ыңғайсыз достық
        ұмытылған жасырын бос алыс жақын жергілікті облыстық жекеменшік ағаш цифрлық баспа мөрленген екіжақты техникалық
        құқықтық салықтық малдәрігерлік өзендік қалалық әскери азаматтық пайдалы нәзік берік үлкен кіші терең биік""",
    "кім": """министр депутат әкім елші консул келіссөзші кеңесші инспектор аудитор прокурор сот заңгер банкир саудагер
        сақтандырушы тасымалдаушы жүргізуші диспетчер инженер геолог гидролог агроном шаруа орманшы балықшы кенші
        дәнекерлеуші бағдарламашы мұғалім тарихшы экономист сарапшы тілші редактор аудармашы кітапханашы дәрігер химик
        теңізші ұшқыш шекарашы полковник ардагер зейнеткер студент құрылысшы сәулетші сатушы директор хатшы өкіл шенеунік""",
    "істеді": """мақтады тексерді санады қалдырды қабылдамады қолдады сатты жөндеді өлшеді тоқтатты бастады қысқартты көтерді
        түсірді жаңартты жариялады ашты жапты қайтарды ауыстырды өзгертті даулады мақұлдады растады қорғады сынады
        байқады талқылады салыстырды бөлді біріктірді көрсетті жазды аударды сынақтады төледі тоқырады ұзартты аяқтады""",
    "нені": """келісімін тарифін тыйымын несиесін аудитін болжамын наразылығын шешімін талабын жүгін керуенін пойызын паромын
        терминалын қоймасын зауытын кенішін арнасын көпірін дәлізін базарын форумын хаттамасын баяндамасын атласын
        жоспарын жобасын бюджетін тапшылығын төлемін айыппұлын грантын торабын цехын бағын тізімін кестесін бағытын
        жауабын сұрағын дауын алмасуын заңын жарлығын стандартын мұрағатын тендерін айлағын жағасын""",
    "не": """бидай арпа зығыр рапс картоп пияз бал сүт ірімшік май сиыр қой балық тұз қант ұн ағаш қағаз цемент тас кірпіш шыны
        болат мыс мырыш уран хром көмір кокс дизель бензин керосин битум газ гелий оттегі тыңайтқыш күкірт жүн былғары
        мақта киіз жиһаз турбина кабель вагон трактор сорғы құбыр жерсерік сервер вакцина жем тұқым мал алма өрік су
        энергия жылу транзит зейнетақы виза сәлемдеме контейнер""",
    "қалай": """үнсіз ашық баяу тез қайта түнде кеше кейін құпия сыпайы бірге бөлек қысқаша ақырында ерте кеш жақында""",
}  # fmt: skip
KAZAKH_PATTERNS: Final = """{қз} {кім} {имя} {сын} {не} {нені} {істеді}, ал {рс} {кім} {сын} {не} {нені} {қалай} {істеді}.
{имя}, {сын} {кім}, {рс} {фирма} {не} {нені} {n} {сын} {кім} арқылы {істеді}.
{город} {сын} {не} {нені} {рс} {кім} {имя} {қалай} {істеді}.
«{сын} {не} {нені} {кім} {істеді}», — {имя} {қалай} {рс} {нені} {істеді}.
{фирма} {сын} {не} {нені} {істеді}, сондықтан {қз} {кім} {имя} {д} {сын} {не} {нені} {істеді}.
{рс} {кім} {имя} пен {қз} {кім} {имя} {не} {нені} {қалай} {істеді}.
{қз} {сын} {не} {нені} {город} {қалай} {істеді}, {n} {рс} {кім} {сын} {нені} {істеді}."""


def banks(words: dict[str, str]) -> dict[str, Bank]:
    """Return the banks of a language, with the invented names and the English plurals."""
    found: dict[str, Bank] = names() | {bank: text.split() for bank, text in words.items()}
    plurals = {f"{bank}s": [plural(noun) for noun in found[bank]] for bank in ("thing", "role") if bank in words}
    return found | plurals


def plural(noun: str) -> str:
    """Return the plural of an English noun."""
    if noun.endswith("y") and noun[-2] not in "aeo":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("ch", "sh", "s", "x")) else "s")
