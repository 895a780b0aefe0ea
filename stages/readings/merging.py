"""Our reading completed by another reader's, entry by entry: pure.

Ours stands: its texts, labels, pages, links and order are kept. What the other has besides is added where it stands
among ours; a field that we lack is taken over, one that we doubt is replaced when the other's value is in print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from dl_lit.core.model import Bibliography, Coverage, Name, Reference, ShortForm, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import (
    container_agreement,
    number_agreement,
    page_agreement,
    same_person,
    title_similarity,
)
from stages.readings.aligning import Pair, align, letters, number_of

THEIR_CONFIDENCE = 0.75  # of a field; GROBID's own fields are right about so often, see docs/sources.md
DOUBTED = 0.5  # our confidence in a field below which the other's is preferred
ADDED_CONFIDENCE = 0.5  # of an entry that only the other found and that says no confidence of its own
_SAME_TITLE = 0.9
_WHOLE = frozenset({WorkType.BOOK, WorkType.DOCUMENT})  # what is in nothing else, as far as is known
_AN_ENTRY = 25  # letters that an entry has at the least


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The completed reading, and what came from where."""

    bibliography: Bibliography
    both: int  # entries that both have
    added: int  # entries that only the other has and that were taken
    left: int  # entries that only the other has and that were not taken: fragments, lumps, no work
    fields: int  # fields taken over, of the entries that both have


Recount = Callable[[Coverage, Sequence[Reference]], Coverage]
"""How complete a bibliography is, once other entries came to it."""


class KnownPlaces(Protocol):
    """What is known of the places at which entries are printed, by whoever has found them there."""

    def may_be_one(self, mine: Reference, yours: Reference) -> bool:
        """Whether an entry of ours and one of theirs can be the same, however alike their texts are."""

    def behind(self, yours: Reference) -> int | None:
        """The index of the last of our entries that is printed before theirs, -1 for none; None: not known."""


def merge(
    own: Bibliography,
    theirs: Sequence[Reference],
    recount: Recount | None = None,
    places: KnownPlaces | None = None,
    may_add: Callable[[Reference], bool] | None = None,
) -> Merged:
    """Complete `own` with the references that another reader found in the same file, in printed order.

    What only the other has is added where `may_add` says so; what both have completes ours in any case.
    Without `recount` only the labels of its coverage are looked up anew, not the markers in the text.
    """
    ours = own.references
    pairs = align(ours, theirs, places.may_be_one if places else None)
    partner = {pair.ours: theirs[pair.theirs] for pair in pairs}
    together = [complete(one, partner[n]) if n in partner else one for n, one in enumerate(ours)]
    fields = sum(_differences(one, merged) for one, merged in zip(ours, together, strict=True))
    known = [letters(one.raw) for one in ours]
    shared = {pair.theirs for pair in pairs}
    only_theirs = ((n, one) for n, one in enumerate(theirs) if n not in shared and (not may_add or may_add(one)))
    taken = {n: one for n, one in only_theirs if _is_missing(one, ours, known)}
    behind = {n: place for n, one in taken.items() if places and (place := places.behind(one)) is not None}
    order = _woven(len(ours), len(theirs), pairs, taken.keys(), behind)
    listed = _labelled([(None, taken[n]) if is_theirs else (together[n], None) for is_theirs, n in order])
    positions = {n: place for place, (is_theirs, n) in enumerate(order, 1) if not is_theirs}
    references = tuple(replace(one, position=place) for place, one in enumerate(listed, 1))
    return Merged(
        bibliography=replace(
            own,
            references=references,
            short_forms=tuple(_moved(one, positions) for one in own.short_forms),
            contexts=tuple(
                replace(one, positions=tuple(positions.get(place - 1, place) for place in one.positions))
                for one in own.contexts
            ),
            coverage=(
                recount(own.coverage, references)
                if recount and own.coverage and taken
                else _covered(own.coverage, references, len(ours))
            ),
        ),
        both=len(pairs),
        added=len(taken),
        left=len(theirs) - len(pairs) - len(taken),
        fields=fields,
    )


def alone(page_count: int, theirs: Sequence[Reference]) -> Bibliography:
    """Another reader's reading where we have none."""
    kept = [one for one in theirs if _tells_a_work(one)]
    return Bibliography(
        page_count=page_count,
        references=tuple(
            replace(one, position=place, confidence=one.confidence or ADDED_CONFIDENCE)
            for place, one in enumerate(kept, 1)
        ),
    )


def field_agreement(name: str, mine: Any, yours: Any) -> bool:
    """Whether two values of the field are the same in all but spelling."""
    return _SAME[name](mine, yours)


def _same_title(mine: str, yours: str) -> bool:
    return title_similarity(mine, yours) >= _SAME_TITLE


def _same_people(mine: Sequence[Name], yours: Sequence[Name]) -> bool:
    return bool(mine) and bool(yours) and same_person(mine[0], yours[0])


def _same_letters(mine: str, yours: str) -> bool:
    return letters(mine) == letters(yours)


def _equal(mine: object, yours: object) -> bool:
    return mine == yours


_SAME: Mapping[str, Callable[[Any, Any], bool]] = {
    "authors": _same_people,
    "editors": _same_people,
    "title": _same_title,
    "container_title": lambda mine, yours: container_agreement(mine, yours).is_positive,
    "publisher": _same_letters,
    "year": _equal,
    "volume": lambda mine, yours: number_agreement(mine, yours).is_positive,
    "issue": lambda mine, yours: number_agreement(mine, yours).is_positive,
    "pages": lambda mine, yours: page_agreement(mine, yours).is_positive,
    "doi": _equal,
    "arxiv_id": _equal,
    "pmid": _equal,
    "isbn": _equal,
    "url": _equal,
}
FIELDS = tuple(_SAME)
_KINDS = (("doi", "doi"), ("arxiv", "arxiv_id"), ("pmid", "pmid"), ("isbn", "isbn"))
_IDENTIFIERS = frozenset({"doi", "arxiv_id", "pmid", "isbn", "url"})  # ours come from links, too: never replaced


def complete(mine: Reference, yours: Reference) -> Reference:
    """One entry of both readings: ours, with what it lacks or doubts taken from the other as far as it is in print."""
    sure = dict(mine.field_confidence)
    changes: dict[str, Any] = {}
    agreed = set()
    print_letters = letters(mine.raw)
    for name in FIELDS:
        ours, theirs = getattr(mine, name), getattr(yours, name)
        confidence = sure.get(name, mine.confidence)
        if not theirs or _is_another_field(name, mine, yours):
            continue
        if not ours:
            if name in _IDENTIFIERS or _in_print(theirs, print_letters):
                changes[name] = theirs
                sure[name] = THEIR_CONFIDENCE
        elif field_agreement(name, ours, theirs):
            agreed.add(name)
            sure[name] = _both_say_so(confidence)
        elif name not in _IDENTIFIERS and confidence < DOUBTED and _in_print(theirs, print_letters):
            changes[name] = theirs
            sure[name] = 1.0 - confidence if confidence > 1.0 - THEIR_CONFIDENCE else THEIR_CONFIDENCE
    if mine.type is WorkType.DOCUMENT:
        changes["type"] = yours.type
    if agreed >= {"title", "authors", "year"}:
        changes["confidence"] = _both_say_so(mine.confidence)
    told = tuple(name for name in FIELDS if name in changes)
    if yours.model_reading is not None and told:
        changes["model_reading"] = replace(yours.model_reading, is_its_find=False, is_checked=True, fields=told)
    has = {kind for kind, name in _KINDS if getattr(mine, name) or name in changes}
    supposed = tuple(one for one in (*mine.supposed, *yours.supposed) if one[0] not in has)
    return replace(mine, **changes, field_confidence=tuple(sure.items()), supposed=tuple(dict.fromkeys(supposed)))


def _is_another_field(name: str, mine: Reference, yours: Reference) -> bool:
    """Whether the other has taken one thing for another: authors for editors, a publisher for what the work is in."""
    match name:
        case "editors":
            return _same_people(mine.authors, yours.editors)
        case "container_title":
            is_whole = mine.type in _WHOLE and yours.type in _WHOLE and WorkType.BOOK in {mine.type, yours.type}
            publishers = {letters(one.publisher) for one in (mine, yours) if one.publisher}
            return (is_whole and mine.container_title is None) or letters(yours.container_title or "") in publishers
        case "publisher":
            return letters(yours.publisher or "") == letters(mine.container_title or "")
        case _:
            return False


def _both_say_so(confidence: float) -> float:
    """The confidence in what two readers read alike: that not both of them err."""
    return round(1.0 - (1.0 - confidence) * (1.0 - THEIR_CONFIDENCE), 4)


def _in_print(value: Any, print_letters: str) -> bool:
    """Whether the value's first words stand in the entry's text; a range of pages may be written otherwise there."""
    if isinstance(value, tuple):
        return bool(value) and letters(value[0].sort_key) in print_letters
    first = re.split(r"[-–]", str(value))[0] if isinstance(value, str) and re.match(r"\w+[-–]\w+$", value) else value
    return letters(str(first)) in print_letters


def _differences(before: Reference, after: Reference) -> int:
    return sum(getattr(before, name) != getattr(after, name) for name in FIELDS)


def _tells_a_work(one: Reference) -> bool:
    has_name = one.title and (one.authors or one.year)
    has_place = one.container_title and one.authors and one.year  # lists in physics and chemistry print no titles
    return bool(one.doi or has_name or has_place) and len(letters(one.raw)) >= _AN_ENTRY


def _is_missing(one: Reference, ours: Sequence[Reference], known: Sequence[str]) -> bool:
    """Whether an entry that only the other has is one that we overlooked: no fragment of ours, no lump of several."""
    if not _tells_a_work(one):
        return False
    text = letters(one.raw)
    if any(len(mine) >= _AN_ENTRY and mine in text for mine in known):
        return False
    within = [ours[n] for n, mine in enumerate(known) if text in mine]
    return not any(_is_same_work(mine, one) for mine in within)


def _is_same_work(mine: Reference, yours: Reference) -> bool:
    """Of an entry and a part of its text: whether the part is no work of its own."""
    if yours.doi or not yours.title:
        return yours.doi == mine.doi
    return mine.title is None or _same_title(mine.title, yours.title)


def _woven(
    ours: int, theirs: int, pairs: Sequence[Pair], taken: Any, behind: Mapping[int, int]
) -> list[tuple[bool, int]]:
    """The order of both: ours as they are, each taken one `behind` its entry, or the one it follows in the other list.

    Each is (whether it is theirs, index).
    """
    mine = {pair.theirs: pair.ours for pair in pairs}
    after: dict[int, list[int]] = {}
    place = min(mine.values(), default=ours) - 1  # before all that both have
    for index in range(theirs):
        if index in mine:
            place = mine[index]
        elif index in taken:
            place = behind.get(index, place)
            after.setdefault(place, []).append(index)
    order: list[tuple[bool, int]] = [(True, n) for n in after.get(-1, [])]
    for index in range(ours):
        order.append((False, index))
        order += ((True, n) for n in after.get(index, []))
    return order


def _labelled(entries: Sequence[tuple[Reference | None, Reference | None]]) -> list[Reference]:
    """The entries in order; theirs get the label, page and section they lack as far as their neighbours tell."""
    listed: list[Reference] = []
    n = 0
    while n < len(entries):
        mine, _ = entries[n]
        if mine is not None:
            listed.append(mine)
            n += 1
            continue
        end = next((m for m in range(n, len(entries)) if entries[m][0] is not None), len(entries))
        before = listed[-1] if listed else None
        behind = entries[end][0] if end < len(entries) else None
        listed += _between(before, [one for _, one in entries[n:end] if one is not None], behind)
        n = end
    return listed


def _between(before: Reference | None, added: Sequence[Reference], behind: Reference | None) -> list[Reference]:
    first = number_of(before.label) if before else 0
    last = number_of(behind.label) if behind else None
    pattern = (before or behind or added[0]).label
    counts_on = first is not None and last is not None and last - first - 1 == len(added)
    page = before.page if before and behind and before.page == behind.page else None
    found = []
    for step, one in enumerate(added, 1):
        label = one.label
        if label is None and counts_on and pattern and first is not None:
            label = re.sub(r"\d+", str(first + step), pattern, count=1)
        section = one.section or (before.section if before else behind.section if behind else None)
        confidence = one.confidence or ADDED_CONFIDENCE
        found.append(replace(one, label=label, page=one.page or page, section=section, confidence=confidence))
    return found


def _moved(one: ShortForm, places: Mapping[int, int]) -> ShortForm:
    """The short form with the position its work has now."""
    return one if one.refers_to is None else replace(one, refers_to=places.get(one.refers_to - 1, one.refers_to))


def _covered(coverage: Coverage | None, references: Sequence[Reference], before: int) -> Coverage | None:
    """How complete the reading is now: labels that the other's entries have are missing no more."""
    if coverage is None or len(references) == before:
        return coverage
    there = {number_of(one.label) for one in references} - {None}
    missing = tuple(label for label in coverage.missing_labels if number_of(label) not in there)
    unanswered = tuple(marker for marker in coverage.unanswered_markers if number_of(marker) not in there)
    score = coverage.score
    if score is not None and coverage.missing_labels:
        score = round(1.0 - (1.0 - score) * len(missing) / len(coverage.missing_labels), 4)
    return replace(coverage, found=len(references), missing_labels=missing, unanswered_markers=unanswered, score=score)
