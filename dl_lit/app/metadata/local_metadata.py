"""The imported metadata, opened, filled and kept with the words that matching compares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from db.local_index.reader import LocalMetadata
from dl_lit.core.clock import SystemClock
from dl_lit.matching.normalise import text_key

if TYPE_CHECKING:
    from db.local_index.upkeep import IndexStats
    from db.local_index.writer import LocalIndexWriter

# Every run opens the index to read; what writes it is loaded by those who write.


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
    from db.local_index.upkeep import made_anew  # noqa: PLC0415 - see above
    from db.local_index.writer import LocalIndexWriter  # noqa: PLC0415 - see above

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
    from db.local_index.upkeep import imported_files, stored_records  # noqa: PLC0415 - see above

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
    from db.local_index.upkeep import stats  # noqa: PLC0415 - see above

    return stats(path, text_key)


def remove_index(path: Path) -> bool:
    """Remove the index; whether there was one. Raises `DatabaseBusy` while an import is at work on it."""
    from db.local_index.upkeep import remove  # noqa: PLC0415 - see above

    return remove(path, SystemClock())
