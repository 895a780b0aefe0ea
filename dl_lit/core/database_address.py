"""Databases that are not a file: the signpost that stands where the file would, and the address it leads to.

Everything that a host keeps beside its database (lock, notes of what is in hand, pulse) lies beside the signpost, so
that whoever is given a path need not know which kind of database it leads to.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass

SUFFIX = ".postgresql"
"""How the name of a signpost ends."""

SCHEMES = frozenset({"postgresql", "postgres"})
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS (read 2026-11-23)."""

_SECRETS = frozenset({"password", "sslpassword"})
_POOLER = "pooler"
_NO_ADDRESS = "not the address of a database: postgresql://user@host/name"

CONNECTIONS = 15
"""How many connections a process keeps to such a database for reading, and for writing, where nothing else is set."""

_addresses: dict[Path, str] = {}
_connections: dict[Path, int] = {}
_lock = threading.Lock()


class Pooler(StrEnum):
    """How a pooler before the server shares its sessions among its clients, as an address may say (`?pooler=`)."""

    SESSION = "session"  # each client has one for as long as it is connected
    TRANSACTION = "transaction"  # each transaction may have another


@dataclass(frozen=True, slots=True)
class RemoteDatabase:
    """A database on a PostgreSQL server, as a setting. Its text has no secrets."""

    address: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> RemoteDatabase:
        """The database at an address; raises `ValueError` where that is none."""
        try:
            without_password(text)
            pooler_of(text)
        except BadInput as error:
            raise ValueError(str(error)) from error
        return cls(text)

    @property
    def has_secret(self) -> bool:
        """Whether the address holds a password."""
        return bool(secrets_in(self.address))

    def __str__(self) -> str:
        return without_password(self.address)


def is_address(text: str) -> bool:
    """Whether `text` is the address of a PostgreSQL database rather than a path."""
    scheme, colon, _ = text.partition("://")
    return bool(colon) and scheme in SCHEMES


def is_elsewhere(path: Path) -> bool:
    """Whether a signpost belongs at `path`, and no SQLite file."""
    return path.suffix == SUFFIX or path in _addresses


def is_signpost(path: Path) -> bool:
    """Whether `path` is that of a signpost: what hosts share is where it leads, rather than in a folder."""
    return path.suffix == SUFFIX


def shown(path: Path) -> str:
    """The database at `path` as people named it: its address, without secrets, or the path."""
    address = known_address(path) if is_signpost(path) else None
    return str(path) if address is None else without_password(address)


def signpost(address: str, folder: Path) -> Path:
    """Where the signpost of the database at `address` stands, in `folder`; the address is known from now on.

    Nothing is written. Raises `BadInput` where it is none.
    """
    plain = without_password(server_address(address))
    name = unquote(_parts(plain).path.strip("/")) or "postgres"
    key = hashlib.sha256(plain.encode()).hexdigest()[:12]
    path = folder / f"{''.join(c if c.isalnum() or c in '-_' else '-' for c in name)[:60]}-{key}{SUFFIX}"
    know(path, address)
    return path


def know(path: Path, address: str) -> None:
    """From now on the signpost at `path` leads to `address`, in this process: secrets are not written down."""
    with _lock:
        _addresses[path] = address


def keep_connections(path: Path, number: int) -> None:
    """From now on this process keeps so many connections to the database there."""
    with _lock:
        _connections[path] = number


def connections_kept(path: Path) -> int:
    """How many connections are kept to the database there."""
    with _lock:
        return _connections.get(path, CONNECTIONS)


def known_address(path: Path) -> str | None:
    """Where this process was told that the signpost leads; None where it was not."""
    with _lock:
        return _addresses.get(path)


def without_password(address: str) -> str:
    """The address without its secrets; raises `BadInput` where it is none."""
    parts = _parts(address)
    user, at, place = parts.netloc.rpartition("@")
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _SECRETS]
    query = "&".join(f"{quote(key)}={quote(value, safe='/')}" for key, value in pairs)
    return f"postgresql://{user.partition(':')[0]}{at}{place}{parts.path}{query and '?'}{query}"


def pooler_of(address: str) -> Pooler | None:
    """What the address says of a pooler; None where it says nothing. Raises `BadInput` where it is neither kind."""
    for name, value in parse_qsl(_parts(address).query, keep_blank_values=True):
        if name == _POOLER:
            try:
                return Pooler(value)
            except ValueError as error:
                raise BadInput(f"{_POOLER} is {' or '.join(Pooler)}, not {value!r}") from error
    return None


def server_address(address: str) -> str:
    """The address without what is said to dl_lit alone, as the server's own tools take it."""
    place, _, query = address.partition("?")
    rest = [pair for pair in query.split("&") if pair.partition("=")[0] != _POOLER]
    return f"{place}?{'&'.join(rest)}" if any(rest) else place


def secrets_in(address: str) -> tuple[str, ...]:
    """The passwords that the address holds, as they are written there and as they are."""
    parts = _parts(address)
    pairs = [pair.partition("=") for pair in parts.query.split("&")]
    written = [parts.password, *(value for name, _, value in pairs if name in _SECRETS)]
    return tuple(dict.fromkeys(form for one in written if one for form in (one, unquote(one))))


def secrets_of(path: Path) -> tuple[str, ...]:
    """The passwords with which the database at `path` was named."""
    address = known_address(path) if is_signpost(path) else None
    return () if address is None else secrets_in(address)


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise BadInput(f"{_NO_ADDRESS} ({error})") from error
    if parts.scheme not in SCHEMES:
        raise BadInput(_NO_ADDRESS)
    return parts
