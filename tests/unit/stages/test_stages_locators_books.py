"""Locators of the further round: whose records they believe, what they ask, and what they never offer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Name, Version, Work, WorkType
from dl_lit.core.reasons import Reason
from stages.locators import (
    core,
    doab,
    doaj,
    internet_archive,
    oapen,
    openalex_content,
    scholar_archive,
    wayback,
)
from stages.locators.same_work import Told, dois_in, is_same_work, isbns_in, year_in
from stages.locators.settings import LocatorSettings
from tests.fakes.service_calls import Asked, FakeServiceCalls, fixture

SETTINGS = LocatorSettings()
BOOK = Work(
    title="Harbours and Tides: Ports of the North Sea",
    type=WorkType.BOOK,
    authors=(Name("Marsh", "Ada"),),
    year=2019,
    doi="10.5555/harbours.2019",
    isbn="9783161484100",
)
PAPER = Work(
    title="The Tides of Harbours",
    type=WorkType.ARTICLE_JOURNAL,
    authors=(Name("Marsh", "Ada"),),
    year=2017,
    doi="10.5555/tides.2017.12",
    openalex_id="W2100000012",
)
PLAIN = Told(title=BOOK.title, people=("Marsh, Ada",), year=2019)


@pytest.mark.parametrize(
    ("told", "is_it"),
    [
        (Told(dois=frozenset({"10.5555/harbours.2019"})), True),
        (Told(isbns=frozenset({"9783161484100"})), True),
        (replace(PLAIN, dois=frozenset({"10.5555/other"})), False),
        (replace(PLAIN, dois=frozenset({"10.5555/other"}), isbns=frozenset({"9783161484100"})), True),
        (PLAIN, True),
        (replace(PLAIN, title="Harbours and Tides"), True),
        (replace(PLAIN, people=("Ada Marsh",), year=2020), True),
        (replace(PLAIN, year=None), False),
        (replace(PLAIN, year=2015), False),
        (replace(PLAIN, people=()), False),
        (replace(PLAIN, people=("Brook, Ben", "")), False),
        (replace(PLAIN, title="Harbours of the South"), False),
        (replace(PLAIN, title=None), False),
        (Told(), False),
    ],
)
def test_a_record_is_believed_by_identifier_or_by_title_person_and_year_together(told: Told, is_it: bool) -> None:
    bare = replace(BOOK, doi=None, isbn=None)
    assert is_same_work(BOOK if told.dois or told.isbns else bare, told) is is_it


def test_a_chapter_is_not_the_book_whose_isbn_it_bears() -> None:
    chapter = replace(BOOK, title="Locks and Sluices", type=WorkType.CHAPTER, doi=None)
    assert not is_same_work(chapter, replace(PLAIN, isbns=frozenset({"9783161484100"})))


def test_fields_of_records_are_read_however_they_are_written() -> None:
    assert dois_in(["https://doi.org/10.5555/A", None, "none", 3]) == {"10.5555/a"}
    assert isbns_in(["9783161484100||978-0-306-40615-7", "0306406152; x"]) == {"9783161484100", "9780306406157"}
    assert [year_in(one) for one in ("2019-03-01", 2019, "", None, "c1898", "19")] == [
        2019,
        2019,
        None,
        None,
        None,
        None,
    ]


def test_oapen_gives_the_file_of_the_hit_that_is_the_work() -> None:
    """Its search answers with whatever has the words; the other book in the answer is not taken."""
    calls = FakeServiceCalls({"oapen": lambda _: fixture("oapen", "list.json")})
    (place,) = oapen.locate(calls, BOOK, SETTINGS)
    assert place.url == "https://library.oapen.org/rest/bitstreams/c0000000-0000-4000-8000-000000000003/retrieve"
    assert (place.version, place.licence) == (
        Version.PUBLISHED,
        "https://creativecommons.org/licenses/by-nc-nd/4.0/",
    )
    assert [one.params["query"] for one in calls.asked] == ['oapen.identifier.doi:"10.5555/harbours.2019"']


@pytest.mark.parametrize(
    ("work", "queries"),
    [
        (BOOK, ['oapen.identifier.doi:"10.5555/harbours.2019"', "isbn:9783161484100"]),
        (replace(BOOK, doi='10.5555/a"b'), ['oapen.identifier.doi:"10.5555/a b"', "isbn:9783161484100"]),
        (replace(BOOK, doi=None, isbn=None), ['dc.title:"Harbours and Tides: Ports of the North Sea"']),
        (replace(BOOK, type=WorkType.CHAPTER, doi="10.5555/c"), ['oapen.identifier.doi:"10.5555/c"']),
    ],
)
@pytest.mark.parametrize(("service", "module"), [("oapen", oapen), ("doab", doab)])
def test_libraries_of_books_are_asked_by_what_is_surest(
    work: Work, queries: list[str], service: str, module: object
) -> None:
    calls = FakeServiceCalls({service: lambda _: b"[]"})
    assert module.is_worth_asking(work, ())  # type: ignore[attr-defined]
    assert module.locate(calls, work, SETTINGS) == ()  # type: ignore[attr-defined]
    assert [one.params["query"] for one in calls.asked] == queries


@pytest.mark.parametrize(
    "work",
    [
        PAPER,
        replace(BOOK, doi=None, isbn=None, authors=()),
        replace(BOOK, type=WorkType.CHAPTER, doi=None),
        replace(BOOK, type=WorkType.THESIS, isbn=None),
    ],
)
def test_libraries_of_books_are_not_asked_for_anything_else(work: Work) -> None:
    assert not oapen.is_worth_asking(work, ())
    assert not doab.is_worth_asking(work, ())


def test_doab_names_addresses_but_neither_its_own_nor_those_oapen_guards() -> None:
    calls = FakeServiceCalls({"doab": lambda _: fixture("doab", "list.json")})
    places = doab.locate(calls, BOOK, SETTINGS)
    assert [(place.url, place.is_pdf, place.host_type) for place in places] == [
        ("https://press.test/books/harbours.pdf", True, None),
        ("https://press.test/books/harbours", False, None),
        ("https://doi.org/10.5555/harbours.2019", False, HostType.PUBLISHER),
    ]
    assert {place.licence for place in places} == {"CC BY 4.0"}
    assert not doab.is_worth_asking(BOOK, (Location(url="https://x.test", found_by="oapen"),))


@pytest.mark.parametrize("name", ["oapen", "doab"])
def test_odd_records_of_dspace_are_left_out(name: str) -> None:
    body = fixture(name, "ugly.json")
    found = oapen.parse(body, "https://o.test") if name == "oapen" else doab.parse(body, "https://doi.org")
    urls = [place.url for _, places in found for place in places]
    assert urls == (["https://o.test/rest/bitstreams/y/retrieve"] if name == "oapen" else [])


def archive(item: bytes) -> FakeServiceCalls:
    def answer(request: Asked) -> bytes:
        return fixture("internet_archive", "list.json") if request.path == "/advancedsearch.php" else item

    return FakeServiceCalls({"internet_archive": answer})


def test_the_internet_archive_gives_the_best_pdf_of_an_open_item() -> None:
    calls = archive(fixture("internet_archive", "item.json"))
    (place,) = internet_archive.locate(calls, BOOK, SETTINGS)
    assert place.url == "https://archive.org/download/harbourstides00mars/harbourstides00mars.pdf"
    assert place.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert [one.path for one in calls.asked] == ["/advancedsearch.php", "/metadata/harbourstides00mars"]
    assert calls.asked[0].params["q"] == "isbn:(9783161484100 OR 316148410X) AND mediatype:texts"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"mediatype": "texts"', b'"access-restricted-item": "true"'),
        (b'"universitypress"', b'"inlibrary"'),
        (b'"universitypress"', b'"opensource"'),
        (b'"universitypress"', b'"folkscanomy_science"'),
        (b"https://creativecommons.org/licenses/by/4.0/", b"https://example.org/all-rights-reserved"),
        (b'"created"', b'"is_dark": true, "created"'),
        (b'"isbn": ["9783161484100"]', b'"isbn": ["9780306406157"], "title": "Harbours of the South"'),
        (b'"format": "Text PDF"', b'"format": "Text PDF", "private": "true"'),
    ],
)
def test_what_is_lent_uploaded_by_anybody_or_another_book_is_not_offered(old: bytes, new: bytes) -> None:
    body = fixture("internet_archive", "item.json").replace(old, new).replace(b"urn:doi:10.5555/harbours.2019", b"x")
    found = internet_archive.locate(archive(body), replace(BOOK, doi=None), SETTINGS)
    files = [place.url.rpartition("/")[2] for place in found]
    assert files == (["harbours%20&%20tides_bw.pdf"] if b"private" in new else [])


def test_old_books_are_free_and_found_by_title() -> None:
    old = replace(BOOK, title="Harbours and tides", year=1898, doi=None, isbn=None)
    body = fixture("internet_archive", "item.json").replace(b'"date": "2019"', b'"date": "1898-01-01"')
    body = body.replace(b'"licenseurl"', b'"other"').replace(b'"isbn"', b'"other2"').replace(b"urn:doi", b"urn:x")
    hits = fixture("internet_archive", "list.json").replace(b'"year": 2019, "date": "2019', b'"date": "1898')
    calls = FakeServiceCalls({"internet_archive": lambda one: body if "metadata" in one.path else hits})
    assert internet_archive.is_worth_asking(old, ())
    assert len(internet_archive.locate(calls, old, SETTINGS)) == 1
    assert calls.asked[0].params["q"] == "title:(harbours and tides) AND mediatype:texts"
    assert not internet_archive.is_worth_asking(replace(old, year=1950), ())
    assert not internet_archive.is_worth_asking(replace(BOOK, type=WorkType.CHAPTER), ())


def test_odd_answers_of_the_internet_archive_are_read_as_far_as_they_go() -> None:
    assert [name for name, _ in internet_archive.parse(fixture("internet_archive", "ugly.json"))] == ["odd"]
    assert internet_archive.parse_item(b"{}") is None
    assert internet_archive._short_isbn("9791090636071") == "9791090636071"


def test_doaj_gives_the_articles_page_and_file_with_the_licence() -> None:
    calls = FakeServiceCalls({"doaj": lambda _: fixture("doaj", "list.json")})
    places = doaj.locate(calls, PAPER, SETTINGS)
    assert [(place.url, place.is_pdf, place.licence) for place in places] == [
        ("https://harbours.test/article/12", False, "cc-by"),
        ("https://harbours.test/article/12/file", True, "cc-by"),
    ]
    assert calls.asked[0].path == "/api/search/articles/doi:10.5555%2Ftides.2017.12"
    assert doaj.locate(calls, replace(PAPER, doi="10.5555/other"), SETTINGS) == ()
    ((_, odd),) = doaj.parse(fixture("doaj", "ugly.json"))
    assert [(place.url, place.is_pdf) for place in odd] == [("https://x.test/a.PDF", True)]
    assert doaj.is_worth_asking(PAPER, ())
    assert not doaj.is_worth_asking(BOOK, ())


def test_scholar_gives_the_preserved_copy_of_the_release_that_is_the_work() -> None:
    calls = FakeServiceCalls({"scholar_archive": lambda _: fixture("scholar_archive", "list.html")})
    (place,) = scholar_archive.locate(calls, PAPER, SETTINGS)
    assert place.url == "https://web.archive.org/web/20190102030405id_/http://repo.test/12/full.pdf"
    assert calls.asked[0].params == {"doi": "10.5555/tides.2017.12"}
    assert scholar_archive.locate(calls, replace(PAPER, doi="10.5555/other"), SETTINGS) == ()
    assert scholar_archive.locate(FakeServiceCalls({"scholar_archive": lambda _: 404}), PAPER, SETTINGS) == ()
    assert not scholar_archive.is_worth_asking(BOOK, ())
    told, places = scholar_archive.parse(fixture("scholar_archive", "ugly.html"))
    assert (told.title, places) == ("Odd", ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (fixture("scholar_archive", "challenge.html"), Reason.SERVICE_DOWN),
        (b"<html><body>hello", Reason.BAD_ANSWER),
    ],
)
def test_a_challenge_establishes_nothing(body: bytes, reason: Reason) -> None:
    """It must not be taken for "there is no copy"."""
    with pytest.raises(ServiceError) as raised:
        scholar_archive.parse(body)
    assert raised.value.reason is reason


def test_core_gives_what_it_holds_before_where_it_got_it_from() -> None:
    calls = FakeServiceCalls({"core": lambda _: fixture("core", "list.json")})
    places = core.locate(calls, PAPER, SETTINGS)
    assert [place.url for place in places] == [
        "https://api.core.ac.uk/v3/outputs/1000/download",
        "https://api.core.ac.uk/v3/outputs/1001/download",
        "https://core.ac.uk/download/1000.pdf",
    ]
    assert (calls.asked[0].path, calls.asked[0].params["q"]) == ("/search/works/", 'doi:"10.5555/tides.2017.12"')
    core.locate(calls, replace(PAPER, doi=None, title='The "Tides"'), SETTINGS)
    assert calls.asked[1].params["q"] == 'title:"The Tides"'
    assert not core.is_worth_asking(replace(PAPER, doi=None, year=None), ())


def test_odd_records_of_core_are_read_as_far_as_they_go() -> None:
    found = core.parse(fixture("core", "ugly.json"), "https://core.test")
    assert [[place.url for place in places] for _, places in found] == [
        ["https://core.test/works/77/download", "http://repo.test/odd.pdf"],
        [],
    ]
    work = Work(title="Harbours of the World", authors=(Name("Marsh", "Ada"),), year=2000)
    assert [is_same_work(work, told) for told, _ in found] == [True, False]


def test_openalex_content_is_counted_before_it_is_promised() -> None:
    """The record is free; the file is named only while the day's credits bear it."""
    kept = replace(SETTINGS, openalex_credits_kept=2_000)
    rich = FakeServiceCalls(
        {"openalex": lambda _: fixture("openalex_content", "list.json")}, credits={"openalex": 2_100}
    )
    (place,) = openalex_content.locate(rich, PAPER, kept)
    assert place.url == "https://content.openalex.org/works/W2100000012.pdf"
    assert [(one.path, one.credits) for one in rich.asked] == [("/works/W2100000012", 0)]
    rich.credits["openalex"] = 2_099
    with pytest.raises(ServiceError) as raised:
        openalex_content.locate(rich, PAPER, kept)
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.BUDGET_EXHAUSTED, False)
    for reply in (404, fixture("openalex_content", "ugly.json")):
        none = FakeServiceCalls({"openalex": lambda _, reply=reply: reply}, credits={"openalex": 0})  # type: ignore[misc]
        assert openalex_content.locate(none, replace(PAPER, openalex_id=None), kept) == ()
    other = replace(PAPER, openalex_id=None, doi="10.5555/other")
    assert openalex_content.locate(rich, other, kept) == ()


REPOSITORY = Location(url="http://repo.test/12/full.pdf", host_type=HostType.REPOSITORY, version=Version.ACCEPTED)


def test_the_wayback_machine_has_captures_of_dead_files_the_newest_first() -> None:
    calls = FakeServiceCalls({"wayback": lambda _: fixture("wayback", "list.json")})
    assert wayback.is_worth_asking(PAPER, (REPOSITORY,))
    places = wayback.copies(calls, PAPER, (REPOSITORY,), SETTINGS)
    assert [place.url for place in places] == [
        "https://web.archive.org/web/20190708091011id_/https://repo.test/12/full.pdf?download=1",
        "https://web.archive.org/web/20150102030405id_/http://repo.test:80/12/full.pdf",
    ]
    assert {place.version for place in places} == {Version.ACCEPTED}
    assert calls.asked[0].params["url"] == "http://repo.test/12/full.pdf"


def test_only_captures_of_pdfs_count() -> None:
    found = wayback.parse(fixture("wayback", "ugly.json"))
    assert [one.url for one in found] == ["http://repo.test/revisit.pdf"]
    assert wayback.parse(b"[]") == wayback.parse(b"") == []


@pytest.mark.parametrize(
    "place",
    [
        replace(REPOSITORY, host_type=HostType.PUBLISHER),
        replace(REPOSITORY, is_pdf=False),
        replace(REPOSITORY, found_by="arxiv"),
        replace(REPOSITORY, found_by="wayback"),
        replace(REPOSITORY, url="https://web.archive.org/web/2019id_/http://repo.test/12.pdf"),
        replace(REPOSITORY, url="https://doi.org/10.5555/x.pdf"),
        replace(REPOSITORY, url="http://[broken"),
    ],
)
def test_captures_are_not_asked_of_publishers_pages_nor_of_what_lasts(place: Location) -> None:
    calls = FakeServiceCalls()
    assert not wayback.is_worth_asking(PAPER, (place,))
    assert wayback.copies(calls, PAPER, (place,), SETTINGS) == ()
    assert not calls.asked


def test_a_file_on_the_web_is_tried_itself_then_its_captures() -> None:
    """A web reference whose address is a PDF's; one of a page is not looked for."""
    page = Work(title="Minutes", type=WorkType.WEBPAGE, url="https://port.test/minutes.PDF")
    calls = FakeServiceCalls({"wayback": lambda _: fixture("wayback", "list.json")})
    assert wayback.is_worth_asking(page, ())
    first, *captures = wayback.locate(calls, page, SETTINGS)
    assert (first.url, first.found_by) == ("https://port.test/minutes.PDF", "reference")
    assert {place.found_by for place in captures} == {"wayback"}
    again = wayback.copies(calls, page, (first,), SETTINGS)
    assert [place.found_by for place in again] == ["wayback", "wayback"]
    assert not wayback.is_worth_asking(replace(page, url="https://port.test/minutes"), ())
    assert not wayback.is_worth_asking(replace(page, type=WorkType.ARTICLE_JOURNAL), ())
    assert len({*(one.params["url"] for one in calls.asked)}) == 1
