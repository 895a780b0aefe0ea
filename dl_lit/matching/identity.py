"""When two records are one work, or two versions of one, or a work and its translation. Pure.

Nothing here merges: `relation_of` says what two records are to each other and why, in words that can be logged.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Name, RelationKind, Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import (
    Agreement,
    container_agreement,
    number_agreement,
    page_agreement,
    same_surname,
    surnames,
    title_similarity,
)
from dl_lit.matching.normalise import squash, title_key
from dl_lit.matching.vetoes import is_generic, is_notice, numbers_conflict

SAME_TITLE = 0.96  # two spellings of one title; above what containment counts as
LIKE_TITLE = 0.85  # titles at least this alike are not those of a chapter and its book
KEY_MIN = 12  # characters of the normalised title below which a key says too little
VERSION_YEARS = 6  # a preprint and its article, a working paper and its article lie no further apart

_DRAFTS = frozenset({WorkType.ARTICLE, WorkType.REPORT})  # what may be the preprint or working paper of an article
_FINAL = frozenset({WorkType.ARTICLE_JOURNAL, WorkType.PAPER_CONFERENCE, WorkType.CHAPTER, WorkType.DOCUMENT})
_WHOLES = frozenset({WorkType.BOOK, WorkType.REPORT, WorkType.DOCUMENT})
_DEPOSITED = frozenset({WorkType.DATASET, WorkType.SOFTWARE})  # released again and again under one title
_REMEMBERED = 256  # keys: whoever files a work asks for the same one several times
_DOI_VERSION = re.compile(r"[./]v\d+$")


class Kin(StrEnum):
    """What two records are to each other."""

    SAME = "same"  # two descriptions of one work: may be merged, with a log
    VERSION = "version"  # two versions of one text: to be linked, never merged
    TRANSLATION = "translation"  # one text in two languages: to be linked


@dataclass(frozen=True, slots=True)
class Related:
    """What two records are to each other, and what shows it."""

    kind: Kin
    evidence: str  # for a log and for people: "equal DOI 10.1/x", "equal title and first author, preprint of 2019 …"


def title_author_year_key(work: Work) -> str | None:
    """A key that two descriptions of one work share; `None` when title, author or year is missing or too generic.

    Preprint and article share it when they appeared in one year: for a library they are one work.
    """
    key = version_key(work)
    return f"{key}|{work.year}" if key and work.year is not None else None


def version_key(work: Work) -> str | None:
    """A key that all versions of one text share, the year left out: title and first author or editor.

    `None` where either is missing or the title is too common to tell anything. Records with one key are only
    candidates for `relation_of`: yearly reports by one author share it too.
    """
    return _version_key(work.title, (*work.authors[:1], *work.editors[:1]))


@lru_cache(maxsize=_REMEMBERED)
def _version_key(work_title: str, first: tuple[Name, ...]) -> str | None:
    title = squash(title_key(work_title))
    people = surnames(first)
    if len(title) < KEY_MIN or is_generic(work_title) or not people:
        return None
    return f"{title}|{squash(people[0])}"


def same_work(one: Work, other: Work) -> bool:
    """Whether two records describe one work: by an identifier in common, or by title, author and year."""
    related = relation_of(one, other)
    return related is not None and related.kind is Kin.SAME


def relation_of(one: Work, other: Work) -> Related | None:
    """What two records are to each other; `None` where nothing shows that they belong together. Symmetric.

    - `SAME`: an identifier in common (DOI, OpenAlex, PMID, PMC, arXiv), or, where no identifier contradicts, equal
      title, first author and year with volume and page not in conflict. Two different DOIs are never the same; a
      chapter and its book, or two chapters, are not either, though chapters are often recorded under the book's DOI.
    - `VERSION`: said so by a service; an arXiv identifier in common with a journal's DOI on one side; releases of one
      deposit ("….v2"); a preprint or working paper and an article with equal title and people, at most
      `VERSION_YEARS` apart; one article under two DOIs whose year, volume and first page are equal.
    - `TRANSLATION`: said so by a service, or the title of one is an alias of the other in another language.

    Two articles with two DOIs and one title that differ in year, volume or page are two works: columns, yearly reports
    and editorials are like that. Notices ("Correction to …") are never related here: `Work.notice_of` links them.
    """
    if _are_part_and_whole(one, other):
        return None
    return _by_identifier(one, other) or _as_declared(one, other) or _by_description(one, other)


def _are_part_and_whole(one: Work, other: Work) -> bool:
    """Whether one is a chapter and the other its book, or both are chapters of one book, whatever they are called by.

    Titles alike are one work, typed differently; a chapter whose title is in another language stands on its page.
    """
    if WorkType.CHAPTER not in {one.type, other.type} or title_similarity(one.title, other.title) >= LIKE_TITLE:
        return False
    part, whole = sorted((one, other), key=lambda work: work.type is not WorkType.CHAPTER)
    if whole.type is WorkType.CHAPTER:
        return page_agreement(part.pages, whole.pages) is Agreement.CONFLICT
    if whole.type not in _WHOLES:
        return False
    host = container_agreement(part.container_title, whole.title)
    return host.is_positive or (host is Agreement.UNKNOWN and whole.type is WorkType.BOOK)


def _by_identifier(one: Work, other: Work) -> Related | None:
    if one.doi and other.doi:
        first, second = sorted((one.doi.lower(), other.doi.lower()))
        if first == second:
            return Related(Kin.SAME, f"equal DOI {first}")
        if _DOI_VERSION.sub("", first) == _DOI_VERSION.sub("", second):
            return Related(Kin.VERSION, f"releases of one deposit: {first}, {second}")
    arxiv = _arxiv_id(one)
    if arxiv and arxiv == _arxiv_id(other):
        is_one_text = one.doi and other.doi and one.doi.lower() != other.doi.lower()
        if is_one_text or (one.type is WorkType.ARTICLE) != (other.type is WorkType.ARTICLE):
            return Related(Kin.VERSION, f"arXiv {arxiv} and its published version")
        return Related(Kin.SAME, f"equal arXiv identifier {arxiv}")
    if one.doi and other.doi:
        return None
    for name, mine, yours in (
        ("OpenAlex identifier", one.openalex_id, other.openalex_id),
        ("PMID", one.pmid, other.pmid),
        ("PMC identifier", one.pmcid, other.pmcid),
    ):
        if mine and mine == yours:
            return Related(Kin.SAME, f"equal {name} {mine}")
    return None


def _arxiv_id(work: Work) -> str | None:
    return work.arxiv_id or (arxiv_id_of_doi(work.doi) if work.doi else None)


def _as_declared(one: Work, other: Work) -> Related | None:
    for mine, yours in ((one, other), (other, one)):
        for relation in mine.relations:
            named = relation.doi and yours.doi and relation.doi.lower() == yours.doi.lower()
            if named or (relation.arxiv_id and relation.arxiv_id == _arxiv_id(yours)):
                kind = Kin.TRANSLATION if relation.kind is RelationKind.TRANSLATION else Kin.VERSION
                return Related(kind, f"{relation.source or 'the record'} says so")
    return None


def _by_description(one: Work, other: Work) -> Related | None:
    if not _first_people_agree(one, other) or _either_is_notice(one, other):
        return None
    if alias := _alias_in_common(one, other):
        return Related(Kin.TRANSLATION, f"equal first author, and {alias!r} is a title of both")
    if not _titles_are_equal(one, other):
        return None
    gap = None if one.year is None or other.year is None else abs(one.year - other.year)
    if (kind := _versions(one, other)) and (gap is None or gap <= VERSION_YEARS):
        return Related(Kin.VERSION, f"equal title and first author, {kind}")
    if gap != 0 or _placed_apart(one, other) or _is_draft(one) != _is_draft(other):
        return None
    if one.doi and other.doi and one.doi.lower() != other.doi.lower():
        if one.type is other.type and _placed_alike(one, other):
            return Related(Kin.VERSION, "equal title, first author, year, volume and first page under two DOIs")
        return None
    if _other_identifiers_conflict(one, other):
        return None
    return Related(Kin.SAME, f"equal title, first author and year {one.year}, and no identifier against it")


def _first_people_agree(one: Work, other: Work) -> bool:
    people = surnames([*one.authors[:1], *one.editors[:1]]), surnames([*other.authors[:1], *other.editors[:1]])
    return all(people) and same_surname(people[0][0], people[1][0])


def _either_is_notice(one: Work, other: Work) -> bool:
    return any(work.notice_of for work in (one, other)) or is_notice(one.title) != is_notice(other.title)


def _titles_are_equal(one: Work, other: Work) -> bool:
    mine, yours = title_key(one.title), title_key(other.title)
    if min(len(squash(mine)), len(squash(yours))) < KEY_MIN or is_generic(one.title) or is_generic(other.title):
        return False
    return numbers_conflict(mine, yours) is None and title_similarity(one.title, other.title) >= SAME_TITLE


def _alias_in_common(one: Work, other: Work) -> str | None:
    """A title that one has as an alias and the other as its own, where the languages are not known to be equal."""
    if one.language and one.language == other.language:
        return None
    if _titles_are_equal(one, other):
        return None
    for mine, yours in ((one, other), (other, one)):
        key = squash(title_key(yours.title))
        if len(key) < KEY_MIN:
            continue
        if any(squash(title_key(alias.title)) == key for alias in mine.aliases):
            return yours.title
    return None


def _versions(one: Work, other: Work) -> str | None:
    """Which two versions the kinds of two records with one title make them, in words."""
    first, second = sorted((one, other), key=lambda work: work.type not in _DRAFTS)
    if first.type in _DRAFTS and second.type in _FINAL:
        draft = "preprint" if first.type is WorkType.ARTICLE else "working paper"
        years = f" of {first.year} and {second.year}" if first.year and second.year else ""
        return f"{draft} and published text{years}"
    two_dois = one.doi and other.doi
    if two_dois and one.type is other.type is WorkType.ARTICLE:
        return "preprints of two servers"
    if two_dois and one.type is other.type and one.type in _DEPOSITED and _prefix(one) == _prefix(other):
        return "releases of one deposit"
    return None


def _prefix(work: Work) -> str:
    return (work.doi or "").partition("/")[0]


def _is_draft(work: Work) -> bool:
    return work.type is WorkType.ARTICLE


def _placed_apart(one: Work, other: Work) -> bool:
    return Agreement.CONFLICT in {number_agreement(one.volume, other.volume), page_agreement(one.pages, other.pages)}


def _placed_alike(one: Work, other: Work) -> bool:
    """Whether two records of one year stand on one page of one volume, or of one book."""
    if page_agreement(one.pages, other.pages) is not Agreement.AGREE:
        return False
    if one.volume is None and other.volume is None:
        return container_agreement(one.container_title, other.container_title).is_positive
    return number_agreement(one.volume, other.volume) is Agreement.AGREE


def _other_identifiers_conflict(one: Work, other: Work) -> bool:
    """Whether both have an identifier of one kind that should be equal and is not; ISBNs differ between bindings."""
    return any(
        mine and yours and mine != yours
        for mine, yours in ((one.pmid, other.pmid), (one.pmcid, other.pmcid), (_arxiv_id(one), _arxiv_id(other)))
    )
