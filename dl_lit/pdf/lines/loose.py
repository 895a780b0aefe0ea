"""Lists of references without a heading that is known: stretches that the model takes for references."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_references, opens_references, opens_series
from dl_lit.pdf.lines.ends import with_continuation
from dl_lit.pdf.lines.lists import Found
from dl_lit.pdf.lines.model import Label
from dl_lit.pdf.lines.restarts import restart
from dl_lit.pdf.lines.signs import LABEL, has_author, has_year, is_prose, marks, usual_size
from dl_lit.pdf.sources import is_console

_FEWEST_LINES = 4  # of a list without heading
_CONSOLE_SHARE = 0.2  # of the lines: more of what a program printed, and it is no list
_FEWEST_BESIDE = 8  # of one beside lists that have headings
_FEWEST_APART = 15  # of one beside such lists that has no heading at all
_TEXT_BETWEEN = 50  # lines of text between such a list and the one before it
_TEXT_BEFORE_ALIKE = 10  # the same for one that has a heading like theirs
_BRIDGED = 3  # lines of something else inside a list
_HEAD_LINES = 4  # before a list among which its heading may stand
_LONGEST_HEADING = 70
_FIRST_LABEL = re.compile(r"\s*[\[(]?1[\]).]?\s")
_YEAR_WEIGHT = 2  # a line with a year and without words of running text outweighs so many of text
_LEAST_TEXT = 3  # lines by which text outweighs signs of references, to be taken for text
_LONGEST_TEXT = 25  # lines of text that a run may begin with
_SHORT_LINE = 30  # characters; a shorter one without a sign is no part of the list that follows
_BEFORE = 12  # lines before a stretch among which its first entries may stand that the model did not know


def loose_lists(lines: Sequence[Line], labels: Sequence[Label], headed: Sequence[Found]) -> list[Found]:
    """What else is a list: where there are none in `headed`, what stands by itself, else what is set apart as they."""
    taken = {member for found in headed for member in found.members}
    taken |= {found.heading for found in headed if found.heading is not None}
    body = _body_size(lines, labels)
    runs = [_whole(lines, run, taken) for run in _runs(lines, labels, taken)]
    runs = [run for run in runs if _is_list([lines[at] for at in run])]
    feet = [run for run in runs if _at_page_foot(lines, run, body)]
    # Notes stand on several pages; what stands small at the foot of one, and is long, is a list.
    runs = [run for run in runs if run not in feet or (len(feet) == 1 and len(run) >= _FEWEST_APART)]
    found: list[Found] = []
    longest = max(map(len, runs), default=0)
    for run in runs:
        heading, is_foreign = _heading(lines, labels, run[0], taken)
        if headed:
            between = _text_before(labels, run, taken)
            is_ranked = heading is not None and _ranks_with(lines, heading, headed)
            alike = is_ranked and len(run) >= _FEWEST_BESIDE and between >= _TEXT_BEFORE_ALIKE
            apart = len(run) >= _FEWEST_APART and between >= _TEXT_BETWEEN
            if is_foreign or not (alike or apart):
                continue
        elif len(run) < 0.2 * longest or (is_foreign and len(run) < longest):
            continue
        found.append(Found(heading, tuple(run)))
    return found


def _body_size(lines: Sequence[Line], labels: Sequence[Label]) -> float:
    """The usual font size of what is no reference, in points."""
    return usual_size([line for line, label in zip(lines, labels, strict=True) if label is Label.OTHER])


def _runs(lines: Sequence[Line], labels: Sequence[Label], taken: Collection[int]) -> list[list[int]]:
    """Chains of reference lines outside of lists that are known, short gaps bridged where nothing new begins there."""
    runs: list[list[int]] = []
    run: list[int] = []
    for at, label in enumerate(labels):
        if at in taken or (run and at - run[-1] > _BRIDGED + 1):
            runs.append(run)
            run = []
        if label is not Label.REFERENCE or at in taken:
            continue
        if _begins_anew(lines, at, run):
            runs.append(run)
            run = []
        if not (opens_series(lines[at].text) and _stands_out(lines[at], lines[min(at + 1, len(lines) - 1)])):
            run = [*run, *range(run[-1] + 1, at), at] if run else [at]
    runs.append(run)
    return [run for run in runs if run]


def _begins_anew(lines: Sequence[Line], at: int, run: Sequence[int]) -> bool:
    """Whether something else begins at `at` or in the gap between it and the last line of `run`."""
    if not run:
        return False
    return any(
        _stands_out(lines[other], lines[run[0]]) and (opens_series(lines[other].text) or not marks(lines[other].text))
        for other in range(run[-1] + 1, at + 1)
        if other != at or opens_series(lines[at].text) or ends_references(lines[at].text)
    )


def _stands_out(line: Line, other: Line) -> bool:
    """Whether `line` is set larger or bolder than `other`."""
    return line.size > other.size + 0.8 or (line.bold and not other.bold)


def _whole(lines: Sequence[Line], run: list[int], taken: Collection[int]) -> list[int]:
    """A run with the entries before it that the model did not know, cut where another list begins on a new page."""
    run = _without_text_before(lines, run)
    first = run[0]
    size = usual_size([lines[at] for at in run])
    signs, years, best = 0, 0, first
    for at in range(first - 1, max(-1, first - 1 - _BEFORE), -1):
        line = lines[at]
        if at in taken or abs(line.size - size) > 0.3 or line.bold != lines[first].bold:
            break
        if ends_references(line.text) or not (marks(line.text) or len(line.text) > _SHORT_LINE):
            break
        signs += marks(line.text)
        years += has_year(line.text)
        if has_author(line.text) and signs >= 0.5 * (first - at) and years >= 0.25 * (first - at):
            best = at
    end = run[-1] + 1
    limit = next((at for at in range(end, min(end + 3, len(lines))) if at in taken), min(end + 3, len(lines)))
    whole = [*range(best, first), *run, *range(end, with_continuation(lines, end, limit))]
    return whole[: restart([lines[at] for at in whole])]


def _without_text_before(lines: Sequence[Line], run: list[int]) -> list[int]:
    """A run without what it may begin with: thanks and addresses, which have names but no years; text that cites."""
    if _FIRST_LABEL.match(lines[run[0]].text):
        return run
    balance = best = cut = 0
    for number, at in enumerate(run[:_LONGEST_TEXT], start=1):
        text = lines[at].text
        is_text = is_prose(text) or not marks(text)
        balance += 1 if is_text else -_YEAR_WEIGHT if has_year(text) else -1
        if balance > best:
            best, cut = balance, number
    if best < _LEAST_TEXT:
        return run
    starts = (other for other in range(cut, len(run)) if _begins_entry(lines[run[other]].text))
    return run[next(starts, cut) :] or run


def _begins_entry(text: str) -> bool:
    return has_author(text) or bool(LABEL.match(text))


def _is_list(run: Sequence[Line]) -> bool:
    """Whether a run that the model calls references bears the signs of several."""
    if len(run) < _FEWEST_LINES or sum(is_console(line.text) for line in run) > _CONSOLE_SHARE * len(run):
        return False
    starts = sum(_begins_entry(line.text) for line in run)
    years = sum(has_year(line.text) for line in run)
    bearing = sum(marks(line.text) for line in run)
    if starts < max(1, 0.08 * len(run)) or years < max(2, 0.15 * len(run)):
        return False
    return starts >= max(3, 0.12 * len(run)) or (bearing >= 0.6 * len(run) and years >= 0.3 * len(run))


def _at_page_foot(lines: Sequence[Line], run: Sequence[int], body: float) -> bool:
    """Whether a run is notes at the foot of a page: smaller than the text, which goes on above and after it."""
    first, last = run[0], run[-1]
    page = lines[last].page
    if lines[first].page != page or usual_size([lines[at] for at in run]) > body - 0.4:
        return False
    if first == 0 or lines[first - 1].page != page or last + 1 >= len(lines):
        return False
    return lines[last + 1].page != page or lines[last + 1].column != lines[last].column


def _heading(
    lines: Sequence[Line], labels: Sequence[Label], first: int, taken: Collection[int]
) -> tuple[int | None, bool]:
    """The line before a list that looks like its heading, or none; and whether it heads something else."""
    above = list(range(first - 1, max(-1, first - 1 - _HEAD_LINES), -1))
    above = above[: next((number for number, at in enumerate(above) if at in taken), len(above))]
    if any(opens_series(lines[at].text) for at in above):
        return None, True
    for at in above:
        line = lines[at]
        if ends_references(line.text):
            return None, True
        if labels[at] is Label.HEADING or opens_references(line.text):
            return at, False
        is_short = 3 <= len(line.text) <= _LONGEST_HEADING and not re.search(r"[.,;]$", line.text)
        if is_short and _stands_out(line, lines[first]):
            return at, False
    return None, False


def _text_before(labels: Sequence[Label], run: Sequence[int], taken: Collection[int]) -> int:
    """How many lines of text stand between a run and the list before it: what ends another part has text before it."""
    before = max((at for at in taken if at < run[0]), default=-1)
    return sum(label is Label.OTHER for label in labels[before + 1 : run[0]])


def _ranks_with(lines: Sequence[Line], heading: int, headed: Sequence[Found]) -> bool:
    """Whether a heading is set like one of those that head the document's known lists."""
    line = lines[heading]
    others = [lines[found.heading] for found in headed if found.heading is not None]
    return any(abs(other.size - line.size) < 0.6 and other.bold == line.bold for other in others)
