"""Which waiting work a file is that somebody handed in."""

from __future__ import annotations

from dl_lit.core.model import Location, Name, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedLine, PrintedPage
from dl_lit.core.proof import Verdict
from dl_lit.matching.handed import Bound, Unbound, WaitingWorks

HERE = Location(url="file:///tmp/a.pdf", found_by="hand-in")
SHORES = Work(
    title="Sediment transport along open shores", authors=(Name("Ada", "Anna"),), year=2001, doi="10.1000/shores"
)
TIDES = Work(title="Tidal inlets and their stability over time", authors=(Name("Brown", "Ben"),), year=1999)
DUNES = Work(title="The growth of coastal dunes in winter", authors=(Name("Clark", "Cleo"),), year=2010)


def page(number: int, *lines: str) -> PrintedPage:
    sizes = [18.0, *([10.0] * len(lines))]
    printed = tuple(
        PrintedLine(text, size, 0.9 - 0.02 * place)
        for place, (text, size) in enumerate(zip(lines, sizes, strict=False))
    )
    return PrintedPage(number=number, lines=printed, words=sum(len(line.split()) for line in lines))


def facts(title: str, authors: str, *lines: str, doi: str | None = None) -> PdfFacts:
    body = [f"Section {number}. " + "The beach was measured in every season of the year. " * 4 for number in range(12)]
    first = page(1, title, authors, *lines, *body)
    return PdfFacts(9, (first.text,), title=title, doi=doi, printed=(first,))


def test_a_file_is_bound_to_the_work_that_its_first_page_names() -> None:
    waiting = WaitingWorks(enumerate((SHORES, TIDES, DUNES), 1))
    assert len(waiting) == 3
    found = waiting.find(facts(TIDES.title, "Ben Brown", "1999"), HERE)
    assert isinstance(found, Bound)
    assert (found.work_id, found.work, found.proof.verdict) == (2, TIDES, Verdict.VERIFIED)
    by_doi = waiting.find(facts(SHORES.title, "Anna Ada", "doi:10.1000/shores", doi="10.1000/shores"), HERE)
    assert isinstance(by_doi, Bound)
    assert by_doi.work_id == 1


def test_a_file_of_another_work_is_bound_to_none() -> None:
    waiting = WaitingWorks(enumerate((SHORES, TIDES), 1))
    found = waiting.find(facts("A history of lighthouses in the north", "Dora Dean"), HERE)
    assert isinstance(found, Unbound)
    assert "no work that waits" in found.why


def test_where_two_works_fit_alike_a_person_has_to_say() -> None:
    waiting = WaitingWorks(((4, TIDES), (7, TIDES)))
    found = waiting.find(facts(TIDES.title, "Ben Brown", "1999"), HERE)
    assert isinstance(found, Unbound)
    assert "w4 or w7" in found.why
    assert {one.work_id for one in found.nearest} == {4, 7}


def test_a_scan_and_an_empty_room_are_told() -> None:
    scan = PdfFacts(3, ("",), is_scan=True)
    assert "scan" in getattr(WaitingWorks(((1, TIDES),)).find(scan, HERE), "why", "")
    assert "no work waits" in getattr(WaitingWorks(()).find(scan, HERE), "why", "")
