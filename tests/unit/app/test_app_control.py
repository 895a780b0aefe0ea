"""The daemon's control surface: the daemon goes on without it."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from db.connect import open_database
from dl_lit.app.control_surface.control import Control, controlled
from dl_lit.app.control_surface.serve_token import token_of
from dl_lit.app.control_surface.surface import Surface
from dl_lit.app.now.lasting import Complaints
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment
from dl_lit.core.control_address import UnixAddress
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.runtime.aside import Aside
from dl_lit.web.listening import listening
from dl_lit.web.server import Server
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

    def wait(self, times: int = 1) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= times, timeout=10)


class Loud(Complaints):
    """Complaints that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.made = threading.Event()

    def make(self, ailment: Ailment, subject: str = "", *, says: str, remedy: str = "") -> None:
        super().make(ailment, subject, says=says, remedy=remedy)
        self.made.set()


def test_it_says_where_it_listens_and_why_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.app.control_surface.control.AGAIN_S", 0.02)
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


def test_a_socket_that_was_removed_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.web.server.LOOK_S", 0.02)
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    address, told = UnixAddress(tmp_path / "run" / "c.sock"), Told()
    settings = settings_in(tmp_path, address=f"unix:{address.path}")
    with controlled(settings, SystemClock(), Complaints(), folders=(), wake=lambda: None, tell=told.tell):
        told.wait()
        address.path.unlink()
        address.path.parent.rmdir()
        told.wait(3)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(address.path))
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.1 200"
            while client.recv(65_536):
                pass
        assert told.heard == [f"unix:{address.path}", None, f"unix:{address.path}"]


def test_whatever_ends_it_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours among it: the daemon does not stay without its surface for that."""
    monkeypatch.setattr("dl_lit.app.control_surface.control.AGAIN_S", 0.02)
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    address, complaints, told = on_socket(tmp_path), Loud(), Told()
    surface = Surface(settings_in(tmp_path), SystemClock(), address)
    control = Control(surface, address, complaints, told.tell)
    faults = [RuntimeError("a fault of ours"), MemoryError()]
    real = surface.server

    def server(listener: socket.socket) -> Server:
        if faults:
            raise faults.pop(0)
        return real(listener)

    monkeypatch.setattr(surface, "server", server)
    with Aside("control", control.run, control.end):
        assert complaints.made.wait(10)
        told.wait()
        assert (complaints.standing, faults) == ((), [])
    assert told.heard == [f"unix:{address.path}", None]


def test_a_disk_that_takes_no_token_does_not_keep_the_daemon_from_its_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dl_lit.app.control_surface.control.AGAIN_S", 0.02)
    open_database(tmp_path / "dl-lit.db", synchronous="NORMAL").dispose()
    settings, complaints, told = settings_in(tmp_path, address="127.0.0.1:0", token=None), Loud(), Told()
    settings.state_folder.parent.mkdir(parents=True)
    settings.state_folder.write_bytes(b"")  # not even a folder
    with controlled(settings, SystemClock(), complaints, folders=(), wake=lambda: None, tell=told.tell):
        assert complaints.made.wait(10)
        (one,) = complaints.standing
        assert (one.ailment, "cannot keep a token" in one.says) == (Ailment.CONTROL_CLOSED, True)
        settings.state_folder.unlink()
        told.wait()
        assert complaints.standing == ()


def test_half_a_token_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up takes the beginning of what is written."""
    settings, real = settings_in(tmp_path, token=None), os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[: len(data) // 2 or 1]))
    assert len(token_of(settings)) >= 43


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
