"""Open Library: books by ISBN and by title and author."""

from __future__ import annotations

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.core.reasons import Reason
from stages.sources import open_library
from tests.fakes.service_calls import FakeServiceCalls, fixture

SHORES, KELP = "9783161484100", "9780306406157"
LEE = Name(family="van der Lee", given="Marit")


def entry(**fields: object) -> Reference:
    """A printed book."""
    usual: dict[str, object] = {"type": WorkType.BOOK, "title": "Shores of the world", "authors": (LEE,), "year": 1998}
    return Reference(position=1, raw="x", **{**usual, **fields})  # type: ignore[arg-type]


def test_books_are_read_by_isbn() -> None:
    """Subtitles belong to the title, years stand anywhere in a date."""
    found = open_library.parse(fixture("open_library", "list.json"))
    shores, kelp = found[SHORES], found[KELP]
    assert (shores.title, shores.year, shores.type, shores.publisher, shores.isbn) == (
        "Shores of the world: a handbook of beaches",
        1998,
        WorkType.BOOK,
        "Shore Press",
        SHORES,
    )
    assert shores.authors == (LEE, Name(family="Öst", given="Tobias"))
    assert (kelp.title, kelp.year, kelp.authors) == ("Kelp", None, ())


def test_ugly_books_are_survived() -> None:
    """Untitled ones, keys that are no ISBN and misshapen records are left out; short ISBNs are made long ones."""
    found = open_library.parse(fixture("open_library", "ugly.json"))
    assert {isbn: work.title for isbn, work in found.items()} == {"9780198526636": "Gravel"}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"ISBN:9783161484100": 7}', b"<html>"])
def test_what_is_no_list_of_books_establishes_nothing(body: bytes) -> None:
    """It is a bad answer, not an absence."""
    for parse in (open_library.parse, open_library.parse_search):
        with pytest.raises(ServiceError) as raised:
            parse(body)
        assert raised.value.reason is Reason.BAD_ANSWER


def test_isbns_are_looked_up_fifty_at_a_time() -> None:
    """An empty object says that none is there."""
    calls = FakeServiceCalls({"open_library": lambda _: fixture("open_library", "list.json")})
    found = open_library.by_isbns(calls, [SHORES, KELP, "9780198526636"])
    assert set(found.works) == {SHORES, KELP}
    (request,) = calls.asked
    assert (request.path, request.params["bibkeys"], request.params["jscmd"]) == (
        "/api/books",
        f"ISBN:{SHORES},ISBN:{KELP},ISBN:9780198526636",
        "data",
    )
    nothing = FakeServiceCalls({"open_library": lambda _: b"{}"})
    many = open_library.by_isbns(nothing, [f"978{number:010}" for number in range(120)])
    assert (many.works, many.unanswered, len(nothing.asked)) == ({}, {}, 3)


def test_a_search_gives_the_edition_of_the_year_that_is_printed() -> None:
    """Of many ISBNs and publishers, nothing says which is that edition's."""
    calls = FakeServiceCalls({"open_library": lambda _: fixture("open_library", "search.json")})
    shores, straende = open_library.search(calls, entry()) or []
    assert (shores.year, shores.isbn, shores.publisher, shores.language) == (1998, None, None, None)
    assert (straende.year, straende.isbn, straende.publisher, straende.language) == (
        1961,
        "9780198526636",
        "Küste",
        "de",
    )
    assert calls.asked[0].params["q"] == "title:(shores of the world) AND author:(van der lee)"
    first, _ = open_library.search(calls, entry(year=2005)) or []
    assert first.year == 1991


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        (
            {"title": 'Is (it) so? NOT "x" AND y: z/[1] + -w'},
            "title:(is it so not x and y z 1 w) AND author:(van der lee)",
        ),
        ({"authors": (), "editors": (Name(family="Öst"),)}, "title:(shores of the world) AND author:(öst)"),
        ({"authors": ()}, ""),
        ({"title": None}, ""),
        ({"type": WorkType.ARTICLE_JOURNAL}, ""),
        ({"type": WorkType.DOCUMENT}, ""),
        ({"type": WorkType.DOCUMENT, "publisher": "Shore Press", "container_title": "Journal of Kelp"}, ""),
        (
            {"type": WorkType.DOCUMENT, "publisher": "Shore Press"},
            "title:(shores of the world) AND author:(van der lee)",
        ),
        (
            {"type": WorkType.CHAPTER, "title": "Kelp", "container_title": "Shores", "editors": (Name(family="Öst"),)},
            "title:(shores) AND author:(öst)",
        ),
        ({"type": WorkType.CHAPTER, "title": "Kelp", "container_title": "Shores"}, "title:(shores)"),
    ],
)
def test_only_books_are_searched_for_without_syntax(fields: dict[str, object], query: str) -> None:
    """Solr's operators are made words; an article is not asked for; a chapter by its book."""
    assert open_library.search_text(entry(**fields)) == query
    if not query:
        assert open_library.search(FakeServiceCalls(), entry(**fields)) is None
