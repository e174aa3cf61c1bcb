"""Names of people in bylines: split lists of them, remove what stands around a name, tell people from offices."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import dropwhile, pairwise

from articles import dates
from articles.data import load
from articles.metadata.agencies import agency
from articles.text import fold

NAME_SEPARATOR = re.compile(
    r"\s*(?:,|;|\||/|\band\b|&|\bund\b|\bи\b|\bта\b|\bй\b|\bir\b|\bet\b|\by\b|\bog\b|\bva\b|\bва\b|\bve\b|және|\bжана\b|\bwith\b|\s•\s|"
    r"\.\s+(?=(?i:фото|photos?|сурет|suret)\b)|(?<=\s)(?:мен|бен|пен|і|men|hám|həm|AND|И|ТА|ЖӘНЕ|МЕН)(?=\s))\s*"
)
NAME = re.compile(r"^[^\W\d_][\w.'’`-]*(?:\s+[\w.'’`()-]+){0,5}$")
BYLINE_PREFIX = re.compile(
    r"^\W*(?:by|von|par|por|автор(?:ы|и|ка|ки|лар|у(?=\s*:))?(?:\s+(?:статьи|материала|текста|публикации))?|authors?|written by|text(?:as)?|a[uv]tor(?:ius|iai|ė|zy|lar)?|текст|мәтін|muallif(?:lar)?|"
    r"(?:подготовил|записал|беседовал|підготував|підготувал|розмовлял)(?:[аи])?|дайындаған|жазған|сұхбаттасқан|tayyorladi)\b\s*:?\s*"
    r"|^\W*(?:журналист(?:ка)?|журналіст(?:ка)?|корреспондент|кореспондент(?:ка)?|тілші|muxbir)\s*:\s*"
    r"|^\W*(?-i:By|Автор)(?-i:(?=[A-ZА-ЯЁ]))",  # joined to the name by a template
    re.IGNORECASE,
)
CREDIT_PREFIX = re.compile(
    r"^(?:posted|written|authored|edited|reported|reviewe?d?|story|reporting|published|submitted|publiziert|adaptiert)\s+(?:by|von)\s+"
    r"|^(?:опубликовано|отправлено|разместил[аи]?|добавил[аи]?|додав|додала|опублікував|опублікувала)\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
ROLE_LABEL = re.compile(r"(?:^|\s)([^\W\d_]{3,20}\s?:)\s+")  # "Фото: …" after the author's name in one line
SENTENCE_END = re.compile(r"[^\W\d_A-ZА-ЯЁ]{3}\.$")  # of a list of names; an abbreviation such as "Jr." is shorter
AFTER_NAME = re.compile(  # begins a job title, a date or a handle
    r"\s+[-–—]\s*|\s*[|•·●⋅∙(@]|\s+Twitter$|\s+(?:on|in|am|für|for|mit|из|в)(?:\s+|$)|"
    r"\s+(?:[Вв]се|[Дд]ругие|[Ее]щ[её]) (?:материалы|статьи|публикации|новости)|\s+(?:More|All|View all|Read more)\s|"
    r"\s+(?:написать|подробнее|профиль|подписаться|(?i:additional reporting|editing|photos?|photographs?|фото|сурет))\b|\s+\d|(?<=[a-zа-я])(?=\d)"
)
MARKUP = re.compile(r"<[^<>]{1,300}>|[<(]?[^\s@<(]{1,60}@[\w.-]{1,60}[>)]?")  # tags and e-mail addresses
DOMAIN = re.compile(r"[\w-]\.[a-z]{2,6}$|[\w-]{3}\.(?i:[a-z]{2,6})$")  # "J.Lee" is none
PHOTO_CREDIT = re.compile(r"\.\s+(?=(?:фото|photos?|сурет)\b)", re.IGNORECASE)
MAX_AMBIGUOUS_SITE_CHARS = 4  # a site's name of up to so many letters may be part of a person's name
DIGIT = re.compile(r"\d")
MAX_NAME_LIST_CHARS = 2_000  # the characters of a list of names that are read
MAX_NAME_WORDS = 6  # in a person's name; a hyphen separates words
MAX_NAME_CHARS = 60
SIGNATURE_WORDS = (2, 3)  # minimum and maximum number of words of a name under the text
MAX_PEOPLE = 100  # that one source names


def people(texts: Iterable[str], site: str) -> tuple[str, ...]:
    """Return the people among the names in bylines, each once. One word after a full name is a place or an outlet."""
    found: dict[str, str] = {}
    for text in texts:
        lines = MARKUP.sub(" ", text[:MAX_NAME_LIST_CHARS]).splitlines()
        parts = (part for line in lines for part in _parts_of_authors(" ".join(line.split())))
        cleaned = (clean_name(name) for part in parts for name in NAME_SEPARATOR.split(part))
        people_here = [name for name in cleaned if is_person(name, site)]
        full = [name for name in people_here if " " in name]
        for name in full or people_here:
            found.setdefault(fold(name), name)
    names = [*found.values()][:MAX_PEOPLE]
    return tuple(name for name in names if not any(_glued(name, other) for other in names))


def _parts_of_authors(line: str) -> list[str]:
    """Return the parts of a line that name authors: without those under the label of another role, such as "Фото: …"."""
    first, *labelled = ROLE_LABEL.split(BYLINE_PREFIX.sub("", line))
    roles = zip(labelled[::2], labelled[1::2], strict=True)
    named = [first, *(names for label, names in roles if BYLINE_PREFIX.fullmatch(label))]
    return [part.strip(" ()[]\"'").rstrip(".;" if labelled else "") for part in named]


def _glued(name: str, other: str) -> bool:
    """Return whether a template joined another word to a full name: "Ann LeeTwitter"."""
    return " " in other and name.startswith(other) and name[len(other) :][:1].isupper()


def clean_name(name: str) -> str:
    """Return a name without what bylines add to it: "written by", a date, a handle, a place, a job title after a dash."""
    words = _without_date(CREDIT_PREFIX.sub("", BYLINE_PREFIX.sub("", name.strip())).split())
    dated = (
        place
        for place, (word, after) in enumerate(pairwise(words))
        if after[0].isdigit() and dates.month_of(word.strip(".,"))
    )
    words = _without_role(words[: next(dated, None)])
    if words and dates.is_weekday(words[-1].strip(".,")):
        words.pop()
    name = AFTER_NAME.split(" ".join(words), maxsplit=1)[0].strip(' -–—·,«»“”"')
    return name.removesuffix(".") if SENTENCE_END.search(name) else name


def _without_date(words: list[str]) -> list[str]:
    """Return the words after a date: "3 декабря 2024 Мария Ким"."""
    if not words or not words[0][0].isdigit():
        return words
    return [*dropwhile(lambda word: word[0].isdigit() or dates.month_of(word.strip(".,")), words)]


def _without_role(words: list[str]) -> list[str]:
    """Return the words of a name without a role: "Обозреватель Мария Ким", "Staff Writer Ann Lee", "Ann Lee staff writer"."""
    known = word_lists()
    before, roles = known["before_roles"], known["roles"] | known["before_roles"]
    start = next((place for place, word in enumerate(words) if roles.isdisjoint(re.split("-", word.casefold()))), 0)
    name = words[start:]
    after = next((place for place, word in enumerate(words) if word.islower() and word in roles), 0)
    if SIGNATURE_WORDS[0] <= after < len(words) - 1:  # "Content writer" is a role as a whole
        return words[:after]
    is_role = start > 0 and words[start - 1].casefold() not in before and all(map(_starts_like_a_name, name))
    return name if is_role and len(name) >= SIGNATURE_WORDS[0] else words


@cache
def word_lists() -> dict[str, frozenset[str]]:
    """Return the lists of words of data/names.yaml."""
    return {key: frozenset(text.split()) for key, text in load("names").items()}


def is_person(name: str, site: str, *, one_word: bool = False) -> bool:
    """Return whether a name is a person's, not that of a site, agency, job title, URL, date or button.

    A single word in Latin letters counts only with `one_word`: in most lines it is a button, a place or a label.
    """
    words = [word.casefold().strip(".") for word in re.split(r"[\s-]+", name) if word]
    if not words or not NAME.match(name) or len(words) > MAX_NAME_WORDS or len(name) > MAX_NAME_CHARS:
        return False
    site_name = fold(site)
    if (
        fold(name) == site_name
        or (len(site_name) > MAX_AMBIGUOUS_SITE_CHARS and site_name in fold(name))
        or DIGIT.search(name)
        or DOMAIN.search(name)
        or agency(name)
        or (len(words) == 1 and name.isascii() and not one_word)
    ):
        return False
    known = word_lists()
    if any(word in known[kind] for word in words for kind in ("organisations", "not_authors", "offices", "machinery")):
        return False
    return _starts_like_a_name(name.rsplit(maxsplit=1)[-1]) and all(
        _starts_like_a_name(word) or word.casefold() in known["particles"] for word in name.split()
    )


def _starts_like_a_name(word: str) -> bool:
    """Return whether a word begins with a capital letter, or with a letter of a script without capitals."""
    letter = next((char for char in word if char.isalpha()), "")
    return not letter.islower()
