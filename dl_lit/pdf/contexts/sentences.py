"""The running text with its sentences: captions and notes apart from it, hyphenation undone, each place with its page.

Everything here takes time in proportion to the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import kept_before
from dl_lit.pdf.markers import NumberMarker, numbers_of_raised

MOST_CHARACTERS = 4_000_000
"""Of text that are looked through."""
LONGEST_SENTENCE = 1_000
"""Characters that are kept of one."""

_SMALL, _LARGE = 0.93, 1.08  # times the size of the running text: notes and captions, and headings
_LONGEST_HEADING = 90  # characters
_OTHER = 0.04  # of the running text's size, by which a heading may differ from it
_SHORT = 0.15  # of a line's width, by which a heading in one block with its text ends before the line above
_LETTERS_OF_HEADING = 0.6  # of its characters
_APART = "\n"  # where a sentence ends whatever is printed
_NO_END = (
    r"al|cf|e\.g|i\.e|eg|ie|Figs?|figs?|Eqs?|eqs?|Eqns?|Refs?|refs?|Secs?|Sect|vs|ca|approx|Dr|Prof|Mr|Mrs|Ms|St|Nos?|nos?|"
    r"vols?|Vols?|pp?|Ch|Chap|chap|Tab|Tabs|resp|z\.\s?B|bzw|u\.\s?a|vgl|Vgl|Abb|Abs|S|d\.\s?h|ff?|Hrsg|Bd|Nr|Jr|Sr|Inc|Ltd|Univ|"
    r"Thm|Prop|Lem|Def|Cor|App|Appx|viz|op|cit|ibid|Ibid|ed|eds|Ed|Eds|Suppl|suppl|spp?|var|subsp|incl|esp|min|max|"
    r"Sra?|Dra|págs?|cap|núm|núms|art|Art|Alg|Ex|Rev|Gen|Col|cols|u|и|др|см|рис|табл|с|г|т|[^\W\d_a-zа-я]"
)
_END = re.compile(
    rf"\n|[。！？]+|(?<!\w)(?:{_NO_END})\.(?=\s)|(?P<end>[.!?…]['\"”’»)\]]{{0,3}})"
    r"(?P<marks>(?:\s?\[[\d,;–\- ]{1,40}\]|(?:(?<=[^\d\s][.!?])|(?<=[”\"’)]))\d{1,3}(?:[,–-]\d{1,3}){0,12})?)"
    r"\s+(?=['\"“„«‘(\[¿¡]{0,2}(?:[^\W_a-zа-яß]))"
)


@dataclass(frozen=True, slots=True)
class RunningText:
    """A text of several lines, as one."""

    text: str
    raised: tuple[NumberMarker, ...]  # what stands higher and is of numbers alone
    starts: tuple[int, ...]  # offset at which each line begins
    pages: tuple[int, ...]  # of each line, 1-based
    sentences: tuple[int, ...]  # offsets at which they begin

    def page_of(self, at: int) -> int:
        """The page on which the character at an offset stands."""
        return self.pages[max(0, bisect_right(self.starts, at) - 1)]

    def sentence_around(self, start: int, end: int) -> str:
        """The sentence in which a marker stands, white space folded; of a long one what is around the marker."""
        first = self.sentences[max(0, bisect_right(self.sentences, start) - 1)]
        behind = bisect_left(self.sentences, end)
        last = self.sentences[behind] if behind < len(self.sentences) else len(self.text)
        room = max(0, LONGEST_SENTENCE - (end - start) - 4) // 2
        cut_first, cut_last = max(first, start - room), min(last, end + room)
        sentence = " ".join(self.text[cut_first:cut_last].replace("\u00ad", "").split())
        before, after = "… " if cut_first > first else "", " …" if cut_last < last else ""
        return f"{before}{sentence}{after}"[:LONGEST_SENTENCE]


def running_texts(body: Sequence[Line], words: Collection[str]) -> tuple[RunningText, RunningText]:
    """The running text, and apart from it what is set in smaller type: captions, tables, notes."""
    size = _usual_size(body)
    main: list[tuple[Line, bool]] = []
    small: list[tuple[Line, bool]] = []
    before: Line | None = None
    was_small = is_apart = False
    count = 0
    for line in body:
        count += len(line.text) + 1
        if count > MOST_CHARACTERS:
            break
        begins_raised = bool(line.raised) and line.raised[0][0] == 0
        is_small = was_small if begins_raised and before is not None else line.size < _SMALL * size
        is_new = before is None or _place(line) != _place(before)
        if is_small:
            small.append((line, is_new or not was_small))
        else:
            is_heading = _is_heading(line, before, size, is_new=is_new)
            main.append((line, is_apart or is_heading))
            is_apart = is_heading
        before, was_small = line, is_small
    return _running(main, words), _running(small, words)


def _usual_size(body: Sequence[Line]) -> float:
    sizes = Counter[float]()
    for line in body:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _place(line: Line) -> tuple[int, int, int]:
    return line.page, line.column, line.block


def _is_heading(line: Line, before: Line | None, size: float, *, is_new: bool) -> bool:
    text = line.text.strip()
    if len(text) > _LONGEST_HEADING or "=" in text or not text:
        return False
    if line.size > _LARGE * size:
        return True
    if sum(character.isalpha() for character in text) < _LETTERS_OF_HEADING * len(text) or text[-1] in ".,;:-\u00ad":
        return False
    ended = before is None or before.text.rstrip()[-1:] in set('.!?:)”"')
    if text.isupper() and len(text) > 4:
        return ended
    if ended and is_new and abs(line.size - size) > _OTHER * size:
        return True
    if not ended or not line.bold or (before and before.bold):
        return False
    return is_new or before is None or line.x1 < before.x1 - _SHORT * (before.x1 - before.x0)


def _running(lines: Sequence[tuple[Line, bool]], words: Collection[str]) -> RunningText:
    pieces: list[str] = []
    starts: list[int] = []
    raised: list[NumberMarker] = []
    length = 0
    for line, is_apart in lines:
        if pieces:
            kept = pieces[-1] + _APART if is_apart else kept_before(pieces[-1], line.text, words)
            length += len(kept) - len(pieces[-1])
            pieces[-1] = kept
        raised += _raised(line, length)
        starts.append(length)
        pieces.append(line.text)
        length += len(line.text)
    text = "".join(pieces)
    return RunningText(
        text, tuple(raised), tuple(starts), tuple(line.page for line, _ in lines), tuple(_sentences(text))
    )


def _raised(line: Line, offset: int) -> list[NumberMarker]:
    found = []
    for start, end in line.raised:
        # Behind a figure it is a table's, or an exponent.
        # In front of a letter, or apart from a name's comma, it is that of an affiliation or of a note.
        ahead = line.text[:start]
        if ahead.rstrip()[-1:].isdigit() or line.text[end : end + 1].isalpha() or ahead[-2:] == ", ":
            continue
        if numbers := numbers_of_raised(line.text[start:end].strip()):
            found.append(NumberMarker(offset + start, offset + end, numbers))
    return found


def _sentences(text: str) -> list[int]:
    found = [0]
    for match in _END.finditer(text):
        if match["end"] is None and match.group()[0] not in "\n。！？":
            continue  # an abbreviation
        found.append(match.end())
    return found
