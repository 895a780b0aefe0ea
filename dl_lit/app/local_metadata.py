"""The imported metadata, opened, filled and kept with the words that matching compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from db.local_index.reader import LocalMetadata
from db.local_index.upkeep import IndexStats, imported_files, made_anew, remove, stats, stored_records
from db.local_index.writer import LocalIndexWriter
from dl_lit.core.clock import SystemClock
from dl_lit.matching.normalise import text_key


def open_local_index(path: Path, on_unusable: Callable[[str], None] | None = None) -> LocalMetadata:
    """The index at `path`, which need not exist; nothing is opened before something is asked.

    `on_unusable` is told once, in a sentence, if it cannot be read; the index is as good as empty then.
    """
    return LocalMetadata(path, text_key, on_unusable)


@contextmanager
def writing(path: Path, *, anew: bool) -> Iterator[LocalIndexWriter]:
    """A writer of the index at `path`; with `anew` of a new one that takes its place when all has gone well.

    Raises `DatabaseBusy`, `DatabaseUnusable`, `DatabaseFull`.
    """
    clock = SystemClock()
    if anew:
        with made_anew(path, text_key, clock) as writer:
            yield writer
    else:
        with LocalIndexWriter(path, text_key, clock) as writer:
            yield writer
            writer.finish()


def copy_records(path: Path, writer: LocalIndexWriter, progress: Callable[[int], None]) -> int:
    """Add every record of the index at `path` to another; gives their number. `progress` is told how many so far."""
    number = 0
    for work, updated in stored_records(path):
        writer.add(work, updated)
        number += 1
        if writer.is_batch_full:
            writer.commit(None, "", 0, is_whole=False)
            progress(number)
    for fingerprint, name, done, is_whole in imported_files(path):
        writer.commit(fingerprint, name, done, is_whole=is_whole)
    return number


def index_stats(path: Path) -> IndexStats | None:
    """What the index holds; None where there is none. Raises `DatabaseUnusable`."""
    return stats(path, text_key)


def remove_index(path: Path) -> bool:
    """Remove the index; whether there was one. Raises `DatabaseBusy` while an import is at work on it."""
    return remove(path, SystemClock())
