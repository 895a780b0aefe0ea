"""What the settings make of each service."""

from __future__ import annotations

import pytest

from dl_lit.core.services import BY_NAME, SERVICES, Lane, Window
from dl_lit.settings import load, shown


def test_every_service_has_its_address_variable() -> None:
    """`DL_LIT_<SERVICE>_URL` points a service anywhere, for example at a replica."""
    for service in SERVICES:
        loaded = load(env={f"DL_LIT_{service.name.upper()}_URL": "http://127.0.0.1:8080/base/"})
        assert loaded.settings.services[service.name].service.base_url == "http://127.0.0.1:8080/base"


def test_with_a_contact_address_the_polite_limits_hold_and_without_the_anonymous_ones() -> None:
    crossref = BY_NAME["crossref"]
    anonymous = load(env={}).settings.services["crossref"]
    polite = load(env={"DL_LIT_CONTACT_EMAIL": "ada@uni.edu"}).settings.services["crossref"]
    assert (anonymous.lane, polite.lane) == (crossref.anonymous, crossref.polite)
    assert (anonymous.lanes["list"], polite.lanes["list"]) == (crossref.lanes[0][2], crossref.lanes[0][1])


def test_a_service_that_needs_the_contact_address_is_not_available_without_it() -> None:
    without = load(env={}).settings.services["unpaywall"]
    assert (without.available, without.missing) == (False, ("contact_email",))
    assert load(env={"DL_LIT_CONTACT_EMAIL": "ada@uni.edu"}).settings.services["unpaywall"].available


def test_a_service_can_be_switched_off() -> None:
    assert not load(env={"DL_LIT_OPENALEX_ENABLED": "false"}).settings.services["openalex"].available


def test_a_key_brings_the_keyed_budget_unless_one_is_set() -> None:
    openalex = BY_NAME["openalex"]
    assert load(env={}).settings.services["openalex"].credits_per_day == openalex.credits_per_day
    keyed = {"DL_LIT_OPENALEX_KEY": "k"}
    assert load(env=keyed).settings.services["openalex"].credits_per_day == openalex.credits_per_day_keyed
    keyed["DL_LIT_OPENALEX_CREDITS_PER_DAY"] = "7"
    assert load(env=keyed).settings.services["openalex"].credits_per_day == 7


def test_limits_can_be_set_for_a_service_and_for_one_of_its_lanes() -> None:
    env = {
        "DL_LIT_CROSSREF_RATE": "2/1, 500/3600",
        "DL_LIT_CROSSREF_CONCURRENCY": "2",
        "DL_LIT_CROSSREF_LIST_RATE": "1/2.5",
        "DL_LIT_CROSSREF_TIMEOUT_S": "9",
    }
    crossref = load(env=env).settings.services["crossref"]
    assert crossref.lane == Lane((Window(2, 1.0), Window(500, 3600.0)), 2)
    assert crossref.lanes["list"] == Lane((Window(1, 2.5),), 1)
    assert crossref.service.timeout_s == 9.0


def test_secrets_are_neither_shown_nor_in_the_repr() -> None:
    loaded = load(env={"DL_LIT_OPENALEX_KEY": "hush-hush", "DL_LIT_CONTACT_EMAIL": "ada@uni.edu"})
    assert "hush-hush" not in repr(loaded.settings)
    assert "ada@uni.edu" not in repr(loaded.settings)
    lines = {line.name: line for line in shown(loaded)}
    assert lines["services.openalex.key"].value == "(set)"
    assert lines["services.crossref.key"].value is None
    assert all("hush-hush" not in str(line) for line in lines.values())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("services.openalex.url", "https://api.openalex.org"),
        ("services.unpaywall.rate", "2/1, 100000/86400"),
        ("services.crossref.lanes.list.concurrency", 3),
        ("services.arxiv.timeout_s", 45.0),
        ("services.pmc.credits_per_day", None),
    ],
)
def test_what_is_left_to_the_service_is_shown_as_it_came_out(name: str, value: object) -> None:
    loaded = load(env={"DL_LIT_CONTACT_EMAIL": "ada@uni.edu"})
    line = next(line for line in shown(loaded) if line.name == name)
    assert (line.value, line.origin) == (value, "default")


def test_a_server_of_ones_own_is_asked_where_its_address_is_set_and_missed_by_nobody() -> None:
    without = load(env={}).settings.services["grobid"]
    assert (without.available, without.is_missed, without.missing) == (False, False, ("services.grobid.url",))
    at_home = load(env={"DL_LIT_GROBID_URL": "http://localhost:8070/", "DL_LIT_GROBID_TIMEOUT_S": "30"})
    grobid = at_home.settings.services["grobid"]
    assert (grobid.available, grobid.is_missed) == (True, False)
    assert (grobid.service.base_url, grobid.service.timeout_s) == ("http://localhost:8070", 30.0)
    off = load(env={"DL_LIT_GROBID_URL": "http://localhost:8070", "DL_LIT_GROBID_ENABLED": "false"})
    assert off.settings.services["grobid"].available is False
