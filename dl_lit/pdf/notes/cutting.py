"""Notes cut into citations: which are in full, which point to a work cited elsewhere, and what is comment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import join
from dl_lit.pdf.notes.words import (
    CASE,
    FAMILY,
    FULL_SIGNS,
    IDEOGRAPHS,
    NAMED_WORK,
    NAMES,
    NOTE_NUMBER,
    SAME_AUTHOR,
    SAME_PLACE,
    SAME_WORK,
    SIGNAL,
    WORD,
    YEAR,
)
from dl_lit.pdf.splitting.entry import Entry

_MARK = re.compile(
    r"\s*(?:\[(\d{1,4})\]|\(?(\d{1,4})|[*†‡§]{1,3})\s?[.):]?\s?(?=[^\W\d_]|[\"“”„«‘'(\[<《『「…]|https?:)"
)
_STEP = 5  # numbers that may be missing between two notes
_RAISED_STEP = 40  # the same before one whose mark is raised
_SENTENCE = re.compile(
    r"(?:(?<=\d)|(?<=[)\]”»\"’])|(?<=\d[a-z])|(?<=\bcit)|(?<=[Ii]bid)|(?<=\bEbd)|(?<=\bebd)|(?<=[^\W\d_]{6})(?<!transl)(?<!transk)|(?<=\b[ivxl]{2})|"
    r"(?<=\bff)|(?<=\df)|(?<=a\.O)|(?<=a\. O))"
    r"(?:[.!?][”»\"’)]?\s+|[。])(?=[^a-zа-яß\d\s,;:(])"
)
_PAGES_ONLY = re.compile(
    r"(?:(?:pp?|S|ss|págs?|С|с|Bd|vol|Vol|Т|т|n|nn|no|No|Nr|Sp|f|fol|ch|cap|chap|Kap|здесь|hier|here|esp|at|Вып|Ч|№)\.?\s?)"
    r"[\dIVXLivxl][\dIVXLivxlf.,–\- ]*\.?$"
)
# What leads from one work to the next, and comment behind a citation's last figure.
_CONNECTOR = re.compile(r"[,;.]?\s*(?:and|und|et|y|e|и|with|as well as|sowie|mit|see also|see|vgl\.|but)?\s*$")
_TAIL = re.compile(r"(?<=[\d)”])[,.]?\s(?:[^\W\dA-ZА-Я]\w*[,\s]\s?){2,}[^\d]*$")
_FEWEST_POINTING, _POINTING_SHARE = 2, 0.04  # entries that make a list one of notes, and their share of all
_MOST_LINES = 60  # of a note that are read at once; no printed note is longer
_LONGEST_SHORT = 160  # characters
SAME_AS_BEFORE = "="  # family name of a citation whose authors are those of the one before
_PLACE_AND_YEAR = re.compile(rf",\s(?:{WORD}[ /–-]?){{1,3}}\s?(?:1[5-9]|20)\d\d\b")
_LEAST_TITLE = 8  # characters between the names and the end of a citation in full


class Kind(StrEnum):
    """What a citation in a note is."""

    FULL = "full"
    SAME_PLACE = "ibid."  # the work cited last
    NAMED = "op. cit."  # a work named by its author, a note's number, or a short title


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation of a note."""

    kind: Kind
    entry: Entry  # its text, where it stands, and the note's number as label
    note: int | None  # the note's number
    family: str = ""  # the first author's, or what stands in its place
    points_to: int | None = None  # the number of the note in which the work is cited in full


def cut_notes(lines: Sequence[Line], words: Collection[str] = frozenset()) -> list[Citation]:
    """The citations of a section of notes, in order; comment is left out. `words` are those of the whole document."""
    found: list[Citation] = []
    for start, end in pairwise([*_starts(lines), len(lines)]):
        for piece in range(start, end, _MOST_LINES):
            found += _citations(lines[piece : min(piece + _MOST_LINES, end)], words)
    return found


def are_notes(entries: Sequence[Entry]) -> bool:
    """Whether what was cut as a list is one of notes: some of its entries only point to works cited before."""
    pointing = 0
    for entry in entries:
        text = _without_signals(entry.text) if len(entry.text) <= _LONGEST_SHORT else ""
        if text and not YEAR.search(text):
            pointing += bool(
                SAME_PLACE.match(text) or SAME_WORK.match(text) or NAMED_WORK.search(text) or _is_supra(text)
            )
    return pointing >= max(_FEWEST_POINTING, _POINTING_SHARE * len(entries))


def _is_supra(text: str) -> bool:
    """Whether `text` leads to another note: "Holmes, supra note 1, at 461"."""
    return FAMILY.match(text) is not None and NOTE_NUMBER.search(text) is not None


def _starts(lines: Sequence[Line]) -> list[int]:
    """Where notes begin; what comes before the first mark is a note, too: its mark stands on an earlier page."""
    starts = [0] if lines else []
    last = 0
    for at, line in enumerate(lines):
        match = _MARK.match(line.text)
        if match is None:
            continue
        figure = match.group(1) or match.group(2)
        if figure is None:
            starts.append(at)
        elif (
            not last
            or 0 < int(figure) - last <= _STEP
            or (figure == "1" and last > 1)
            # A figure that is raised at the head of a line is a mark, also where others were not read before it.
            or (_is_raised(line, match) and 0 <= int(figure) - last <= _RAISED_STEP)
        ):
            last = int(figure)
            starts.append(at)
    return sorted(set(starts))


def _is_raised(line: Line, mark: re.Match[str]) -> bool:
    """Whether the figure of a note's mark stands higher than the words behind it."""
    start = mark.start(1) if mark.group(1) else mark.start(2)
    return any(first <= start < end for first, end in line.raised)


def _citations(lines: Sequence[Line], words: Collection[str]) -> Iterator[Citation]:
    """The citations of one note."""
    mark = _MARK.match(lines[0].text)
    figure = (mark.group(1) or mark.group(2)) if mark else None
    texts = [line.text for line in lines]
    if mark:
        texts[0] = texts[0][mark.end() :]
    note = int(figure) if figure else None
    uris = tuple(dict.fromkeys(uri for line in lines for uri in line.uris))
    pieces = [piece for segment in _segments(join(texts, words)) for piece in _pieces(segment)]
    full = sum(kind is Kind.FULL for kind, _, _ in pieces)
    for kind, text, family in pieces:
        own_uris = uris if full == 1 and kind is Kind.FULL else ()
        follows = "authors" if family == SAME_AS_BEFORE else ""
        entry = Entry(text, lines[0].page, figure, None, own_uris, tuple(lines), follows)
        number = NOTE_NUMBER.search(text) if kind is Kind.NAMED else None
        points_to = int(number.group(number.lastindex or 0)) if number else None
        yield Citation(kind, entry, note, family, points_to)


def _segments(text: str) -> list[str]:
    """A note's sentences and the parts between its semicolons; what belongs together put together again."""
    parts = [part for sentence in _sentences(text) for part in _between_semicolons(sentence)]
    joined: list[str] = []
    for part in parts:
        before = joined[-1] if joined else ""
        goes_on = before and (
            _PAGES_ONLY.match(part)
            or (_has_names(before) and not YEAR.search(before) and YEAR.search(part) and not _begins_work(part))
        )
        if goes_on and not (SAME_PLACE.match(part) or NAMED_WORK.search(before)):
            joined[-1] = f"{before} {part}"
        else:
            joined.append(part)
    return joined


def _begins_work(text: str) -> bool:
    """Whether names begin `text` and a title follows, no place and year, which would make a title of the names."""
    rest = _without_signals(text)
    names = NAMES.match(rest)
    return names is not None and not _PLACE_AND_YEAR.match(rest, names.end())


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in _SENTENCE.finditer(text):
        if not _depth(text[start : match.start()]):
            yield text[start : match.end()].strip()
            start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _between_semicolons(text: str) -> Iterator[str]:
    start = 0
    for match in re.finditer(r";\s+|；", text):
        if _depth(text[start : match.start()]):
            continue
        yield text[start : match.start()].strip()
        start = match.end()
    if text[start:].strip():
        yield text[start:].strip()


def _depth(text: str) -> int:
    """How many brackets and quotation marks stand open at the end of `text`."""
    brackets = text.count("(") + text.count("[") - text.count(")") - text.count("]")
    quotes = text.count("“") + text.count("„") - text.count("”") - (text.count("“") if "„" in text else 0)
    return max(brackets, 0) + max(quotes, 0)


def _has_names(text: str) -> bool:
    return NAMES.search(text) is not None


def _without_signals(text: str) -> str:
    """`text` without "See also", "Vgl." and the like at its head."""
    while match := SIGNAL.match(text):
        text = text[match.end() :].lstrip(" ,:")
    return text


def _pieces(segment: str) -> Iterator[tuple[Kind, str, str]]:
    """The citations of one segment: what they are, their text, and the first author's family name."""
    text = _without_signals(segment)
    if SAME_PLACE.match(text) or SAME_WORK.match(text):
        yield Kind.SAME_PLACE, text, ""
        return
    short = _named(text)
    if short is not None:
        yield short
        return
    yield from _full_ones(text)


def _named(text: str) -> tuple[Kind, str, str] | None:
    """A short form that names the work: "Thompson, op. cit., 98", "Holmes, supra note 1", "Davis, Return, 51"."""
    marked = NAMED_WORK.search(text) or NOTE_NUMBER.search(text)
    head = FAMILY.search(text[: marked.start()] if marked else text[:60])
    if marked and marked.start() < _LONGEST_SHORT and not YEAR.search(text[: marked.start()]):
        names = NAMES.match(text[: marked.start()].rstrip(" ,.(") + ", ") or NAMES.match(text[: marked.start()] + "(")
        head = head or IDEOGRAPHS.match(text)
        family = _family_of(names) if names else head.group("family") if head else ""
        start = names.start() if names else head.start() if head else 0
        return Kind.NAMED, text[start:].strip(), family
    if marked or len(text) > _LONGEST_SHORT or NAMES.match(text):
        return None
    own = FAMILY.match(text)
    if (
        own
        and (not YEAR.search(text) or re.match(r"\s\(?(?:1[5-9]|20)\d\d", text[own.end() :]))
        and re.search(r"\d", text)
    ):
        return Kind.NAMED, text, own.group("family")
    return None


def _full_ones(text: str) -> Iterator[tuple[Kind, str, str]]:
    """The citations in full of one segment, which may name several works one after the other."""
    if SAME_AUTHOR.match(text) and YEAR.search(text):
        yield Kind.FULL, text, SAME_AS_BEFORE
        return
    starts = _name_starts(text)
    if not starts:
        if FULL_SIGNS.search(text) and YEAR.search(text) and not CASE.search(text) and _is_titled(text):
            name = IDEOGRAPHS.match(text)
            yield Kind.FULL, text.strip(" .,"), name.group("family") if name else ""
        return
    for (start, family), (end, _) in pairwise([*starts, (len(text), "")]):
        piece = _TAIL.sub("", _CONNECTOR.sub("", text[start:end]))
        if CASE.search(piece) or len(piece) < _LEAST_TITLE + len(family):
            continue
        if YEAR.search(piece) and FULL_SIGNS.search(piece):
            yield Kind.FULL, piece.strip(), family


def _is_titled(text: str) -> bool:
    """Whether a citation without names begins with its title, quoted or in the brackets of Chinese and Japanese."""
    return bool(re.match(r".{0,24}[“„«\"‘《『「]", text))


def _name_starts(text: str) -> list[tuple[int, str]]:
    """Where works begin by their authors' names: the first, and every one that stands behind the year of another."""
    starts: list[tuple[int, str]] = []
    at = 0
    while match := NAMES.search(text, at):
        at = match.end()
        rest = text[match.end() :]
        before = text[starts[-1][0] : match.start()] if starts else ""
        if _depth(text[: match.start()]) or not YEAR.search(rest) or (starts and not YEAR.search(before)):
            continue
        if starts and re.search(r",\s*$|\b(?:ed|eds|trans|by|Hrsg|übers|von|hg)\.?\s?(?:by|von|v\.)?\s*$", before):
            continue
        starts.append((match.start(), _family_of(match)))
    return starts


def _family_of(match: re.Match[str]) -> str:
    """The family name of the first of some names."""
    if reversed_ := match.group("reversed"):
        return str(reversed_).split(",")[0].split()[-1]
    if inverted := match.group("cyrillic") or match.group("inverted"):
        return str(inverted).split()[0]
    words = [
        word for word in re.split(r"\s", str(match.group("first"))) if word.rstrip(",") not in {"Jr.", "Jr", "Sr."}
    ]
    return words[-1].rstrip(",")
