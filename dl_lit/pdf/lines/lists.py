"""Lists of references below a heading: which headings open one, and which lines are theirs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_references, is_weak_opening, opens_references, opens_series
from dl_lit.pdf.lines.annotations import is_annotated, small_remarks, without_annotations
from dl_lit.pdf.lines.counting import counted_end
from dl_lit.pdf.lines.ends import ruled_end, settled_end
from dl_lit.pdf.lines.model import Label, Labeller
from dl_lit.pdf.lines.restarts import restart
from dl_lit.pdf.lines.resuming import resumption
from dl_lit.pdf.lines.signs import LABEL, marks, usual_size

_LONGEST_LIST = 10_000  # lines, some three thousand entries; the lines of all lists are not looked at for each
_PROOF_WINDOW = 24  # lines after a heading in which a list must show itself
_FIRST_WINDOW = 6  # of those the first, in which a short list does
_TOLD_SHARE = 0.5  # of a window's lines must be references to the model, to prove a list without further signs
_DENIED_SHARE = 0.2  # fewer than that, and the signs must be dense
_DENSE_SHARE = 0.6
_ANNOTATED_SHARE = 0.08  # of the lines of an annotated list bear signs of references
_CAPTION = re.compile(r"(?:Fig(?:ure|\.)|Table|Abb(?:ildung|\.)|Tab\.)\s*\d+\s*[.:|]\s")


@dataclass(frozen=True, slots=True)
class Found:
    """A list that was found: the index of its heading, if it has one, and those of its lines, in reading order."""

    heading: int | None
    members: tuple[int, ...]


def headed_lists(lines: Sequence[Line], labels: Sequence[Label], model: Labeller) -> list[Found]:
    """The lists below headings that are proven by what stands below them; `labels` are those of `lines`."""
    found: list[Found] = []
    taken: set[int] = set()
    captions = {at for at, line in enumerate(lines) if _CAPTION.match(line.text)}
    for index, line in enumerate(lines):
        if index in taken or not _may_open(line, labels[index]):
            continue
        below, told = _below(lines, labels, index, model, captions)
        if not _is_proven(line, [lines[at] for at in below], told, is_known=opens_references(line.text)):
            continue
        texts = [lines[at] for at in below]
        places = _annotated(line, texts, told) if is_annotated(line.text) else _parts(line, texts, told)
        members = [below[at] for at in places]
        taken.update(below[: places[-1] + 1] if places else ())
        if members:
            found.append(Found(index, tuple(members)))
    return found


def _annotated(opening: Line, lines: Sequence[Line], told: Sequence[Label]) -> list[int]:
    """The lines of the entries of an annotated list below `opening`."""
    return without_annotations(lines[: ruled_end(opening, lines, told).at])


def _parts(opening: Line, lines: Sequence[Line], told: Sequence[Label]) -> list[int]:
    """The lines of the list below `opening`, taken up again where it only seemed to end."""
    kept: list[int] = []
    start: int | None = 0
    while start is not None:
        rest = lines[start:]
        ruled = ruled_end(opening, rest, told[start:])
        settled = settled_end(rest, told[start:], ruled)
        length = restart(rest[: counted_end(rest, settled, ruled.at)])
        kept += _kept(lines, told, start, start + length)
        start = resumption(lines, told, start + length) if length else None
    return kept


def _may_open(line: Line, label: Label) -> bool:
    """Whether a line is the known heading of a list, or one that the model takes for such."""
    if opens_references(line.text):
        return True
    return (
        label is Label.HEADING
        and 4 <= len(line.text) <= 70
        and not ends_references(line.text)
        and any(character.isalpha() for character in line.text)
    )


def _below(
    lines: Sequence[Line], labels: Sequence[Label], heading: int, model: Labeller, captions: Collection[int]
) -> tuple[list[int], list[Label]]:
    """What follows a heading, without what stands beside it, above it, in another column; with its labels."""
    opening = lines[heading]
    following = range(heading + 1, min(heading + 1 + _LONGEST_LIST, len(lines)))
    beside = _beside(lines, labels, heading)
    members = [at for at in following if at not in beside and at not in captions]
    remarks = small_remarks([lines[at] for at in members]) if opens_references(opening.text) else set()
    members = [at for number, at in enumerate(members) if number not in remarks] if remarks else members
    if not beside and not remarks:
        return members, [labels[at] for at in members]
    # What the model saw was torn: let it look again.
    return members, model.labels([opening, *(lines[at] for at in members)])[1:]


def _beside(lines: Sequence[Line], labels: Sequence[Label], heading: int) -> set[int]:
    """The tops of other columns on the heading's page, where they hold the text that the list stands below of."""
    opening = lines[heading]
    size = usual_size(lines[heading + 1 : heading + 13])
    columns: dict[int, list[int]] = {}
    for at in range(heading + 1, len(lines)):
        if lines[at].page != opening.page:
            break
        if lines[at].column != opening.column:
            columns.setdefault(lines[at].column, []).append(at)
    beside: set[int] = set()
    for column in columns.values():
        above = [at for at in column if lines[at].y0 > opening.y1 - 2]
        if above and _is_alien(lines[above[0]], labels[above[0]], size):
            beside.update(above)
    return beside


def _is_alien(line: Line, label: Label, size: float) -> bool:
    """Whether a line that tops a column has nothing of the list's type."""
    if opens_references(line.text):
        return False
    return abs(line.size - size) > 0.6 or (label is Label.OTHER and not marks(line.text))


def _is_proven(heading: Line, below: Sequence[Line], told: Sequence[Label], *, is_known: bool) -> bool:
    """Whether what stands below a heading is a list of references."""
    told_below = zip(below, told, strict=True)  # of a book, all that follows: look no further than needed
    pairs = list(islice((pair for pair in told_below if not opens_references(pair[0].text)), _PROOF_WINDOW))
    if not pairs:
        return False
    share = sum(marks(line.text) for line, _ in pairs) / len(pairs)
    by_model = _told_share([label for _, label in pairs])
    by_model_first = _told_share([label for _, label in pairs[:_FIRST_WINDOW]])
    if not is_known:
        return by_model >= _TOLD_SHARE and share >= _TOLD_SHARE
    is_weak = is_weak_opening(heading.text)
    if by_model >= _TOLD_SHARE or (by_model_first >= _TOLD_SHARE and not is_weak):
        return True
    needed = 0.45 if is_weak else 0.22
    if LABEL.match(pairs[0][0].text) and not is_weak:
        needed = 0.12
    if (
        not heading.text[:1].isupper()
        and not heading.text[:1].isdigit()
        and not heading.bold
        and heading.text.isascii()
    ):
        needed += 0.2  # the last word of a sentence, alone on its line
    if is_annotated(heading.text):
        return share >= _ANNOTATED_SHARE
    if by_model < _DENIED_SHARE:
        needed = max(needed, _DENSE_SHARE)
    return share >= needed


def _told_share(labels: Sequence[Label]) -> float:
    return sum(label is Label.REFERENCE for label in labels) / len(labels) if labels else 0.0


def _kept(lines: Sequence[Line], labels: Sequence[Label], start: int, end: int) -> list[int]:
    """The lines of a part of a list without further headings and without what a page break put between them."""
    size = usual_size(lines[start:end])
    kept: list[int] = []
    for at in range(start, end):
        line = lines[at]
        if opens_references(line.text) or (line.bold and opens_series(line.text)):
            continue
        if labels[at] in (Label.NOTE, Label.OTHER) and _is_strange(line, size):
            continue
        kept.append(at)
    return kept


def _is_strange(line: Line, size: float) -> bool:
    """Whether a line that the model takes for something else is in another type than its list as well."""
    return line.size < size - 0.4 and not marks(line.text)
