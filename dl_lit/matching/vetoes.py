"""What forbids a match however alike two titles are: corrections, reviews, front matter, other parts, other DOIs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz import fuzz

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Reference, Work
from dl_lit.matching.compare import contains
from dl_lit.matching.normalise import text_key, title_key

# What a notice about a work begins with; the work itself follows, so the titles look alike.
_NOTICES = re.compile(
    r"^(?:author |publisher )?(?:correction|corrigend(?:um|a)|errat(?:um|a)|addendum|retraction|expression of concern|"
    r"withdrawal|comments?|commentary|reply|replies|response|rejoinder|discussion|book review|reviews?|rezension|"
    r"compte rendu|resena|recensione?|decision letter|peer review|author response|referee report|"
    r"supplementa(?:l|ry) \w+|"
    r"supplement|interview|retraction notice|publisher note|table of contents|abstract|figure|table|dataset|data)"
    r"(?: (?:of|on|to|for|from|notice|note|about|the|article|de|du|zu|a|an|in) | )(?=\S)"
)
_REVIEW_MARK = re.compile(r"(?:\bbook review\b|\breview\]|\breviewed by\b|\[rezension)", re.IGNORECASE)

GENERIC_TITLES = frozenset(
    {
        "front matter", "back matter", "frontmatter", "backmatter", "title page", "table of contents", "contents",
        "editorial", "editorial board", "preface", "foreword", "introduction", "conclusion", "conclusions", "index",
        "author index", "subject index", "masthead", "cover", "acknowledgements", "acknowledgments", "bibliography",
        "references", "appendix", "notes", "abstracts", "news", "book reviews", "reviews", "letter to the editor",
        "letters to the editor", "in this issue", "from the editor", "list of contributors", "contributors", "obituary",
        "einleitung", "vorwort", "introduccion", "introduzione", "prologue", "epilogue", "copyright", "errata",
    }
)  # fmt: skip
"""Titles that thousands of works bear: never enough by themselves."""

_ROMAN = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "first": 1, "second": 2, "third": 3}
_NUMERAL = r"(\d{1,4}|[ivx]{1,5}|one|two|three|four|five|six)"
_PART = re.compile(
    rf"\b(?:part|pt|vol|volume|chapter|teil|band|bd|tome|tomo|parte|partie|phase|paper|no)s? {_NUMERAL}\b"
)
_AT_END = re.compile(r"\b(\d{1,2}|[ivx]{1,5})$")
_NUMBER = re.compile(r"\b\d+\b")


def is_generic(title: str) -> bool:
    """Whether a title is too common or too short to name a work."""
    key = title_key(title)
    return key in GENERIC_TITLES or len(key) < 8


def is_notice(title: str) -> bool:
    """Whether a title is that of a text about another work: a correction, a reply, a review."""
    return _NOTICES.match(title_key(title)) is not None or _REVIEW_MARK.search(title) is not None


def veto(reference: Reference, work: Work) -> str | None:
    """Why `work` cannot be what `reference` prints; `None` if nothing forbids it."""
    printed = text_key(reference.raw) + " " + title_key(reference.title or "")
    title = title_key(work.title)
    notice = _NOTICES.match(title)
    if notice and not contains(printed, title) and not contains(printed, notice.group().strip()):
        return f"a notice, not the work: {notice.group().strip()!r}"
    if _REVIEW_MARK.search(work.title) and "review" not in printed:
        return "a review of the work"
    if title in GENERIC_TITLES and title_key(reference.title or "") != title:
        return "front matter"
    if reference.doi and work.doi and reference.doi != work.doi and not _same_but_for_version(reference.doi, work.doi):
        return "another DOI is printed"
    if reference.arxiv_id and work.arxiv_id and reference.arxiv_id != work.arxiv_id:
        return "another arXiv identifier is printed"
    return numbers_conflict(title_key(reference.title), title) if reference.title else None


def _same_but_for_version(one: str, other: str) -> bool:
    """A DOI of arXiv's own beside the journal's is no conflict; nor are versions of one deposit ("….v2")."""
    if arxiv_id_of_doi(one) or arxiv_id_of_doi(other):
        return True
    return re.sub(r"[./]v\d+$", "", one) == re.sub(r"[./]v\d+$", "", other)


def numbers_conflict(printed: str, title: str) -> str | None:
    """Say why the numbers of two title keys make them two parts or years of one series; `None` if they do not."""
    if printed == title:
        return None
    mine, yours = _parts(printed), _parts(title)
    only_mine = set(mine) - _values(title)
    only_yours = set(yours) - _values(printed)
    if only_mine and only_yours:
        return "another part or volume"
    if _is_the_other_with_a_number(mine, only_mine, title) or _is_the_other_with_a_number(yours, only_yours, printed):
        return "another part or volume"
    numbers_mine, numbers_yours = set(_NUMBER.findall(printed)), set(_NUMBER.findall(title))
    if numbers_mine - numbers_yours and numbers_yours - numbers_mine:
        return "other numbers in the title"
    return None


def _is_the_other_with_a_number(parts: Mapping[int, str], lacking: set[int], other: str) -> bool:
    """Whether a title is the other one but for the number of a part; a first part may go without."""
    return any(number != 1 and fuzz.ratio(parts[number], other) >= 95 for number in lacking)


def _parts(key: str) -> dict[int, str]:
    """The numbers of parts that a title names, each with the title less that number."""
    at_end = _AT_END.search(key)
    matches = [*_PART.finditer(key), *([at_end] if at_end and " " in key else [])]
    return {
        number: " ".join((key[: match.start()] + key[match.end() :]).split())
        for match in reversed(matches)
        if (number := _value(match.group(1))) is not None
    }


def _values(key: str) -> set[int]:
    return {value for word in key.split() if (value := _value(word)) is not None}


def _value(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return _ROMAN.get(text) or _WORDS.get(text)
