"""Bibliographies to be matched: real records in many styles, worn; the works of some are in no record.

Held out are whole works (all records that count as one). Half of those have near neighbours among the records: natural
ones (the other part, the other year, the same author that year) or, since the universe has few of them, made ones:
another part, another year of a series, and notices about the work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from random import Random

from benchmarks.matching_universe import Universe
from benchmarks.matching_wear import LEVEL_SHARES, LEVELS, first_people, restyled, worn
from training.strings.grammar import random_style
from training.strings.noise import noisy
from training.strings.people import NameForm
from training.strings.segments import joined
from training.strings.styles import KNOWN, Style
from training.strings.works import Person, cleaned, completed, language_of, of_record

from dl_lit.core.model import Work, WorkType

SEED = 20261123
LIST = 25  # entries to a bibliography
ABSENT = 0.3  # of the entries: their work has no record
NATURAL = {"other part": 0.10, "yearly series": 0.04, "same author": 0.26}
"""Of the absent with near neighbours; the rest get made ones, as evenly as their titles allow."""
RANDOM_STYLES = 0.15  # of the bibliographies
TITLE_MIN = 4  # letters of a title to be cited by

_PRINTED_TYPES = {
    "article-journal": "journal-article",
    "chapter": "book-chapter",
    "thesis": "dissertation",
    "article": "journal-article",
    "dataset": "misc",
    "document": "misc",
}
ISO_690 = Style(
    name="ISO 690",
    language="en",
    templates=(
        (
            "article",
            "{authors}. {title}. {container}. {year}<, vol. {volume}><, no. {issue}><, pp. {pages}>.",
        ),
        (
            "chapter",
            "{authors}. {title}. In: <{editors}, ed. >{booktitle}. {place}: {publisher}, {year}<, pp. {pages}>.",
        ),
        ("conference", "{authors}. {title}. In: {booktitle}. {place}: {publisher}, {year}<, pp. {pages}>."),
        ("book", "{authors}. {title}.< {edition}.> {place}: {publisher}, {year}.< ISBN {isbn}.>"),
        ("edited", "{editors}, ed. {title}.< {edition}.> {place}: {publisher}, {year}."),
        ("thesis", "{authors}. {title}. {genre}. {place}: {school}, {year}."),
        ("web", "{authors}. {title} [online]. {year}. Available from: {url}"),
    ),
    names=NameForm(capitals=True, given="full", separator=", ", last=" and ", pair=" and ", at_most=3),
    editor_names=NameForm(first="given", others="given", given="full"),
)
"""The style of ISO 690:2010, which the known styles lack."""

_MADE = ("made other part", "made yearly series", "made notice", "made notice")
_NOTICES = (
    "Correction to: {}",
    "Erratum: {}",
    "Corrigendum to “{}”",
    "Reply to “{}”",
    "Comment on “{}”",
    "Review of {}",
    "{}: Erratum",
    "Retraction: {}",
)
_PARTS = ("{}: Part {}", "{}. {}", "{}, Volume {}", "{} – Part {}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """An entry, and what a perfect matcher would say of it."""

    text: str
    style: str
    level: int  # of wear, 0 to 3
    record: int  # its record, held out where `is_present` is false
    is_present: bool
    likeness: str | None = None  # what near neighbour an absent work has
    slips: tuple[str, ...] = ()
    kind: str = ""  # article, book …


@dataclass(frozen=True, slots=True)
class Task:
    """Bibliographies, what is left out of the records, and what is put in."""

    lists: tuple[tuple[Printed, ...], ...]
    left_out: frozenset[int]
    added: tuple[Work, ...]


def made(universe: Universe, entries: int, *, is_training: bool = False, seed: int = SEED) -> Task:
    """Some `entries` entries; for training from the other half of the works, by their hash."""
    rng = Random(f"{seed} {is_training}")
    present, absent = _drawn(universe, entries, rng, is_training=is_training)
    left_out = frozenset(record for number, _ in absent for record in universe.members[universe.group(number)])
    added: list[Work] = []
    likeness: dict[int, str | None] = {}
    titles: dict[int, str] = {}
    for number, like in absent:
        if like is not None and like.startswith("made "):
            title, neighbour = _neighbour(universe, number, like, rng)
            titles[number] = title
            added.append(replace(neighbour, openalex_id=f"W{len(universe) + len(added) + 1}"))
        likeness[number] = like
    numbers = [*present, *(number for number, _ in absent)]
    rng.shuffle(numbers)
    people = [person for number in numbers[:2000] for person in _people(universe, number)]
    lists = []
    for start in range(0, len(numbers), LIST):
        setting = _Setting(_style(rng), rng.choices(range(len(LEVELS)), LEVEL_SHARES)[0], people)
        chosen = numbers[start : start + LIST]
        printed = [_printed(universe, number, titles.get(number), setting, rng) for number in chosen]
        lists.append(
            tuple(
                replace(one, is_present=number not in likeness, likeness=likeness.get(number))
                for number, one in zip(chosen, printed, strict=True)
            )
        )
    return Task(tuple(lists), left_out, tuple(added))


def _drawn(
    universe: Universe, entries: int, rng: Random, *, is_training: bool
) -> tuple[list[int], list[tuple[int, str | None]]]:
    """Which records are cited: those that stay, and those held out with the likeness of their neighbours."""
    candidates = [
        number
        for number, members in universe.members.items()
        if universe.hash(number) % 2 == is_training and _is_citable(universe, rng.choice(members))
    ]
    rng.shuffle(candidates)
    absent_wanted = round(entries * ABSENT)
    by_author: dict[str, list[int]] = defaultdict(list)
    for number, person in enumerate(universe.people):
        if person:
            by_author[person].append(number)
    near: list[tuple[int, str | None]] = []
    wanted = Counter({kind: round(absent_wanted / 2 * share) for kind, share in NATURAL.items()})
    taken: set[int] = set()
    spared: set[int] = set()  # neighbours must stay
    for number in candidates:
        if not any(wanted.values()):
            break
        if universe.group(number) in spared or not universe.people[number]:
            continue
        found = next(universe.relatives(number, by_author), None)
        if found is None or not wanted[found[0]] or universe.group(found[1]) in taken:
            continue
        if universe.has_twin(number, by_author):
            continue
        wanted[found[0]] -= 1
        near.append((number, found[0]))
        taken.add(universe.group(number))
        spared.add(universe.group(found[1]))
    rest = [number for number in candidates if universe.group(number) not in taken | spared]
    absent = _without_twins(universe, rest, absent_wanted - len(near), by_author)
    made_up = [(number, rng.choice(_MADE)) for number in absent[: absent_wanted // 2 - len(near)]]
    far: list[tuple[int, str | None]] = [(number, None) for number in absent[len(made_up) :]]
    gone = set(absent)
    present = [number for number in rest if number not in gone][: entries - absent_wanted]
    return present, [*near, *made_up, *far]


def _without_twins(
    universe: Universe, numbers: Iterable[int], wanted: int, by_author: Mapping[str, list[int]]
) -> list[int]:
    """The first `wanted` works of which no record stays behind in another spelling: nobody could tell those apart."""
    return list(islice((number for number in numbers if not universe.has_twin(number, by_author)), wanted))


def _is_citable(universe: Universe, number: int) -> bool:
    return len(universe.titles[number]) >= TITLE_MIN and bool(universe.people[number])


def _neighbour(universe: Universe, number: int, like: str, rng: Random) -> tuple[str, Work]:
    """The title under which the work is cited, and the record that is easily taken for it."""
    work = universe.work(number)
    other = replace(
        work,
        doi=f"10.5555/near.{number}" if work.doi else None,
        pmid=None,
        volume=str(int(work.volume) + 1) if work.volume and work.volume.isdecimal() else work.volume,
        pages=f"{rng.randrange(1, 900)}" if work.pages else None,
        year=work.year + rng.choice((0, 0, 1)) if work.year else None,
    )
    title = work.title.rstrip(" .")
    if like == "made notice":
        kind = WorkType.ARTICLE_JOURNAL
        return work.title, replace(other, title=rng.choice(_NOTICES).format(title), type=kind)
    if like == "made yearly series":
        year = work.year or 2010
        return f"{title} {year}", replace(other, title=f"{title} {year + rng.choice((-1, 1, 2))}")
    form = rng.choice(_PARTS)
    mine, theirs = rng.choice((("I", "II"), ("II", "III"), ("1", "2"), ("2", "3"), ("III", "IV"), ("4", "5")))
    return form.format(title, mine), replace(other, title=form.format(title, theirs))


def _people(universe: Universe, number: int) -> Iterator[Person]:
    for author in universe.record(number)["authors"][:3]:
        if author.get("family"):
            yield Person(author["family"], author.get("given") or "")


@cache
def _random_styles() -> tuple[Style, ...]:
    rng = Random(SEED)
    return tuple(
        random_style(language, rng) for language in ("en", "en", "en", "de", "fr", "es", "it") for _ in range(12)
    )


def _style(rng: Random) -> Style:
    if rng.random() < RANDOM_STYLES:
        return replace(rng.choice(_random_styles()), name="random")
    return rng.choice((*KNOWN, ISO_690))


@dataclass(frozen=True, slots=True)
class _Setting:
    """How the entries of one bibliography are set."""

    style: Style
    degree: int  # of wear
    people: Sequence[Person]  # to draw editors from


def _printed(universe: Universe, number: int, title: str | None, setting: _Setting, rng: Random) -> Printed:
    style, degree, people = setting.style, setting.degree, setting.people
    level = LEVELS[degree]
    record = universe.record(rng.choice(universe.members[universe.group(number)]))
    record = {
        **record,
        "type": _PRINTED_TYPES.get(record["type"], record["type"]),
        "title": cleaned(title or record["title"]),
    }
    if record["type"] not in _KNOWN_KINDS:
        record["type"] = "misc"
    work = of_record(record, language_of(record["title"]))
    authors = first_people(work.authors or tuple(_people(universe, number)))
    place = universe.coordinates(number)
    work = completed(replace(work, authors=authors), people, rng)
    printed = replace(
        work,
        authors=authors,
        editors=authors if work.kind == "edited" else work.editors,
        volume=record.get("volume") or place.volume,
        issue=record.get("issue") or place.issue,
        first_page=(record.get("pages") or place.first_page).partition("-")[0],
        last_page=record["pages"].partition("-")[2] if record.get("pages") else place.last_page,
        doi="",
        arxiv="",
        pmid="",
        isbn="",
    )
    printed, slips = worn(printed, level, rng)
    segments = noisy(restyled(style, level, rng).render(printed, rng), rng, level.printed)
    return Printed(
        text=" ".join(joined(segments).split()).lstrip(" .,;:"),
        style=style.name,
        level=degree,
        record=number,
        is_present=True,
        slips=slips,
        kind=printed.kind,
    )


_KNOWN_KINDS = frozenset(
    {"journal-article", "proceedings-article", "paper-conference", "conference", "book", "book-chapter", "dissertation"}
    | {"report", "web", "webpage", "electronic", "software", "misc", "proceedings"}
)
