"""Files read as the daemon reads them, in child processes: what came of each, how long it took, what memory it had."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import psutil

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.reader import MEMORY_BYTES, ChildReader

OUTCOMES = frozenset(
    {
        "read",
        *(Reason.NOT_A_PDF, Reason.EMPTY_FILE, Reason.DAMAGED_PDF, Reason.ENCRYPTED_PDF, Reason.NO_TEXT_LAYER),
        *(Reason.GARBLED_TEXT, Reason.NO_REFERENCES_FOUND, Reason.TOO_LARGE, Reason.PARSE_TIMEOUT),
        *(Reason.PARSE_MEMORY, Reason.UNREADABLE_FILE),
    }
)
"""What may come of a file: `parser-crashed` is a reason too, but a finding here."""

TRIES = 2  # of one file: what ends a child that has had others before is tried once more in a fresh one
GRACE_S = 20.0  # beyond the time limits: to start children, which takes seconds on a busy machine, and to kill them
_SOUND_EVERY = 50  # files after which a sound paper has to be readable
_LOOK_EVERY_S = 0.02  # at the children's memory


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one file."""

    path: str
    outcome: str  # "read", a reason, or "untyped"
    detail: str
    seconds: float
    peak_mb: int  # of the child's memory while it had this file; what was between two looks is not seen


def outcomes_of(paths: Iterable[Path], *, workers: int, timeout_s: float, sound: Path) -> list[Outcome]:
    """What comes of each file, in order; a sound paper that cannot be read in between is an outcome of its own."""
    readers: SimpleQueue[ChildReader] = SimpleQueue()
    with ExitStack() as stack, ThreadPoolExecutor(workers) as pool:
        for _ in range(workers):
            readers.put(stack.enter_context(ChildReader(1, timeout_s=timeout_s)))

        def outcome(numbered: tuple[int, Path]) -> list[Outcome]:
            number, path = numbered
            reader = readers.get()
            try:
                found = [_outcome(reader, path)]
                if number % _SOUND_EVERY == 0:
                    found += _of_sound(reader, sound, path)
                return found
            finally:
                readers.put(reader)

        return [one for found in pool.map(outcome, enumerate(paths)) for one in found]


def complaints(outcomes: Sequence[Outcome], timeout_s: float) -> list[str]:
    """What must not be, one line each."""
    return [
        f"{each.path}: {complaint}"
        for each in outcomes
        for complaint in (
            None if each.outcome in OUTCOMES else f"{each.outcome} ({each.detail})",
            None if each.seconds <= TRIES * timeout_s + GRACE_S else f"took {each.seconds} s",
            None if each.peak_mb <= MEMORY_BYTES >> 20 else f"had {each.peak_mb} MB",
        )
        if complaint
    ] + [f"child {pid} outlived its reader" for pid in _orphans()]


def _outcome(reader: ChildReader, path: Path) -> Outcome:
    began = time.monotonic()
    with _MemoryWatch(reader) as watch:
        try:
            reader.read(path)
            found, detail = "read", ""
        except PdfError as error:
            found, detail = error.reason.value, error.detail
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            found, detail = "untyped", repr(error)[:200]
    return Outcome(str(path), found, detail, round(time.monotonic() - began, 3), watch.peak_bytes >> 20)


def _of_sound(reader: ChildReader, sound: Path, after: Path) -> list[Outcome]:
    try:
        if reader.read(sound).references:
            return []
        why = "no references"
    except PdfError as error:
        why = str(error)
    return [Outcome(str(sound), "unread", f"a sound paper, after {after}: {why}", 0.0, 0)]


class _MemoryWatch:
    """Looks at a reader's child until it is left: the most memory it had."""

    def __init__(self, reader: ChildReader) -> None:
        self._reader = reader
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._look_once()

    def _look(self) -> None:
        while not self._done.wait(_LOOK_EVERY_S):
            self._look_once()

    def _look_once(self) -> None:
        for pid in self._reader.pids():
            with suppress(psutil.Error):
                self.peak_bytes = max(self.peak_bytes, psutil.Process(pid).memory_info().rss)


def _orphans() -> list[int]:
    return [one.pid for one in psutil.Process().children(recursive=True) if "dl_lit.pdf.child" in _words(one)]


def _words(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []
