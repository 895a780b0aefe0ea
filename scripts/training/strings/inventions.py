"""Works without end: of records and made up, with what records lack: programs, teams, yearly reports, many authors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from training.strings.works import Person, Work, completed, invented, invented_people, of_record, people_of

_INVENTED = {"it": 0.75, "pt": 0.25, "nl": 0.8, "pl": 0.85, "ru": 0.9}  # share of works made up, by language
_TEAMS = (
    "{} Development Team",
    "The {} development team",
    "{} developers",
    "{} Project",
    "{} Contributors",
    "{} Community",
)
_CLOSERS = ("contributors", "others", "other contributors", "the {} team")
_MAKERS = ("Zenodo", "GitHub", "Github", "figshare", "Zenodo", "GitHub repository", "CRAN", "PyPI", "Dryad", "OSF")
_YEARLY = (
    "Annual Report {}",
    "Report {}",
    "Statistical Yearbook {}",
    "World Report {}",
    "Bulletin – September {}",
    "{} Survey",
)


def works(records: dict[str, list[dict[str, Any]]], language: str, rng: Random) -> Iterator[Work]:
    """Works in `language`."""
    people = [person for record in records[language][:4000] for person in people_of(record)]
    people = people or list(invented_people(language, rng, 400))
    while True:
        if not records[language] or rng.random() < _INVENTED.get(language, 0.0):
            work = invented(language, rng)
        else:
            work = of_record(rng.choice(records[language]), language)
        if not work.title or (not work.authors and work.kind in {"article", "conference"}):
            continue
        work = completed(work, people, rng)
        if work.kind == "software":
            work = as_software(work, rng)
        elif work.kind == "report" and rng.random() < 0.3:
            work = as_yearly(work, rng)
        if rng.random() < 0.05 and len(work.authors) > 1:
            work = with_more_authors(work, people, rng)
        yield work


def as_software(work: Work, rng: Random) -> Work:
    """`work` as a program: with a program's name, mostly by people, sometimes by a team, in an archive."""
    name = _software_name(work.title, rng)
    subtitle = work.title.partition(":")[2].strip() or work.title
    title = rng.choice(
        (
            name,
            name,
            f"{name}: {subtitle}",
            f"{name}: {subtitle.lower()}",
            f"{name} v{rng.randrange(5)}.{rng.randrange(30)}",
        )
    )
    stem = re.split(r"\W", name.split("/")[-1])[0]
    authors = work.authors
    if rng.random() < 0.25:
        authors = (Person(rng.choice(_TEAMS).format(stem), is_body=True),)
    elif rng.random() < 0.15:
        authors = (*authors, Person(rng.choice(_CLOSERS).format(stem), is_body=True))
    is_archived = rng.random() < 0.5
    return replace(
        work,
        title=title,
        authors=authors,
        publisher=rng.choice(_MAKERS),
        doi=f"10.5281/zenodo.{rng.randrange(10**5, 2 * 10**7)}" if is_archived else "",
        url="" if is_archived else f"https://github.com/{stem}/{name.split('/')[-1]}",
    )


def _software_name(title: str, rng: Random) -> str:
    words = re.findall(r"[^\W\d_]{4,}", title) or ["Tools"]
    first, second = rng.choice(words), rng.choice(words)
    capital = first.capitalize()
    return rng.choice(
        (
            f"{capital}.jl",
            f"{capital}{second.capitalize()}.jl",
            f"{capital}{second.capitalize()}",
            first.lower(),
            f"py{first.lower()}",
            f"{first.lower()}-{second.lower()}",
            f"{second.capitalize()}Hub/{capital}.jl: v{rng.randrange(4)}.{rng.randrange(20)}.{rng.randrange(9)}",
            f"{first.lower()}-dev/{first.lower()}: {capital} {rng.randrange(1, 9)}.{rng.randrange(9)}",
            first.upper(),
            capital,
            f"{capital} {second}",
            f"{first.lower()}{rng.randrange(2, 9)}",
        )
    )


def as_yearly(work: Work, rng: Random) -> Work:
    """`work` with a year in its title, as reports have them."""
    year = work.year if rng.random() < 0.6 else str(int(work.year or 2010) - 1)
    first = " ".join(work.title.split()[:4])
    return replace(
        work, title=rng.choice((f"{first} {year}", f"{first}: " + rng.choice(_YEARLY).format(year), f"{first}, {year}"))
    )


def with_more_authors(work: Work, people: Sequence[Person], rng: Random) -> Work:
    """`work` by many; the last may be a team."""
    more = tuple(rng.choice(people) for _ in range(rng.randrange(4, 18)))
    return replace(work, authors=(*work.authors, *more))
