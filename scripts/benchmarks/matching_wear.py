"""What happens to an entry between its author's notes and the reader's eye, in four degrees. All of it seeded.

The degrees are of documents, not of entries: a scan is bad on all its pages. What is done to single fields before they
are set is here; what typesetting and scanning do to the whole string are the noises that training strings get as well.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from training.strings import noise
from training.strings.noise import Noise
from training.strings.people import NameForm
from training.strings.styles import Style
from training.strings.works import Person, Work

LEVEL_SHARES = (0.35, 0.30, 0.20, 0.15)
"""Of the documents: as set; with slips; carelessly kept, partly scanned; badly scanned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How often, of 1, each thing happens to an entry."""

    typo: float = 0.0  # in the title, each of up to three
    surname_typo: float = 0.0  # in the first author's
    year_near: float = 0.0  # a year off
    year_far: float = 0.0  # a wrong digit or two digits swapped
    missing: float = 0.0  # one of year, container, volume, issue, pages, authors after the first
    subtitle: float = 0.0  # dropped, where there is one
    truncated: float = 0.0  # "et al." behind the first or third author, whatever the style says
    initials: float = 0.0  # given names cut to initials, whatever the style says
    abbreviated: float = 0.0  # the journal, whatever the style says
    wrong_number: float = 0.0  # a digit of volume or page
    word_lost: float = 0.0  # a word of the title
    printed: tuple[tuple[Noise, float], ...] = ()


LEVELS = (
    Level(),
    Level(
        typo=0.10,
        surname_typo=0.01,
        year_near=0.02,
        year_far=0.003,
        missing=0.06,
        subtitle=0.05,
        truncated=0.08,
        initials=0.2,
        abbreviated=0.1,
        wrong_number=0.01,
        word_lost=0.02,
        printed=(
            (noise.hyphenated, 0.25),
            (noise.ligatures, 0.05),
            (noise.diacritics_lost, 0.05),
            (noise.quotes_changed, 0.05),
            (noise.dashes_changed, 0.1),
            (noise.stop_lost, 0.1),
            (noise.linked, 0.03),
        ),
    ),
    Level(
        typo=0.25,
        surname_typo=0.03,
        year_near=0.04,
        year_far=0.01,
        missing=0.12,
        subtitle=0.10,
        truncated=0.12,
        initials=0.4,
        abbreviated=0.2,
        wrong_number=0.03,
        word_lost=0.04,
        printed=(
            (noise.hyphenated, 0.4),
            (noise.misread, 0.35),
            (noise.spaces_lost, 0.1),
            (noise.spaces_added, 0.1),
            (noise.diacritics_lost, 0.1),
            (noise.diacritics_apart, 0.05),
            (noise.ligatures, 0.1),
            (noise.quotes_changed, 0.1),
            (noise.dashes_changed, 0.2),
            (noise.in_a_note, 0.06),
        ),
    ),
    Level(
        typo=0.40,
        surname_typo=0.06,
        year_near=0.06,
        year_far=0.02,
        missing=0.2,
        subtitle=0.15,
        truncated=0.15,
        initials=0.5,
        abbreviated=0.2,
        wrong_number=0.05,
        word_lost=0.06,
        printed=(
            (noise.hyphenated, 0.6),
            (noise.misread, 1.0),
            (noise.spaces_lost, 0.3),
            (noise.spaces_added, 0.2),
            (noise.diacritics_lost, 0.2),
            (noise.diacritics_apart, 0.1),
            (noise.quotes_lost, 0.1),
            (noise.dashes_changed, 0.3),
            (noise.in_a_note, 0.1),
            (noise.in_capitals, 0.02),
        ),
    ),
)

_DROPPED = ("year", "container", "volume", "issue", "pages", "authors")
_SUBTITLE_WORDS = 2  # words that a title must keep when its subtitle goes


def worn(work: Work, level: Level, rng: Random) -> tuple[Work, tuple[str, ...]]:
    """`work` with slips of the pen in its fields, and what they are."""
    slips: list[str] = []

    def strikes(name: str) -> bool:
        if rng.random() >= getattr(level, name):
            return False
        slips.append(name)
        return True

    if ": " in work.title and strikes("subtitle"):
        head = work.title.partition(": ")[0]
        if len(head.split()) >= _SUBTITLE_WORDS:
            work = replace(work, title=head)
        else:
            slips.pop()
    if len(work.title.split()) > 3 and strikes("word_lost"):
        words = work.title.split()
        del words[rng.randrange(1, len(words))]
        work = replace(work, title=" ".join(words))
    for _ in range(3):
        if strikes("typo"):
            work = replace(work, title=mistyped(work.title, rng))
    if work.authors and strikes("surname_typo"):
        first, *others = work.authors
        work = replace(work, authors=(replace(first, family=mistyped(first.family, rng)), *others))
    if work.year and strikes("year_near"):
        work = replace(work, year=str(int(work.year) + rng.choice((-1, 1))))
    if work.year and strikes("year_far"):
        work = replace(work, year=_another_year(work.year, rng))
    if strikes("wrong_number"):
        name = rng.choice(("volume", "first_page"))
        slip: dict[str, Any] = {name: _another_number(getattr(work, name), rng)}
        work = replace(work, **slip)
    if strikes("missing"):
        dropped = rng.choice(_DROPPED)
        slips[-1] = f"missing {dropped}"
        work = _without(work, dropped)
    return work, tuple(slips)


def restyled(style: Style, level: Level, rng: Random) -> Style:
    """The style as a careless author keeps to it."""
    names: NameForm = style.names
    if rng.random() < level.truncated:
        names = replace(names, at_most=rng.choice((1, 1, 3)), more_than=0)
    if rng.random() < level.initials:
        names = replace(names, given=rng.choice(("dotted", "tight", "bare")))
    return replace(style, names=names, abbreviates=style.abbreviates or rng.random() < level.abbreviated)


def mistyped(text: str, rng: Random) -> str:
    """`text` with one letter left out, doubled, changed, or two swapped, never the first of a word."""
    places = [at for at in range(1, len(text) - 1) if text[at].isalpha() and text[at - 1].isalpha()]
    if not places:
        return text
    at = rng.choice(places)
    slip = rng.randrange(4)
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    if slip == 2:
        return text[:at] + rng.choice(string.ascii_lowercase) + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _another_year(year: str, rng: Random) -> str:
    if rng.random() < 0.5:
        return f"{year[:2]}{year[3]}{year[2]}"
    return year[:2] + rng.choice(string.digits) + year[3]


def _another_number(number: str, rng: Random) -> str:
    digits = [at for at, character in enumerate(number) if character.isdigit()]
    if not digits:
        return number
    at = rng.choice(digits)
    return number[:at] + rng.choice("123456789") + number[at + 1 :]


def _without(work: Work, dropped: str) -> Work:
    if dropped == "authors":
        return replace(work, authors=work.authors[:1])
    if dropped == "pages":
        return replace(work, first_page="", last_page="")
    changes: dict[str, Any] = {dropped: ""}
    return replace(work, **changes)


def first_people(people: Sequence[Person]) -> tuple[Person, ...]:
    """At most 30: longer lists are cut by whoever prints them."""
    return tuple(people[:30])
