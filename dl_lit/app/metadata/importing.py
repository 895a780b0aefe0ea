"""Importing dumps into the local index: streaming, in batches, from where an import before was broken off."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from db.local_index.writer import LocalIndexWriter
from dl_lit.app.metadata.dump_records import NoRecord, read_record
from dl_lit.app.metadata.dumps import Raw, Unreadable, open_dump, raw_records
from dl_lit.core.errors import BadInput

STANDARD_INPUT = Path("-")
PROBLEMS_TOLD = 5
"""Of each file."""

_IN_VAIN = 100  # records at the beginning of a file, all bad, that make it none of ours
_SAMPLE = 1 << 20  # bytes at both ends of a file that it is known again by


@dataclass(slots=True, kw_only=True)
class FileTally:
    """What importing one file came to so far."""

    name: str
    records: int = 0  # read, those of an import before included
    resumed_after: int = 0  # of them were read by an import before
    counts: Counter[str] = field(default_factory=Counter)  # new, replaced, unchanged, older, untitled
    bad: int = 0
    problems: list[str] = field(default_factory=list)  # the first ones
    known: bool = False  # the very file was imported whole before: it was not read again
    unreadable: str | None = None  # why nothing of it could be read

    def note(self, place: str, reason: str) -> None:
        """Count a place that could not be read."""
        self.bad += 1
        if len(self.problems) < PROBLEMS_TOLD:
            self.problems.append(f"{place}: {reason}")


def import_files(
    paths: Sequence[Path], writer: LocalIndexWriter, progress: Callable[[FileTally], None]
) -> Iterator[FileTally]:
    """Import one file after the other; gives what each came to when it is done. `progress` is called after batches.

    Raises as the writer does. What cannot be read of one file does not keep the others from being imported.
    """
    for path in paths:
        tally = FileTally(name="standard input" if path == STANDARD_INPUT else str(path))
        try:
            with _opened(path) as file:
                _import(file, tally, writer, progress)
        except BadInput as error:
            tally.unreadable = str(error)
        yield tally


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with open_dump(path) as file:
        yield file


def _import(file: BinaryIO, tally: FileTally, writer: LocalIndexWriter, progress: Callable[[FileTally], None]) -> None:
    mark = fingerprint(file)
    done, is_whole = (0, False) if mark is None else writer.done_of(mark)
    if is_whole:
        tally.known, tally.records = True, done
        return
    tally.resumed_after = done
    is_broken_off = False
    for found in raw_records(file, tally.name):
        if isinstance(found, Unreadable) and found.is_end:
            tally.note(found.place, found.reason)
            is_broken_off = True
            break
        tally.records += 1
        if tally.records > done:
            _take(found, tally, writer)
        if writer.is_batch_full:
            writer.commit(mark, tally.name, tally.records, is_whole=False)
            progress(tally)
        if tally.bad == tally.records == _IN_VAIN:
            raise BadInput(f"{tally.name} is no dump of works: {tally.problems[0]}")
    if tally.records <= tally.bad and not tally.resumed_after:
        raise BadInput(f"nothing of {tally.name} could be read: {tally.problems[0] if tally.bad else 'it is empty'}")
    writer.commit(mark, tally.name, tally.records, is_whole=not is_broken_off)
    progress(tally)


def _take(found: Raw | Unreadable, tally: FileTally, writer: LocalIndexWriter) -> None:
    if isinstance(found, Unreadable):
        tally.note(found.place, found.reason)
        return
    try:
        read = read_record(found.data)
    except NoRecord as error:
        tally.note(found.place, str(error))
        return
    tally.counts["untitled" if read.work is None else writer.add(read.work, read.updated).value] += 1


def fingerprint(file: BinaryIO) -> str | None:
    """What a file is known again by: size, time of change, both ends; None for what is no regular file."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    digest = hashlib.blake2b(f"{status.st_size} {status.st_mtime_ns}".encode(), digest_size=16)
    digest.update(os.pread(file.fileno(), _SAMPLE, 0))
    digest.update(os.pread(file.fileno(), _SAMPLE, max(0, status.st_size - _SAMPLE)))
    return digest.hexdigest()
