"""Where a work's title stands on the first pages, and whether it stands there as their own title. Pure.

A title in a list of references, in running text or in a table of contents is no title of the file; one in large type
that fills its lines is. What is set in the same type before and behind belongs to the file's title as well: it may
make it the title of a reply, of a supplement or of another part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz import fuzz

from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import plain_text, squash, text_key, title_key
from dl_lit.matching.numerals import PART_WORDS, value
from dl_lit.matching.proof.front import Front, Leaf, Row, beginning, joined, letters_of
from dl_lit.matching.proof.named import prose_in
from dl_lit.matching.vetoes import notice_words, numbers_conflict
from dl_lit.matching.wording import another_word, are_opposites, is_misprint

ALIKE: Final = 0.84  # likeness below which a title is not found
MENTIONED: Final = 92.0  # of 100: likeness of a title within other text
MAIN_MIN: Final = 16  # letters of a main title that may stand for the whole without its subtitle
SUBTITLED: Final = 0.97  # what a title counts as that is printed with a subtitle the record lacks
SHORTENED: Final = 0.93  # what a main title without its subtitle counts as
_MOST_ROWS: Final = 14  # that a title fills
_LONGER: Final = 1.3  # times the title's letters, that rows may have which still are to be it
_SAME_SIZE: Final = 0.6  # points
_TOP_ROWS: Final = 22  # of a page, in which a title in usual type may stand
_SMALLER: Final = 0.85  # times the usual size: type in which no title is set
_TOP: Final = 0.55  # of the page's height, above which it may stand
_NEIGHBOURS: Final = 3  # rows before and behind that are looked at
_MOST_PARTS: Final = 60  # of one work: a greater number behind a title is no part's
_RUNNING: Final = 3  # words in small letters that make a row one of running text
_SHORT: Final = 12  # letters; shorter titles must be there to the letter
_OVERLAP: Final = 2
_LISTED = 5  # lines of one page that end in a number: a table of contents
_SUBTITLE = re.compile(r"\s*[:;?!.–—|(\[/]\s*|\s+-+\s+")
_MARK_AT_END = re.compile(r"[:.?!–—‒\-(\[*†‡]\s*$")
_MARK_AT_START = re.compile(r"^\s*[:–—‒\-(\[*†‡]")
_NUMBERED_END = re.compile(r"(?:[.\s·…_]{3,}|\s)\d{1,4}\s*$")
_MISREAD_AS = re.compile("rn")
_LOOKALIKES = str.maketrans("l1j05c", "iiiose")
# What the rows above end with where they and the title are one.
_GOES_ON = re.compile(
    r"(?:\b(?:on|of|to|for|from|about|and|or|in|with|by|at|as|versus|vs|the|an?|its?|der|die|das|des|von|zu[mr]?|und|la|le|"
    r"les|de|del|du|el|il|sur|sobre)|[-–—“\"„«(,])\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stand:
    """One place where a title stands."""

    likeness: float  # 0 to 1
    leaf: Leaf
    first: int  # row
    last: int
    title: str  # which of the work's titles
    is_heading: bool  # as a title: filling its rows, in larger type or at the top of the page
    is_larger: bool
    conflict: str | None = None  # why what is printed there is another title all the same
    is_shortened: bool = False  # only its main title is printed
    is_apart: bool = True  # fills its rows

    @property
    def before(self) -> Sequence[Row]:
        """The rows right above."""
        return self.leaf.rows[max(0, self.first - _NEIGHBOURS) : self.first]

    @property
    def after(self) -> Sequence[Row]:
        """The rows right below."""
        return self.leaf.rows[self.last + 1 : self.last + 1 + _NEIGHBOURS]


def best_stand(front: Front, titles: Sequence[str], names: Sequence[str] = ()) -> Stand | None:
    """Where one of `titles` stands best; None where none does.

    `names` are surnames that may follow in the same type: they belong to no title.
    """
    letters = tuple(letters_of(name) for name in names)
    stands = [stand for title in titles for stand in _stands(front, title, letters)]
    return max(stands, key=_rank, default=None)


def _rank(stand: Stand) -> tuple[bool, bool, bool, float, bool, int]:
    is_sound = stand.conflict is None
    return (
        stand.is_heading and is_sound, stand.is_heading, is_sound,
        stand.likeness, stand.is_larger, -stand.leaf.index,
    )  # fmt: skip


def _stands(front: Front, title: str, names: Sequence[str]) -> Iterator[Stand]:
    whole = squash(text_key(title))
    if not whole:
        return
    for leaf in front.leaves:
        if found := _set_apart(leaf, title, whole, names):
            yield found
        if len(whole) >= _SHORT and (found := _with_subtitle(leaf, title, whole)):
            yield found
        if len(whole) >= _SHORT and (found := _mentioned(leaf, title, whole)):
            yield found
    main = _main_title(title)
    if main:
        for leaf in front.leaves:
            found = _set_apart(leaf, title, squash(text_key(main)), names, is_shortened=True)
            if found and found.likeness >= ALIKE:
                yield found


def _main_title(title: str) -> str | None:
    """The title without its subtitle, where what is left names something."""
    plain = plain_text(title)
    for mark in _SUBTITLE.finditer(plain):
        main = plain[: mark.start()]
        if len(squash(text_key(main))) >= MAIN_MIN and plain[mark.end() :].strip():
            return main
    return None


def _set_apart(
    leaf: Leaf, title: str, letters: str, names: Sequence[str], *, is_shortened: bool = False
) -> Stand | None:
    """The rows of a page that say just this, the most alike and largest of them."""
    best: tuple[float, float, int, int] | None = None
    cutoff = 100.0 if len(letters) < _SHORT else 100 * ALIKE
    for first, row in enumerate(leaf.rows):
        if not row.letters:
            continue
        said = ""
        for last in range(first, min(first + _MOST_ROWS, len(leaf.rows))):
            said += leaf.rows[last].letters
            if len(said) > _LONGER * len(letters) + _OVERLAP:
                break
            if len(said) * _LONGER + _OVERLAP < len(letters):
                continue
            likeness = fuzz.ratio(said, letters, score_cutoff=cutoff)
            if likeness:
                found = (round(likeness / 100, 3), row.line.size, -first, last)
                best = max(best, found) if best else found
    if best is None:
        return None
    likeness, first, last = best[0], -best[2], best[3]
    stand = _judged(leaf, title, likeness, (first, last), names)
    return replace(stand, likeness=min(stand.likeness, SHORTENED), is_shortened=True) if is_shortened else stand


def _with_subtitle(leaf: Leaf, title: str, letters: str) -> Stand | None:
    """Rows in large type that say the title and, behind a mark of punctuation, more: the record has no subtitle."""
    for first, row in enumerate(leaf.rows):
        if not row.is_larger or not row.letters or not letters.startswith(row.letters[: len(letters)]):
            continue
        said, last = "", first
        while last < len(leaf.rows) and len(said) <= len(letters) and last < first + _MOST_ROWS:
            said += leaf.rows[last].letters
            last += 1
        rows = leaf.rows[first:last]
        if not said.startswith(letters) or not all(one.is_larger for one in rows):
            continue
        text = joined(rows)
        if any(squash(text_key(text[: mark.start()])) == letters for mark in _SUBTITLE.finditer(text)):
            printed, wanted = title_key(text), title_key(title)
            conflict = numbers_conflict(printed, wanted) or _adds_number(printed, wanted) or _is_about(text, title)
            return Stand(SUBTITLED, leaf, first, last - 1, title, is_heading=True, is_larger=True, conflict=conflict)
    return None


def _is_about(printed: str, title: str) -> str | None:
    words = notice_words(printed)
    return f"its title says “{words}”" if words and not notice_words(title) else None


def _judged(leaf: Leaf, title: str, likeness: float, block: tuple[int, int], names: Sequence[str]) -> Stand:
    first, last = block
    rows = leaf.rows[first : last + 1]
    is_larger = all(row.is_larger for row in rows) or _is_in_capitals(leaf, rows)
    is_heading = (is_larger or _is_at_top(leaf, first, rows)) and not _is_listed(leaf, rows, title)
    if is_heading and not is_larger:
        is_running_head = rows[0].is_in_margin and bool(leaf.index) and not leaf.is_thin
        is_heading = not is_running_head and not _is_in_sentence(leaf, first, rows, title)
    conflict = None
    if is_heading:
        heading_first, heading_last = _heading(leaf, first, last) if is_larger else (first, last)
        if any(name and name in row.letters for row in leaf.rows[last + 1 : heading_last + 1] for name in names):
            heading_last = last  # the byline
        conflict, is_whole = _conflict(leaf, title, (heading_first, heading_last), block)
        if not is_whole:
            said = "".join(row.letters for row in leaf.rows[heading_first : heading_last + 1])
            likeness = min(likeness, fuzz.ratio(said, squash(text_key(title))) / 100)
    return Stand(likeness, leaf, first, last, title, is_heading, is_larger, conflict)


def _heading(leaf: Leaf, first: int, last: int) -> tuple[int, int]:
    """The rows around that are set in the same type, without a wide gap: the whole of the printed title."""
    size = leaf.rows[first].line.size
    start, end = first, last
    if not size:
        return first, last
    while start > 0 and first - start < _NEIGHBOURS and _belongs(leaf.rows[start - 1], leaf.rows[start], size):
        start -= 1
    while end + 1 < len(leaf.rows) and end - last < _NEIGHBOURS and _belongs(leaf.rows[end], leaf.rows[end + 1], size):
        end += 1
    return start, end


def _belongs(upper: Row, lower: Row, size: float) -> bool:
    is_same = abs(upper.line.size - size) <= _SAME_SIZE and abs(lower.line.size - size) <= _SAME_SIZE
    gap = upper.line.height - lower.line.height
    return is_same and 0 <= gap <= 0.05 and bool(upper.letters) and bool(lower.letters)


def _conflict(leaf: Leaf, title: str, heading: tuple[int, int], block: tuple[int, int]) -> tuple[str | None, bool]:
    """Why the whole printed heading is another title, and whether what it says beyond the title is beside the point."""
    printed = title_key(joined(leaf.rows[block[0] : block[1] + 1]))
    wanted = title_key(title)
    if squash(printed) != squash(wanted) and (conflict := differs(printed, wanted)):
        return conflict, True
    before = joined(leaf.rows[heading[0] : block[0]])
    behind = joined(leaf.rows[block[1] + 1 : heading[1] + 1])
    whole = title_key(joined(leaf.rows[heading[0] : heading[1] + 1]))
    if behind:
        longer = title_key(f"{joined(leaf.rows[block[0] : block[1] + 1])} {behind[:40]}")
        if conflict := numbers_conflict(longer, wanted) or _adds_number(longer, wanted):
            return conflict, True
    if squash(whole) == squash(wanted):
        return None, True
    block_end = joined(leaf.rows[block[0] : block[1] + 1])
    is_parted = not behind or bool(_MARK_AT_END.search(block_end) or _MARK_AT_START.search(behind) or "," in behind)
    is_free = not _GOES_ON.search(before)
    return None, is_parted and is_free


def differs(printed: str, wanted: str) -> str | None:
    """What tells two title keys apart that are nearly one: the number of a part, or a word of another meaning."""
    if _is_another_part(printed.split(), wanted.split()):
        return "another part or volume"
    if conflict := numbers_conflict(printed, wanted) or _adds_number(printed, wanted):
        return conflict
    pair = another_word(printed, wanted)
    if pair and not _is_misread(*pair):
        return f"“{pair[0]}” instead of “{pair[1]}” in the title"
    return None


def _adds_number(printed: str, wanted: str) -> str | None:
    """Why a numeral behind one of two titles makes them two: "… series 2", "… series 2. II"; None where none does."""
    keys = ([word for word in key.split() if word not in PART_WORDS] for key in (printed, wanted))
    shorter, longer = sorted(keys, key=len)
    if longer[:-1] != shorter:
        return None
    number = value(longer[-1])
    return "another part or volume" if number is not None and 1 < number <= _MOST_PARTS else None


def _is_misread(one: str, other: str) -> bool:
    """Whether two words are one that a scan misread: "lmrnune", "immune"."""
    mine, yours = (_MISREAD_AS.sub("m", word).translate(_LOOKALIKES) for word in (one, other))
    return not are_opposites(one, other) and is_misprint(mine, yours)


def _is_another_part(printed: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a number stands where the other title has another one: "… II. Observations", "… I. Observations"."""
    for tag, first, last, start, end in SequenceMatcher(None, printed, wanted, autojunk=False).get_opcodes():
        if tag == "replace" and last - first == end - start:
            pairs = zip(printed[first:last], wanted[start:end], strict=True)
            numbers = ((value(one), value(other)) for one, other in pairs)
            if any(one != other for one, other in numbers if one is not None and other is not None):
                return True
    return False


def _is_in_capitals(leaf: Leaf, rows: Sequence[Row]) -> bool:
    """Whether the rows are in capitals and the page is not."""
    return _is_upper("".join(row.text for row in rows)) and not _is_upper(leaf.page.text[:2_000])


def _is_upper(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) > 3 and sum(map(str.isupper, letters)) > 0.85 * len(letters)


def _is_at_top(leaf: Leaf, first: int, rows: Sequence[Row]) -> bool:
    """Whether type of the usual size stands where a title may stand: on a title page, or high on the first one."""
    if leaf.is_thin:
        return True
    is_high = rows[0].line.height >= _TOP or rows[0].line.height == 0.5
    if leaf.usual and rows[0].line.size < _SMALLER * leaf.usual:
        return False  # a citation, or the name of what it is a part of
    return leaf.index == 0 and is_high and first < _TOP_ROWS


def _is_in_sentence(leaf: Leaf, first: int, rows: Sequence[Row], title: str) -> bool:
    """Whether words of running text lead to the title in its first row, or in the row above where it shares its own."""
    letters, said = squash(text_key(title)), "".join(row.letters for row in rows)
    if said == letters:
        return False
    at = rows[0].letters.find(letters[:_SHORT])
    if at > 0 and prose_in(beginning(rows[0].text, at)):
        return True
    above = leaf.rows[first - 1] if first else None
    if above is None or abs(above.line.size - rows[0].line.size) > _SAME_SIZE:
        return False
    return above.text.rstrip()[-1:].islower() and len(prose_in(above.text)) >= _RUNNING


def _is_listed(leaf: Leaf, rows: Sequence[Row], title: str) -> bool:
    """Whether the rows are an entry of a table of contents."""
    if not _NUMBERED_END.search(rows[-1].text) or re.search(r"\d\W*$", title):
        return False
    return sum(1 for row in leaf.rows if _NUMBERED_END.search(row.text)) >= _LISTED


def _mentioned(leaf: Leaf, title: str, letters: str) -> Stand | None:
    """The title within other text."""
    if len(letters) > len(leaf.letters):
        return None
    at = leaf.letters.find(letters)
    likeness, end = 1.0, at + len(letters)
    if at < 0:
        found = fuzz.partial_ratio_alignment(letters, leaf.letters, score_cutoff=MENTIONED)
        if found is None:
            return None
        likeness, at, end = found.score / 100, found.dest_start, found.dest_end
    first, last = _rows_of(leaf, at, end)
    return Stand(likeness, leaf, first, last, title, is_heading=False, is_larger=False, is_apart=False)


def _rows_of(leaf: Leaf, start: int, end: int) -> tuple[int, int]:
    """The rows in which letters `start` to `end` of the page stand."""
    length, first, last = 0, 0, len(leaf.rows) - 1
    for number, row in enumerate(leaf.rows):
        if length <= start:
            first = number
        length += len(row.letters)
        if length >= end:
            last = number
            break
    return first, last
