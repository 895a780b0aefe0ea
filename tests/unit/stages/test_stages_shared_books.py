"""Real recorded answers of who gathers open copies parse to something sensible or raise the typed error."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from dl_lit.core.errors import ServiceError
from stages.locators import core, doaj
from tests.unit.stages.test_stages_shared_recordings import FOLDER, recordings

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared is absent")]


def test_doaj_articles_say_what_they_are_and_where() -> None:
    """Every recorded search of articles: titles and years always, addresses nearly always, most have a DOI."""
    found = [
        hit
        for record in recordings("doaj")
        if "/search/articles" in urlsplit(record["request"]["url"]).path
        for hit in doaj.parse(record["body"].encode())
    ]
    assert len(found) > 20
    assert all(told.title and told.year and told.people for told, _ in found)
    assert sum(bool(places) for _, places in found) > 0.9 * len(found)
    assert sum(bool(told.dois) for told, _ in found) > 0.5 * len(found)
    assert all(place.url.startswith("http") for _, places in found for place in places)


def test_answers_of_an_older_core_are_refused() -> None:
    """Version 2 lists its works elsewhere; that must not look like an empty list."""
    bodies = [record["body"].encode() for record in recordings("core") if record["status"] == 200]
    assert bodies
    for body in bodies:
        with pytest.raises(ServiceError):
            core.parse(body, "https://core.test")
