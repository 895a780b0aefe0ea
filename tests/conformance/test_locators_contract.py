"""What every locator owes who asks it, whatever its service answers."""

from __future__ import annotations

import itertools

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import HostType, Location, Name, Relation, RelationKind, Version, Work, WorkType
from dl_lit.core.services import BY_NAME
from stages.locators.registry import LOCATORS, Locator
from stages.locators.settings import LocatorSettings
from tests.fakes.service_calls import FakeServiceCalls

LEE = (Name("van der Lee", "Marit"),)
PREPRINT = Relation(kind=RelationKind.VERSION, doi="10.1101/2017.01.01.900012")
WORKS = (
    Work(title="T"),
    Work(title="Spring tides", authors=LEE, year=2017, doi="10.5555/tides.1", pmid="1", pmcid="PMC1",
         container_title="Nuclear Physics B", relations=(PREPRINT,), metadata_source="crossref"),
    Work(title="Shores", type=WorkType.BOOK, authors=LEE, year=1925, isbn="9783161484100"),
    Work(title="A chapter", type=WorkType.CHAPTER, authors=LEE, doi="10.5555/book.1", isbn="9783161484100"),
    Work(title="T", arxiv_id="1701.01234"),
    Work(title="T", doi="10.18653/v1/n18-1202"),
    *(Work(title="T", doi=doi) for doi in (
        "10.5281/zenodo.1", "10.31234/osf.io/wader", "10.6084/m9.figshare.1", "10.1101/2017.01.01.900012",
    )),
    Work(title="T", type=WorkType.WEBPAGE, url="https://agency.test/report.pdf"),
    Work(title='"; \\ * ? (AND) OR', authors=(Name('O"Brien \\', ""),), doi='10.5555/a"b\\c,d|e f', year=2000),
)  # fmt: skip
TRIED = (
    Location(
        url="https://repo.test/1.pdf", host_type=HostType.REPOSITORY, version=Version.ACCEPTED, found_by="openalex"
    ),
)
BODIES = (b"", b"{}", b"[]", b'{"hits": {"hits": [{}]}, "response": {"docs": [{}]}, "data": null}', b"<html/>", b"\xff")
NAMES = [f"{number}-{one.service}" for number, one in enumerate(LOCATORS)]


def ask(locator: Locator, calls: FakeServiceCalls, work: Work) -> tuple[Location, ...]:
    """What it gives; nothing where it fails in the way that is allowed."""
    try:
        if locator.copies is not None:
            return locator.copies(calls, work, TRIED, LocatorSettings())
        return locator.locate(calls, work, LocatorSettings())
    except ServiceError:
        return ()


@pytest.mark.parametrize("locator", LOCATORS, ids=NAMES)
def test_whatever_comes_it_gives_locations_or_the_typed_error(locator: Locator) -> None:
    """Every location says who named it; nothing else is raised, and few requests are made for one work."""
    for work, body in itertools.product(WORKS, BODIES):
        calls = FakeServiceCalls({name: lambda _, body=body: body for name in BY_NAME})  # type: ignore[misc]
        found = ask(locator, calls, work)
        assert isinstance(found, tuple)
        assert all(one.url and one.found_by for one in found)
        assert len(calls.asked) <= 8


@pytest.mark.parametrize("locator", LOCATORS, ids=NAMES)
@pytest.mark.parametrize("reply", [404, 400, 500])
def test_a_service_that_has_nothing_gives_no_location_that_it_would_have_to_know(locator: Locator, reply: int) -> None:
    """Those that ask nothing may name addresses that follow from identifiers."""
    for work in WORKS:
        calls = FakeServiceCalls({name: lambda _: reply for name in BY_NAME})
        found = ask(locator, calls, work)
        assert not found or not calls.asked


@pytest.mark.parametrize("locator", LOCATORS, ids=NAMES)
def test_whether_it_is_worth_asking_is_told_without_asking(locator: Locator) -> None:
    """Of every work; a bare title is nothing to ask for."""
    verdicts = [locator.is_worth_asking(work, known) for work in WORKS for known in ((), TRIED)]
    assert all(isinstance(one, bool) for one in verdicts)
    assert not locator.is_worth_asking(WORKS[0], ())
