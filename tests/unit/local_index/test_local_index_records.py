"""How records are stored, known again, and made one."""

from __future__ import annotations

import pytest

from db.local_index.merging import merged, same_as_first
from db.local_index.records import DAMAGE, KINDS, NO_IDENTIFIER, decode, decode_words, encode, identifiers
from db.local_index.words import Words
from dl_lit.core.model import Location, Name, Notice, NoticeKind, Work, WorkType

WORK = Work(
    title="Über die\nGrenzen “des” Wachstums \U0001f331",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name(family="Öz", given="A."), Name(literal="The Shore Group")),
    year=1999,
    doi="10.5555/x",
    is_retracted=True,
    notices=(Notice(kind=NoticeKind.RETRACTION, doi="10.5555/r", date="2001", source="crossref"),),
    metadata_source="crossref",
    locations=(Location(url="https://example.org/x.pdf"),),
)


def test_a_record_comes_back_as_it_was_notices_and_locations_included():
    data = encode(WORK, Words("uber die grenzen 1999", 3))
    assert decode(data) == WORK
    assert decode_words(data) == Words("uber die grenzen 1999", 3)
    assert encode(WORK, Words("uber die grenzen 1999", 3)) == data


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, encode(WORK, Words("a", 1))[:-9]])
def test_damage_is_told_from_a_record(damage: bytes):
    with pytest.raises(DAMAGE):
        decode(damage)


def test_the_identifier_that_the_service_knows_it_by_is_the_first():
    both = {"title": "T", "doi": "10.5555/x", "openalex_id": "W12"}
    assert identifiers(Work(**both, metadata_source="openalex"))[0] == (KINDS["openalex"], "W12")
    assert identifiers(Work(**both, metadata_source="crossref"))[0] == (KINDS["doi"], "10.5555/x")


def test_a_chapter_is_not_found_by_the_number_of_its_book():
    number = {"title": "T", "isbn": "9780306406157", "doi": "10.5555/x"}
    assert (KINDS["isbn"], "9780306406157") in identifiers(Work(**number, type=WorkType.BOOK))
    assert identifiers(Work(**number, type=WorkType.CHAPTER)) == [(KINDS["doi"], "10.5555/x")]


def test_a_record_without_identifiers_is_known_again_by_what_it_says():
    one, again, other = Work(title="T", year=1), Work(title="T", year=1, language="en"), Work(title="T", year=2)
    assert identifiers(one) == identifiers(again) != identifiers(other)
    assert identifiers(one)[0][0] == NO_IDENTIFIER


def test_what_several_services_say_is_put_together_the_publishers_own_first():
    theirs = Work(
        title="t.",
        year=2000,
        doi="10.5555/x",
        openalex_id="W1",
        is_retracted=True,
        metadata_source="openalex",
        locations=(Location(url="https://example.org/1"),),
    )
    own = Work(title="T", doi="10.5555/x", volume="3", metadata_source="crossref")
    whole = merged([theirs, own])
    assert whole == merged([own, theirs])
    assert (whole.title, whole.year, whole.volume, whole.openalex_id) == ("T", 2000, "3", "W1")
    assert whole.is_retracted
    assert whole.locations == theirs.locations
    assert whole.metadata_source == "crossref"


def test_other_dois_under_one_number_are_other_works():
    newest = Work(title="Volume 2", doi="10.5555/2", isbn="9780306406157", metadata_source="crossref")
    other = Work(title="Volume 1", doi="10.5555/1", isbn="9780306406157", metadata_source="crossref")
    theirs = Work(title="Volume one", doi="10.5555/1", isbn="9780306406157", metadata_source="openalex")
    same = Work(title="Volume two", isbn="9780306406157", openalex_id="W2", metadata_source="openalex")
    assert same_as_first([newest, other, theirs, same]) == [newest, same]
