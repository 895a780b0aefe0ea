"""How complete the reading of a bibliography is, as far as the document itself can tell.

Two witnesses are heard. The numbering of the entries promises every number up to the highest, and so do the markers in
the running text: "[61]" says that there is an entry 61, "Knuth (1997)" that there is one by Knuth of 1997. Which kind
of marker the document uses is decided by the entries: a kind that leads to too few of them is not the document's, so
that neither equations "(1)" nor intervals "[0, 1]" nor "Helsinki (2013)" count.

The score is the share, of what the witnesses promise, that was found:

- numbered entries: 1 - missing / expected, where numbers are missing that lie below the highest of their list, and
  those up to the highest that markers name beyond it;
- other entries: markers answered / all markers, each work counted once;
- entries without labels in a text that cites by numbers: found / highest number cited, at most 1;
- `None` where entries are not numbered and no kind of marker is the document's own.

A score of 1 does not mean that every entry was cut well, only that none is known to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dl_lit.core.model import Coverage, Name, Reference
from dl_lit.core.values import dataclass
from dl_lit.pdf.cited_works import CitedWorks
from dl_lit.pdf.document import Line, Section
from dl_lit.pdf.markers import (
    NameMarker,
    keys_in_brackets,
    names_and_years,
    names_in_parentheses,
    numbers_in_brackets,
    numbers_in_parentheses,
    numbers_raised,
    running_text,
)

_MOST_NAMED = 100  # missing labels and unanswered markers that are listed
NUMBERED_SHARE = 0.7  # of the entries, which bear a number in a numbered bibliography
_STEP_BEYOND = 3  # from one number beyond the highest entry's to the next
_FEWEST_CITED = 5  # numbers, in brackets, that promise entries though the list bears no labels
_CITED_SHARE = 0.7  # of the numbers up to the highest, that are cited where they do
_HIGHEST = 5_000  # a label beyond it is no number of an entry
_NUMBER_LABEL = re.compile(r"[\[(［]?\s?([A-Z]?)\s?(\d{1,4})[a-z]?\s?[\])］]?[.:]?(?:\([a-z]\))?")
KEY_LABEL = re.compile(r"\[?\s?([A-Za-z+]{2,9}\d{2,4}[a-z]?)\s?\]?")
_FAMILY_NAME = re.compile(
    r"(?:(?:[a-z]{1,3}|[A-Z]\.)[\s-]?){0,3}(?:[DLO]['’]|Mc|Mac)?[^\W\d_a-z][^\W\d_A-Z]{2,}(?:-\w+)?"
)
# The least share of the entries that the markers of a kind lead to, where that is the document's kind.
BRACKETS_SHARE, PARENTHESES_SHARE, RAISED_SHARE, NAMES_SHARE, KEYS_SHARE = 0.2, 0.4, 0.4, 0.25, 0.25


@dataclass(frozen=True, slots=True)
class Numbering:
    """What the labels of all lists together say."""

    expected: int  # entries they promise
    numbers: frozenset[int]  # of the entries, whatever their list
    missing: tuple[str, ...]  # labels below the highest of their list
    prefix: str = ""  # letter before the numbers: "S"

    @property
    def highest(self) -> int:
        """The highest number of all."""
        return max(self.numbers)


def judge_coverage(
    lists: Sequence[Sequence[Reference]],
    body: Iterable[Line],
    *,
    notes: Sequence[Reference] = (),
    authors: Sequence[Name] = (),
    year: int | None = None,
) -> Coverage:
    """How complete the references of one document are: `lists` of them, and `notes`, whose labels number notes.

    `body` is the document's text without them; `authors` and `year` are its own, which it may print as others cite it.
    """
    references = [reference for entries in (*lists, notes) for reference in entries]
    body = list(body)
    text = running_text(body)
    numbering = read_numbering(lists)
    if numbering is not None:
        return _of_numbered(references, replace(numbering, expected=numbering.expected + len(notes)), body, text)
    own = CitedWorks([Reference(position=0, raw="", authors=tuple(authors[:1]), year=year)]) if authors else None
    return (
        _of_keyed(references, text)
        or _of_named(references, names_and_years(text), own)
        or _of_named(references, names_in_parentheses(text), own)
        or _of_unlabelled(references, text)
        or Coverage(found=len(references), expected=None)
    )


def body_of(lines: Iterable[Line], sections: Iterable[Section]) -> list[Line]:
    """The `lines` of a document that are in none of its `sections` of references."""
    taken = {(line.page, line.x0, line.y0, line.text) for section in sections for line in section.lines}
    return [line for line in lines if (line.page, line.x0, line.y0, line.text) not in taken]


def recount(coverage: Coverage, references: Sequence[Reference]) -> Coverage:
    """`coverage` after another reader's entries came to the list: what was missing, and is among `references`, goes."""
    labels = {number_of(reference.label) for reference in references}
    index = CitedWorks(references)

    def is_answered(printed: str) -> bool:
        number = number_of(printed)
        return number in labels if number else any(index.cited_by(one) for one in names_and_years(f"({printed})"))

    missing = tuple(label for label in coverage.missing_labels if number_of(label) not in labels)
    unanswered = tuple(printed for printed in coverage.unanswered_markers if not is_answered(printed))
    score = coverage.score
    if score is not None:
        gone = len(coverage.missing_labels) - len(missing) if coverage.expected else 0
        gone = gone or (len(coverage.unanswered_markers) - len(unanswered) if not coverage.expected else 0)
        score = min(1.0, round(score + gone / (coverage.expected or coverage.markers or 1), 4))
    return replace(coverage, found=len(references), missing_labels=missing, unanswered_markers=unanswered, score=score)


def expected_references(lists: Sequence[Sequence[Reference]]) -> int | None:
    """What the numbering of all lists together promises; `None` where they are not numbered."""
    numbering = read_numbering(lists)
    return numbering.expected if numbering else None


def read_numbering(lists: Sequence[Sequence[Reference]]) -> Numbering | None:
    """The numbering of the lists, which may go on from one to the next or begin anew; `None` where there is none."""
    labels = [[number_of(reference.label) for reference in entries] for entries in lists]
    total = sum(len(entries) for entries in labels)
    labelled = sum(label is not None for entries in labels for label in entries)
    if not labelled or labelled < NUMBERED_SHARE * total:
        return None
    runs: list[set[int]] = []
    unnumbered = 0
    last = 0
    prefixes: set[str] = set()
    for entries in labels:
        if not any(entries):
            unnumbered += len(entries)
        for label in entries:
            if label is None:
                continue
            prefix, number = label
            prefixes.add(prefix)
            # Several works under one label repeat it; a number below the last one begins a list anew.
            if not runs or number < last:
                runs.append(set())
            runs[-1].add(number)
            last = number
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    missing = [f"{prefix}{number}" for run in runs for number in range(1, max(run)) if number not in run]
    expected = sum(max(run) for run in runs) + unnumbered
    return Numbering(expected, frozenset(number for run in runs for number in run), tuple(missing), prefix)


def promised_by_each(lists: Sequence[Sequence[Reference]]) -> list[int | None]:
    """What the numbering of each list promises; `None` where it is not numbered. One may go on from those before it."""
    promises: list[int | None] = []
    before = 0  # the highest number of the lists that this one may go on from
    for entries in lists:
        alone = read_numbering([entries])
        if alone is None:
            promises.append(None)
            continue
        goes_on = min(alone.numbers) > before
        promises.append(alone.expected - (before if goes_on else 0))
        before = alone.highest
    return promises


def number_of(label: str | None) -> tuple[str, int] | None:
    """The letter, mostly none, and the number of a label; `None` where it is none of a numbering."""
    match = _NUMBER_LABEL.fullmatch(label.strip()) if label else None
    if not match or not 0 < int(match.group(2)) <= _HIGHEST:
        return None
    return match.group(1), int(match.group(2))


def _of_numbered(references: Sequence[Reference], numbering: Numbering, body: Sequence[Line], text: str) -> Coverage:
    cited, shape = _cited_numbers(body, text, numbering.numbers)
    beyond = _beyond(cited, numbering.highest)
    last = max(beyond, default=numbering.highest)
    missing = (*numbering.missing, *(f"{numbering.prefix}{n}" for n in range(numbering.highest + 1, last + 1)))
    expected = numbering.expected + last - numbering.highest
    known = sorted(number for number in cited if number <= last)
    unanswered = [shape.format(number) for number in known if number not in numbering.numbers]
    return Coverage(
        found=len(references),
        expected=expected,
        missing_labels=missing[:_MOST_NAMED],
        markers=len(known),
        unanswered_markers=tuple(unanswered[:_MOST_NAMED]),
        score=_share(expected - len(missing), expected),
    )


def _cited_numbers(body: Sequence[Line], text: str, numbers: frozenset[int]) -> tuple[set[int], str]:
    """The numbers of the first kind of marker that leads to enough of the entries, and how that kind is printed."""
    kinds: tuple[tuple[Callable[[], set[int]], float, str], ...] = (
        (lambda: numbers_in_brackets(text), BRACKETS_SHARE, "[{}]"),
        (lambda: numbers_raised(body, text), RAISED_SHARE, "{}"),
        (lambda: numbers_in_parentheses(text), PARENTHESES_SHARE, "({})"),
    )
    for find, least, shape in kinds:
        cited = find()
        if len(cited & numbers) >= max(2.0, least * len(numbers)):
            return cited, shape
    return set(), ""


def _beyond(cited: set[int], highest: int) -> list[int]:
    """The numbers beyond the highest entry's that go on from it: 58, 59, 61, but not the 100 of an interval."""
    found: list[int] = []
    for number in sorted(cited):
        if highest < number <= highest + _STEP_BEYOND:
            found.append(number)
            highest = number
    return found


def _of_keyed(references: Sequence[Reference], text: str) -> Coverage | None:
    """By the keys that entries and markers share; `None` where they do not."""
    matches = [KEY_LABEL.fullmatch(reference.label.strip()) for reference in references if reference.label]
    keys = {match.group(1) for match in matches if match}
    if not keys or len(keys) < NUMBERED_SHARE * len(references):
        return None
    cited = keys_in_brackets(text)
    if len(cited & keys) < KEYS_SHARE * len(keys):
        return None
    unanswered = sorted(cited - keys)
    return Coverage(
        found=len(references),
        expected=None,
        markers=len(cited),
        unanswered_markers=tuple(f"[{key}]" for key in unanswered[:_MOST_NAMED]),
        score=_share(len(cited & keys), len(cited)),
    )


_Cited = tuple[frozenset[str], int | None, str]


def _of_named(
    references: Sequence[Reference], markers: Iterable[NameMarker], own: CitedWorks | None
) -> Coverage | None:
    """By authors, and years where the text tells them; `None` where hardly an entry is cited so."""
    index = CitedWorks(references)
    entries: set[int] = set()
    answered: dict[_Cited, NameMarker] = {}
    others: dict[_Cited, NameMarker] = {}
    for marker in markers:
        cited = (marker.names, marker.year, marker.letter)
        if cited in answered or cited in others:
            continue
        found = index.cited_by(marker)
        entries.update(found)
        (answered if found else others)[cited] = marker
    if len(entries) < max(1.0, NAMES_SHARE * len(references)):
        return None
    styles = {marker.style for marker in answered.values()}
    unanswered = [
        marker.printed
        for marker in others.values()
        if _is_believed(marker, styles) and not (own and own.cited_by(marker))
    ]
    return Coverage(
        found=len(references),
        expected=None,
        markers=len(answered) + len(unanswered),
        unanswered_markers=tuple(unanswered[:_MOST_NAMED]),
        score=_share(len(answered), len(answered) + len(unanswered)),
    )


def _is_believed(marker: NameMarker, styles: set[str]) -> bool:
    """Whether a marker without entry is one: names in company, or one family name cited as others here are."""
    if marker.is_sure:
        return True
    name = re.split(r"[,(]?\s(?=\(?\d|n\.|in\s)", marker.printed)[0]
    return marker.style in styles and marker.year is not None and bool(_FAMILY_NAME.fullmatch(name))


def _of_unlabelled(references: Sequence[Reference], text: str) -> Coverage | None:
    """By numbers that the text cites though no label was read; `None` where they do not go on from 1."""
    cited = _beyond(numbers_in_brackets(text), 0)
    if len(cited) < max(_FEWEST_CITED, _CITED_SHARE * max(cited, default=0), 0.8 * len(references)):
        return None
    return Coverage(
        found=len(references),
        expected=cited[-1],
        markers=len(cited),
        score=_share(min(len(references), cited[-1]), cited[-1]),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
