"""Wrong tokens are counted once, whichever of a fleet's processes they are sent to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

pytest.importorskip("psycopg")

from db.postgres.engine import connection_to
from db.postgres.fleet.tokens import WrongTokens
from dl_lit.core.database_address import signpost
from dl_lit.runtime.loop_hands import LoopHands
from dl_lit.web.contract import Refused
from dl_lit.web.failures import MOST, WINDOW_S, Failures
from tests.fakes.scenario import HandClock


async def sent(failures: Failures, who: str = "10.0.0.1") -> bool:
    """Whether one more wrong token is looked at."""
    try:
        await failures.note(who)
    except Refused as why:
        return not 0 < (why.after_s or 0.0) <= WINDOW_S
    return True


def test_two_processes_look_at_no_more_wrong_tokens_than_one(
    postgres_database: Callable[..., str], tmp_path: Path
) -> None:
    post = signpost(postgres_database(), tmp_path)
    with ExitStack() as stack:
        hands = stack.enter_context(LoopHands("tokens", 1))
        one, two = (
            Failures(HandClock(), stack.enter_context(closing(WrongTokens(post))), hands) for _process in range(2)
        )

        async def tried() -> list[bool]:
            found = [await sent(failures) for _ in range(MOST // 2) for failures in (one, two)]
            assert all(found)
            assert await sent(one, "10.0.0.2")
            return [await sent(one), await sent(two), await sent(two)]

        assert asyncio.run(tried()) == [False, False, False]
        connection = stack.enter_context(connection_to(post))
        connection.execute("UPDATE dl_lit_tokens_1.wrong_tokens SET began = began - ?", (WINDOW_S,))
        assert asyncio.run(sent(Failures(HandClock(), stack.enter_context(closing(WrongTokens(post))), hands)))
