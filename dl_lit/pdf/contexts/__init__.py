"""Where the running text cites the entries: each marker that leads to one, with its sentence and page.

Which kind of marker is the document's own is decided by the entries it leads to, as in `dl_lit.pdf.coverage`. A marker
that may mean several entries, and does not say so, is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from dl_lit.core.model import CitationContext, Reference
from dl_lit.core.values import dataclass
from dl_lit.pdf.contexts.choosing import Meant
from dl_lit.pdf.contexts.sentences import RunningText, running_texts
from dl_lit.pdf.coverage import (
    BRACKETS_SHARE,
    KEY_LABEL,
    KEYS_SHARE,
    NAMES_SHARE,
    NUMBERED_SHARE,
    PARENTHESES_SHARE,
    RAISED_SHARE,
    number_of,
    read_numbering,
)
from dl_lit.pdf.document import Line
from dl_lit.pdf.markers import (
    NameMarker,
    NumberMarker,
    behind_words,
    in_brackets,
    in_parentheses,
    names_and_years,
    names_in_parentheses,
    with_keys,
)

MOST_OF_ENTRY = 50
"""Places that are kept of one entry."""
MOST_OF_DOCUMENT = 5_000
"""Places that are kept of one document."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """The places that are kept, and how many there are."""

    kept: tuple[CitationContext, ...] = ()  # in printed order
    found: int = 0  # markers that name entries

    @property
    def note(self) -> str | None:
        """What is to be told of those left out; `None` where all are kept whole."""
        if self.found <= len(self.kept):
            return None
        return f"{len(self.kept):,} of {self.found:,} places in the text that cite entries are kept"


@dataclass(frozen=True, slots=True)
class _Place:
    """A marker in one of the texts, and the entries it names."""

    text: RunningText
    start: int
    end: int
    positions: tuple[int, ...]


_Answer = Callable[[NumberMarker, int], tuple[int, ...]]  # marker and its page to positions


def find_contexts(
    lists: Sequence[Sequence[Reference]],
    notes: Sequence[Reference],
    body: Sequence[Line],
    words: Collection[str] = frozenset(),
) -> Contexts:
    """Where `body`, the text without its lists, cites the entries of `lists`, and those of the notes by their numbers.

    `words` are the whole document's, for its hyphens.
    """
    references = [reference for entries in lists for reference in entries]
    if not body or not (references or notes):
        return Contexts()
    texts = running_texts(body, words)
    places: list[_Place] = []
    if references:
        places = _numbered(lists, texts) or _keyed(references, texts) or _named(references, texts)
    if notes:
        places += _of_notes(notes, texts)
    return _kept(places)


def _kept(places: Sequence[_Place]) -> Contexts:
    """The contexts within their bounds, in printed order: the first ones of each entry."""
    counts = Counter[int]()
    kept: list[CitationContext] = []
    for place in sorted(places, key=lambda one: (one.text.page_of(one.start), one.start)):
        positions = tuple(one for one in place.positions if counts[one] < MOST_OF_ENTRY)
        if not positions or len(kept) >= MOST_OF_DOCUMENT:
            continue
        counts.update(positions)
        text = place.text
        kept.append(
            CitationContext(
                positions=positions,
                marker=_printed(text.text, place.start, place.end),
                sentence=text.sentence_around(place.start, place.end),
                page=text.page_of(place.start),
            )
        )
    return Contexts(tuple(kept), len(places))


def _printed(text: str, start: int, end: int) -> str:
    """The marker as printed, with the bracket that closes "Knuth (1997"."""
    marker = text[start:end]
    closing = text[end : end + 1]
    if (closing == ")" and marker.count("(") > marker.count(")")) or (
        closing == "]" and marker.count("[") > marker.count("]")
    ):
        marker += closing
    return " ".join(marker.split())


def _numbered(lists: Sequence[Sequence[Reference]], texts: Sequence[RunningText]) -> list[_Place]:
    numbering = read_numbering(lists)
    if numbering is None:
        return _unlabelled(lists, texts)
    if numbering.prefix:
        return []
    return _by_numbers(_Runs(lists).positions, numbering.numbers, texts)


def _by_numbers(answer: _Answer, numbers: frozenset[int], texts: Sequence[RunningText]) -> list[_Place]:
    """The markers of the first kind that leads to enough of the entries, with the positions they lead to."""
    has_raised = any(text.raised for text in texts)
    kinds: tuple[tuple[Callable[[RunningText], Iterable[NumberMarker]], float], ...] = (
        (lambda text: in_brackets(text.text), BRACKETS_SHARE),
        (lambda text: text.raised if has_raised else behind_words(text.text), RAISED_SHARE),
        (lambda text: in_parentheses(text.text), PARENTHESES_SHARE),
    )
    for find, share in kinds:
        found = [(text, marker) for text in texts for marker in find(text)]
        cited = {number for _, marker in found for number in marker.numbers}
        if len(cited & numbers) >= max(2.0, share * len(numbers)):
            return list(_answered(found, answer))
    return []


def _answered(found: Iterable[tuple[RunningText, NumberMarker]], answer: _Answer) -> Iterator[_Place]:
    for text, marker in found:
        if positions := answer(marker, text.page_of(marker.start)):
            yield _Place(text, marker.start, marker.end, positions)


class _Runs:
    """The positions of the numbers; in lists that begin anew, those of the next list behind a marker."""

    def __init__(self, lists: Sequence[Sequence[Reference]]) -> None:
        self._runs: list[tuple[int, dict[int, list[int]]]] = []  # last page and positions by number
        highest = 0
        for entries in lists:
            for one in entries:
                label = number_of(one.label)
                if label is None:
                    continue
                number, page = label[1], one.page or 0
                if not self._runs or number < highest:
                    self._runs.append((page, {}))
                highest = number
                _, positions = self._runs[-1]
                positions.setdefault(number, []).append(one.position)
                self._runs[-1] = (page, positions)

    def positions(self, marker: NumberMarker, page: int) -> tuple[int, ...]:
        """Those of a marker on a page, sorted."""
        return tuple(sorted({place for number in marker.numbers for place in self._of(number, page)}))

    def _of(self, number: int, page: int) -> Sequence[int]:
        having = [(last, positions[number]) for last, positions in self._runs if number in positions]
        behind = [positions for last, positions in having if last >= page]
        return behind[0] if behind else having[-1][1] if having else ()


def _unlabelled(lists: Sequence[Sequence[Reference]], texts: Sequence[RunningText]) -> list[_Place]:
    """Of a list that bears no numbers and is cited by them, where as many are cited as there are entries."""
    references = [reference for entries in lists for reference in entries]
    count = len(references)
    found = [(text, marker) for text in texts for marker in in_brackets(text.text)]
    cited = {number for _, marker in found for number in marker.numbers}
    if max(cited, default=0) != count or len(cited) < NUMBERED_SHARE * count:
        return []

    def positions(marker: NumberMarker, _: int) -> tuple[int, ...]:
        return tuple(references[number - 1].position for number in sorted(marker.numbers) if number <= count)

    return list(_answered(found, positions))


def _keyed(references: Sequence[Reference], texts: Sequence[RunningText]) -> list[_Place]:
    labels = ((KEY_LABEL.fullmatch((one.label or "").strip()), one.position) for one in references)
    keys = {match.group(1): position for match, position in labels if match}
    if not keys or len(keys) < NUMBERED_SHARE * len(references):
        return []
    found = [(text, marker) for text in texts for marker in with_keys(text.text)]
    cited = {key for _, marker in found for key in marker.keys}
    if len(cited & keys.keys()) < KEYS_SHARE * len(keys):
        return []

    def positions(marker: NumberMarker, _: int) -> tuple[int, ...]:
        return tuple(sorted(keys[key] for key in marker.keys if key in keys))

    return list(_answered(found, positions))


def _named(references: Sequence[Reference], texts: Sequence[RunningText]) -> list[_Place]:
    """By authors and years, or else by authors alone; none where hardly an entry is cited so."""
    meant = Meant(references)
    kinds: tuple[Callable[[str], Iterable[NameMarker]], ...] = (names_and_years, names_in_parentheses)
    for find in kinds:
        spans: dict[tuple[int, int, int], set[int]] = {}  # several years of one name are one marker
        for number, text in enumerate(texts):
            for marker in find(text.text):
                if one := meant.by(marker):
                    start = meant.begins(marker, text.text, one)
                    spans.setdefault((number, start, marker.end), set()).add(one.position)
        cited = {position for positions in spans.values() for position in positions}
        if len(cited) >= max(1.0, NAMES_SHARE * len(references)):
            return [_Place(texts[n], start, end, tuple(sorted(found))) for (n, start, end), found in spans.items()]
    return []


def _of_notes(notes: Sequence[Reference], texts: Sequence[RunningText]) -> list[_Place]:
    """The raised numbers of the notes in which works are cited in full: on the note's page, or the last one before.

    Numbers may begin anew on every page or chapter; those of notes at the foot stand on its own page.
    """
    where: dict[int, list[tuple[int, int, NumberMarker]]] = {}
    for number, text in enumerate(texts):
        for marker in text.raised:
            if len(marker.numbers) == 1:
                where.setdefault(min(marker.numbers), []).append((text.page_of(marker.start), number, marker))
    for found in where.values():
        found.sort(key=lambda one: (one[0], one[1], one[2].start))
    spans: dict[tuple[int, NumberMarker], set[int]] = {}
    for reference in notes:
        label = number_of(reference.label)
        standing = where.get(label[1], []) if label else []
        page = reference.page or 0
        before = [one for one in standing if one[0] <= page]
        if not before:
            continue
        _, number, marker = next((one for one in before if one[0] == page), before[-1])
        spans.setdefault((number, marker), set()).add(reference.position)
    return [
        _Place(texts[number], marker.start, marker.end, tuple(sorted(found)))
        for (number, marker), found in spans.items()
    ]
