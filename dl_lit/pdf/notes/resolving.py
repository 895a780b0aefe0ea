"""Which work each short form of the notes means, and which citations in full repeat one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field, replace

from dl_lit.core.model import Reference, ShortForm
from dl_lit.core.values import dataclass
from dl_lit.pdf.folding import without_accents
from dl_lit.pdf.notes.cutting import SAME_AS_BEFORE, Citation, Kind
from dl_lit.pdf.notes.words import YEAR
from dl_lit.pdf.splitting.entry import Entry

_SAME_WORDS = 0.6  # of a short title's words, that the full citation has
_REPEATED = 0.8  # of a citation's words, that an earlier one has, for both to be one
_SHORTEST_WORD = 4  # letters


@dataclass(frozen=True, slots=True)
class Settled:
    """The works that notes cite, each once, with the entries they were read from, and what the short forms mean."""

    references: tuple[Reference, ...]
    entries: tuple[Entry, ...]  # one for each reference
    short_forms: tuple[ShortForm, ...]


@dataclass(slots=True)
class _Works:
    """The works known so far."""

    known: list[tuple[int, str, frozenset[str], frozenset[str]]] = field(default_factory=list)  # position, family …
    by_note: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    note: int | None = None  # the note that is being read
    here: list[tuple[int, str]] = field(default_factory=list)  # position and text of what it cited so far
    before: list[tuple[int, str]] = field(default_factory=list)  # and of what the note before it cited

    def add(self, position: int, family: str, raw: str) -> None:
        self.known.append((position, _folded(family), _words(raw), frozenset(YEAR.findall(raw))))

    def enter(self, note: int | None) -> None:
        """Go on to the citations of `note`."""
        if note != self.note and self.here:
            self.before, self.here = self.here, []
        self.note = note

    def same_place(self, text: str) -> int | None:
        """The position of the work that "ibid." means: the last; of several in one note the one nearest in pages."""
        cited = self.here[-1:] or self.before
        if len({position for position, _ in cited}) < 2:
            return cited[0][0] if cited else None
        page = _numbers(text)
        if not page:
            return None
        nearest = sorted(
            (min((abs(number - page[0]) for number in _numbers(other)), default=10_000), position)
            for position, other in cited
        )
        return nearest[0][1] if nearest[0][0] < nearest[1][0] else None

    def repeated(self, family: str, raw: str) -> int | None:
        """The position of the work that `raw` cites in full once more; `None` where it is new."""
        words, years, name = _words(raw), frozenset(YEAR.findall(raw)), _folded(family)
        for position, own, known, known_years in reversed(self.known):
            if own != name or not years & known_years or not words or not known:
                continue
            shared = len(words & known)
            if shared >= _REPEATED * min(len(words), len(known)):
                return position
        return None

    def named(self, family: str, text: str) -> int | None:
        """The position of the work of an author that a short form means, whose title or year it shares."""
        name = _folded(family)
        of_author = [one for one in reversed(self.known) if _is_name(name, one[1])]
        if not of_author:
            return None
        words = _words(text) - {name}
        years = frozenset(YEAR.findall(text))
        for position, _, known, known_years in of_author:
            if (years and years & known_years) or (words and len(words & known) >= _SAME_WORDS * len(words)):
                return position
        return None if words or years else of_author[0][0]


def settle(citations: Sequence[Citation], found: Sequence[Reference], earlier: Sequence[Reference] = ()) -> Settled:
    """The works of `citations`; `found` are the references read from those in full, `earlier` what lists name.

    Positions are given anew, going on from `earlier`.
    """
    works = _Works()
    for reference in earlier:
        works.add(reference.position, _family(reference), reference.raw)
    references: list[Reference] = []
    entries: list[Entry] = []
    shorts: list[ShortForm] = []
    reading = iter(found)
    family = ""
    for citation in citations:
        works.enter(citation.note)
        if citation.kind is Kind.FULL:
            reference = next(reading)
            repeats_author = citation.family == SAME_AS_BEFORE
            family = family if repeats_author else citation.family or _family(reference)
            position = works.repeated(family, citation.entry.text)
            if position is None:
                position = len(earlier) + len(references) + 1
                works.add(position, family, citation.entry.text)
                authors = references[-1].authors if repeats_author and references else reference.authors
                references.append(replace(reference, position=position, authors=authors))
                entries.append(citation.entry)
        else:
            position = _meant(works, citation)
            if position is None and citation.kind is Kind.NAMED and not _is_marked(citation):
                continue
            shorts.append(ShortForm(raw=citation.entry.text, page=citation.entry.page, refers_to=position))
        if position is not None:
            works.here.append((position, citation.entry.text))
            if citation.note is not None:
                works.by_note.setdefault(citation.note, []).append((_folded(family), position))
    return Settled(tuple(references), tuple(entries), tuple(shorts))


def _meant(works: _Works, citation: Citation) -> int | None:
    """The position of the work that a short form means; `None` where that is not plain."""
    if citation.kind is Kind.SAME_PLACE:
        return works.same_place(citation.entry.text)
    if citation.points_to is not None:
        there = works.by_note.get(citation.points_to, [])
        name = _folded(citation.family)
        return next(
            (position for family, position in there if name == family), there[0][1] if len(there) == 1 else None
        ) or (works.named(citation.family, ""))
    text = _MARKS.sub(" ", citation.entry.text)
    return works.named(citation.family, text) or (works.named(citation.family, "") if _is_marked(citation) else None)


_MARKS = re.compile(
    r"\b(?:op|loc|art|ob)\.?\s?cit\b\.?|\ba\. ?a\. ?O\.|\bdz\. ?cyt\.|\b(?:указ|цит)\. ?соч\.|\bcit\.|"
    r"\b(?:supra|infra|above|note|Fn|Anm|Fußn)\b\.?",
    re.IGNORECASE,
)


def _is_marked(citation: Citation) -> bool:
    """Whether a short form says that it is one: "op. cit.", "supra note 5"."""
    return citation.points_to is not None or _MARKS.search(citation.entry.text) is not None


def _numbers(text: str) -> list[int]:
    """The numbers in a citation that may be pages."""
    return [int(number) for number in re.findall(r"(?<![\d:])\d{1,4}(?!\d)", YEAR.sub(" ", text))]


def _is_name(name: str, own: str) -> bool:
    """Whether `name` is an author's family name `own`, or the last part of it, or the first of an undivided name."""
    if not name or not own:
        return False
    return name == own or name in own.split() or (not name.isascii() and len(own) < 9 and own.startswith(name))


def _family(reference: Reference) -> str:
    people = (*reference.authors, *reference.editors)
    return people[0].sort_key if people else ""


def _folded(text: str) -> str:
    return without_accents(text).strip(" .,")


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[^\W\d_]+", _folded(text)) if len(word) >= _SHORTEST_WORD)
