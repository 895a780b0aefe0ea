"""Where the control surface listens."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from dl_lit.core.control_address import Address, TcpAddress, UnixAddress, address_of
from dl_lit.core.errors import DlLitError
from dl_lit.web.listening import listening, standing

USUAL = Path("/state/control.sock")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("unix", UnixAddress(USUAL)),
        ("unix:/run/x.sock", UnixAddress(Path("/run/x.sock"))),
        ("127.0.0.1:8765", TcpAddress("127.0.0.1", 8765)),
        ("[::1]:0", TcpAddress("::1", 0)),
        ("daemon.local:80", TcpAddress("daemon.local", 80)),
        ("0.0.0.0:80", TcpAddress("0.0.0.0", 80)),
        ("off", None),
    ],
)
def test_addresses(text: str, address: Address | None) -> None:
    assert address_of(text, USUAL) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "unix:x.sock", "8765", ":8765", "::1:8765", "host:http", "host:70000", "on", "127.0.0.1:99999"),
        *("300.1.1.1:99", "1.2.3:80", "[host]:80", "[127.0.0.1]:80", "[::1:80", "a b:80", "unix:/a\0b"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no address|absolute path"):
        address_of(text, USUAL)


def test_a_socket_is_for_its_owner_only_and_goes_when_it_is_left(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "c.sock"
    with listening(UnixAddress(path)) as (_, where):
        assert where == f"unix:{path}"
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(DlLitError, match="another dl_lit listens"), listening(UnixAddress(path)):
            pass
        assert [one.name for one in path.parent.iterdir()] == ["c.sock"]
    assert not path.exists()


def test_a_socket_of_the_dead_is_replaced_and_one_of_others_is_left(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with listening(UnixAddress(path)):
        path.unlink()
        path.write_text("somebody else's")
    assert path.read_text() == "somebody else's"
    with pytest.raises(DlLitError, match="something else is in its place"), listening(UnixAddress(path)):
        pass


def test_a_socket_that_was_removed_or_replaced_is_not_there_any_more(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    assert standing(TcpAddress("127.0.0.1", 0))()
    with listening(UnixAddress(path)):
        stands = standing(UnixAddress(path))
        assert stands()
        path.rename(tmp_path / "elsewhere")
        assert not stands()
        path.write_text("somebody else's")
        assert not stands()


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing asks for a token there where only this machine can ask."""
    elsewhere = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("0.0.0.0", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: elsewhere)
    with pytest.raises(DlLitError, match="others can reach"), listening(TcpAddress("localhost", 0)):
        pass


def test_what_keeps_it_from_listening_is_told(tmp_path: Path) -> None:
    with pytest.raises(DlLitError, match="too long"), listening(UnixAddress(tmp_path / ("x" * 100))):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(DlLitError, match="cannot listen on"), listening(UnixAddress(tmp_path / "file" / "c.sock")):
        pass
    with pytest.raises(DlLitError, match="is no address of this machine"), listening(TcpAddress("no.such.invalid", 1)):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_drafts_of_sockets_whose_processes_were_killed_go(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    dead, living, other = (tmp_path / name for name in (".control.sock.1", ".control.sock.2", ".control.sock.3"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(dead))
    other.touch()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as held:
        held.bind(str(living))
        held.listen()
        with listening(UnixAddress(path)):
            assert sorted(one.name for one in tmp_path.iterdir()) == [living.name, other.name, path.name]
