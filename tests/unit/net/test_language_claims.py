"""Processes that ask a model the same at once make one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.language.claims import LEFT_S, DiskClaims
from db.language.schema import language_file, side_file
from dl_lit.core.language import Claimed, ModelError, Trouble
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen
from tests.fakes.model_books import CHOICE, Cache, completion, failing, judging, limits, model

NOON = 1_800_000_000.0
ROUTE = "/v1/chat/completions"


@contextmanager
def claims_in(folder: Path) -> Iterator[DiskClaims]:
    file = side_file(folder)
    yield DiskClaims(file)
    file.close()


def end_owners(folder: Path) -> None:
    """Make all claims those of processes that live no more."""
    file = side_file(folder)
    with file.writing() as connection:
        connection.execute("UPDATE claims SET started = 'long ago'")
    file.close()


def test_a_claim_is_one_processs_until_it_is_left(tmp_path: Path) -> None:
    with claims_in(tmp_path) as one, claims_in(tmp_path) as two:
        assert one.take("k", NOON, for_s=60.0) is Claimed.OURS
        assert two.take("other", NOON, for_s=60.0) is Claimed.OURS
        assert two.take("k", NOON + 1, for_s=60.0) is Claimed.THEIRS
        one.leave("k", NOON + 2)
        assert two.take("k", NOON + 3, for_s=60.0) is Claimed.OURS_AFTER


def test_a_claim_ends_with_its_time_and_with_its_process(tmp_path: Path) -> None:
    """And one that ends later than any can was made by another clock."""
    with claims_in(tmp_path) as one, claims_in(tmp_path) as two:
        one.take("k", NOON, for_s=60.0)
        assert two.take("k", NOON + 61, for_s=60.0) is Claimed.OURS_AFTER
        end_owners(tmp_path)
        assert one.take("k", NOON + 62, for_s=60.0) is Claimed.OURS_AFTER
        assert two.take("k", NOON - 3_600, for_s=60.0) is Claimed.OURS_AFTER


def test_what_was_left_is_forgotten(tmp_path: Path) -> None:
    with claims_in(tmp_path) as one:
        one.take("k", NOON, for_s=60.0)
        one.leave("k", NOON)
        one.take("other", NOON + LEFT_S + 1, for_s=60.0)
        assert one.take("k", NOON + LEFT_S + 2, for_s=60.0) is Claimed.OURS


def test_where_the_disk_cannot_tell_everybody_asks(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with claims_in(tmp_path / "file" / "below") as one:
        assert one.take("k", NOON, for_s=60.0) is Claimed.OURS
        one.leave("k", NOON)


def test_many_at_once_are_each_served_once(tmp_path: Path) -> None:
    with claims_in(tmp_path) as one, ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda n: one.take(f"k{n % 8}", NOON, for_s=60.0), range(16)))
    assert (said.count(Claimed.OURS), said.count(Claimed.THEIRS)) == (8, 8)
    assert language_file(tmp_path).exists()


def test_two_processes_that_ask_the_same_at_once_make_one_call(tmp_path: Path) -> None:
    """The second finds the answer remembered; where the first came to nothing it asks itself."""
    for first, calls in ((completion(), 1), (failing(400), 2)):
        cache, came, go_on = Cache(), threading.Event(), threading.Event()

        def route(seen: Seen, first: Reply = first, came: threading.Event = came, on: threading.Event = go_on) -> Reply:
            if came.is_set():
                return completion()
            came.set()
            on.wait(20)
            return first

        with (
            LoopbackServer({ROUTE: route}) as server,
            claims_in(tmp_path) as mine,
            claims_in(tmp_path) as theirs,
            model(server.url("/v1"), cache=cache, claims=mine) as one,
            model(server.url("/v1"), cache=cache, claims=theirs) as two,
            ThreadPoolExecutor(2) as pool,
        ):
            asked = pool.submit(one.ask, judging())
            assert came.wait(20)
            waits = pool.submit(two.ask, judging())
            go_on.set()
            assert waits.result(20).value == CHOICE
            assert (asked.exception(20) is None, waits.result().is_remembered) == (calls == 1, calls == 1)
            assert len(server.seen) == calls


def test_nobody_is_waited_for_longer_than_a_call_may_take_and_not_when_all_stops(tmp_path: Path) -> None:
    with (
        LoopbackServer({ROUTE: completion()}) as server,
        claims_in(tmp_path) as theirs,
        claims_in(tmp_path) as mine,
        model(server.url("/v1"), cache=Cache(), claims=mine, only=limits(timeout_s=0.1)) as asked,
        model(server.url("/v1"), cache=Cache(), claims=mine, only=limits(timeout_s=20.0)) as stopped,
        ThreadPoolExecutor(1) as pool,
    ):
        key = asked._memory.key(judging())
        assert key is not None
        theirs.take(key, time.time(), for_s=5.0)
        waits = pool.submit(stopped.ask, judging())
        assert asked.ask(judging()).value == CHOICE
        assert not waits.done()
        stopped.stop()
        with pytest.raises(ModelError) as raised:
            waits.result(20)
        assert raised.value.trouble is Trouble.STOPPING
        assert len(server.seen) == 1
