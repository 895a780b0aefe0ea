"""Works to render: real records with what they lack made up, and made-up works for languages with few records."""

from __future__ import annotations

import gzip
import html
import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from training.strings.words import LANGUAGES, WORDS

RECORDS = "universe.jsonl.gz"
_KEPT_PER_LANGUAGE = 30_000
_KINDS = {
    "journal-article": "article",
    "proceedings-article": "conference",
    "paper-conference": "conference",
    "conference": "conference",
    "book": "book",
    "book-chapter": "chapter",
    "dissertation": "thesis",
    "report": "report",
    "web": "web",
    "webpage": "web",
    "electronic": "web",
    "software": "software",
    "misc": "web",
    "proceedings": "book",
}
_SMALL_WORDS = {language: frozenset(words.small) for language, words in WORDS.items()}
_MARKUP = re.compile(r"</?\w{1,6}[^<>]{0,20}>|&\w+;|[{}~$\\]|\s+")


_IMPRINTS = tomllib.loads((Path(__file__).parent / "imprints.toml").read_text("utf-8"))
ABBREVIATIONS: dict[str, str] = _IMPRINTS["abbreviations"]


@dataclass(frozen=True, slots=True)
class Person:
    """A person, or a body where only `family` is known and `is_body` is set."""

    family: str
    given: str = ""
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """All that a style may print; empty where the work has none."""

    kind: str  # "article", "conference", "chapter", "book", "edited", "thesis", "report", "web", "software"
    language: str
    title: str
    authors: tuple[Person, ...]
    editors: tuple[Person, ...] = ()
    year: str = ""
    month: int = 1
    day: int = 1
    container: str = ""
    volume: str = ""
    issue: str = ""
    first_page: str = ""
    last_page: str = ""
    publisher: str = ""
    place: str = ""
    doi: str = ""
    url: str = ""
    arxiv: str = ""
    series: str = ""
    edition: str = ""
    school: str = ""
    number: str = ""  # of a report
    pmid: str = ""
    isbn: str = ""


@dataclass(frozen=True, slots=True)
class _Stock:
    """What one language offers to draw from."""

    publishers: tuple[tuple[str, tuple[str, ...]], ...]
    bodies: tuple[str, ...]
    journals: tuple[str, ...]
    schools: tuple[str, ...]


@cache
def _stock(language: str) -> _Stock:
    data = _IMPRINTS[language]
    parted = (line.partition(" = ") for line in data["publishers"])
    publishers = tuple((name, tuple(places.split(" | "))) for name, _, places in parted)
    return _Stock(publishers, tuple(data["bodies"]), tuple(data["journals"]), tuple(data["schools"]))


@cache
def _phrases() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))


def language_of(title: str) -> str:
    """The language a title is in, as far as its small words tell; English where they do not."""
    if re.search(r"[а-яё]{3}", title):
        return "ru"
    words = re.findall(r"[^\W\d_]+", title.lower())
    scores = {language: sum(word in small for word in words) for language, small in _SMALL_WORDS.items()}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= 2 and scores[best] > scores["en"] else "en"


def load_records(data: Path, rng: Random) -> dict[str, list[dict[str, Any]]]:
    """A fair sample of the records in the folder `data`, by the language of their titles."""
    kept: dict[str, list[dict[str, Any]]] = {language: [] for language in LANGUAGES}
    seen = dict.fromkeys(LANGUAGES, 0)
    with gzip.open(data / RECORDS, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            title = cleaned(record["title"])
            if record["type"] not in _KINDS or not 4 <= len(title) <= 300:
                continue
            record["title"] = title
            language = language_of(title)
            seen[language] += 1
            if len(kept[language]) < _KEPT_PER_LANGUAGE:
                kept[language].append(record)
            elif (at := rng.randrange(seen[language])) < _KEPT_PER_LANGUAGE:
                kept[language][at] = record
    return kept


def cleaned(text: str | None) -> str:
    """`text` without mark-up, entities and punctuation at its edges."""
    return re.sub(r"\s+", " ", _MARKUP.sub(" ", html.unescape(html.unescape(text or "")))).strip(" .,;:")


def people_of(record: dict[str, Any]) -> list[Person]:
    """The authors of a record; none where its names are not well made."""
    people = []
    for author in record["authors"]:
        family, given = cleaned(author.get("family")), (author.get("given") or "").strip()
        if not family or re.match(r"\w\.?\s|others$", family) or len(family) > 40:
            return []
        people.append(Person(family, given, is_body=not given and " " in family))
    return people


def of_record(record: dict[str, Any], language: str) -> Work:
    """What the record knows of its work."""
    kind = _KINDS[record["type"]]
    container = cleaned(record.get("container"))
    if kind in {"article", "conference", "chapter"} and not container:
        kind = "book"
    return Work(
        kind=kind,
        language=language,
        title=record["title"],
        authors=tuple(people_of(record)),
        year=str(record["year"] or ""),
        container=container,
        doi=record.get("doi") or "",
    )


def invented_people(language: str, rng: Random, count: int) -> Iterator[Person]:
    """`count` people with names that are usual in `language`."""
    phrases = _phrases()[language]
    for _ in range(count):
        yield Person(rng.choice(phrases["families"]), rng.choice(phrases["given"]))


def invented(language: str, rng: Random) -> Work:
    """A work that does not exist, named as works in `language` are."""
    phrases = _phrases()[language]
    head, subject = rng.choice(phrases["heads"]), rng.choice(phrases["subjects"])
    tail = rng.choice(["", rng.choice(phrases["tails"])])
    title = f"{head} {subject}{tail}" if tail[:1] in {"", ".", ":", ","} else f"{head} {subject} {tail}"
    kind = rng.choices(["article", "book", "chapter", "conference", "thesis", "web"], [40, 30, 18, 4, 5, 3])[0]
    container = rng.choice(_stock(language).journals) if kind == "article" else rng.choice(phrases["collections"])
    return Work(
        kind=kind,
        language=language,
        title=title,
        authors=tuple(invented_people(language, rng, rng.choices([1, 2, 3, 5], [60, 25, 10, 5])[0])),
        container=container if kind in {"article", "chapter", "conference"} else "",
    )


def completed(work: Work, people: Sequence[Person], rng: Random) -> Work:
    """`work` with plausible volume, issue, pages, publisher … ."""
    publisher, places = rng.choice(_stock(work.language if rng.random() < 0.85 else "en").publishers)
    year = work.year or str(int(rng.triangular(1900, 2026, 2012)))
    first = int(rng.expovariate(1 / 250)) + 1
    first_page, last_page = str(first), str(first + int(rng.expovariate(1 / 14)) + 1)
    style = rng.random()
    if work.kind == "article" and style < 0.16:
        number = str(rng.randrange(1, 10 ** rng.choice([3, 4, 5, 6, 7])))
        first_page, last_page = rng.choice(["e", "", "", "S", "L", "A", "R"]) + number, ""
    elif style < 0.2:
        first_page, last_page = "S" + first_page, "S" + last_page
    authors = work.authors
    kind = _kind(work, rng)
    if not authors or (kind in {"book", "report", "web", "software"} and rng.random() < 0.12):
        authors = (Person(rng.choice(_stock(work.language).bodies), is_body=True),)
    if len(authors) > 1 and work.language == "en" and rng.random() < 0.01:
        authors = (*authors[: rng.randrange(1, 4)], Person(rng.choice(_stock("en").bodies), is_body=True))
    editors = tuple(rng.choice(people) for _ in range(rng.choices([1, 2, 3, 4], [35, 40, 17, 8])[0]))
    has_doi = rng.random() < (0.55 if work.doi else 0.25)
    slug = re.sub(r"\W+", "-", work.title.lower())[: rng.randrange(8, 40)].strip("-")
    return replace(
        work,
        authors=authors,
        kind=kind,
        editors=authors if kind == "edited" else editors if rng.random() < 0.7 else (),
        year=year,
        month=rng.randrange(1, 13),
        day=rng.randrange(1, 29),
        volume=_volume(work, rng),
        issue=_issue(rng),
        first_page=first_page,
        last_page=last_page if rng.random() < 0.9 else "",
        publisher=publisher,
        place=rng.choice(places),
        doi=(work.doi or f"10.{rng.randrange(1000, 9999)}/{slug[:14]}.{rng.randrange(1, 10**6)}") if has_doi else "",
        url=_url(slug, rng) if kind in {"web", "software", "report"} or rng.random() < 0.12 else "",
        arxiv=_arxiv(work, rng),
        series=rng.choice(_IMPRINTS["series"]) if rng.random() < 0.3 else "",
        edition=str(rng.randrange(2, 8)) if rng.random() < 0.25 else "",
        school=rng.choice(_stock(work.language).schools),
        number=rng.choice(
            (str(rng.randrange(1, 9999)), f"{rng.choice('ABCDT')}R-{rng.randrange(100)}-{rng.randrange(1, 99):02}")
        )
        if rng.random() < 0.6
        else "",
        pmid=str(rng.randrange(10**6, 4 * 10**7)) if work.kind == "article" and rng.random() < 0.5 else "",
        isbn=f"978-{rng.choice('0123')}-{rng.randrange(10**4):04}-{rng.randrange(10**4):04}-{rng.randrange(10)}"
        if rng.random() < 0.4
        else "",
    )


def _kind(work: Work, rng: Random) -> str:
    """The kind of `work`; of the books some serve as what the records have too little of."""
    if work.kind != "book":
        return work.kind
    kinds = ["book", "edited" if work.authors else "book", "web", "software", "report"]
    return rng.choices(kinds, [60, 15, 9, 8, 8])[0]


def _volume(work: Work, rng: Random) -> str:
    if rng.random() < 0.04:
        return ""
    if work.language in {"it", "fr", "de"} and rng.random() < 0.2:
        return rng.choice(["I", "II", "III", "IV", "V", "VII", "IX", "XII", "XV", "XXIV", "XXXI", "LII", "CXIV"])
    number = str(int(rng.expovariate(1 / 60)) + 1)
    return rng.choice(["A", "B", "C"]) + number if rng.random() < 0.02 else number


def _issue(rng: Random) -> str:
    draw = rng.random()
    if draw < 0.25:
        return ""
    if draw < 0.9:
        return str(rng.randrange(1, 13))
    first = rng.randrange(1, 11)
    return rng.choice(
        [
            f"{first}/{first + 1}",
            f"{first}-{first + 1}",
            f"Suppl {rng.randrange(1, 4)}",
            "Suppl.",
            f"{first}–{first + 1}",
        ]
    )


def _arxiv(work: Work, rng: Random) -> str:
    if work.kind not in {"article", "conference"} or rng.random() < 0.5:
        return ""
    if rng.random() < 0.25:
        archive = rng.choice(("hep-th", "hep-ph", "astro-ph", "cond-mat", "math"))
        return f"{archive}/{rng.randrange(95, 99)}{rng.randrange(10**5):05}"
    return f"{rng.randrange(7, 26):02}{rng.randrange(1, 13):02}.{rng.randrange(1, 20000):05}"


def _url(slug: str, rng: Random) -> str:
    scheme = rng.choice(("https://", "http://", "https://www.", "http://www.", "www."))
    folder = rng.choice(("", "docs/", "pub/2/", "en/", "files/"))
    return f"{scheme}{rng.choice(_IMPRINTS['hosts'])}/{folder}{slug}{rng.choice(('', '.html', '.pdf', '/', '.htm'))}"
