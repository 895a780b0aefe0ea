"""Addresses of databases: who is shown what of them, and which of them are one."""

from pathlib import Path

import pytest

from dl_lit.core import database_address as addresses
from dl_lit.core.database_address import Pooler, RemoteDatabase, pooler_of, server_address, signpost, without_password


@pytest.mark.parametrize(
    ("address", "pooler", "for_the_server"),
    [
        ("postgresql://u:p@h:5/d", None, "postgresql://u:p@h:5/d"),
        ("postgresql:///d?pooler=session", Pooler.SESSION, "postgresql:///d"),
        (
            "postgres://u@h/d?sslmode=verify-full&pooler=transaction&host=%2Frun",
            Pooler.TRANSACTION,
            "postgres://u@h/d?sslmode=verify-full&host=%2Frun",
        ),
    ],
)
def test_what_is_said_of_a_pooler_is_ours_alone(address: str, pooler: Pooler | None, for_the_server: str) -> None:
    assert pooler_of(address) == pooler
    assert server_address(address) == for_the_server


def test_a_database_is_one_whatever_is_said_of_the_way_to_it() -> None:
    there = Path("/state")
    assert signpost("postgres://u@h/d?pooler=session", there) == signpost("postgresql://u:secret@h/d", there)


def test_a_pooler_is_of_a_known_kind() -> None:
    with pytest.raises(ValueError, match="session or transaction, not 'statement'"):
        RemoteDatabase.parse("postgresql://h/d?pooler=statement")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql:///d", "postgresql:///d"),  # a socket: no host is named
        ("postgres://u:p@/d?host=/run&password=x", "postgresql://u@/d?host=/run"),
    ],
)
def test_no_password_is_shown(address: str, shown: str) -> None:
    assert without_password(address) == shown


SECRET = "postgresql://me:pa%20ss@host:5432/our%20books?sslmode=require&sslpassword=key%21&pooler=transaction"


def test_a_database_as_a_setting_is_shown_without_its_secrets() -> None:
    found = addresses.RemoteDatabase.parse(SECRET)
    assert found.has_secret
    assert str(found) == "postgresql://me@host:5432/our%20books?sslmode=require&pooler=transaction"
    assert SECRET not in repr(found)
    assert not addresses.RemoteDatabase.parse("postgres://host/books").has_secret
    for wrong in ("mysql://host/books", "postgresql://[::1/books", "postgresql://host/books?pooler=some"):
        with pytest.raises(ValueError, match=r"postgresql://|pooler is"):
            addresses.RemoteDatabase.parse(wrong)


def test_a_signpost_leads_where_it_was_told_and_names_no_secret(tmp_path: Path) -> None:
    path = addresses.signpost(SECRET, tmp_path)
    assert path.name.startswith("our-books-")
    assert addresses.is_elsewhere(path)
    assert addresses.is_signpost(path)
    assert addresses.known_address(path) == SECRET
    assert addresses.shown(path) == addresses.without_password(SECRET)
    assert set(addresses.secrets_of(path)) == {"pa%20ss", "pa ss", "key%21", "key!"}
    assert not path.exists()
    file = tmp_path / "a.db"
    assert (addresses.is_elsewhere(file), addresses.shown(file), addresses.secrets_of(file)) == (False, str(file), ())
    assert addresses.known_address(file) is None


def test_an_address_is_told_from_a_path() -> None:
    assert addresses.is_address("postgres://host/books")
    assert not addresses.is_address("postgresql.db")
    assert not addresses.is_address("sqlite:///a.db")


def test_as_many_connections_are_kept_as_was_said(tmp_path: Path) -> None:
    path = tmp_path / "a.postgresql"
    assert addresses.connections_kept(path) == addresses.CONNECTIONS
    addresses.keep_connections(path, 3)
    assert addresses.connections_kept(path) == 3
