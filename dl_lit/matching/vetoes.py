"""What forbids a match however alike two titles are: corrections, reviews, front matter, other parts, other DOIs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from rapidfuzz import fuzz

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.matching.compare import Agreement, contains, number_agreement, page_agreement, without_subtitle
from dl_lit.matching.normalise import number_key, plain_text, squash, text_key, title_key
from dl_lit.matching.numerals import PART_WORDS, in_figures, value

# What a notice about a work begins with; the work itself follows, so the titles look alike.
_NOTICES = re.compile(
    r"^(?:authors? |publishers? )?(?:"
    r"(?:correction|corrigend(?:um|a)|errat(?:um|a)|addend(?:um|a)|retraction notice|retraction|expression of concern|"
    r"withdrawal|book review|rezension|compte rendu|resena|recensione?|decision letter|peer review|author response|"
    r"referee report|publisher note)(?= \S)|"
    r"(?:comments?|commentary|reply|replies|response|rejoinder|discussion|reviews?|supplement|supplementa(?:l|ry) \w+|"
    r"interview|table of contents|abstract|figure|table|(?:primary |raw |source |replication )?(?:dataset|data))"
    r" (?:of|on|to|for|from|about|de|du|zu|in)(?= \S))"
)
# The same behind the title, or before it with a colon.
_NOTICE_BEHIND = re.compile(
    r"(?:[:.,;?!–—\-]|[(\[])\s*(?:an? |the |authors?['’]? |publishers?['’]? )?"
    r"(correction|corrigend(?:um|a)|errat(?:um|a)|addend(?:um|a)|retraction|comments?|reply|replies|response|rejoinder|"
    r"discussion|book review)(?: (?:to|from|by) [^:]{1,60})?\s*[)\].]*$"
)
_NOTICE_BEFORE = re.compile(
    r"^(comments?|commentary|reply|replies|response|rejoinder|discussion|reviews?|abstract|supplement|interview|"
    r"figure \w+|table \w+|dataset|data)\s*[:–—]"
)
_REVIEW_MARK = re.compile(r"(?:\bbook review\b|\breview\]|\breviewed by\b|\[rezension)", re.IGNORECASE)
# What an entry prints that is itself a review of a book.
_PRINTED_REVIEW = re.compile(
    r"\[\s*(?:book\s+)?review\s+of\b|\breview of the book\b|\[?\brezension (?:zu|von|von:|zu:)|\bcompte[- ]rendu de\b",
    re.IGNORECASE,
)

GENERIC_TITLES = frozenset(
    {
        "front matter", "back matter", "frontmatter", "backmatter", "title page", "table of contents", "contents",
        "editorial", "editorial board", "preface", "foreword", "introduction", "conclusion", "conclusions", "index",
        "author index", "subject index", "masthead", "cover", "acknowledgements", "acknowledgments", "bibliography",
        "references", "appendix", "notes", "abstracts", "news", "book reviews", "reviews", "letter to the editor",
        "letters to the editor", "in this issue", "from the editor", "list of contributors", "contributors", "obituary",
        "einleitung", "vorwort", "introduccion", "introduzione", "prologue", "epilogue", "copyright", "errata",
        "abstract", "annual report", "announcement", "announcements", "afterword", "avant propos", "book review",
        "chairs message", "comment", "commentary", "correspondence", "corrections", "correction", "corrigendum",
        "discussion", "editors note", "editors introduction", "editorial introduction", "editorial note", "erratum",
        "guest editorial", "geleitwort", "inhalt", "inhaltsverzeichnis", "inhoud", "inleiding", "interview",
        "introduction to the special issue", "introductory remarks", "message from the editor", "minutes", "nachruf",
        "nachwort", "note", "note from the editor", "opinion", "perspective", "presentacion", "presentation",
        "prefacio", "prefazione", "proceedings", "program", "reply", "rezensionen", "report", "schluss", "summary",
        "supplement", "supplementary material", "titelei", "welcome", "welcome message", "wstep", "zusammenfassung",
    }
)  # fmt: skip
"""Titles that thousands of works bear: never enough by themselves."""

_NUMERAL = r"(\d{1,4}|[ivx]{1,5}|one|two|three|four|five|six|first|second|third)"
_PART = re.compile(rf"\b(?:{'|'.join(PART_WORDS)}) {_NUMERAL}\b")
_AT_END = re.compile(r"\b(\d{1,2}|[ivx]{1,5})$")
_NUMBER = re.compile(r"\b(\d+)(?:st|nd|rd|th)?\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_SCANNED = str.maketrans("lioszb", "110528")  # letters that a scan puts in the place of figures
_HALF_NUMBER = re.compile(r"\b(?=\w*\d)[\dlioszb]+\b")
# The number of a part right behind the title, where the reader of the entry cut it off.
_PART_BEHIND = re.compile(
    r"[\s.,:;–—\-]{1,3}\(?(?:(?:[Pp]art|[Pp]t\.|[Tt]eil|[Pp]arte|[Pp]artie|[Dd]eel)\s+([IVX]{1,5}|\d{1,2})|(I{1,3}|IV|VI{0,3}|IX|XI{0,2}))"
    r"(?=\s*(?:$|[.,;:()–—]))"
)
_EDITION = re.compile(
    r"\b(?:(\d{1,2})\s*(?:st|nd|rd|th|a|\.)?|(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth))\s*,?\s*"
    r"(?:revised |rev\.? |enlarged |erw\.? |aktual\.? )?"
    r"(?:ed(?:ition|n|\.|\b)|aufl(?:age|\.)|ausg(?:abe|\.)|édition|edición|edizione)",
    re.IGNORECASE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_WORD_MIN = 7  # letters of a word that can be known again when it was misread
_WORD_MISREAD = 88.0  # of 100: how alike it must still be
_MAIN_TITLE = 0.9  # how alike a printed title is to a main title whose subtitle it leaves out
_VERSION = re.compile(r"\bversions? (\d+(?: \d+){0,3})\b")
_SHORT = 8  # characters of a normalised title that names nothing


def is_generic(title: str) -> bool:
    """Whether a title is too common or too short to name a work."""
    key = title_key(title)
    return key in GENERIC_TITLES or len(key) < _SHORT


@lru_cache(maxsize=4096)
def notice_words(title: str) -> str | None:
    """What of a title says that it is about another work ("correction to"), as a key; `None` if nothing does."""
    if match := _NOTICES.match(title_key(title)):
        return match.group().strip()
    plain = plain_text(title).casefold()
    if match := _NOTICE_BEFORE.match(plain) or _NOTICE_BEHIND.search(plain):
        return text_key(match.group(1))
    if match := _REVIEW_MARK.search(plain):
        return text_key(match.group())
    return None


def is_notice(title: str) -> bool:
    """Whether a title is that of a text about another work: a correction, a reply, a review."""
    return notice_words(title) is not None


def has_siblings(title: str) -> bool:
    """Whether a title is a notice's, or numbers a part or a year: another like it is by the same people."""
    key = title_key(title)
    return is_notice(title) or is_generic(title) or bool(_parts(key)) or _YEAR.search(key) is not None


def veto(reference: Reference, work: Work, *, prints_title: bool = True) -> str | None:
    """Why `work` cannot be what `reference` prints; `None` if nothing forbids it.

    An entry that prints no title says nothing about what the record's title may have: there `prints_title` is false.
    """
    if not prints_title:
        return _identifier_veto(reference, work)
    return (
        _notice_veto(reference, work)
        or _identifier_veto(reference, work)
        or _number_veto(reference, work)
        or _edition_veto(reference.raw, work.title)
    )


def _notice_veto(reference: Reference, work: Work) -> str | None:
    """One of the two is about the other, or is no work of its own."""
    printed = text_key(reference.raw) + " " + title_key(reference.title or "")
    title = title_key(work.title)
    words = notice_words(work.title)
    if words and not contains(printed, title) and not _is_printed(words, printed):
        return f"a notice, not the work: {words!r}"
    if reference.title and not words and title != title_key(reference.title):
        words = notice_words(reference.title)
        if words and not contains(title, words):
            return f"the entry is a notice, the record is not: {words!r}"
    if not words and _PRINTED_REVIEW.search(reference.raw) and not _PRINTED_REVIEW.search(work.title):
        return "the entry is a review, the record is not"
    if title in GENERIC_TITLES and title_key(reference.title or "") != title:
        return "front matter"
    return None


def _is_printed(words: str, printed: str) -> bool:
    """Whether the words stand in the text, perhaps misread."""
    if contains(printed, words):
        return True
    letters = squash(words)
    return len(letters) >= _WORD_MIN and fuzz.partial_ratio(letters, squash(printed)) >= _WORD_MISREAD


def _identifier_veto(reference: Reference, work: Work) -> str | None:
    mine, yours = (reference.doi or "").lower(), (work.doi or "").lower()
    if mine and yours and mine != yours and not _same_but_for_version(mine, yours):
        return "another DOI is printed"
    if reference.arxiv_id and work.arxiv_id and reference.arxiv_id != work.arxiv_id:
        return "another arXiv identifier is printed"
    return None


def _same_but_for_version(one: str, other: str) -> bool:
    """A DOI of arXiv's own beside the journal's is no conflict; nor are versions of one deposit ("….v2")."""
    if arxiv_id_of_doi(one) or arxiv_id_of_doi(other):
        return True
    return re.sub(r"[./]v\d+$", "", one) == re.sub(r"[./]v\d+$", "", other)


def _number_veto(reference: Reference, work: Work) -> str | None:
    """Parts, years and volumes that tell two works of one series apart."""
    title = title_key(work.title)
    if reference.title:
        printed = title_key(reference.title)
        if reference.volume and not reference.container_title and title_key(f"volume {reference.volume}") in title:
            printed = title_key(f"{printed} volume {reference.volume}")
        if not _is_misread_at_end(reference, work, printed) and (conflict := numbers_conflict(printed, title)):
            return conflict
        if _part_behind(reference, title):
            return "another part or volume"
    is_there = page_agreement(reference.pages, work.pages) is Agreement.AGREE
    if not is_there and (conflict := _unprinted_number(reference, work, title)):
        return conflict
    if not reference.container_title and reference.volume and _is_another_volume(reference.volume, work, title):
        return "another volume"
    mine, yours = _VERSION.search(text_key(reference.raw)), _VERSION.search(title)
    return "another version" if mine and yours and mine.group(1) != yours.group(1) else None


def _is_misread_at_end(reference: Reference, work: Work, printed: str) -> bool:
    """Whether the record's title stands in the text to the letter, and the reader cut it or ran on into its place."""
    title = title_key(work.title)
    if squash(title) not in squash(in_figures(text_key(reference.raw))):
        return False
    is_volume = number_agreement(reference.volume, work.volume) is Agreement.AGREE
    is_there = is_volume and page_agreement(reference.pages, work.pages) is Agreement.AGREE
    return len(title) > len(printed) or is_there


def _is_another_volume(volume: str, work: Work, title: str) -> bool:
    """Whether a printed volume of a book is not the record's, which may have it in its title."""
    if work.type is WorkType.BOOK and number_agreement(volume, work.volume) is Agreement.CONFLICT:
        return True
    number, parts = value(number_key(volume) or ""), _parts(title)
    return bool(parts) and number is not None and number not in _values(title)


def _part_behind(reference: Reference, title: str) -> bool:
    """Whether the number of a part stands right behind the printed title that the record's title has not."""
    at = reference.raw.find(reference.title or "")
    behind = _PART_BEHIND.match(reference.raw, at + len(reference.title or "")) if at >= 0 else None
    if behind is None:
        return False
    number = value((behind.group(1) or behind.group(2)).lower())
    return number is not None and number > 1 and number not in _values(title)


def _unprinted_number(reference: Reference, work: Work, title: str) -> str | None:
    """Say which number of the record's title, a year or a part's, the entry prints nowhere."""
    if squash(title) in squash(in_figures(text_key(reference.raw))):
        return None
    printed = _printed_numbers(reference.raw) | _values(title_key(reference.title or ""))
    years = {int(year) for year in _YEAR.findall(title)}
    if years and reference.title and reference.year is not None and not _YEAR.search(title_key(reference.title)):
        is_without = without_subtitle(reference.title, work.title) >= _MAIN_TITLE
        if reference.year in years or (is_without and reference.year == work.year):
            years = set()
    if years - printed:
        return "another year in the title"
    if any(number > 1 and number not in printed for number in _parts(title)):
        return "another part or volume"
    own = set(_YEAR.findall(title_key(reference.title or ""))) - set(_YEAR.findall(title))
    if any(reference.raw.count(year) > 1 for year in own):  # once in the title, once as the year
        return "another year in the title"
    return None


@lru_cache(maxsize=256)
def _printed_numbers(raw: str) -> frozenset[int]:
    """All numbers of the text, those included in which a scan took figures for letters."""
    key = text_key(raw)
    mended = _HALF_NUMBER.sub(lambda match: match.group().translate(_SCANNED), key)
    return frozenset(_values(key) | _values(mended) | _values(in_figures(key)))


def _edition_veto(raw: str, title: str) -> str | None:
    """Two editions: only where the record's title says which it is, since most records do not."""
    theirs = _edition(title)
    mine = _edition(raw) if theirs is not None else None
    return "another edition" if mine is not None and mine != theirs else None


def _edition(text: str) -> int | None:
    match = _EDITION.search(text)
    if match is None:
        return None
    return int(match.group(1)) if match.group(1) else _ORDINALS.index(match.group(2).lower()) + 1


def without_edition(title: str) -> str:
    """A title without what it says of its edition: "…, third edition"."""
    return _EDITION.sub(" ", title)


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
    numbers_mine, numbers_yours = Counter(_NUMBER.findall(printed)), Counter(_NUMBER.findall(title))
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
        if (number := value(match.group(1))) is not None
    }


def _values(key: str) -> set[int]:
    return {number for word in key.split() if (number := value(word)) is not None}
