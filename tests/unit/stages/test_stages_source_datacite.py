"""DataCite as a search."""

from __future__ import annotations

import pytest

from dl_lit.core.model import Name, Reference, WorkType
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
