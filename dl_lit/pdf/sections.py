"""Which lines of a document are its lists of references, or the notes that it cites in where it has no list.

Three witnesses are heard: the headings of lists, the signs that lines bear, and a sequence model that has seen the
lines of many documents (`dl_lit.pdf.lines`). A heading must be proven by what stands below it; a list ends where a
heading of something else, the silence of the signs and the model say so; what the model alone finds must stand apart.
Notes are read only where the document has no list worth the name: beside one they comment, and repeat what it says.
"""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.pdf.document import Line, Section, SectionKind
from dl_lit.pdf.lines.footnotes import Notes, end_notes, foot_blocks, foot_notes
from dl_lit.pdf.lines.lists import Found, headed_lists
from dl_lit.pdf.lines.loose import loose_lists
from dl_lit.pdf.lines.model import Labeller, line_model
from dl_lit.pdf.lines.signs import usual_size
from dl_lit.pdf.lines.tails import dense_tail

_SMALLEST = 4  # lines; a shorter list beside a longer one is hardly one
_SHORT_LIST = 12  # lines; beside so short a list notes are read that cite much more
_OTHER_SIZE = 0.4  # points between the type of a list and that of notes
_MANY_CITING = 8  # notes with a citation in full, to be read beside a short list


def reference_sections(lines: Sequence[Line], model: Labeller | None = None) -> list[Section]:
    """The document's lists of references, or its citing notes, in reading order, headings left out.

    `model` is another line model than the one that comes with dl_lit.
    """
    model = line_model() if model is None else model
    labels = model.labels(lines)
    lists = _without_small(headed_lists(lines, labels, model))
    at_end = None if lists else end_notes(lines)
    if at_end is None or not at_end.are_citing:
        lists = sorted([*lists, *loose_lists(lines, labels, lists)], key=lambda one: one.members[0])
    lists = _without_feet(lines, lists)
    notes = _notes(lines, lists, at_end)
    if notes is not None and sum(len(one.members) for one in lists) < notes.citing:
        lists = [one for one in lists if one.heading is not None and set(one.members).isdisjoint(notes.members)]
    if not lists and notes is None:
        tail = dense_tail(lines)
        lists = [Found(None, tuple(tail))] if tail else []
    sections = [_section(lines, one) for one in lists]
    if notes is not None:
        heading = None if notes.heading is None else lines[notes.heading]
        sections.append(Section(tuple(lines[at] for at in notes.members), SectionKind.NOTES, heading))
    return sections


def _notes(lines: Sequence[Line], lists: Sequence[Found], at_end: Notes | None) -> Notes | None:
    """The notes, where they and no list are what names the document's sources."""
    if at_end is not None and at_end.are_citing:
        return at_end
    taken = {at for one in lists for at in one.members}
    if len(taken) > _SHORT_LIST:
        return None
    notes = foot_notes(lines, taken)
    pages = {lines[at].page for at in notes.members}
    if not notes.are_citing or (lists and notes.citing < _MANY_CITING) or len(pages) == 1 < lines[-1].page:
        return None
    return notes


def _without_feet(lines: Sequence[Line], lists: Sequence[Found]) -> list[Found]:
    """The lists without the notes that stand at the feet of their pages, in another type."""
    if not lists:
        return []
    feet = [block for block in foot_blocks(lines) if block]
    cleaned: list[Found] = []
    for one in lists:
        size = usual_size([lines[at] for at in one.members])
        strange = {
            at for block in feet if abs(usual_size([lines[at] for at in block]) - size) > _OTHER_SIZE for at in block
        }
        members = tuple(at for at in one.members if at not in strange)
        if members:
            cleaned.append(Found(one.heading, members))
    return cleaned


def _without_small(found: list[Found]) -> list[Found]:
    """Leave out what is hardly a list beside the document's real one."""
    longest = max((len(one.members) for one in found), default=0)
    return [one for one in found if len(one.members) >= min(_SMALLEST, longest)]


def _section(lines: Sequence[Line], found: Found) -> Section:
    heading = None if found.heading is None else lines[found.heading]
    return Section(tuple(lines[at] for at in found.members), heading=heading)
