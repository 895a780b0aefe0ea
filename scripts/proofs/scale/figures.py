"""What is measured, on both databases in turn; processor time of this process, so that a busy machine counts less."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from pathlib import Path

from benchmarks.engine_ours import FINDS

from db.connect import connect
from db.reading.inspect import table_counts
from db.reading.opening import reading
from db.reading.sources import sources_with_entries
from db.retrying import Wanted, put_back
from db.store import SqliteStore
from dl_lit.app.answers import Answers
from dl_lit.app.now.snapshot import snapshot
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import SystemClock
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.settings import Settings
from dl_lit.web.contract import Selection

CLAIM = 32
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Measured:
    """One thing that is done again and again on a database."""

    name: str
    is_held: bool  # to the ratio
    do: Callable[[], object]
    per: int = 1  # of what is told, done each time


def settings_of(path: Path) -> Settings:
    """As they are where the database is alone in its folder."""
    beside = path.parent
    return Settings(
        database=path,
        library=beside / "library",
        state_folder=beside / "state",
        cache_folder=beside / "cache",
        local_index=beside / "index.db",
    )


class Subject:
    """One database, and all that is asked of it."""

    def __init__(self, path: Path, entries: int) -> None:
        """Opens the store of a pipeline, as a start does."""
        self.path, self.entries = path, entries
        self.settings = Settings(
            database=path,
            library=path.parent / "library",
            state_folder=path.parent / "state",
            cache_folder=path.parent / "cache",
            local_index=path.parent / "index.db",
        )
        self.clock = SystemClock()
        self.answers = Answers(self.settings, self.clock)
        self.store = SqliteStore(path, self.clock, RECOGNISER, synchronous="NORMAL")
        self._engine = connect(path, synchronous="NORMAL")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
        self.store.close()

    # The engine

    def claim(self, stage: StageName) -> None:
        """Claim and give back."""
        self.store.release(self.store.claim(stage, CLAIM))

    def finish(self, stage: StageName) -> Callable[[], object]:
        """Claims are taken before: what is measured is the commit of a group with every kind of outcome."""
        claims = self.store.claim(stage, CLAIM)
        now = self.clock.time()
        finished = [
            Finished(claim, outcome, now, 0.1) for claim, outcome in zip(claims, _outcomes(claims), strict=False)
        ]
        return lambda: self.store.record(finished)

    # What is looked at

    def measured(self) -> Iterator[Measured]:
        """All of them."""
        for stage in StageName:
            yield Measured(f"claim {stage.value}", is_held=True, do=partial(self.claim, stage), per=CLAIM)
        answers = self.answers
        yield Measured("status", is_held=True, do=lambda: snapshot(self.settings, self.clock))
        yield Measured("/api/status", is_held=True, do=lambda: Answers(self.settings, self.clock).status())
        yield Measured("/health", is_held=True, do=lambda: Answers(self.settings, self.clock).queries().health())
        yield Measured(
            "/metrics", is_held=True, do=lambda: list(Answers(self.settings, self.clock).queries().metrics())
        )
        places = {"first": 0, "middle": self.entries // 2, "last": self.entries - _PAGE - 1}
        for place, after in places.items():
            behind = after or None
            for name, page in (("references", answers.references), ("works", answers.works)):
                yield self._page(f"/api/{name}, {place} page", page, Selection(limit=_PAGE, after=behind))
        for state in ("waiting", "downloaded", "needs_review", "failed"):
            for name, page in (("references", answers.references), ("works", answers.works)):
                yield self._page(f"/api/{name}, {state}", page, Selection(limit=_PAGE, state=state))
        for state in (None, "waiting", "extracted", "failed"):
            yield self._page(f"/api/sources, {state or 'all'}", answers.sources, Selection(limit=_PAGE, state=state))
        yield self._page("/api/references of a source", answers.references, Selection(limit=_PAGE, source=7))
        yield Measured("/api/explain/ID", is_held=True, do=lambda: [answers.explain(f"e{n}") for n in (3, 13, 66)])
        yield from self._of_the_page()
        again = Wanted(entries=[21])
        yield Measured("retry", is_held=True, do=lambda: self._retried(again))
        yield Measured("inspect-tables", is_held=True, do=self._inspected)
        yield Measured("report of a source", is_held=True, do=self._reported)
        yield Measured("start", is_held=True, do=self._started)

    def _page(self, name: str, page: Callable[[Selection], object], wanted: Selection) -> Measured:
        return Measured(name, is_held=True, do=lambda: page(wanted))

    def _of_the_page(self) -> Iterator[Measured]:
        extras = self.answers.extras()
        asked: list[tuple[str, dict[str, str]]] = [
            ("/api/throughput", {"hours": "1"}), ("/api/recent", {}), ("/api/library", {}),
            ("/api/library", {"order": "newest"}),
            *(("/api/library", {"state": state}) for state in ("downloaded", "waiting", "needs_review", "failed")),
            ("/api/failures", {"stage": "enrichment", "reason": "no-match"}),
            ("/api/failures", {"stage": "download", "reason": "http-404"}),
            *(("/api/bibliographies", {"state": state}) for state in ("all", "waiting", "read", "failed")),
            *(("/api/bibliographies", {"order": order}) for order in ("title", "coverage", "length")),
            ("/api/bibliographies", {"order": "title", "state": "failed"}),
            ("/api/bibliographies", {"text": "question"}),
            ("/api/bibliographies", {"text": "question", "order": "title"}),
            *(("/api/search", {"text": text}) for text in _SEARCHED),
            ("/api/bibliography", {"source": "s7"}), ("/api/graph", {}),
        ]  # fmt: skip
        for path, parameters in asked:
            name = " ".join((path, *parameters.values()))
            yield Measured(name, is_held=True, do=partial(extras[path].answer, parameters))

    def _retried(self, wanted: Wanted) -> None:
        put_back(self._engine, wanted, self.clock)
        with self._engine.begin() as connection:
            (entry,) = wanted.entries
            connection.exec_driver_sql("DELETE FROM no_metadata WHERE entry_id = ?", (entry,))
            connection.exec_driver_sql(
                "INSERT INTO failed_enrichments (entry_id, reason, attempts) VALUES (?, 'no-match', 1)", (entry,)
            )

    def _inspected(self) -> None:
        with reading(self.path) as connection:
            table_counts(connection)

    def _reported(self) -> None:
        with reading(self.path) as connection:
            sources_with_entries(connection, [7])

    def _started(self) -> None:
        with reading(self.path):
            self.store.notice()


def _outcomes(claims: Iterable[Claim]) -> Iterator[Outcome]:
    """Every kind in turn."""
    for place, claim in enumerate(claims):
        kind = place % 4
        if kind == 0:
            yield Snooze(Reason.RATE_LIMITED, 3_600.0)
        elif kind == 1:
            yield Retry(Reason.HTTP_5XX if claim.stage is StageName.DOWNLOAD else Reason.SERVICE_DOWN, "busy", 3_600.0)
        elif kind == 2:
            yield Reject(_FATAL[claim.stage], "as was said")
        else:
            yield Done(FINDS[claim.stage](claim))


_SEARCHED = ("matter", "numbers of matter", "question part", "10.5555/scale.77", "author nowhere")

_FATAL = {
    StageName.EXTRACTION: Reason.DAMAGED_PDF,
    StageName.ENRICHMENT: Reason.NO_MATCH,
    StageName.QUEUEING: Reason.NO_OA_LOCATION,
    StageName.DOWNLOAD: Reason.HTTP_404,
}


Timed = Callable[[], tuple[list[float], list[float]]]
"""Seconds of something done again and again on both databases in turn."""


def interleaved(
    few: Subject,
    many: Subject,
    rounds: int,
    say: Callable[[str, float, float], None],
    is_odd: Callable[[float, float], bool] = lambda _few, _many: False,
) -> dict[str, tuple[float, float, bool]]:
    """Median seconds on both, and whether the ratio is held, by name.

    What `is_odd` is measured twice more, of which the median is told: others work on the machine as well.
    """
    told: dict[str, tuple[float, float, bool]] = {}

    def measure(name: str, timed: Timed, *, is_held: bool) -> None:
        found = [_medians(timed)]
        if is_held and is_odd(*found[0]):
            found += [_medians(timed), _medians(timed)]
        one, other = (statistics.median(column) for column in zip(*found, strict=True))
        told[name] = one, other, is_held
        say(name, one, other)

    for one, other in zip(few.measured(), many.measured(), strict=True):
        measure(one.name, partial(_asked, (one, other), rounds), is_held=one.is_held)
    for stage in StageName:
        measure(f"finish {stage.value}", partial(_finished, (few, many), stage, rounds), is_held=True)
    return told


def _medians(timed: Timed) -> tuple[float, float]:
    few, many = timed()
    return statistics.median(few), statistics.median(many)


def _asked(pair: tuple[Measured, Measured], rounds: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for place, measured in enumerate(pair):
            began = time.process_time()
            measured.do()
            if turn:  # the first one warms up
                times[place].append((time.process_time() - began) / measured.per)
    return times


def _finished(pair: tuple[Subject, Subject], stage: StageName, rounds: int) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for place, subject in enumerate(pair):
            finish = subject.finish(stage)
            began = time.process_time()
            finish()
            times[place].append((time.process_time() - began) / CLAIM)
    return times


def command_s(path: Path, *words: str, rounds: int) -> float:
    """Processor seconds that a command takes in a process of its own, the median."""
    times = []
    for _ in islice(count(), rounds):
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "dl_lit", *words, "--db", str(path)],
            check=False, capture_output=True, timeout=600.0,
        )  # fmt: skip
        after = os.times()
        times.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return statistics.median(times)
