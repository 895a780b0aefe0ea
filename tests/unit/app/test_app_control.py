"""The daemon's control surface: the daemon goes on without it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from db.connect import open_database
from dl_lit.app.control import controlled
from dl_lit.app.lasting import Complaints
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.web.listening import listening
from tests.fakes.control import on_socket, settings_in


class Told:
    """What was told, and a way to wait for it."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []
        self._news = threading.Condition()

    def tell(self, where: str | None) -> None:
        with self._news:
            self.heard.append(where)
            self._news.notify_all()

    def wait(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self.heard, timeout=10)


class Loud(Complaints):
    """Complaints that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.made = threading.Event()

    def make(self, ailment: Ailment, subject: str = "", *, says: str, remedy: str = "") -> None:
        super().make(ailment, subject, says=says, remedy=remedy)
        self.made.set()


def test_it_says_where_it_listens_and_why_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.app.control.AGAIN_S", 0.02)
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    address, complaints, told = on_socket(tmp_path), Loud(), Told()
    settings = settings_in(tmp_path, address=f"unix:{address.path}")
    with listening(address):
        control = controlled(settings, SystemClock(), complaints, folders=(), wake=lambda: None, tell=told.tell)
        control.__enter__()
        assert complaints.made.wait(10)
        (one,) = complaints.standing
        assert (one.ailment, "another dl_lit listens" in one.says) == (Ailment.CONTROL_CLOSED, True)
        assert told.heard == []
    told.wait()  # the address has become free
    assert complaints.standing == ()
    control.__exit__(None, None, None)
    assert told.heard == [f"unix:{address.path}", None]
    assert not address.path.exists()


def test_where_it_ends_nothing_is_complained_of_any_more(tmp_path: Path) -> None:
    """Switching it off is a way out of an address that is taken."""
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    address, complaints = on_socket(tmp_path), Loud()
    settings = settings_in(tmp_path, address=f"unix:{address.path}")
    with listening(address):
        with controlled(settings, SystemClock(), complaints, folders=(), wake=lambda: None, tell=lambda _where: None):
            assert complaints.made.wait(10)
        assert complaints.standing == ()


def test_it_can_be_switched_off_and_a_wrong_address_is_a_wrong_setting(tmp_path: Path) -> None:
    for address in ("off", "0.0.0.0:8765"):
        settings, told = settings_in(tmp_path, address=address), Told()
        control = controlled(settings, SystemClock(), Complaints(), folders=(), wake=lambda: None, tell=told.tell)
        if address == "off":
            with control:
                pass
        else:
            with pytest.raises(NeedsConfiguration), control:
                pass
        assert told.heard == []
