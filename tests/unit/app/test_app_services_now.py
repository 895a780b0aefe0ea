"""What `dl-lit status` tells of the services, from the state that all processes share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.machine.states import MachineStates
from dl_lit.app.now.services_now import ServiceNow, services_now
from dl_lit.cli import cli
from dl_lit.core.breaker import Admission
from dl_lit.core.clock import SystemClock
from dl_lit.core.learning import Announced
from dl_lit.core.services import BY_NAME, Window
from dl_lit.core.sharing import Granted, Holder, LaneWish, ServiceState, Wish, place_of
from dl_lit.net.identity import Identity
from dl_lit.settings import Settings
from dl_lit.settings.load import load

CONTACT, KEY = "me@uni.edu", "secret-key"
NOW = 1_795_435_200.0  # 2026-11-23T12:00:00Z


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    env = {"HOME": str(tmp_path), "DL_LIT_CONTACT_EMAIL": CONTACT, "DL_LIT_OPENALEX_KEY": KEY}
    return load(env=env).settings


def given(settings: Settings, service: str, happened: Callable[[ServiceState, Holder], object]) -> None:
    """Something happened in another process."""
    states = MachineStates(settings.state_folder, SystemClock())

    def decide(state: ServiceState) -> None:
        happened(state, states.me)

    states.change(place_of(BY_NAME[service]), decide)
    states.close()


def now(settings: Settings, service: str) -> ServiceNow:
    (found,) = (one for one in services_now(settings, NOW) if one.service == service)
    return found


def test_before_anything_was_asked_the_settings_speak(settings: Settings) -> None:
    crossref, arxiv, openalex = (now(settings, name) for name in ("crossref", "arxiv", "openalex"))
    assert [(lane.lane, lane.permits, lane.seconds, lane.concurrency) for lane in crossref.lanes] == [
        ("", 5, 1.25, 1),
        ("list", 1, 1.25, 1),
    ]
    assert (arxiv.lanes[0].permits, arxiv.lanes[0].seconds) == (1, 3.75)
    assert (openalex.credits_per_day, openalex.credits_left) == (10_000, 10_000)
    assert openalex.credits_reset_at == "2026-11-24T00:00:00+00:00"
    assert (openalex.breaker, openalex.parked_until, openalex.in_flight) == ("closed", None, 0)
    assert now(settings, "semantic_scholar").lacks == ("services.semantic_scholar.key",)
    assert not settings.state_folder.exists(), "looking makes nothing"


def test_what_processes_did_and_heard_is_told(settings: Settings) -> None:
    identity = Identity(CONTACT, {"openalex": KEY})

    def asked(state: ServiceState, me: Holder) -> None:
        lanes = (LaneWish("", (Window(10, 1.0),), 0.0, 3), LaneWish("list", (Window(3, 1.0),), 0.0, 3))
        for holder in (me, Holder(999_999_999, "dead", me.space)):
            answer = state.grant(Wish(holder=holder, lanes=lanes, at=NOW, now=NOW), lambda _holder: True)
            assert isinstance(answer, Granted)
        state.learned.hear(identity.user_hash("crossref"), "list", Announced(permits=3, concurrency=2, is_polite=True))
        state.learned.cut("list", NOW, NOW + 0.001)
        for _ in range(30):
            state.learned.latencies.answered(2.0)

    given(settings, "crossref", asked)
    found = now(settings, "crossref")
    assert (found.pool, found.requests_today, found.in_flight, found.timeout_s) == ("polite", 2, 1, 8.194)
    main, listed = found.lanes
    assert (main.permits, main.seconds, main.concurrency, main.in_window) == (10, 1.25, 3, 2)
    assert (listed.permits, listed.seconds, listed.concurrency, listed.share) == (3, 2.5, 1, 0.5)


def test_budgets_rests_breakers_and_keys_are_told(settings: Settings) -> None:
    key = Identity(CONTACT, {"openalex": KEY}).key_hash("openalex")

    def spent(state: ServiceState, _me: Holder) -> None:
        state.purse(key, 10_000).take(NOW, 9_000)
        state.park(NOW + 53_578, "budget-exhausted")
        state.distrust(key, "refused with HTTP 401: asked without it", NOW)
        for _ in range(10):
            state.breaker.failed(Admission.CALL, NOW)

    given(settings, "openalex", spent)
    found = now(settings, "openalex")
    assert (found.credits_left, found.breaker, found.breaker_until) == (1_000, "open", "2026-11-23T12:01:00+00:00")
    assert (found.parked_until, found.parked_for) == ("2026-11-24T02:52:58+00:00", "budget-exhausted")
    assert found.key_trouble == "refused with HTTP 401: asked without it"


def test_a_mirror_is_another_place(settings: Settings, tmp_path: Path) -> None:
    given(settings, "datacite", lambda state, _me: state.park(NOW + 60, "rate-limited"))
    assert now(settings, "datacite").parked_until
    env = {"HOME": str(tmp_path), "DL_LIT_DATACITE_URL": "http://127.0.0.1:9"}
    assert now(load(env=env).settings, "datacite").parked_until is None


def test_the_command_tells_people_and_programs(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(settings.state_folder))
    monkeypatch.setenv("DL_LIT_DB", str(tmp_path / "x.db"))
    monkeypatch.setenv("DL_LIT_OPENALEX_KEY", KEY)
    runner = CliRunner()
    assert runner.invoke(cli, ["init-db"]).exit_code == 0

    def rests(state: ServiceState, _me: Holder) -> None:
        state.park(SystemClock().time() + 3_600, "rate-limited")
        state.learned.cut("", 0.0, SystemClock().time())

    given(settings, "datacite", rests)
    text = runner.invoke(cli, ["status"]).stdout
    assert "1 in 2 s by 2 (50% after refusals)" in text
    assert "datacite: rests until" in text
    assert "semantic_scholar: not asked, lacks services.semantic_scholar.key" in text
    document = json.loads(runner.invoke(cli, ["status", "--json"]).stdout)
    (datacite,) = (one for one in document["services"] if one["service"] == "datacite")
    assert (datacite["parked_for"], datacite["lanes"][0]["share"]) == ("rate-limited", 0.5)
    assert KEY not in json.dumps(document)


def test_a_refused_contact_address_is_told_until_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """By `status` and `doctor`, which both name the setting."""
    monkeypatch.setenv("DL_LIT_CONTACT_EMAIL", CONTACT)
    monkeypatch.setenv("COLUMNS", "200")
    runner, settings = CliRunner(), load().settings
    assert runner.invoke(cli, ["init-db"]).exit_code == 0
    who = Identity(CONTACT, {}).contact_hash("unpaywall")
    given(settings, "unpaywall", lambda state, _me: state.distrust(who, "refused: not asked", NOW))
    assert now(settings, "unpaywall").contact_trouble == "refused: not asked"
    assert "unpaywall: contact_email: refused: not asked" in runner.invoke(cli, ["status"]).output
    checked = runner.invoke(cli, ["doctor", "--json"]).stdout
    (contact,) = (one for one in json.loads(checked)["checks"] if one["name"] == "contact")
    assert (contact["level"], "refused by unpaywall" in contact["says"]) == ("warning", True)
    monkeypatch.setenv("DL_LIT_CONTACT_EMAIL", "ada@uni.edu")
    assert now(load().settings, "unpaywall").contact_trouble is None
