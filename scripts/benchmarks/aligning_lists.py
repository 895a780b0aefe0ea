"""Lists of cited works as services have them, made from gold lists with the gaps and slips of real ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import Listed, Reference
from dl_lit.matching.normalise import text_key

Gold = Sequence[Mapping[str, Any]]

MISSING = 0.07  # entries that a deposit lacks
UNMATCHED = 0.15  # entries with a DOI that OpenAlex lacks
UNMATCHED_WITHOUT_DOI = 0.7
WITH_DOI = 0.75  # deposited entries that have their DOI
TYPO = 0.08
WITHOUT_SUBTITLE = 0.05
YEAR_BESIDE = 0.03
SAME_ENTRY = 0.7  # a printed and a gold entry at least this alike are one, where counts and order do not tell
OTHER_ENTRY = 0.6  # less alike than this: two entries
_GLUED = 14  # letters to a space from which a text is glued together


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of one entry, to be listed in one form or another."""

    position: int
    doi: str | None
    title: str | None
    author: str | None
    year: int | None
    container: str | None
    volume: str | None
    page: str | None
    raw: str | None


def truth(references: Sequence[Reference], gold: Gold) -> dict[int, int]:
    """Which gold entry each printed one is, by places; by likeness where the gold list is in another order or number.

    Everything is compared that the lists made here leave out, the printed DOI as well.
    """
    texts = [_text_of(entry) for entry in gold]
    alike = [
        [_likeness(one, text_key(one.raw), entry, text) for entry, text in zip(gold, texts, strict=True)]
        for one in references
    ]
    if references and len(references) == len(gold):
        moved = [place for place, row in enumerate(alike) if row[place] < OTHER_ENTRY and max(row) >= SAME_ENTRY]
        if not moved:
            return {place: place for place in range(len(gold))}
    likely = sorted(
        ((value, place, at) for place, values in enumerate(alike) for at, value in enumerate(values)),
        key=lambda found: (-found[0], abs(found[1] - found[2])),
    )
    found: dict[int, int] = {}
    taken: set[int] = set()
    for value, place, at in likely:
        if value >= SAME_ENTRY and place not in found and at not in taken:
            found[place] = at
            taken.add(at)
    return found


def listed(kind: str, rng: random.Random, gold: Gold, printed: Mapping[int, Reference]) -> list[tuple[Listed, int]]:
    """A list of one kind with the place in `gold` of each entry; `printed` gives volumes and pages by that place."""
    found: list[tuple[Listed, int]] = []
    for at, entry in enumerate(gold):
        one = _source(at, entry, printed.get(at), rng)
        made = KINDS[kind](one, rng)
        if made is not None:
            found.append((made, at))
    if kind == "openalex":
        rng.shuffle(found)
    return found


def _as_text(one: Source, rng: random.Random) -> Listed | None:
    if rng.random() < MISSING:
        return None
    if one.raw is None:
        return _fields(one, rng, one.title)
    return Listed(source="crossref", position=one.position, raw=one.raw, doi=_kept_doi(one, rng))


def _as_fields(one: Source, rng: random.Random) -> Listed | None:
    return None if rng.random() < MISSING else _fields(one, rng, _slipped(one.title, rng))


def _as_places(one: Source, rng: random.Random) -> Listed | None:
    return None if rng.random() < MISSING else _fields(one, rng, None)


def _as_dois(one: Source, rng: random.Random) -> Listed | None:
    if rng.random() < MISSING:
        return None
    if one.doi is None:
        return _as_text(one, rng)
    return Listed(source="crossref", position=one.position, doi=one.doi)


def _mixed(one: Source, rng: random.Random) -> Listed | None:
    return rng.choice((_as_text, _as_fields, _as_places))(one, rng)


def _openalex(one: Source, rng: random.Random) -> Listed | None:
    if one.title is None or rng.random() < (UNMATCHED if one.doi else UNMATCHED_WITHOUT_DOI):
        return None
    return Listed(
        source="openalex", openalex_id=f"W{1000 + one.position}", doi=one.doi, title=_slipped(one.title, rng),
        author=one.author, year=one.year, container_title=one.container, volume=one.volume, first_page=one.page,
    )  # fmt: skip


KINDS: Mapping[str, Callable[[Source, random.Random], Listed | None]] = {
    "text": _as_text,
    "fields": _as_fields,
    "places": _as_places,  # author, year, container, volume, first page: no title
    "mixed": _mixed,
    "dois": _as_dois,  # nothing but a DOI where there is one
    "openalex": _openalex,  # unordered
}


def _fields(one: Source, rng: random.Random, title: str | None) -> Listed | None:
    if not (title or one.author or one.raw):
        return None
    is_told = title or one.author
    return Listed(
        source="crossref", position=one.position, doi=_kept_doi(one, rng), title=title, author=one.author,
        year=one.year, container_title=one.container, volume=one.volume, first_page=one.page,
        raw=None if is_told else one.raw,
    )  # fmt: skip


def _source(at: int, entry: Mapping[str, Any], printed: Reference | None, rng: random.Random) -> Source:
    digits = str(entry.get("year") or "")[:4]
    year = int(digits) if digits.isdigit() and len(digits) == 4 else None
    if year and rng.random() < YEAR_BESIDE:
        year += rng.choice((-1, 1))
    raw = entry.get("deposit_unstructured") or entry.get("raw")
    return Source(
        position=at + 1,
        doi=normalise_doi(entry.get("doi")),
        title=entry.get("title"),
        author=entry.get("first_author"),
        year=year,
        container=entry.get("container"),
        volume=printed.volume if printed else None,
        page=(printed.pages or "").partition("-")[0] or None if printed else None,
        raw=None if raw is None or _is_glued(raw) else raw,
    )


def _kept_doi(one: Source, rng: random.Random) -> str | None:
    return one.doi if rng.random() < WITH_DOI else None


def _slipped(title: str | None, rng: random.Random) -> str | None:
    """The title with a slip of the key, or without its subtitle, now and then."""
    if title and ":" in title and rng.random() < WITHOUT_SUBTITLE:
        title = title.partition(":")[0]
    if title and len(title) > 10 and rng.random() < TYPO:
        at = rng.randrange(len(title) - 1)
        title = title[:at] + rng.choice("abcdeiou") + title[at + 1 :]
    return title


def _is_glued(raw: str) -> bool:
    return raw.count(" ") < len(raw) / _GLUED


def _text_of(entry: Mapping[str, Any]) -> str:
    raw = entry.get("raw")
    if raw and not _is_glued(raw):
        return text_key(raw)
    names = ("first_author", "year", "title", "container", "deposit_unstructured")
    return text_key(" ".join(str(entry[name]) for name in names if entry.get(name)))


def _likeness(reference: Reference, printed: str, entry: Mapping[str, Any], text: str) -> float:
    if reference.doi and reference.doi == normalise_doi(entry.get("doi")):
        return 1.0
    return (0.8 * fuzz.token_set_ratio(printed, text) + 0.2 * fuzz.ratio(printed, text)) / 100 if text else 0.0
