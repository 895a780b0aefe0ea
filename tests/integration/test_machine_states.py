"""The file of states: what cannot be read is begun anew, what nobody asks is forgotten, processes are known apart."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from freezegun import freeze_time

from db.machine import processes
from db.machine.processes import is_alive, this_process
from db.machine.states import MachineStates, read_states, states_file
from dl_lit.core.clock import SystemClock
from dl_lit.core.sharing import Holder, ServiceState
from dl_lit.net.identity import Identity


def park(states: MachineStates, place: str) -> None:
    states.change(place, lambda state: state.park(9e9, "rate-limited"))


def parked(state: ServiceState) -> float:
    return state.parked_until


def test_a_state_of_another_shape_is_begun_anew(tmp_path: Path) -> None:
    states = MachineStates(tmp_path, SystemClock())
    park(states, "crossref")
    states.close()
    with closing(sqlite3.connect(states_file(tmp_path))) as connection, connection:
        connection.execute("UPDATE services SET state = x'c1'")
    assert read_states(states_file(tmp_path))["crossref"].parked_until == 0.0
    assert states.change("crossref", parked) == 0.0
    states.close()


def test_a_file_that_is_removed_under_a_process_is_made_again(tmp_path: Path) -> None:
    states = MachineStates(tmp_path, SystemClock())
    park(states, "crossref")
    assert dict(states.read())["crossref"].parked_until == 9e9
    for path in tmp_path.iterdir():
        path.unlink()
    assert states.change("crossref", parked) == 0.0
    assert states_file(tmp_path).exists()
    states.close()


def test_places_nobody_asks_are_forgotten_hosts_sooner_than_services(tmp_path: Path) -> None:
    """By a daemon that has been running all the while as well."""
    with freeze_time("2026-11-01T00:00:00Z"):
        states = MachineStates(tmp_path, SystemClock())
        park(states, "old mirror")
    with freeze_time("2026-11-25T00:00:00Z"):
        park(states, "host:old")
        park(states, "crossref")
    with freeze_time("2026-12-02T00:00:00Z"):
        park(states, "datacite")
        states.close()
    assert set(read_states(states_file(tmp_path))) == {"crossref", "datacite"}
    with closing(sqlite3.connect(states_file(tmp_path))) as connection:
        assert connection.execute("SELECT count(*) FROM services WHERE place LIKE 'host:%'").fetchone() == (0,)


def test_an_error_in_a_decision_changes_nothing(tmp_path: Path) -> None:
    states = MachineStates(tmp_path, SystemClock())

    def fails(state: ServiceState) -> None:
        state.park(9e9, "rate-limited")
        raise ValueError("a mistake of ours")

    with pytest.raises(ValueError, match="of ours"):
        states.change("crossref", fails)
    assert states.change("crossref", parked) == 0.0
    states.close()


def test_processes_are_told_from_their_numbers() -> None:
    me = this_process()
    assert is_alive(me)
    assert not is_alive(Holder(me.pid, "another start", me.space)), "its number was given to us later"
    assert is_alive(Holder(me.pid, "another start", "a container")), "it cannot be looked at"
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    other = Holder(child.pid, str(processes._started(child.pid)), me.space)
    assert is_alive(other)
    child.communicate(b"\n")
    assert not is_alive(other)


def test_where_the_system_tells_less_the_start_by_the_clock_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_boot", lambda: "")
    assert is_alive(this_process())
    assert processes._started(2**22 + 1) is None
    assert processes._started(os.getpid()) == processes._started(os.getpid())


def test_a_refused_key_is_tried_again_after_an_hour() -> None:
    """Services err, too; a daemon need not be restarted for it."""
    with freeze_time("2026-11-23T12:00:00Z") as frozen:
        identity = Identity("me@uni.edu", {"openalex": "K"})
        assert identity.refuse("openalex", "refused")
        assert not identity.refuse("openalex", "refused"), "no news"
        assert (identity.has_key("openalex"), identity.is_refused("openalex")) == (False, True)
        assert identity.trouble("openalex") == "refused"
        assert not identity.is_due_again("openalex")
        frozen.tick(3_601)
        assert identity.is_due_again("openalex")
        assert not identity.is_due_again("openalex"), "said once"
        assert identity.headers("openalex") == {"Authorization": "Bearer K"}
        identity.clear("openalex")
        assert identity.trouble("openalex") is None
