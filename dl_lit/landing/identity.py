"""Whether a page shows the work that is looked for, and whether a line of text names it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum

from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.model import Work
from dl_lit.landing.sheet import Sheet

_DOI_TAGS = (
    "citation_doi",
    "bepress_citation_doi",
    "prism.doi",
    "dc.identifier.doi",
    "doi",
    "dc.identifier",
    "dcterms.identifier",
    "eprints.id_number",
)
_TITLE_TAGS = (
    "citation_title",
    "bepress_citation_title",
    "eprints.title",
    "prism.title",
    "dc.title",
    "dcterms.title",
)
_SOFT_TITLE_TAGS = ("og:title", "twitter:title")
_AUTHOR_TAGS = (
    "citation_author",
    "citation_authors",
    "bepress_citation_author",
    "eprints.creators_name",
    "dc.creator",
    "dcterms.creator",
    "dc.contributor",
)
_YEAR_TAGS = (
    "citation_publication_date",
    "citation_date",
    "citation_year",
    "citation_online_date",
    "bepress_citation_date",
    "eprints.date",
    "dc.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.date",
)
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SAME = 0.75  # of the shorter title's words in the longer one
_OTHER = 0.5  # fewer: another title
_NUMERAL = re.compile(r"\d+|i{1,3}|iv|vi{0,3}|ix|x")
_MAX_TITLE = 1_000


class Shown(Enum):
    """What a page shows, as far as it says."""

    SAME = "same"  # the work, by its DOI or title
    UNSAID = "unsaid"  # it does not say, or speaks of several works
    OTHER = "other"  # another work


def words(text: str) -> tuple[str, ...]:
    """The words of a text for comparing: folded case, no accents; pairs of signs where a script has no word breaks."""
    plain = unicodedata.normalize("NFKD", text[: 20 * _MAX_TITLE]).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    plain = unicodedata.normalize("NFC", plain)
    found: list[str] = []
    for word in _WORD.findall(plain):
        if len(word) > 2 and _CJK.search(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)]
        else:
            found.append(word)
    return tuple(found)


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """How much of the shorter title stands in the longer one, 0 to 1; 0 where one is empty."""
    first, second = set(one), set(other)
    shorter, longer = sorted((first, second), key=len)
    if not shorter:
        return 0.0
    if len(shorter) < 3 and len(longer) > 2 * len(shorter) and first != second:
        return 0.0
    return len(shorter & longer) / len(shorter)


def titles_of(work: Work) -> tuple[tuple[str, ...], ...]:
    """The words of the work's titles, all languages."""
    names = (work.title, *(alias.title for alias in work.aliases))
    return tuple(found for name in names if (found := words(name[:_MAX_TITLE])))


def names_work(text: str, work: Work) -> bool:
    """Whether a line, or the entry a link stands in, gives the work's title or DOI."""
    if work.doi and work.doi.lower() in text.lower():
        return True
    said = set(words(text))
    return any(
        len(title) >= 2 and sum(word in said for word in title) >= 0.85 * len(title) for title in titles_of(work)
    )


def page_dois(sheet: Sheet) -> frozenset[str]:
    """The DOIs that the page's head gives as its own, normalised."""
    return frozenset(doi for text in sheet.meta(*_DOI_TAGS) if "10." in text and (doi := normalise_doi(text)))


def shown(sheet: Sheet, work: Work) -> Shown:
    """What the page shows: `work`, another work, or nothing that can be told."""
    dois = page_dois(sheet)
    if work.doi and work.doi.lower() in dois:
        return Shown.SAME
    is_other_doi = bool(work.doi and dois)
    titles = titles_of(work)
    hard = [words(text[:_MAX_TITLE]) for text in sheet.meta(*_TITLE_TAGS)]
    soft = [words(text[:_MAX_TITLE]) for text in (*sheet.meta(*_SOFT_TITLE_TAGS), sheet.first_heading, sheet.title)]
    best = max((likeness(title, stated) for title in titles for stated in hard), default=0.0)
    if best >= _SAME:
        return Shown.OTHER if is_other_doi and not _same_numerals(titles, hard) else Shown.SAME
    near = max((likeness(title, stated) for title in titles for stated in soft), default=0.0)
    if near >= _SAME:
        return Shown.UNSAID if hard else Shown.SAME
    if not titles or not (hard or dois) or best >= _OTHER:
        return Shown.UNSAID
    if names_work(sheet.text, work) and not is_other_doi:
        return Shown.UNSAID  # a volume, an issue, a book of which the work is a part
    if not hard:
        return Shown.OTHER if is_other_doi and not names_work(sheet.text, work) else Shown.UNSAID
    return Shown.UNSAID if not is_other_doi and _same_makers(sheet, work) else Shown.OTHER


def _same_numerals(titles: Sequence[Sequence[str]], stated: Sequence[Sequence[str]]) -> bool:
    """Whether a title of the work and one of the page count alike: Part I is not Part II."""

    def numerals(title: Sequence[str]) -> set[str]:
        return {word for word in title if _NUMERAL.fullmatch(word)}

    return any(numerals(one) == numerals(other) for one in titles for other in stated if likeness(one, other) >= _SAME)


def _same_makers(sheet: Sheet, work: Work) -> bool:
    """Whether the page's authors and year are the work's: its title may be a translation then."""
    if not work.authors or work.year is None:
        return False
    family = set(words(work.authors[0].sort_key))
    authors = set(words(" ".join(sheet.meta(*_AUTHOR_TAGS))[:_MAX_TITLE]))
    years = " ".join(sheet.meta(*_YEAR_TAGS))
    return bool(family) and family <= authors and str(work.year) in years
