"""When two records are one work. Pure."""

from __future__ import annotations

from dl_lit.core.model import Work, WorkType
from dl_lit.matching.compare import same_surname, surnames, title_similarity
from dl_lit.matching.normalise import squash, title_key
from dl_lit.matching.vetoes import is_generic, numbers_conflict

SAME_TITLE = 0.96  # two spellings of one title; above what containment counts as
KEY_MIN = 12  # characters of the normalised title below which a key says too little


def title_author_year_key(work: Work) -> str | None:
    """A key that two descriptions of one work share; `None` when title, author or year is missing or too generic.

    Preprint and article share it when they appeared in one year: for a library they are one work.
    """
    title = squash(title_key(work.title))
    people = surnames([*work.authors[:1], *work.editors[:1]])
    if len(title) < KEY_MIN or is_generic(work.title) or not people or work.year is None:
        return None
    return f"{title}|{squash(people[0])}|{work.year}"


def same_work(one: Work, other: Work) -> bool:
    """Whether two records describe one work: by an identifier in common, or by title, author and year."""
    if one.doi and other.doi:
        return one.doi == other.doi
    for mine, yours in ((one.openalex_id, other.openalex_id), (one.arxiv_id, other.arxiv_id), (one.pmid, other.pmid)):
        if mine and mine == yours:
            return True
    if (one.type is WorkType.ARTICLE) != (other.type is WorkType.ARTICLE):
        return False
    if one.year != other.year or is_generic(one.title) or len(squash(title_key(one.title))) < KEY_MIN:
        return False
    if numbers_conflict(title_key(one.title), title_key(other.title)):
        return False
    people = surnames([*one.authors[:1], *one.editors[:1]]), surnames([*other.authors[:1], *other.editors[:1]])
    return (
        all(people)
        and same_surname(people[0][0], people[1][0])
        and title_similarity(one.title, other.title) >= SAME_TITLE
    )
