"""Text for LaTeX: special characters escaped, accents as commands, braces round words that must keep their case."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from bibtexparser.library import Library
from bibtexparser.middlewares import LatexEncodingMiddleware
from bibtexparser.model import Entry, Field

_SPECIALS = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_ENCODING = LatexEncodingMiddleware(keep_math=False, enclose_urls=False)
# What has no command stays, as is meant: its encoder would warn of every single letter.
logging.getLogger("pylatexenc").setLevel(logging.ERROR)
# An accent command that no braces hold together: BibTeX would take the backslash for a name's initial.
_LOOSE_ACCENT = re.compile(
    r"""(?<!\{)\\(?:["'`^~=.](?:\{\\?[a-zA-Z]\}|\\[ij]\b ?|[a-zA-Z])|[uvHcdbkrt]\{\\?[a-zA-Z]+\})"""
)
_GERMAN = frozenset({"der", "und", "zur", "zum", "für", "über", "im", "vom", "beim", "dem", "eine", "einer"})
TITLE_CASE_SHARE = 0.6  # from this share of capitalised long words on, capitals say nothing about a word
LONG_WORD = 4  # letters; title case leaves shorter ones small


def escape_specials(text: str) -> str:
    """`text` in Unicode with LaTeX's special characters escaped."""
    return text.translate(_SPECIALS)


def to_latex(text: str) -> str:
    r"""`text` with special characters escaped and accented letters as commands; what LaTeX has no command for stays."""
    if text.isascii():
        return escape_specials(text)
    entry = Entry("misc", "x", [Field("text", text)])
    encoded = _ENCODING.transform_entry(entry, Library())
    if not isinstance(encoded, Entry):
        return escape_specials(text)
    text = str(encoded["text"]).replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")
    return _LOOSE_ACCENT.sub(r"{\g<0>}", text)  # BibTeX counts braces, escaped or not: hence the words for them


def protect_title(title: str, encode: Callable[[str], str], *, is_german: bool = False) -> str:
    """`title` encoded, with braces around the words that a style must not make lower case, never around all of it.

    Words with a capital or a digit inside (DNA, mRNA, 5-HT) always; in titles in sentence case, and in German ones,
    also capitalised words that do not begin a sentence, since they are names or nouns. `is_german` says that the title
    is; titles that look German are taken for it.
    """
    words = re.split(r"(\s+)", title)
    keeps_capitals = is_german or not _GERMAN.isdisjoint(words) or not _is_title_case(words)
    after_stop, pieces = True, []
    for word in words:
        if not word or word.isspace():
            pieces.append(word)
            continue
        letters = re.sub(r"^[^\w]+|[^\w]+$", "", word)
        is_name = keeps_capitals and not after_stop and letters[:1].isupper()
        pieces.append(_braced(word, letters, encode) if is_name or _has_inner_capital(letters) else encode(word))
        after_stop = word[-1] in ".?!:"
    return "".join(pieces)


def _braced(word: str, letters: str, encode: Callable[[str], str]) -> str:
    before, _, after = word.partition(letters)
    return f"{encode(before)}{{{encode(letters)}}}{encode(after)}"


def _has_inner_capital(word: str) -> bool:
    """A capital that is not the first letter of the word or of a part after a hyphen; or a lone capital letter."""
    return any(re.search(r"\w\w*[A-ZÀ-ÖØ-Þ]", part) or re.fullmatch(r"[B-HJ-Z]", part) for part in word.split("-"))


def _is_title_case(words: list[str]) -> bool:
    long_words = [word for word in words[1:] if len(word) >= LONG_WORD and word[0].isalpha()]
    capitals = sum(word[0].isupper() for word in long_words)
    return bool(long_words) and capitals / len(long_words) >= TITLE_CASE_SHARE
