"""Orders through an engine: answers taken in, what stands in the way told once, a stop that finishes what runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from dl_lit.app.corpus.engines.engine import Course, Engine
from dl_lit.app.corpus.orders import Order, Refusal, Report, decode_order, decode_report, encode
from dl_lit.app.corpus.output import OutputBusy
from dl_lit.core.errors import DlLitError

log = structlog.get_logger("dl_lit.corpus")

GRACE_S = 20.0
_ROUNDS = 3  # for tasks that met a shortage


@dataclass(slots=True)
class Tally:
    """What a run has come to so far, for progress and for the end."""

    phase: str = "looking"
    tasks: int = 0  # of this phase; 0: not known yet
    tasks_done: int = 0
    documents: int = 0
    references: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    nodes: set[str] = field(default_factory=set)
    repeated: int = 0  # tasks whose workers died
    lost: list[str] = field(default_factory=list)  # tasks that nobody could do, a line each
    troubles: list[str] = field(default_factory=list)  # of the input, a line each
    is_interrupted: bool = False
    notice: str = ""  # what it waits for


Progress = Callable[[Tally], None]


class Runner:
    """Brings the orders of one run through an engine."""

    def __init__(self, engine: Engine, tally: Tally, progress: Progress) -> None:
        """`progress` is called whenever something has changed."""
        self._engine = engine
        self._tally = tally
        self._progress = progress

    def begin(self, phase: str, tasks: int) -> None:
        """A phase of so many tasks begins."""
        self._tally.phase, self._tally.tasks, self._tally.tasks_done = phase, tasks, 0
        self._progress(self._tally)

    def through(self, orders: Iterable[Order], take: Callable[[Report], None]) -> None:
        """Have all orders done; `take` gets each report. Raises `DlLitError` where going on makes no sense.

        Where an interrupt comes, what runs gets `GRACE_S` to end, and the tally says so: nothing is raised for it.
        """
        waiting: list[bytes] | None = None
        for _ in range(_ROUNDS):
            short: list[bytes] = []
            self._once(waiting if waiting is not None else map(encode, orders), take, short)
            if not short or self._tally.is_interrupted:
                return
            waiting = short
        self._tally.lost += [f"{decode_order(order).part}: the machine lacks something" for order in waiting or ()]

    def _once(self, orders: Iterable[bytes], take: Callable[[Report], None], short: list[bytes]) -> None:
        course = Course(self._engine, self._notice)
        try:
            for order, answer in course.answers(orders):
                self._answered(order, answer, take, short)
                self._tally.repeated += course.repeated
                course.repeated = 0
        except KeyboardInterrupt:
            self._tally.is_interrupted = True
            self._tally.notice = "stopping: what is being read is finished"
            self._progress(self._tally)
            try:
                for order, answer in course.drain(GRACE_S):
                    self._answered(order, answer, take, short)
            except KeyboardInterrupt:
                self._engine.kill()
        except DlLitError:
            self._engine.kill()
            raise

    def _answered(
        self, order: bytes, answer: bytes | BaseException, take: Callable[[Report], None], short: list[bytes]
    ) -> None:
        tally = self._tally
        tally.notice = tally.notice if tally.is_interrupted else ""
        if isinstance(answer, BaseException):
            part = decode_order(order).part
            tally.lost.append(f"{part}: {answer}" if isinstance(answer, DlLitError) else f"{part}: {answer!r}")
            log.error("corpus_task_lost", part=part, error=repr(answer))
            return
        report = decode_report(answer)
        match report.refusal:
            case None:
                pass
            case Refusal.SHORTAGE:
                short.append(order)
                return
            case Refusal.STOPPED:
                return
            case Refusal.TAKEN_OVER:
                raise OutputBusy(report.said)
            case _:
                raise DlLitError(report.said)
        tally.tasks_done += 1
        tally.nodes.add(report.node)
        tally.reasons.update(report.reasons)
        if (documents := report.made.get("documents")) is not None:
            tally.documents += documents.rows
        if (references := report.made.get("references") or report.made.get("matches")) is not None:
            tally.references += references.rows
        take(report)
        self._progress(tally)

    def _notice(self, message: str) -> None:
        self._tally.notice = message
        self._progress(self._tally)
