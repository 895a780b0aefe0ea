"""Adding a source or a locator is a module, a registry line, fixtures and a row of documentation: all are there."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from dl_lit.core.services import BY_NAME
from dl_lit.settings.model import SOURCE_NAMES
from stages.locators.registry import LOCATORS
from stages.sources.registry import SOURCES, ordered
from tests.fakes.service_calls import RECORDED

ROOT = Path(__file__).parents[3]
HELPERS = {
    "__init__",
    "agencies",
    "coordinates",
    "journals",
    "medline",
    "relations",
    "together",
    "registry",
    "names",
    "open_links",
    "rank",
    "addresses",
    "dspace",
    "patience",
    "preference",
    "same_work",
    "search",
    "settings",
}


def modules(folder: str) -> list[str]:
    """The modules of a folder that stand for a service."""
    return sorted(path.stem for path in (ROOT / "stages" / folder).glob("*.py") if path.stem not in HELPERS)


def services(folder: str) -> list[str]:
    """The services that the modules of a folder stand for; `doi_org` stands for "doi"."""
    return sorted(importlib.import_module(f"stages.{folder}.{name}").SERVICE for name in modules(folder))


@pytest.mark.parametrize(("folder", "registered"), [("sources", SOURCES), ("locators", LOCATORS)])
def test_every_module_has_its_line(folder: str, registered: tuple[object, ...]) -> None:
    """Module, `SERVICE`, `parse` and registry line go together."""
    assert services(folder) == sorted({getattr(one, "service", "") for one in registered})
    assert all(callable(importlib.import_module(f"stages.{folder}.{name}").parse) for name in modules(folder))


@pytest.mark.parametrize("service", sorted({*services("sources"), *services("locators")}))
def test_every_service_has_limits_fixtures_and_a_row(service: str) -> None:
    """A plain and an ugly body are recorded, and `docs/sources.md` says what is asked at which cost."""
    assert service in BY_NAME
    assert {path.stem for path in (RECORDED / service).iterdir()} >= {"list", "ugly"}
    rows = [
        line for line in (ROOT / "docs" / "sources.md").read_text().splitlines() if line.startswith(f"| {service} |")
    ]
    uses = [folder for folder in ("sources", "locators") if service in services(folder)]
    assert len(rows) == len(uses)
    assert all("https://" in row for row in rows)


def test_the_settings_know_the_sources_in_their_order() -> None:
    """`sources.order` takes these names and refuses others."""
    assert tuple(source.service for source in SOURCES) == SOURCE_NAMES


def test_the_order_can_be_set() -> None:
    """Those named come first, the others follow as usual."""
    assert ordered(()) == SOURCES
    names = [source.service for source in ordered(("inspire", "crossref", "inspire"))]
    assert names[:3] == ["inspire", "crossref", "openalex"]
    assert sorted(names) == sorted(SOURCE_NAMES)
