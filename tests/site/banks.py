"""Sentence banks of the bulk articles, in English, Russian and Kazakh, and the names that fill them.

A sentence is a pattern whose `{bank}` marks are filled at random. Banks hold whole phrases in the case that their
place wants, so that a filled sentence is grammatical; invented surnames, towns, firms and figures keep any two
articles from sharing many three-word runs.
"""

import random
from collections.abc import Sequence
from functools import cache

Bank = Sequence[str]

NAME_SEED = 20240912  # fixes the invented names once and for all


def syllables(rng: random.Random, count: int, starts: str, middles: str, ends: str) -> list[str]:
    """Return distinct invented words, each one start, one or two middles and one end out of lists parted by spaces."""
    first, middle, last = starts.split(), middles.split(), ends.split()
    words: dict[str, None] = {}
    while len(words) < count:
        words[rng.choice(first) + "".join(rng.choices(middle, k=rng.choice((1, 1, 2)))) + rng.choice(last)] = None
    return list(words)


@cache
def names() -> dict[str, Bank]:
    """Return the invented names in both alphabets, and figures."""
    rng = random.Random(NAME_SEED)  # noqa: S311 - no secrets here
    latin_starts = "Ba Be Bo Da De Du Er Ga Go Ha Iz Ka Ke Ku La Ma Me Mu Na No Ol Or Pa Ra Sa Se Su Ta Te To Tu Ur Va Ve Ya Za Zhe Zhu"
    latin_middles = "bar da dek gal il ka kan lar len mak mir nak nel nu ra rin san sel ta tan tem val ver yan zha"
    cyrillic_starts = (
        "Ба Бе Бо Да Де Ду Ер Га Го За Из Ка Ке Ку Ла Ма Ме Му На Но Ол Ор Па Ра Са Се Су Та Те То Ту Ур Ва Ве Жа Же Жу"
    )
    cyrillic_middles = "бар да дек гал ил ка кан лар лен мак мир нак нел ну ра рин сан сел та тан тем вал вер ян жа"
    return {
        "name": syllables(rng, 3000, latin_starts, latin_middles, "ov in enko baev lin skis bek yev uly man"),
        "town": syllables(rng, 1500, latin_starts, latin_middles, "tau kol sk grad abad bulak ino ovo kent say"),
        "firm": syllables(
            rng, 1500, latin_starts, latin_middles, "trans neft agro line gaz mash stroy energo port tel"
        ),
        "имя": syllables(rng, 3000, cyrillic_starts, cyrillic_middles, "ов ин енко баев лин ский бек ев улы ман"),
        "город": syllables(
            rng, 1500, cyrillic_starts, cyrillic_middles, "тау коль ск град абад булак ино ово кент сай"
        ),
        "фирма": syllables(
            rng, 1500, cyrillic_starts, cyrillic_middles, "транс нефть агро лайн газ маш строй энерго порт тел"
        ),
        "n": [str(n) for n in range(2, 999)],
        "d": [f"{n // 10}.{n % 10}" for n in range(11, 990)],
        "д": [f"{n // 10},{n % 10}" for n in range(11, 990)],
        "day": [str(n) for n in range(1, 29)],
    }


ENGLISH = {
    "who": """Kazakhstan's energy ministry|Russian customs officers|the Kazakh grain union|Russia's transport watchdog|a border commission in {town}
the governor of {town}|negotiators from Astana|Moscow's trade envoy {name}|the rail operator {firm}|economist {name}
deputy minister {name}|the regional assembly in {town}|the pipeline company {firm}|Kazakh farmers near {town}|a Russian bank, {firm},
the Eurasian commission's {name}|hydrologist {name}|the teachers' union of {town}|Kazakhstan's central bank|analyst {name}
the haulage firm {firm}|Russia's agriculture inspectorate|a court in {town}|the mayor of {town}|Kazakh diplomats
former ambassador {name}|the exporters' club {firm}|Russia's energy minister|engineers of {firm}|the statistics office""",
    "did": """postponed|rejected|welcomed|questioned|confirmed|redrafted|defended|suspended|approved|leaked|published|criticised|renewed|shelved|examined
opened talks on|signed off|challenged|delayed|audited|expanded|cancelled|costed|halved|priced|mapped|settled|inspected|froze|revived""",
    "what": """a tariff on {n} categories of steel|the {firm} terminal near {town}|plans for a checkpoint at {town}|a quota of {n} thousand tonnes of barley
the lease of a test range by {town}|{d} billion roubles of guarantees|a ban on seed potatoes from {town}|the transit fee of {d} dollars a barrel
a joint survey of the river at {town}|visa rules for {n} classes of workers|the {firm} loan|payment arrears of {d} million tenge
a timetable for {n} freight trains|the power line to {town}|tests of {n} lorry loads of tomatoes|the labelling scheme run by {firm}
a memorandum drafted by {name}|the dispute over {n} wagons|export duty on {n} grades of fuel oil|a school exchange with {town}
the merger of {firm} with {firm}|drone rules around {town}|a refund to {n} shippers|the {town} gas link|a list of {n} sanctioned parts""",
    "when": """on day {day} of the month|after {n} hours of talks in {town}|during a closed session at {town}|last quarter|within {n} days|before the harvest around {town}
while {name} was abroad|a week after the {town} meeting|at a hearing chaired by {name}|despite {n} objections|by a vote of {n} to {day}|for the {day}th time since spring
over the protests of {firm}|once {name} had left the room|following a letter from {town}""",
    "said": """told reporters in {town}|wrote in a note to {firm}|conceded before deputies|argued in a paper for {firm}|repeated on local radio|warned a conference in {town}
admitted to auditors|said by telephone from {town}|noted in testimony|remarked to visiting editors|insisted at a briefing on {firm}""",
    "that": """neither capital gains from a quarrel about {n} wagons|the queue at {town} will shrink to {n} lorries|Kazakhstan buys {d} percent of the fuel in question from Russia
Russia remains the buyer of {d} percent of that crop|the cost has risen {d} times since {firm} left|insurers want {n} extra papers for each cargo
{firm} owes {town} more than it can pay|Kazakh law leaves {n} loopholes there|Russian rules change every {n} days|the figures of {name} rest on {n} samples
a detour through {town} adds {n} kilometres|no one has counted the {n} families concerned|prices in {town} follow those of {firm}
the contract with {firm} lapses in {n} weeks|Moscow and Astana read clause {n} in two ways""",
    "colour": """Wind shut the road to {town}.|In {town} the market opened late.|{name} keeps the ledger in a biscuit tin.|A kettle boiled through the whole of it.
Nobody in {town} expected an answer.|{firm} did not reply to {n} messages.|The lift at {firm} was out of order.|Snow lay on the sidings of {town}.""",
}
ENGLISH_PATTERNS = """{who} {did} {what} {when}.
{who} {did} {what}, and {name} {said} that {that}.
{what} cost {firm} {d} million, {name} {said}.
{when}, {who} {did} {what}, though {that}.
{name} {said} that {that}.
"{that}," {name} {said}, adding that {that}.
{colour}
Since {who} {did} {what}, {that}, according to {name} of {firm}.
{who} and {who} {did} {what} {when}.
Asked about {what}, {name} {said} that {that}.
Some {n} people in {town} depend on {what}.
{what} would need {d} million from {firm}, while {who} {did} {what}."""

OFFTOPIC_ENGLISH = {
    "who": """coach {name}|the pastry chef {name}|goalkeeper {name}|a choir from {town}|striker {name}|the gardener {name}|the {town} marathon team
captain {name}|bakers in {town}|the museum of {town}|referee {name}|cellist {name}""",
    "did": """rested|praised|rehearsed|glazed|dropped|trained|restored|filmed|sketched|measured|tasted|coached|tuned|watered|painted""",
    "what": """a squad of {n}|the second half in {town}|{n} trays of plum cake|a mural of {town}|the {firm} cup|an overture by {name}|rows of {n} tulips|the relay at {town}
a stew with {n} grams of leek|the derby with {town}|a clock made by {name}|the final set""",
    "when": """in front of {n} people|under rain at {town}|on court {day}|before the interval|with {day} minutes left|at {n} metres|in the kitchen of {name}""",
    "said": """joked|told fans in {town}|wrote in the programme|said at {firm}|recalled""",
    "that": """the dough needs {n} minutes more|{town} deserved a draw|nobody runs {n} metres for fun|{name} plays best in the cold|the roses of {town} came late""",
    "colour": """The band played on in {town}.|{name} laughed.|It rained in {town}.|The oven reached {n} degrees.""",
}

RUSSIAN = {
    "who": """министр {имя}|казахстанский перевозчик {фирма}|российский таможенный инспектор {имя}|аналитик {имя}|аким города {город}|московский переговорщик {имя}
казахстанский депутат {имя}|российский концерн {фирма}|банк {фирма}|посол {имя}|глава комиссии {имя}|зерновой союз Казахстана|гидролог {имя}|губернатор {имя}
профсоюз посёлка {город}|российский надзор|казахстанский Минэнерго|экономист {имя}|суд города {город}|оператор {фирма}""",
    "did": """отложил|отклонил|поддержал|раскритиковал|подтвердил|переписал|приостановил|одобрил|опубликовал|продлил|проверил|оспорил|сократил|утвердил|пересчитал|вернул|заморозил|согласовал""",
    "what": """тариф на {n} видов стали|проект терминала {фирма} под городом {город}|квоту в {n} тысяч тонн ячменя|договор аренды полигона у посёлка {город}
кредит на {д} миллиарда рублей|запрет на ввоз картофеля из района {город}|сбор в {д} доллара за баррель|план совместной съёмки реки близ города {город}
порядок въезда для {n} категорий работников|график {n} грузовых поездов|линию электропередачи до станции {город}|список из {n} подсанкционных деталей
слияние {фирма} и {фирма}|возврат денег {n} перевозчикам|меморандум, который написал {имя}|газовый отвод на {город}|маркировку товаров {фирма}|долг в {д} миллиона тенге""",
    "when": """после {n} часов переговоров в городе {город}|на закрытом заседании|{day}-го числа|за {n} дней до уборки|вопреки {n} возражениям|по просьбе компании {фирма}
пока {имя} был в отъезде|на слушаниях под председательством {имя}|в прошлом квартале|через неделю после встречи в городе {город}""",
    "said": """сообщил журналистам в городе {город}|написал в докладе для {фирма}|признал перед депутатами|повторил в эфире радио {город}|предупредил участников форума {фирма}
отметил на брифинге|рассказал по телефону из посёлка {город}|заметил в разговоре с редакторами""",
    "that": """ни одна из столиц не выигрывает от спора о {n} вагонах|очередь у города {город} сократится до {n} машин|Казахстан покупает в России {д} процента этого топлива
Россия остаётся покупателем {д} процента урожая|расходы выросли в {д} раза после ухода {фирма}|страховщики требуют {n} дополнительных бумаг|{фирма} должна посёлку {город} больше, чем может заплатить
казахстанский закон оставляет {n} лазеек|российские правила меняются каждые {n} дней|объезд через {город} добавляет {n} километров|цены в городе {город} следуют за ценами {фирма}
договор с {фирма} истекает через {n} недель|Москва и Астана по-разному читают пункт {n}""",
    "colour": """Ветер закрыл дорогу на {город}.|Рынок в посёлке {город} открылся поздно.|Компания {фирма} не ответила на {n} писем.|На путях станции {город} лежал снег.|{имя} ведёт записи в школьной тетради.""",
}
RUSSIAN_PATTERNS = """{who} {did} {what} {when}.
{who} {did} {what}, а {имя} {said}, что {that}.
{when} {who} {did} {what}, хотя {that}.
{имя} {said}, что {that}.
«{that}», — {said} {имя}.
{colour}
После того как {who} {did} {what}, {that}, считает {имя} из {фирма}.
Около {n} жителей посёлка {город} ждут перемен: {that}.
{who} {did} {what} и {did} {what}."""

KAZAKH = {
    "who": """министр {имя}|қазақстандық {фирма} компаниясы|ресейлік кеден қызметкері {имя}|сарапшы {имя}|{город} қаласының әкімі|Мәскеу келіссөзшісі {имя}
депутат {имя}|Ресейдің {фирма} концерні|{фирма} банкі|елші {имя}|Қазақстанның астық одағы|гидролог {имя}|{город} ауылының тұрғыны {имя}|экономист {имя}|Қазақстанның энергетика министрлігі""",
    "did": """кейінге қалдырды|қабылдамады|қолдады|сынға алды|растады|қайта жазды|тоқтатты|мақұлдады|жариялады|ұзартты|тексерді|қысқартты|бекітті|келісті""",
    "what": """{n} түрлі болаттың тарифін|{город} маңындағы {фирма} терминалының жобасын|{n} мың тонна арпа квотасын|{город} жанындағы полигонды жалға беруді
{д} миллиард рубль несиені|{город} ауданынан картоп әкелуге салынған тыйымды|баррелі {д} доллар алымды|{город} тұсындағы өзенді бірлесіп зерттеу жоспарын
{n} жүк пойызының кестесін|{город} бекетіне дейінгі электр желісін|{n} бөлшектің тізімін|{фирма} мен {фирма} бірігуін|{имя} жазған меморандумды|{город} газ тармағын""",
    "when": """{город} қаласындағы {n} сағаттық келіссөзден кейін|жабық отырыста|айдың {day}-күні|{n} күн бұрын|{n} қарсылыққа қарамастан|{фирма} сұрауымен
{имя} жоқ кезде|өткен тоқсанда|{город} жиынынан кейін|{имя} төрағалық еткен тыңдауда""",
    "said": """{город} қаласында журналистерге айтты|{фирма} үшін жазған баяндамасында көрсетті|депутаттар алдында мойындады|{город} радиосында қайталады|брифингте атап өтті|форумда ескертті""",
    "that": """{n} вагон туралы даудан екі астана да ұтпайды|{город} маңындағы кезек {n} көлікке дейін азаяды|Қазақстан бұл отынның {д} пайызын Ресейден алады
Ресей астықтың {д} пайызын сатып алады|{фирма} кеткелі шығын {д} есе өсті|сақтандырушылар тағы {n} қағаз сұрайды|{город} арқылы айналма жол {n} шақырым қосады
Ресей ережелері {n} күн сайын өзгереді|{фирма} шарты {n} аптадан соң бітеді|Мәскеу мен Астана {n}-тармақты екі түрлі оқиды""",
    "colour": """{город} жолын жел жауып тастады.|{город} базары кеш ашылды.|{фирма} {n} хатқа жауап бермеді.|{имя} есебін мектеп дәптеріне жазады.""",
}
KAZAKH_PATTERNS = """{who} {when} {what} {did}.
{who} {what} {did}, ал {имя}: {that}, — деп {said}.
{when} {who} {what} {did}, бірақ {that}.
{имя} {that} деп {said}.
{colour}
{who} {what} {did}. Содан бері {that}, дейді {фирма} өкілі {имя}.
{город} тұрғындарының {n} адамы өзгеріс күтеді: {that}.
{who} {what} {did}, кейін {what} {did}."""


def split(text: str) -> list[str]:
    return [phrase.strip() for line in text.splitlines() for phrase in line.split("|")]
