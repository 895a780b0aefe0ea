"""How long each service's answers are remembered."""

from __future__ import annotations

import pytest

from dl_lit.settings import load


def days(**env: str) -> dict[str, float]:
    services = load(env={"HOME": "/home/ada", **env}).settings.services
    return {name: one.cache_days for name, one in services.items()}


@pytest.mark.parametrize(
    ("env", "openalex", "unpaywall"),
    [
        ({}, 30, 7),
        ({"DL_LIT_CACHE_LIFETIME_DAYS": "3"}, 3, 3),
        ({"DL_LIT_CACHE_LIFETIME_DAYS": "90"}, 90, 7),
        ({"DL_LIT_UNPAYWALL_CACHE_DAYS": "20"}, 30, 20),
        ({"DL_LIT_OPENALEX_CACHE_DAYS": "0"}, 0, 7),
    ],
)
def test_a_service_has_its_own_lifetime_else_what_is_usual_for_it(
    env: dict[str, str], openalex: float, unpaywall: float
) -> None:
    found = days(**env)
    assert (found["openalex"], found["unpaywall"]) == (openalex, unpaywall)


def test_the_operators_own_servers_are_asked_anew_each_time() -> None:
    assert days(DL_LIT_GROBID_URL="http://localhost:8070")["grobid"] == 0


def test_offline_is_a_setting() -> None:
    assert load(env={"HOME": "/home/ada", "DL_LIT_OFFLINE": "1"}).settings.offline
    assert not load(env={"HOME": "/home/ada"}).settings.offline
