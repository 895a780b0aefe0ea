"""Notes at the foot of pages and notes at the end, as far as they cite works.

A note begins with its mark: a figure or a sign (`note_mark`), raised or not, with or without a full stop behind it; of
figures only those that count on from the note before begin one (`note_starts`). The lines of all notes of a document
are one section in reading order, so that a note that runs over to the next page goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_references, folded, opens_references
from dl_lit.pdf.lines.signs import has_year

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁ"
_MARK = re.compile(r"\s*(?:\[(\d{1,4})\]|(\d{1,4})|[*†‡§]{1,3})\s?[.):]?\s?(?=[^\W\d_]|[\"“”„«‘'(\[<]|https?:)")
_SMALLER = 0.4  # points by which notes are set smaller than the text
_RAISED = 0.75  # of a line's height: type smaller than that at its beginning is a raised mark
_SIZE_TO_HEIGHT = 0.95  # what the size of common type is of the height of its line
_FEWEST_CITING = 4  # notes with a citation in full, for the notes to be read
_CITING_SHARE = 0.2  # of all notes
_STEP = 3  # numbers that may be missing between two notes
_ENDNOTE_REACH = 16  # lines from the beginning of one endnote to the next
_NOTES_HEADING = re.compile(
    r"(?:\d{1,2}\.?\s+)?(?:(?:end|foot)?notes(?:\s+(?:to|for)\s.{1,40})?|anmerkungen|endnoten|"
    r"fu(?:ß|ss)noten|einzelnachweise|nachweise|notas(?:\s+(?:finais|finales))?|"
    r"note|notes de fin|noten|eindnoten|przypisy|примечания|注释|注釋|註釋|注解|注|註)"
    r"\s*[.:]?",
    re.IGNORECASE,
)
_PERSON = re.compile(
    rf"[{_UPPER}][\w'’\-]+,\s[{_UPPER}]|(?<!\w)[{_UPPER}]\.\s?[{_UPPER}][\w'’\-]+|[{_UPPER}][\w'’\-]+\s[{_UPPER}][\w'’\-]+[,:]"
)
_PLACE = re.compile(
    rf"\([{_UPPER}][^()]{{2,60}}\d{{4}}\)|[{_UPPER}][\w\-]+(?:/[{_UPPER}]\w+)?:?\s\d{{4}}|[{_UPPER}]\w+:\s[{_UPPER}]"
)
_PAGES = re.compile(
    r"\b(?:pp?|S|ss|págs?|blz|стр|С|с|s)\.\s?\d|\d\s?[-–]\s?\d|\d\s?\(\d{4}\)|\bvol\b|\bBd\b|\bJg\b|\bno\.|\bNr\b"
)
_TITLE = re.compile(r"[“„«\"‘].{8,}[”“»\"’]|\b(?:in|In|dans|en|ders)\s?:|\beds?\.|\bHrsg\b|\(Hg|https?:|\b10\.\d{4}")


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of a document: indices of all their lines, in order, and how many of them cite a work in full."""

    members: tuple[int, ...]
    heading: int | None
    count: int  # notes
    citing: int  # of those, the ones that cite in full

    @property
    def are_citing(self) -> bool:
        """Whether the notes are where the document names its sources."""
        return self.citing >= _FEWEST_CITING and self.citing >= _CITING_SHARE * self.count


def note_mark(line: Line) -> str | None:
    """The figure or sign with which a note begins on `line`; `None` where none does."""
    match = _MARK.match(line.text)
    return match.group().strip(" .):[]\t") if match else None


def foot_blocks(lines: Sequence[Line]) -> list[list[int]]:
    """The blocks of notes at the feet of columns, as indices into `lines`, in reading order."""
    body = _body_size(lines)
    blocks: list[list[int]] = []
    last = 0
    for column in _columns(lines):
        block = _foot(lines, column, body, goes_on=bool(blocks) and _is_near(lines, blocks[-1], column))
        if not block:
            continue
        numbers = [int(mark) for at in block if (mark := note_mark(lines[at])) and mark.isdigit()]
        fitting = _chain(numbers, last)
        has_sign = any((mark := note_mark(lines[at])) and not mark.isdigit() for at in block)
        if not fitting and not has_sign and not (blocks and _is_near(lines, blocks[-1], column)):
            continue
        last = fitting[-1] if fitting else last
        blocks.append(block)
    return blocks


def foot_notes(lines: Sequence[Line], taken: Collection[int]) -> Notes:
    """The notes at the feet of all pages, but for lines in `taken`."""
    members = [at for block in foot_blocks(lines) for at in block if at not in taken]
    return _counted(lines, members, None)


def end_notes(lines: Sequence[Line]) -> Notes | None:
    """The notes below a heading such as "Notes"; those of all chapters together, the first heading named."""
    members: list[int] = []
    heading: int | None = None
    for at, line in enumerate(lines):
        if len(line.text) > 60 or not _NOTES_HEADING.fullmatch(folded(line.text)) or (members and at <= members[-1]):
            continue
        below = _numbered(lines, at + 1)
        if below:
            members += below
            heading = at if heading is None else heading
    return _counted(lines, members, heading) if members else None


def _counted(lines: Sequence[Line], members: Sequence[int], heading: int | None) -> Notes:
    texts = [" ".join(lines[at].text for at in note) for note in _notes(lines, members)]
    return Notes(tuple(members), heading, len(texts), sum(map(cites_in_full, texts)))


def cites_in_full(text: str) -> bool:
    """Whether a note names at least one work with author, year and where it appeared."""
    if not has_year(text) or not _PERSON.search(text):
        return False
    return bool(_PLACE.search(text)) + bool(_PAGES.search(text)) + bool(_TITLE.search(text)) >= 2


def _notes(lines: Sequence[Line], members: Sequence[int]) -> Iterator[list[int]]:
    """The single notes among `members`."""
    starts = note_starts([lines[at] for at in members])
    for start, end in pairwise([*starts, len(members)]):
        yield list(members[start:end])


def note_starts(lines: Sequence[Line]) -> list[int]:
    """Where notes begin among `lines`, the lines of a section of notes: indices, ascending."""
    starts: list[int] = []
    last = 0
    for at, line in enumerate(lines):
        mark = note_mark(line)
        if mark is None:
            continue
        if mark.isdigit():
            opens_page = at == 0 or lines[at - 1].page != line.page
            if not (0 < int(mark) - last <= _STEP or (mark == "1" and (opens_page or last > 1)) or not starts):
                continue
            last = int(mark)
        starts.append(at)
    return starts


def _body_size(lines: Sequence[Line]) -> float:
    """The font size, in points, in which most of the document is set."""
    counts: Counter[float] = Counter()
    for line in lines:
        counts[round(2 * line.size) / 2] += len(line.text)
    return counts.most_common(1)[0][0] if counts else 0.0


def _columns(lines: Sequence[Line]) -> Iterator[list[int]]:
    """The indices of every column's lines, from top to bottom, in reading order."""
    column: list[int] = []
    for at, line in enumerate(lines):
        if column and (lines[column[-1]].page, lines[column[-1]].column) != (line.page, line.column):
            yield column
            column = []
        column.append(at)
    if column:
        yield column


def _foot(lines: Sequence[Line], column: Sequence[int], body: float, *, goes_on: bool) -> list[int]:
    """The lines in small type that end a column and begin with a note's mark; or with the rest of a note."""
    sizes = [_type_size(lines[at]) for at in column]
    size = sizes[-1]
    if size > body - _SMALLER:
        return []
    start = len(column)
    while start and abs(sizes[start - 1] - size) <= _SMALLER:
        start -= 1
    block = list(column[start:])
    if not block or (start and sizes[start - 1] < size):
        return []
    marked = next((number for number, at in enumerate(block) if note_mark(lines[at])), None)
    if marked is None:
        return block if goes_on and start else []
    return block if goes_on else block[marked:]


def _type_size(line: Line) -> float:
    """The font size in which a line is set, in points, also where it begins with a raised mark that is smaller."""
    if line.size < _RAISED * line.height and note_mark(line):
        return round(line.height * _SIZE_TO_HEIGHT, 1)
    return line.size


def _is_near(lines: Sequence[Line], block: Sequence[int], column: Sequence[int]) -> bool:
    """Whether a column is on the page of a block, or on the next."""
    return 0 <= lines[column[0]].page - lines[block[-1]].page <= 1


def _chain(numbers: Sequence[int], last: int) -> list[int]:
    """Those of a block's figures that count on from `last`, or begin anew with 1."""
    chain: list[int] = []
    for number in numbers:
        if 0 < number - last <= _STEP or (number == 1 and not chain):
            chain.append(number)
            last = number
    return chain


def _numbered(lines: Sequence[Line], start: int) -> list[int]:
    """The lines from `start` on as long as they are notes that count 1, 2, 3 …; empty where they do not."""
    wanted, last_start, starts = 1, start - 1, 0
    at = start
    while at < len(lines) and at - last_start <= _ENDNOTE_REACH:
        line = lines[at]
        if starts and _is_heading(lines, start, at):
            break
        mark = note_mark(line)
        if mark and mark.isdigit() and wanted <= int(mark) < wanted + (_STEP if starts else 1):
            wanted, last_start, starts = int(mark) + 1, at, starts + 1
        at += 1
    if starts < _FEWEST_CITING:
        return []
    if at - last_start > _ENDNOTE_REACH:
        at = last_start + 1
        while at < len(lines) and at - last_start < _ENDNOTE_REACH and _follows(lines, at):
            at += 1
    return list(range(start, at))


def _is_heading(lines: Sequence[Line], start: int, at: int) -> bool:
    """Whether the line at `at` heads something else than the notes that begin at `start`."""
    line = lines[at]
    if opens_references(line.text) or (ends_references(line.text) and not note_mark(line)):
        return True
    return line.size > lines[start].size + 0.8 and line.bold and not note_mark(line)


def _follows(lines: Sequence[Line], at: int) -> bool:
    """Whether a line goes on with the one before: close below it, in the same type."""
    line, before = lines[at], lines[at - 1]
    if abs(line.size - before.size) > _SMALLER or (line.page, line.column) != (before.page, before.column):
        return False
    return before.y0 - line.y1 < 0.6 * max(line.height, 4.0)
