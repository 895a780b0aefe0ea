"""Where the control surface listens: an address of the machine, or a socket in the file system."""

from __future__ import annotations

import glob
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dl_lit.core.control_address import Address, Reach, TcpAddress, reach_of
from dl_lit.core.errors import DlLitError

_LONGEST_PATH = 107
"""Bytes of a socket's path: https://man7.org/linux/man-pages/man7/unix.7.html (read 2026-11-23)."""

_BACKLOG = 512


@contextmanager
def listening(address: Address) -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens there, and how clients call it. Raises `DlLitError` that says why it cannot."""
    if isinstance(address, TcpAddress):
        with _tcp(address) as listener:
            host, port = listener.getsockname()[:2]
            yield listener, f"http://{f'[{host}]' if ':' in host else host}:{port}"
        return
    with _unix(address.path) as listener:
        yield listener, f"unix:{address.path}"


@contextmanager
def _tcp(address: TcpAddress) -> Iterator[socket.socket]:
    host, port = address.host, address.port
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise DlLitError(f"{host!r} is no address of this machine: {error}") from error
    if address.reach is Reach.MACHINE and reach_of(str(where[0])) is not Reach.MACHINE:
        raise DlLitError(f"{host} leads to {where[0]}, which others can reach: name an address, 127.0.0.1 or [::1]")
    with socket.socket(family, kind, protocol) as listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
            listener.listen(_BACKLOG)
        except OSError as error:
            raise DlLitError(
                f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port or serve.address"
            ) from error
        yield listener


@contextmanager
def _unix(path: Path) -> Iterator[socket.socket]:
    """It is made under another name, closed to others, and takes its place when it can be used."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if len(os.fsencode(draft)) > _LONGEST_PATH:
        raise DlLitError(
            f"cannot listen on {path}: its path is too long for a socket; name a shorter one: serve.address = "
            '"unix:/run/…"'
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _require_unused(path)
            _sweep(path)
            draft.unlink(missing_ok=True)
            listener.bind(str(draft))
            draft.chmod(0o600)
            listener.listen(_BACKLOG)
            ours = draft.stat().st_ino
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise DlLitError(f"cannot listen on {path}: {error.strerror}") from error
        try:
            yield listener
        finally:
            with suppress(OSError):
                if path.lstat().st_ino == ours:
                    path.unlink()


def standing(address: Address) -> Callable[[], bool]:
    """Tells whether what is now listened on at `address` can still be found there: a socket's file can be removed."""
    if isinstance(address, TcpAddress):
        return lambda: True
    path = address.path
    ours = _identity(path)
    return lambda: ours is not None and _identity(path) == ours


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is there; None where there is none, or nobody can tell."""
    try:
        info = path.lstat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _sweep(path: Path) -> None:
    """Remove the drafts of sockets, for this place, on which nobody listens: their processes were killed."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*"):
        with suppress(DlLitError, OSError):
            _require_unused(draft)
            draft.unlink()


def _require_unused(path: Path) -> None:
    """Raise where another process listens there, or where something else lies."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise DlLitError(f"cannot listen on {path}: something else is in its place")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return  # left behind by a process that has died
        except OSError as error:
            raise DlLitError(f"cannot listen on {path}: {error.strerror or error}") from error
    raise DlLitError(f"another dl_lit listens on {path}: give this one a place of its own with serve.address")
