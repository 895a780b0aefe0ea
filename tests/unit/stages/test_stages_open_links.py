"""Which files that came with a description may be fetched by everybody."""

from __future__ import annotations

import json
from datetime import date

import pytest

from dl_lit.core.model import HostType, Version
from stages.sources import crossref, datacite

BY = "https://creativecommons.org/licenses/by/4.0/"
PDF = {
    "URL": "https://cdn.journal.test/1.pdf",
    "content-type": "application/pdf",
    "content-version": "vor",
    "intended-application": "text-mining",
}


def locations(licences: list[object], *links: dict[str, object]) -> list[tuple[str, Version | None, date | None]]:
    """What becomes of a Crossref record with these."""
    record = {"DOI": "10.5555/1", "title": ["T"], "license": licences, "link": [{**PDF, **one} for one in links]}
    (work,) = crossref.parse(json.dumps({"message": {"items": [record]}}).encode())
    assert all(one.host_type is HostType.PUBLISHER and one.is_pdf for one in work.locations)
    return [(one.url, one.version, one.open_from) for one in work.locations]


def test_files_under_an_open_licence_are_locations() -> None:
    """The day from which it holds comes along; nobody tries before."""
    licence = {"URL": BY, "content-version": "vor", "start": {"date-parts": [[2031, 5]]}}
    assert locations([licence], {}) == [(PDF["URL"], Version.PUBLISHED, date(2031, 5, 1))]
    assert locations([{"URL": BY}], {"content-version": "am"}) == [(PDF["URL"], Version.ACCEPTED, None)]
    odd = {"URL": BY, "start": {"date-parts": [[2031, 13, 99]]}}
    assert locations([odd], {}) == [(PDF["URL"], Version.PUBLISHED, None)]


@pytest.mark.parametrize(
    ("licence", "link"),
    [
        ({"URL": "https://www.elsevier.com/tdm/userlicense/1.0/"}, {}),
        ({"URL": BY, "content-version": "am"}, {}),  # of another version
        ({"URL": BY}, {"intended-application": "similarity-checking"}),
        ({"URL": BY}, {"content-type": "text/html"}),
        ({"URL": BY}, {"URL": "https://api.elsevier.com/content/article/1?httpAccept=application/pdf"}),
        ({"URL": BY}, {"URL": None}),
        ({}, {}),
    ],
)
def test_other_links_are_none(licence: dict[str, object], link: dict[str, object]) -> None:
    """They need an agreement, are for one service, or lead to no file."""
    assert locations([licence], link) == []


def test_datacites_addresses_of_files_are_locations_where_the_licence_is_open() -> None:
    """The field is a list, an address or nothing."""

    def found(**facts: object) -> list[str]:
        attributes = {"doi": "10.5555/1", "titles": [{"title": "T"}], **facts}
        (work,) = datacite.parse(json.dumps({"data": [{"id": "10.5555/1", "attributes": attributes}]}).encode())
        return [one.url for one in work.locations]

    licence = [{"rights": "CC BY", "rightsUri": BY, "rightsIdentifier": "cc-by-4.0"}]
    url = "https://repo.test/thesis.pdf"
    assert found(contentUrl=[url, "https://repo.test/data.zip", 7], rightsList=licence) == [url]
    assert found(contentUrl=url, rightsList=[{"rightsIdentifier": "cc0-1.0"}]) == [url]
    assert found(contentUrl=url, rightsList=[{"rights": "All rights reserved"}]) == []
    assert found(contentUrl=None, rightsList=licence) == []
