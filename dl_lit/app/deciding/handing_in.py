"""Files that people hand in: recognised, proven, and bound to the work that waits for them."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import field, replace
from enum import StrEnum
from pathlib import Path

import structlog

from db.brought import awaited_work
from db.connect import connect
from db.durable import flush, make_folder
from db.files import owner_of
from db.handing_in import Awaited, awaited, awaited_mark, take_in, works_with
from db.reading.opening import reading
from dl_lit.app.intake.inbox import new_source
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, FetchError, PdfError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Location, Version
from dl_lit.core.ports import Fetched, PdfChecker, PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.library.kept import KeptLibrary
from dl_lit.matching.handed import Bound, Unbound, WaitingWorks
from dl_lit.matching.proof import prove

FOUND_BY = "hand-in"
"""What the database says where such a file came from."""

TAKEN = "taken"
"""The folder below the hand-in folder for files that have their place in the library."""

_ONLY_SAID = "nothing on its pages says so, only the bibliography that it came with"

_REMEMBERED = 1_000  # files that no work waited for yet

log = structlog.get_logger("dl_lit.hand_in")


class State(StrEnum):
    """What became of a file."""

    TAKEN = "taken"  # it is in the library, its work waits no more
    NEEDS_REVIEW = "needs-review"  # it is in quarantine: `dl-lit review` decides
    KNOWN = "known"  # the library has this very file already
    UNKNOWN = "unknown"  # no work that waits is proven to be it
    UNREADABLE = "unreadable"  # it is no PDF that can be opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One file, and what became of it."""

    path: Path
    state: State
    told: str  # for people, one line
    work_id: int | None = None
    title: str | None = None
    score: float | None = None  # of the proof
    library_path: str | None = None  # relative to the library
    reason: Reason | None = None  # of an unreadable file
    nearest: tuple[int, ...] = ()  # works it may be


@dataclass(slots=True)
class _Waiting:
    """The works that wait, as of some moment."""

    mark: str = ""
    works: WaitingWorks = field(default_factory=lambda: WaitingWorks(()))


class HandIn:
    """Takes files in, one at a time. Works beside a running pipeline, and inside one. Thread-safe."""

    def __init__(
        self,
        database: Path,
        library: KeptLibrary,
        checker: PdfChecker,
        clock: Clock,
        *,
        synchronous: str = "FULL",
        on_taken: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_taken` is called after each file that was bound."""
        self._database = database
        self._library = library
        self._checker = checker
        self._clock = clock
        self._on_taken = on_taken
        self._lock = threading.RLock()
        self._engine = connect(database, synchronous=synchronous)
        self._waiting = _Waiting()
        self._unknown: OrderedDict[Path, tuple[int, int, PdfFacts]] = OrderedDict()
        self._put_off: dict[Path, None] = {}  # files that the library's disk refused

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def take(self, path: Path, *, work_id: int | None = None, move: bool = False) -> Handed:
        """Bind the PDF at `path` to the work it is, or to the one that is named: then a person has said so.

        With `move` a file that was bound goes into the folder `taken` beside it. Raises `BadInput` where the named
        work does not wait, and `FetchError` where the library's disk refuses.
        """
        with self._lock:
            return self._handed(path, work_id, move=move)

    def take_for(self, path: Path, work_id: int) -> Handed:
        """Bind the PDF that came with an entry of this work, if it proves to be the work: it is `UNKNOWN` otherwise.

        What is doubtful, a scan included, is for review. Raises `FetchError` where the library's disk refuses.
        """
        with self._lock:
            try:
                handed = self._taken_for(path, work_id)
            except PdfError as error:
                handed = _unreadable(path, error)
            _log(handed)
            return handed

    def _taken_for(self, path: Path, work_id: int) -> Handed:
        facts = self._checker.check(path)
        content = new_source(path)
        with reading(self._database) as connection:
            known = works_with(connection, content.sha256)
            work = awaited_work(connection, work_id)
        if work_id in known or work is None:
            told = f"the library has {'it already, as' if work_id in known else 'a PDF already of'} w{work_id}"
            return Handed(path=path, state=State.KNOWN, told=told, work_id=work_id)
        location = Location(url=path.absolute().as_uri(), found_by=FOUND_BY)
        proof = prove(work, facts, location)
        if proof.verdict is Verdict.REFUSED:
            why = "; ".join(proof.evidence) or (REASON_TEXT[proof.reason].what if proof.reason else "")
            return Handed(path=path, state=State.UNKNOWN, told=f"is not w{work_id}: {why}", nearest=(work_id,))
        if proof.verdict is Verdict.UNVERIFIED:
            proof = replace(proof, verdict=Verdict.NEEDS_REVIEW, evidence=(*proof.evidence, _ONLY_SAID))
        return self._bound(path, Bound(work_id, work, proof), facts, content.sha256, location)

    def _handed(self, path: Path, work_id: int | None, *, move: bool) -> Handed:
        try:
            handed = self._take(path, work_id)
        except FetchError:
            self._put_off[path] = None
            while len(self._put_off) > _REMEMBERED:
                del self._put_off[next(iter(self._put_off))]
            raise
        _log(handed)
        if handed.state in {State.TAKEN, State.NEEDS_REVIEW, State.KNOWN}:
            self._unknown.pop(path, None)
            if move:
                _move_aside(path)
        return handed

    def again(self, *, move: bool = False) -> list[Handed]:
        """Look anew at files that the disk refused, and at those that no work waited for, if others wait now.

        Returns those that are no longer unknown.
        """
        with reading(self._database) as connection:
            others_wait = awaited_mark(connection) != self._waiting.mark
        bound = []
        with self._lock:
            for path in [*self._put_off, *(self._unknown if others_wait else ())]:
                self._put_off.pop(path, None)
                if not path.is_file():
                    self._unknown.pop(path, None)
                elif (handed := self._handed(path, None, move=move)).state is not State.UNKNOWN:
                    bound.append(handed)
        return bound

    def _take(self, path: Path, work_id: int | None) -> Handed:
        try:
            facts = self._facts(path)
        except PdfError as error:
            return _unreadable(path, error)
        content = new_source(path)
        with reading(self._database) as connection:
            known = works_with(connection, content.sha256)
        if known and (work_id is None or work_id in known):
            return Handed(path=path, state=State.KNOWN, told=f"the library has it already, as w{known[0]}")
        location = Location(url=path.absolute().as_uri(), found_by=FOUND_BY)
        found = self._named(work_id) if work_id is not None else self._works().find(facts, location)
        if isinstance(found, Unbound):
            with suppress(OSError):
                look = path.stat()
                self._unknown[path] = (look.st_size, look.st_mtime_ns, facts)
            while len(self._unknown) > _REMEMBERED:
                self._unknown.popitem(last=False)
            nearest = tuple(one.work_id for one in found.nearest)
            return Handed(path=path, state=State.UNKNOWN, told=found.why, nearest=nearest)
        return self._bound(path, found, facts, content.sha256, location)

    def _bound(self, path: Path, found: Bound, facts: PdfFacts, sha256: str, location: Location) -> Handed:
        """Copy the file into the library and write it down."""
        part = self._library.incoming(found.work_id)
        try:
            shutil.copyfile(path, part)
            copied = new_source(part)  # the file may have changed since it was looked at
            if copied.sha256 != sha256:
                raise FetchError(Reason.WRITE_ERROR, f"{path} is being written to", costs_attempt=False)
            fetched = Fetched(
                path=part, sha256=sha256, size_bytes=copied.size_bytes, final_url=location.url, content_type=""
            )
            # Whoever hands a copy in has it from the publisher, unless the file says otherwise.
            placed = replace(location, version=found.proof.version or Version.PUBLISHED)
            kept = self._library.place(found.work_id, found.work, fetched, placed, facts.page_count, proof=found.proof)
        except OSError as error:
            raise FetchError(Reason.WRITE_ERROR, f"{path}: {error.strerror}", costs_attempt=False) from error
        finally:
            self._library.discard(part)
        decision = f"handed in as {path.name}: " + "; ".join(found.proof.evidence)
        try:
            taken = take_in(self._engine, found.work_id, kept, RECOGNISER, self._clock, decision=decision)
        finally:
            self._library.clear(found.work_id)
        self._waiting.mark = ""
        if not taken.is_taken:
            with reading(self._database) as connection:
                is_named = owner_of(connection, kept.path) is not None
            if not is_named:  # it may be the very file that came meanwhile
                self._library.remove(kept.path)
            told = f"w{taken.work_id} got its PDF meanwhile"
            return Handed(path=path, state=State.KNOWN, told=told, work_id=taken.work_id)
        if taken.held is not None:
            self._library.remove(taken.held)
        self._on_taken()
        return _told(path, replace(found, work_id=taken.work_id), kept)

    def _facts(self, path: Path) -> PdfFacts:
        """What the file is; remembered for files that no work waited for."""
        try:
            look = path.stat()
        except OSError as error:
            raise PdfError(Reason.UNREADABLE_FILE, str(error.strerror)) from error
        known = self._unknown.get(path)
        if known is not None and known[:2] == (look.st_size, look.st_mtime_ns):
            return known[2]
        return self._checker.check(path)

    def _works(self) -> WaitingWorks:
        with reading(self._database) as connection:
            mark = awaited_mark(connection)
            if mark != self._waiting.mark:
                works = WaitingWorks((one.work_id, one.work) for one in awaited(connection))
                self._waiting = _Waiting(mark, works)
        return self._waiting.works

    def _named(self, work_id: int) -> Bound:
        one = self._awaited(work_id)
        proof = Proof(verdict=Verdict.VERIFIED, score=1.0, evidence=("a person handed it in for this work",))
        return Bound(work_id, one.work, proof)

    def _awaited(self, work_id: int) -> Awaited:
        with reading(self._database) as connection:
            found = next((one for one in awaited(connection) if one.work_id == work_id), None)
        if found is None:
            raise BadInput(f"w{work_id} waits for no PDF: dl-lit explain w{work_id} says what it is")
        return found


def _log(handed: Handed) -> None:
    log.info(
        "handed_in", file=str(handed.path), state=handed.state.value, work=handed.work_id, told=handed.told,
        reason=handed.reason.value if handed.reason else None,
    )  # fmt: skip


def _unreadable(path: Path, error: PdfError) -> Handed:
    told = f"{REASON_TEXT[error.reason].what} {error.detail}".strip()
    return Handed(path=path, state=State.UNREADABLE, told=told, reason=error.reason)


def _told(path: Path, found: Bound, kept: Downloaded) -> Handed:
    why = "; ".join(found.proof.evidence)
    state = State.NEEDS_REVIEW if kept.is_in_quarantine else State.TAKEN
    told = f"is w{found.work_id}, {found.work.title}" if state is State.TAKEN else f"may be w{found.work_id}"
    return Handed(
        path=path,
        state=state,
        told=f"{told} ({why})" if why else told,
        work_id=found.work_id,
        title=found.work.title,
        score=found.proof.score,
        library_path=kept.path,
    )


def _move_aside(path: Path) -> None:
    """Put the file into `taken` beside it, under a name that is free; where that fails it stays."""
    if path.parent.name == TAKEN:
        return
    folder = path.parent / TAKEN
    with suppress(OSError):
        make_folder(folder)
        target = folder / path.name
        number = 1
        while target.exists():
            number += 1
            target = folder / f"{path.stem}-{number}{path.suffix}"
        path.rename(target)
        for one in (folder, path.parent):  # or a power cut takes it from both
            flush(one)
