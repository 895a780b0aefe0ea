"""Orders where the database cannot be written to: told so soon, and in nobody's way."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db.connect import open_database
from tests.fakes.control import Running, on_socket, running, settings_in
from tests.fakes.databases import database_in
from tests.fakes.small_disk import fill, small_disk

ORDERS = ("/api/pause", "/api/resume", "/api/retry")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr("dl_lit.app.control_surface.orders.PATIENCE_S", 0.02)
    open_database(database_in(tmp_path, has_tables=True), synchronous="NORMAL").dispose()
    with running(settings_in(tmp_path), on_socket(tmp_path)) as one:
        yield one


@pytest.mark.sqlite_only  # how long a server lets others write is its affair
def test_orders_wait_little_for_a_database_that_another_program_writes_to(server: Running, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "dl-lit.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for path in ORDERS:
            answer = server.order(path)
            assert (answer.status, answer.json["reason"], answer.headers["retry-after"]) == (503, "unavailable", "10")
        assert server.get("/api/status").status == 200
        other.execute("ROLLBACK")
    assert server.order("/api/pause").status == 200


@pytest.mark.sqlite_only  # servers: tests/conformance/test_store_recording.py
def test_on_a_full_disk_orders_are_told_so(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        open_database(disk / "dl-lit.db", synchronous="NORMAL").dispose()
        with running(settings_in(disk), on_socket(tmp_path)) as server:
            fill(disk)
            answer = server.order("/api/pause")
            assert (answer.status, answer.json["reason"], answer.headers["retry-after"]) == (507, "disk-full", "60")


def test_questions_do_not_wait_for_orders(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many orders wait for the database."""
    go_on, under_way = threading.Event(), threading.Semaphore(0)

    class Slow:
        def pause(self, _stages: Any, _by: str) -> dict[str, Any]:
            under_way.release()
            assert go_on.wait(10)
            return {}

    monkeypatch.setattr(server.application, "_orders", Slow())
    told: list[int] = []
    threads = [threading.Thread(target=lambda: told.append(server.order("/api/pause").status)) for _ in range(12)]
    for thread in threads:
        thread.start()
    try:
        assert under_way.acquire(timeout=10)
        for path in ("/api/status", "/api/works", "/openapi.json", "/health"):
            assert server.get(path).status == 200
    finally:
        go_on.set()
        for thread in threads:
            thread.join()
    assert told == [200] * 12
