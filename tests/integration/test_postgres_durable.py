"""What is written is on the server's disk when it is said to be written, whatever the server is set to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from postgres_server import Server

from db.connect import open_database
from db.postgres.engine import connection_to, forget
from dl_lit.core.database_address import signpost


@pytest.mark.parametrize(("set_to", "becomes"), [("off", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_waits_for_the_disk(
    postgres: Server, postgres_database: Callable[..., str], tmp_path: Path, set_to: str, becomes: str
) -> None:
    address = postgres_database()
    name = address.rpartition("/")[2]
    with psycopg.connect(postgres.admin_url(name), autocommit=True) as keeper:
        keeper.execute(f"ALTER DATABASE {name} SET synchronous_commit = {set_to}".encode())
    path = signpost(address, tmp_path)
    open_database(path)
    with closing(connection_to(path)) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        assert cursor.execute("SELECT current_setting('synchronous_commit')").fetchone() == (becomes,)
        cursor.execute("ROLLBACK")
    forget(path)
