"""Titles for .bib files, with braces round just the words that a style must not make lower case.

Bibliography styles print titles in lower case but for what stands in braces. Braces round a whole title would take that
away from them, so only words get them whose capitals are their own: names, acronyms, formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from dl_lit.exports.rich.markup import styled
from dl_lit.exports.rich.text import Formula, Piece, Span, Style, pieces

_MARKS = {
    Style.ITALIC: (r"\textit{", "}"),
    Style.BOLD: (r"\textbf{", "}"),
    Style.SUPER: (r"\textsuperscript{", "}"),
    Style.SUB: (r"\textsubscript{", "}"),
    Style.SMALL_CAPS: (r"\textsc{", "}"),
}
_GERMAN = frozenset({"der", "und", "zur", "zum", "für", "über", "im", "vom", "beim", "dem", "eine", "einer"})
TITLE_CASE_SHARE = 0.6  # from this share of capitalised long words on, capitals say nothing about a word
LONG_WORD = 4  # letters; title case leaves shorter ones small
_FORMULA = "\ufffc"  # stands for one where words are looked at
_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^[^\w]+|[^\w]+$")

Encode = Callable[[str], str]
Protected = list[tuple[int, int]]  # from, to: in the title's letters


def title(text: str, encode: Encode, *, is_german: bool = False) -> str:
    """The title `text` as it stands in a field, encoded, marked up, with the words protected that need it.

    `is_german` says that it is in German, where every noun is capitalised; titles that look German are taken for it.
    """
    found = pieces(text)
    letters = "".join(_letters(one) for one in found)
    cut = _cut(found, _protected(letters, is_german=is_german))
    return " ".join(styled((one for one, _ in cut), _MARKS, _writer(cut, encode)).split())


def words(text: str, encode: Encode) -> str:
    """`text` encoded and marked up, for fields that no style makes lower case."""
    return " ".join(styled(pieces(text), _MARKS, lambda one: _written(one, encode)).split())


def _letters(piece: Piece) -> str:
    return piece.text if isinstance(piece, Span) else _FORMULA


def _written(piece: Piece, encode: Encode) -> str:
    return encode(piece.text) if isinstance(piece, Span) else f"{{${piece.tex}$}}"


def _writer(cut: Sequence[tuple[Piece, bool]], encode: Encode) -> Callable[[Piece], str]:
    """Writes the pieces in the order of `cut`."""
    wants = iter([is_protected for _, is_protected in cut])

    def write(piece: Piece) -> str:
        written = _written(piece, encode)
        if not next(wants) or isinstance(piece, Formula):
            return written
        # BibTeX takes a brace and a backslash for one letter, which it makes small: so another brace before it.
        return f"{{{{}}{written}}}" if written.startswith("\\") else f"{{{written}}}"

    return write


def _cut(found: Sequence[Piece], protected: Protected) -> list[tuple[Piece, bool]]:
    """The pieces cut where words begin and end that are protected, and whether each is."""
    cut: list[tuple[Piece, bool]] = []
    start = 0
    for piece in found:
        if isinstance(piece, Formula):
            cut.append((piece, False))
            start += len(_FORMULA)
            continue
        end, at = start + len(piece.text), start
        for first, last in protected:
            if last <= at or first >= end:
                continue
            begin, stop = max(first, at), min(last, end)
            if begin > at:
                cut.append((Span(piece.text[at - start : begin - start], piece.styles), False))
            text = piece.text[begin - start : stop - start]
            cut.append((Span(text, piece.styles), text != text.lower()))
            at = stop
        if at < end:
            cut.append((Span(piece.text[at - start :], piece.styles), False))
        start = end
    return cut


def _protected(letters: str, *, is_german: bool) -> Protected:
    if letters == letters.lower():
        return []
    found = letters.split()
    if _is_all_capitals(found):
        return []
    keeps_capitals = is_german or not _GERMAN.isdisjoint(found) or not _is_title_case(found)
    return list(_needy(letters, keeps_capitals=keeps_capitals))


def _needy(letters: str, *, keeps_capitals: bool) -> Iterator[tuple[int, int]]:
    """Words with a capital or a digit inside (DNA, mRNA, 5-HT), and, where capitals mean something, capitalised ones.

    Not those that begin a sentence: they are capitalised for that reason.
    """
    after_stop = True
    for match in _WORD.finditer(letters):
        word = match[0]
        bare = "" if word == word.lower() else _EDGES.sub("", word)
        if bare and (_has_inner_capital(bare) or (keeps_capitals and not after_stop and bare[0].isupper())):
            first = match.start() + word.index(bare)
            yield first, first + len(bare)
        after_stop = word[-1] in ".?!:"


def _has_inner_capital(word: str) -> bool:
    """A capital that is not the first letter of the word or of a part after a hyphen; or a lone capital letter."""
    if word.islower():
        return False
    parts = word.split("-")
    return any(any(map(str.isupper, part[1:])) or re.fullmatch(r"[B-HJ-Z]", part) for part in parts)


def _is_title_case(found: Sequence[str]) -> bool:
    long_words = [word for word in found[1:] if len(word) >= LONG_WORD and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long_words)
    return bool(long_words) and capitals / len(long_words) >= TITLE_CASE_SHARE


def _is_all_capitals(found: Sequence[str]) -> bool:
    """Whether the whole title is in capitals, as old catalogues have it: then none of them means anything."""
    long_words = [word for word in found if sum(map(str.isalpha, word)) >= LONG_WORD]
    return len(long_words) > 1 and all(map(str.isupper, long_words))
