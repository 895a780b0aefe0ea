"""Which lines of a document are its lists of references: one at the end, one per chapter, or one without a heading.

Three witnesses are heard: the headings of lists, the signs that lines bear, and a sequence model that has seen the lines
of many documents (`dl_lit.pdf.lines`). A heading must be proven by what stands below it; a list ends where a heading of
something else, the silence of the signs and the model say so; what the model alone finds must stand apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.pdf.document import Line, Section
from dl_lit.pdf.lines.lists import Found, headed_lists
from dl_lit.pdf.lines.loose import loose_lists
from dl_lit.pdf.lines.model import line_model
from dl_lit.pdf.lines.tails import dense_tail

_SMALLEST = 4  # lines; a shorter list beside a longer one is hardly one


def reference_sections(lines: Sequence[Line]) -> list[Section]:
    """The document's lists of references, in reading order, headings left out."""
    model = line_model()
    labels = model.labels(lines)
    headed = _without_small(headed_lists(lines, labels, model))
    found = sorted([*headed, *loose_lists(lines, labels, headed)], key=lambda one: one.members[0])
    if not found:
        tail = dense_tail(lines)
        found = [Found(None, tuple(tail))] if tail else []
    return [_section(lines, one) for one in found]


def _without_small(found: list[Found]) -> list[Found]:
    """Leave out what is hardly a list beside the document's real one."""
    longest = max((len(one.members) for one in found), default=0)
    return [one for one in found if len(one.members) >= min(_SMALLEST, longest)]


def _section(lines: Sequence[Line], found: Found) -> Section:
    heading = None if found.heading is None else lines[found.heading]
    return Section(tuple(lines[at] for at in found.members), heading=heading)
