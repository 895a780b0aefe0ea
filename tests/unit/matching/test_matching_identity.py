"""What two records are to each other: one work, two versions of one text, a translation, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.model import Alias, Name, Notice, NoticeKind, Relation, RelationKind, Work, WorkType
from dl_lit.matching.identity import Kin, relation_of, same_work, version_key

ARTICLE = Work(
    title="Spring tides and the sorting of gravel on steep beaches",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name(family="van der Lee", given="Marit"), Name(family="Öst", given="Tobias")),
    year=2017,
    container_title="Journal of Tides",
    volume="8",
    pages="101-119",
    doi="10.5555/tides.2017.12",
)
PREPRINT = replace(
    ARTICLE,
    type=WorkType.ARTICLE,
    doi="10.48550/arxiv.1601.01234",
    year=2016,
    container_title=None,
    volume=None,
    pages=None,
)


def kin(one: Work, other: Work) -> Kin | None:
    """The kind alone, after checking that the order of the two does not matter."""
    there, back = relation_of(one, other), relation_of(other, one)
    assert (there and there.kind) == (back and back.kind)
    assert there is None or there.evidence
    return there.kind if there else None


@pytest.mark.parametrize(
    "other",
    [
        replace(ARTICLE, doi=ARTICLE.doi.upper() if ARTICLE.doi else None, title="Another spelling of it all"),
        replace(ARTICLE, doi=None, openalex_id="W12"),
        replace(ARTICLE, doi=None, title=ARTICLE.title.upper(), volume=None, pages=None),
    ],
)
def test_one_work_described_twice(other: Work) -> None:
    """An identifier in common, or the whole description with no identifier against it."""
    assert kin(ARTICLE, other) is Kin.SAME
    assert same_work(ARTICLE, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ARTICLE, PREPRINT),
        (replace(ARTICLE, arxiv_id="1601.01234"), replace(PREPRINT, title="An earlier title of the text")),
        (ARTICLE, replace(PREPRINT, type=WorkType.REPORT, doi="10.3386/w1234")),
        (PREPRINT, replace(PREPRINT, doi="10.1101/2016.05.05.123456")),
        (ARTICLE, replace(ARTICLE, doi="10.2307/123456")),  # two registrars, one place in one journal
        (
            replace(ARTICLE, type=WorkType.DATASET, doi="10.5281/zenodo.1"),
            replace(ARTICLE, type=WorkType.DATASET, doi="10.5281/zenodo.2", year=2018),
        ),
        (replace(ARTICLE, doi="10.6084/m9.figshare.7.v1"), replace(ARTICLE, doi="10.6084/m9.figshare.7.v2")),
        (
            replace(ARTICLE, relations=(Relation(kind=RelationKind.VERSION, doi="10.5555/early"),)),
            Work(title="Gravel on steep beaches", doi="10.5555/early"),
        ),
    ],
)
def test_versions_are_linked_not_merged(one: Work, other: Work) -> None:
    """Preprints, working papers, second registrations and releases are versions, never the same record."""
    assert kin(one, other) is Kin.VERSION
    assert not same_work(one, other)


@pytest.mark.parametrize(
    "other",
    [
        replace(ARTICLE, doi="10.5555/twin", year=2018, volume="9"),
        replace(ARTICLE, doi="10.5555/twin", volume="9"),
        replace(ARTICLE, doi="10.5555/twin", volume=None, pages=None),
        replace(ARTICLE, doi=None, pages="7-9"),
        replace(ARTICLE, doi=None, year=2018),
        replace(ARTICLE, doi=None, authors=(Name(family="Hansen"),)),
        replace(ARTICLE, doi=None, title=f"{ARTICLE.title}. Part 2"),
        replace(ARTICLE, doi=None, title=f"Correction to: {ARTICLE.title}"),
        replace(PREPRINT, year=2005),
        replace(PREPRINT, notice_of=(Notice(kind=NoticeKind.CORRECTION),)),
    ],
)
def test_equal_titles_alone_make_nothing_of_two_records(other: Work) -> None:
    """Another DOI, year, volume, page, author, part, or a notice about the work: nothing shows that they are one."""
    assert kin(ARTICLE, other) is None


def test_a_translation_is_known_by_a_title_in_common_or_by_the_service() -> None:
    """A title that the other has as its alias, by the same author."""
    german = replace(
        ARTICLE,
        title="Springfluten und die Sortierung von Kies an steilen Stränden",
        language="de",
        doi="10.5555/kies",
        aliases=(Alias(title=ARTICLE.title, language="en"),),
        year=2019,
    )
    assert kin(replace(ARTICLE, language="en"), german) is Kin.TRANSLATION
    assert kin(ARTICLE, replace(german, authors=(Name(family="Hansen"),))) is None
    declared = replace(german, aliases=(), relations=(Relation(kind=RelationKind.TRANSLATION, doi=ARTICLE.doi),))
    assert kin(ARTICLE, declared) is Kin.TRANSLATION


def test_versions_share_a_key_that_knows_no_year() -> None:
    """Title and first person; nothing where either is missing or says nothing."""
    assert version_key(ARTICLE) == version_key(PREPRINT) is not None
    assert version_key(replace(ARTICLE, title="Editorial")) is None
    assert version_key(replace(ARTICLE, authors=())) is None


def test_a_chapter_and_its_book_are_two_works_under_one_doi() -> None:
    """Chapters are often recorded under the DOI of their book; one work typed differently stays one."""
    book = Work(title="Handbook of steep beaches", type=WorkType.BOOK, year=2017, doi="10.5555/beaches")
    chapter = replace(ARTICLE, type=WorkType.CHAPTER, doi=book.doi, container_title=book.title, volume=None)
    neighbour = replace(chapter, title="Why cobbles travel uphill", pages="120-131")
    assert kin(chapter, book) is None
    assert kin(replace(chapter, container_title=None), book) is None
    assert kin(chapter, replace(book, type=WorkType.DOCUMENT)) is None
    assert kin(chapter, neighbour) is None
    assert kin(chapter, replace(chapter, title="Springfluten und Kies", openalex_id="W1")) is Kin.SAME
    assert kin(book, replace(book, type=WorkType.CHAPTER, title="Handbook of Steep Beaches")) is Kin.SAME
