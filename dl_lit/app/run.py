"""Runs from the outside: add PDFs, work until nothing is left, say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from db.reading.opening import reading
from db.reading.runs import sources_of_run
from db.reading.summary import run_summary, sources_with_work
from dl_lit.app.intake.inbox import new_sources
from dl_lit.app.outcome.run_book import RunBook, kept_run
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import DatabaseAway
from dl_lit.core.language import ModelUse
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.meter import ServiceUse
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.pipeline import Pipeline, StageView
from dl_lit.runtime.sequential import OneAtATime

if TYPE_CHECKING:
    from dl_lit.app.snowballing.snowball import Snowball

_TOGETHER = 16
"""Files read and added in one transaction: few enough that the first stage starts at once."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at a moment."""

    stages: Mapping[StageName, StageView]
    services: Mapping[str, ServiceUse]
    seconds: float
    added: int  # sources found so far
    pulse: Pulse  # of a moment ago


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run came to."""

    source_ids: tuple[int, ...]
    document: dict[str, Any]  # schema dl-lit/run/1
    interrupted: bool
    parked_for_budget: int  # rows that wait for a service's budget to be renewed
    waiting: int  # rows that are left for whatever reason
    asked: ModelUse | None = None  # of language models; None: none was to be asked

    @property
    def exit_code(self) -> int:
        """0 all done, 3 some failed, 5 the budget is gone for today, 130 interrupted."""
        if self.interrupted:
            return 130
        if self.parked_for_budget:
            return 5
        return 3 if self.waiting or any(self.document["failed"].values()) or self.document["needs_review"] else 0


class Stop(Protocol):
    """How a run learns that it should end."""

    def should_stop(self) -> bool:
        """A drain is asked for."""

    def should_hurry(self) -> bool:
        """An end at once is asked for."""


def run_once(
    shop: Workshop,
    paths: Iterable[Path],
    stop: Stop,
    *,
    sequential: bool = False,
    on_progress: Callable[[Progress], None] = lambda _progress: None,
    brought: Iterable[tuple[int, bool]] = (),
) -> RunResult:
    """Add the PDFs at `paths` to the entered `shop`'s database and work until nothing is left that is due soon.

    `brought` are sources that people gave it otherwise, and are there already: (id, whether their content is new).
    """
    with kept_run(shop) as book:
        book.was_given(brought)
        result = _run(shop, paths, stop, book, sequential=sequential, on_progress=on_progress)
        book.exit_code, book.summary = result.exit_code, result.document
    return result


def _run(
    shop: Workshop,
    paths: Iterable[Path],
    stop: Stop,
    book: RunBook,
    *,
    sequential: bool,
    on_progress: Callable[[Progress], None],
) -> RunResult:
    start = shop.clock.monotonic()
    added = [0]

    def tick() -> None:
        seconds = shop.clock.monotonic() - start
        on_progress(Progress(engine.view(), shop.network.usage(), seconds, added[0], heart.pulse))

    def hurry() -> bool:
        tick()
        return stop.should_hurry()

    book.found_left_over(shop.outage.outlast(lambda: _left_over(shop)))
    engine: Pipeline | OneAtATime = shop.one_at_a_time() if sequential else shop.pipeline()
    engine.start()
    engine.let_begin()
    # Not before: the first items need none of it.
    from dl_lit.app.deciding.brought_files import handing_in_brought  # noqa: PLC0415
    from dl_lit.app.now.heart import beating  # noqa: PLC0415
    from dl_lit.app.snowballing.snowball import Snowball  # noqa: PLC0415
    from dl_lit.app.telemetry import publishing  # noqa: PLC0415

    snowball = Snowball(shop, book, stop.should_stop, is_daemon=False)
    with ExitStack() as beside:
        heart = beside.enter_context(beating(shop, engine))
        beside.enter_context(publishing(shop.settings, shop.clock, shop.hearers))
        brought = beside.enter_context(handing_in_brought(shop, stop.should_stop))
        try:
            _add(paths, book, stop, tick, added)
            hand_in = (lambda: brought.hand_in(stop.should_stop)) if brought is not None else (lambda: 0)
            finished = _drain(engine, snowball, shop.outage, stop, tick, at_rest=hand_in)
        finally:
            heart.stopping()
            shop.stop_asking()
            engine.stop(hurry, shop.abort)
            shop.languages.settle(hurry)
        tick()
    seconds = shop.clock.monotonic() - start
    if snowball.is_wanted:
        shop.outage.outlast(snowball.note_tree)
    return shop.outage.outlast(lambda: _result(shop, book, snowball, engine, seconds, interrupted=not finished))


def _drain(
    engine: Pipeline | OneAtATime,
    snowball: Snowball,
    outage: Outage,
    stop: Stop,
    tick: Callable[[], None],
    *,
    at_rest: Callable[[], object],
) -> bool:
    """Work until nothing is left, nor comes of what was fetched; False where it was stopped before.

    `at_rest` is called whenever nothing is left for the stages.
    """

    def look_and_tick() -> None:
        with suppress(DatabaseAway):  # those at work tell of it, and it is looked again
            snowball.look_if_time()
        tick()

    while engine.drain(stop.should_stop, look_and_tick):
        outage.outlast(at_rest)
        if not outage.outlast(lambda: snowball.look(at_rest=True)):
            return not stop.should_stop()
    outage.outlast(at_rest)
    return False


def _left_over(shop: Workshop) -> list[int]:
    """Sources of runs before with work still to do: this run does it, and tells what came of it."""
    with reading(shop.settings.database) as connection:
        return sources_with_work(connection)


def _add(paths: Iterable[Path], book: RunBook, stop: Stop, tick: Callable[[], None], added: list[int]) -> None:
    sources = new_sources(paths)
    while not stop.should_stop() and (some := list(islice(sources, _TOGETHER))):
        added[0] += len(book.take(some))
        tick()


def _result(
    shop: Workshop,
    book: RunBook,
    snowball: Snowball,
    engine: Pipeline | OneAtATime,
    seconds: float,
    *,
    interrupted: bool,
) -> RunResult:
    from dl_lit.app.language.documents import use_document  # noqa: PLC0415 - at the end alone

    views, tally = engine.view(), engine.tally
    usage, asked = shop.network.usage(), shop.languages.use()
    with reading(shop.settings.database) as connection:
        unique = tuple(sources_of_run(connection, book.id))
        summary = run_summary(connection, unique)
        parked = _put_off(connection, Reason.BUDGET_EXHAUSTED)
        offline = _put_off(connection, Reason.OFFLINE)
    document = {
        **summary.document(),
        "run": book.id,
        "runs_killed": [one.id for one in book.killed],
        "levels": list(snowball.levels),
        "citing": snowball.citing,
        "requests": {name: use.requests for name, use in usage.items() if use.requests},
        "remembered": {name: count for name, count in shop.network.remembered().items() if count},
        "services": {name: asdict(use) for name, use in usage.items() if use.requests or use.permits_refused},
        "seconds": round(seconds, 3),
        "stages": {
            name.value: {
                "busy_s": round(view.busy_s, 3),
                "items": tally.stages[name].items,
                "retried": tally.stages[name].retried,
                "snoozed": tally.stages[name].snoozed,
                "waiting": view.waiting,
            }
            for name, view in views.items()
        },
        "interrupted": interrupted,
        "waiting_for_network": offline,
        "language": None if asked is None else use_document(asked),
        "paused": {name.value: view.paused for name, view in views.items() if view.paused is not None},
    }
    waiting = sum(view.waiting for view in views.values())
    return RunResult(unique, document, interrupted, parked, waiting, asked)


def _put_off(connection: Any, reason: Reason) -> int:
    """Rows that are put off for this reason."""
    tables = ("no_metadata", "with_metadata", "to_download_references")
    return sum(
        connection.exec_driver_sql(
            f"SELECT count(*) FROM {table} WHERE due_at IS NOT NULL AND last_reason = ?",  # noqa: S608 - names of ours
            (reason.value,),
        ).scalar_one()
        for table in tables
    )
