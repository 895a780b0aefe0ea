"""What stands in files on one machine, in the database that hosts share: cache, ledger, use of language models."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from freezegun import freeze_time
from psycopg import OperationalError

from db.cache.at_hosts import HostsCache, cache_at
from db.cache.use import cache_use, clear_cache
from db.connect import open_database
from db.language.claims import DiskClaims
from db.language.reading import days_of_use, uploads_left, uploads_noted
from db.language.schema import side_file
from db.language.uploads import DiskUploads
from db.language.use import Budget, DiskUse
from db.ledger.reading import ledger, requests_made
from db.ledger.store import DiskLedger
from db.machine.processes import this_process
from db.postgres import beside
from db.postgres.engine import forget
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import signpost
from dl_lit.core.language import Claimed, Provider, Tokens
from dl_lit.core.memory import Departure, Ending, ToKeep

CLOCK = SystemClock()
NEVER = 9e12


@pytest.fixture
def post(postgres_database: Callable[[], str], tmp_path: Path) -> Iterator[Path]:
    path = signpost(postgres_database(), tmp_path)
    open_database(path)
    yield path
    forget(path)


def test_hosts_remember_answers_together(post: Path) -> None:
    here, there = (cache_at(post, CLOCK, max_bytes=10_000_000) for _ in range(2))
    here.put_many("crossref", [ToKeep("a", b"one" * 100, NEVER), ToKeep("b", None, NEVER), ToKeep("c", b"old", 1.0)])
    here.put_many("crossref", [ToKeep("a", b"two", NEVER)])
    found = there.get_many("crossref", ["a", "b", "c", "d"])
    assert {key: kept.body for key, kept in found.items()} == {"a": b"two", "b": None}
    assert there.get_many("datacite", ["a"]) == {}
    for one in (here, there):
        one.close()
    use = cache_use(post)
    assert use.path.startswith("postgresql://")
    assert use.file_bytes > 0
    assert [(one.service, one.entries, one.absences, one.hits, one.misses) for one in use.services] == [
        ("crossref", 3, 1, 2, 2),
        ("datacite", 0, 0, 0, 1),
    ]
    assert clear_cache(post, "crossref") == 3
    assert [one.hits for one in cache_use(post).services] == [0, 0]
    assert clear_cache(post) == 0


def test_a_cache_nobody_has_used_is_empty(post: Path) -> None:
    assert cache_use(post).services == ()


def test_the_hosts_cache_keeps_within_its_bounds(post: Path) -> None:
    """What has expired goes first, then what was not used for longest."""
    cache = cache_at(post, CLOCK, max_bytes=100_000)
    assert isinstance(cache, HostsCache)
    with freeze_time("2026-11-01") as frozen:
        for number in range(40):
            frozen.tick(3_601)
            body = random.Random(number).randbytes(5_000)
            cache.put_many("s", [ToKeep(str(number), body, NEVER)])
            cache._looked_at = -100.0
        kept = {int(key) for key in cache.get_many("s", [str(number) for number in range(40)])}
    assert kept == set(range(min(kept), 40)), "the latest"
    assert 0 < len(kept) < 40
    cache.close()


def test_what_leaves_all_hosts_is_told_together(post: Path) -> None:
    two = [DiskLedger(post, CLOCK, keep_days=30) for _ in range(2)]
    assert ledger(post).total.requests == 0
    with freeze_time("2026-11-23T12:34:00Z"):
        for one, method in zip(two, ("GET", "POST"), strict=True):
            for purpose in ("crossref", "files"):
                departure = Departure(host="h", purpose=purpose, method=method, ending=Ending.OK, received_bytes=7)
                one.note(departure)
                one.note(departure)
            one.close()
    view = ledger(post)
    assert [(line.key, line.requests, line.received_bytes) for line in view.lines] == [("h", 8, 56)]
    assert (view.lines[0].purposes, view.lines[0].methods) == (("crossref", "files"), ("GET", "POST"))
    assert view.path.startswith("postgresql://")
    assert [line.key for line in ledger(post, by="day").lines] == ["2026-11-23"]
    assert [line.key for line in ledger(post, by="hour").lines] == ["2026-11-23T12:00Z"]
    assert [line.key for line in ledger(post, by="service").lines] == ["crossref", "files"]
    assert requests_made(post) == {("crossref", "2xx"): 4, ("files", "2xx"): 4}


def test_a_days_budget_of_models_is_one_for_all_hosts(post: Path) -> None:
    """Forty requests are allowed; three hosts with two threads each ask for twenty at a time."""
    now = 1_795_000_000.0
    files = [side_file(post) for _ in range(3)]
    uses = [DiskUse(file, "m", Budget(requests=40)) for file in files]
    taken: list[bool] = []

    def work(use: DiskUse) -> None:
        for _ in range(10):
            taken.append(use.take(now) is None)
            use.add(Tokens(input=1, cost=0.5), now)

    threads = [threading.Thread(target=work, args=(use,)) for use in uses * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(taken) == 40
    (day,) = days_of_use(post, now, 1)
    assert (day.day, day.requests, day.input_tokens) == (datetime.fromtimestamp(now, UTC).date(), 40, 60)
    assert day.dollars == 30.0
    for file in files:
        file.close()


def test_hosts_ask_models_one_question_once_and_cannot_look_at_each_others_processes(
    post: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (side_file(post) for _ in range(2))
    first, second = DiskClaims(here), DiskClaims(there)
    assert first.take("q", 100.0, for_s=60.0) is Claimed.OURS
    me = this_process()
    elsewhere = type(me)(me.pid + 1, "another boot 1", me.space)
    monkeypatch.setattr("db.language.claims.this_process", lambda: elsewhere)
    assert second.take("q", 101.0, for_s=60.0) is Claimed.THEIRS
    assert second.take("r", 101.0, for_s=60.0) is Claimed.OURS
    monkeypatch.undo()
    assert first.take("r", 102.0, for_s=60.0) is Claimed.THEIRS
    assert first.take("r", 170.0, for_s=60.0) is Claimed.OURS_AFTER, "its time is over"
    first.leave("q", 103.0)
    assert second.take("q", 104.0, for_s=60.0) is Claimed.OURS_AFTER
    for file in (here, there):
        file.close()


def test_uploads_of_all_hosts_are_noted_together(post: Path) -> None:
    file = side_file(post)
    uploads = DiskUploads(file, CLOCK)
    id_ = uploads.begin(Provider.GEMINI, "https://x")
    assert uploads_noted(post, CLOCK.time()).in_use == 1
    assert uploads.left() == []
    assert len(uploads_left(post, CLOCK.time() + 3 * 86_400)) == 1
    uploads.gone(id_)
    assert uploads_noted(post, CLOCK.time()).in_use == 0
    file.close()


def test_a_database_that_does_not_answer_costs_the_memory_alone_and_is_said_once(
    post: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_given: Any, **_more: Any) -> None:
        raise OperationalError("no server")

    cache = cache_at(post, CLOCK, max_bytes=1_000_000)
    cache.put_many("s", [ToKeep("a", b"x", NEVER)])
    with structlog.testing.capture_logs() as told, monkeypatch.context() as patch:
        patch.setattr(beside, "connection_to", gone)
        cache._file.close()
        for _ in range(2):
            assert cache.get_many("s", ["a"]) == {}
            cache._file._rests_until = 0.0  # type: ignore[union-attr]
    assert [one["event"] for one in told] == ["side_tables_unusable"]
    assert set(cache.get_many("s", ["a"])) == {"a"}
    cache.close()
