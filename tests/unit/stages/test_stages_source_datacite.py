"""DataCite as a search, and what OpenAlex adds to the locations that other services named."""

from __future__ import annotations

import json

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Location, Name, Reference, Work, WorkType
from stages.locators import openalex as openalex_locator
from stages.locators.settings import LocatorSettings
from stages.sources import datacite
from tests.fakes.service_calls import FakeServiceCalls, fixture

SETTINGS = LocatorSettings(arxiv_url="http://x.test", pmc_url="http://x.test", europepmc_site_url="http://x.test")


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"type": WorkType.THESIS}, 'titles.title:"Gravel counts AND more a b" AND creators.familyName:"O Neil"'),
        ({"type": WorkType.DATASET, "authors": ()}, 'titles.title:"Gravel counts AND more a b"'),
        (
            {"type": WorkType.REPORT, "authors": (Name(literal="Shore Office"),)},
            'titles.title:"Gravel counts AND more a b"',
        ),
        ({"type": WorkType.ARTICLE_JOURNAL}, ""),
        ({"type": WorkType.BOOK}, ""),
        ({"type": WorkType.THESIS, "title": "?!"}, ""),
    ],
)
def test_searches_are_for_what_datacite_has_without_syntax(fields: dict[str, object], query: str) -> None:
    """Quotes, brackets and wildcards would change the meaning; articles and books are registered elsewhere."""
    usual: dict[str, object] = {"title": 'Gravel: "counts" AND (more) a/b*', "authors": (Name(family='O"Neil'),)}
    reference = Reference(position=1, raw="x", **{**usual, **fields})  # type: ignore[arg-type]
    calls = FakeServiceCalls({"datacite": lambda _: fixture("datacite", "list.json")})
    found = datacite.search(calls, reference)
    if query:
        assert found
        assert [(request.path, request.params["query"]) for request in calls.asked] == [("/dois", query)]
    else:
        assert (found, calls.asked) == (None, [])


def test_openalex_adds_to_the_locations_that_came_from_elsewhere() -> None:
    """A single copy named by a small service is not all there is; where OpenAlex is down it is still something."""
    place = Location(url="https://hal.test/1.pdf", found_by="hal")
    work = Work(title="T", doi="10.5555/x", metadata_source="hal", locations=(place,))
    record = {
        "id": "https://openalex.org/W7",
        "doi": "https://doi.org/10.5555/x",
        "title": "T",
        "locations": [{"is_oa": True, "pdf_url": "https://repo.test/2.pdf"}],
    }
    calls = FakeServiceCalls({"openalex": lambda _: json.dumps(record).encode()})
    found = openalex_locator.locate(calls, work, SETTINGS)
    assert [one.url for one in found] == ["https://hal.test/1.pdf", "https://repo.test/2.pdf"]
    assert openalex_locator.locate(FakeServiceCalls(), work, SETTINGS) == (place,)
    with pytest.raises(ServiceError):
        openalex_locator.locate(FakeServiceCalls(), Work(title="T", doi="10.5555/x"), SETTINGS)
