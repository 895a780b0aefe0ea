"""Writing a run into the book of runs while it goes on: begun, its sources, ended, whatever ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import structlog

from db.connect import connect
from db.reading.opening import reading
from db.reading.summary import sources_with_work
from db.runs import Begun, How, Killed, add_to_run, begin_run, end_run, note_new_sources, note_sources
from dl_lit import __version__
from dl_lit.app.intake.sent import send
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import DatabaseFull, DatabaseUnusable, DlLitError
from dl_lit.core.store import AddedSource, NewSource
from dl_lit.runtime.repeating import Repeating

_BROKEN, _INTERRUPTED = 1, 130

T = TypeVar("T")

EVERY_S = 10.0
"""How often a daemon writes down which sources came."""

log = structlog.get_logger("dl_lit.runs")


class RunBook:
    """One run's page of the book."""

    def __init__(self, shop: Workshop, *, is_daemon: bool = False) -> None:
        """Nothing is written before `begin`. The page of a one-off run waits where the database is away."""
        self._shop = shop
        self._is_daemon = is_daemon
        self._engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
        self._begun: Begun | None = None
        self._noted = 0  # up to this id sources are in the book, or were there before
        self.exit_code = _BROKEN
        self.summary: Mapping[str, Any] | None = None

    def begin(self) -> None:
        """Begin the page, unless it has begun; runs before that were killed are told in the log.

        Raises `DatabaseFull` or `DatabaseUnusable`; it may be begun later then.
        """
        if self._begun is not None:
            return
        shop = self._shop
        begun = self._lasting(
            lambda: begin_run(
                self._engine,
                shop.command,
                shop.clock,
                version=__version__,
                settings=shop.set_by_people,
                path=shop.settings.database,
            )
        )
        self._begun, self._noted = begun, begun.highest_source
        shop.wire.belongs_to(begun.id)
        for one in begun.killed:
            log.warning("run_was_killed", run=one.id, command=one.command, started=one.started_at)

    def _lasting(self, action: Callable[[], T]) -> T:
        return action() if self._is_daemon else self._shop.outage.outlast(action)

    @property
    def has_begun(self) -> bool:
        """Whether the page has a number."""
        return self._begun is not None

    @property
    def id(self) -> int:
        """Its number."""
        return self._page.id

    @property
    def killed(self) -> tuple[Killed, ...]:
        """Runs before that were killed."""
        return self._page.killed

    @property
    def _page(self) -> Begun:
        if self._begun is None:
            raise RuntimeError("the run is not in the book yet")
        return self._begun

    def take(self, new: Iterable[NewSource]) -> list[AddedSource]:
        """Add the sources that it was given."""
        given = list(new)
        send(self._shop.settings, given)
        return self._lasting(lambda: add_to_run(self._engine, self.id, given, How.GIVEN, self._shop.clock))

    def was_given(self, brought: Iterable[tuple[int, bool]]) -> None:
        """These its own command brought in before: (id, whether its content is new)."""
        rows = list(brought)
        if rows:
            self._lasting(lambda: self._note(rows, How.GIVEN))

    def found_left_over(self, source_ids: Iterable[int]) -> None:
        """These had work to do from before."""
        rows = [(source_id, False) for source_id in source_ids]
        if rows:
            self._lasting(lambda: self._note(rows, How.LEFT_OVER))

    def _note(self, rows: Sequence[tuple[int, bool]], how: How) -> None:
        with self._engine.begin() as connection:
            note_sources(connection, self.id, rows, how)

    def look_for_left_over(self) -> None:
        """Look for what had work to do when it began: in a long room that takes a while."""
        with reading(self._shop.settings.database) as connection:
            self.found_left_over(sources_with_work(connection, up_to=self._page.highest_source))

    def note_new(self) -> None:
        """Whatever came into the database since the last look belongs to it: for who works on all that comes."""
        with self._engine.begin() as connection:
            self._noted = note_new_sources(connection, self.id, self._noted)

    def end(self) -> None:
        """Write down how it ended, by `exit_code` and `summary`."""
        try:
            if self.has_begun:
                self._lasting(lambda: end_run(self._engine, self.id, self.exit_code, self.summary, self._shop.clock))
        except DlLitError as error:  # what was done is done; the next start says that the run was killed
            log.warning("run_end_not_written", run=self.id, error=str(error))
        finally:
            self._engine.dispose()


@contextmanager
def keeping_book(shop: Workshop, book: RunBook) -> Iterator[None]:
    """Beside a daemon's work: write down now and then, and at the end, which sources were left over and which came."""
    has_looked = False

    def look() -> None:
        nonlocal has_looked
        book.begin()
        if not has_looked:
            book.look_for_left_over()
            has_looked = True
        book.note_new()

    try:
        with Repeating("book", EVERY_S, [look], give_up=shop.give_up):
            yield
    finally:
        with suppress(DlLitError):  # what is missing is told by the days on which the sources came
            look()


@contextmanager
def kept_run(shop: Workshop, *, is_daemon: bool = False) -> Iterator[RunBook]:
    """The page of a run, from entering to leaving; who leaves it without an exit code has failed.

    A one-off run does not begin where it cannot be written down. A daemon does, and waits for better times.
    """
    book = RunBook(shop, is_daemon=is_daemon)
    try:
        with suppress(*((DatabaseFull, DatabaseUnusable) if is_daemon else ())):
            book.begin()
        yield book
    except BaseException as error:
        book.exit_code = _exit_code(error)
        raise
    finally:
        book.end()


def _exit_code(error: BaseException) -> int:
    if isinstance(error, DlLitError):
        return error.exit_code
    return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else _BROKEN
