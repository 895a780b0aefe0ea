"""By what two records are known to be one work, and what kind of success a file is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Version, Work, WorkType
from dl_lit.core.proof import Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

Key = tuple[str, str]
"""A kind ("doi", "openalex", "arxiv", "pmid", "pmcid", "isbn", "title-author-year") and a value of it."""


class Related(Protocol):
    """What two records are to each other."""

    @property
    def kind(self) -> str:
        """One of "same", "version", "translation"."""

    @property
    def evidence(self) -> str:
        """What shows it, for people."""


@dataclass(frozen=True, slots=True)
class Recogniser:
    """How works are recognised: what the database asks of `dl_lit.matching`, which it does not know."""

    title_key: Callable[[Work], str | None]
    """Gives what two records of one work without common identifier share; None when the title is too general."""

    version_key: Callable[[Work], str | None]
    """Gives what all versions of one text share, whatever their year; None when the title is too general."""

    relation_of: Callable[[Work, Work], Related | None]
    """Says what two records are to each other; None where nothing shows that they belong together. Symmetric."""


_STATUS = {
    Version.PUBLISHED: Reason.OK,
    Version.ACCEPTED: Reason.OK_ACCEPTED_VERSION,
    Version.SUBMITTED: Reason.OK_PREPRINT,
    None: Reason.OK,
}
_BOUND = frozenset({WorkType.BOOK, WorkType.THESIS, WorkType.REPORT})
"""Kinds of work that an ISBN is of; what else bears one is a part of such a work."""


def status_of(facts: Downloaded) -> Reason:
    """The kind of success a download is."""
    if facts.proof.verdict is not Verdict.VERIFIED:
        return Reason.OK_UNVERIFIED
    return _STATUS[facts.proof.version or facts.location.version]


def doi_of(work: Work) -> str | None:
    """The DOI in the one form by which DOIs are compared: lower case."""
    return work.doi.lower() if work.doi else None


def arxiv_id_of(work: Work) -> str | None:
    """The arXiv identifier, also where it is only in the DOI."""
    return work.arxiv_id or (arxiv_id_of_doi(work.doi) if work.doi else None)


def work_keys_of(work: Work, title_key: str | None) -> list[Key]:
    """What `work` is found by, the surest first."""
    keys = (
        ("doi", doi_of(work)),
        ("openalex", work.openalex_id),
        ("arxiv", arxiv_id_of(work)),
        ("pmid", work.pmid),
        ("pmcid", work.pmcid),
        ("isbn", work.isbn if work.type in _BOUND else None),
        ("title-author-year", title_key),
    )
    return [(kind, value) for kind, value in keys if value]


def related_keys_of(work: Work) -> list[Key]:
    """What `work` says it belongs together with, as keys of their own: the other may come later."""
    named = {
        (kind, value)
        for relation in work.relations
        for kind, value in (
            ("related-doi", relation.doi and relation.doi.lower()),
            ("related-arxiv", relation.arxiv_id),
        )
        if value
    }
    return sorted(named)


@dataclass(frozen=True, slots=True)
class OtherTitle:
    """A title of a work beside its own, and the keys it would have under that."""

    title: str
    language: str | None
    title_key: str | None
    version_key: str | None
    source: str  # the service whose record has it


def other_titles_of(work: Work, recogniser: Recogniser) -> list[OtherTitle]:
    """The titles that the record of `work` has beside its own, each once."""
    found: dict[str, OtherTitle] = {}
    for alias in work.aliases:
        if plain(alias.title) != plain(work.title):
            found.setdefault(alias.title, other_title(work, alias.title, alias.language, recogniser))
    return list(found.values())


def other_title(work: Work, title: str, language: str | None, recogniser: Recogniser) -> OtherTitle:
    """`title` as another title of `work`."""
    named = replace(work, title=title, language=language, aliases=())
    return OtherTitle(title, language, recogniser.title_key(named), recogniser.version_key(named), work.metadata_source)


def is_part_and_whole(one: Work, other: Work) -> bool:
    """Whether what two records have in common is only the book: a chapter and its book, or two chapters of one book.

    Many records of chapters bear their book's DOI.
    """
    chapters = [work for work in (one, other) if work.type is WorkType.CHAPTER]
    if len(chapters) < 2:
        return bool(chapters) and WorkType.BOOK in {one.type, other.type}
    mine, yours = plain(one.title), plain(other.title)
    return mine not in yours and yours not in mine and (not one.pages or one.pages != other.pages)


def plain(title: str) -> str:
    """The letters and digits of a title: two spellings of one title have these in common."""
    return "".join(filter(str.isalnum, title.casefold()))
