"""Addresses of databases: who is shown what of them, and which of them are one."""

from pathlib import Path

import pytest

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
