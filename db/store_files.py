"""What a store says of the library's files, and the download that it writes down late."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from db.codec import decode_locations, decode_work
from db.files import IS_AWAITED, OWNER_OF, PATH_OF_CONTENT
from db.refusing import telling_in_our_words
from dl_lit.core.clock import Clock
from dl_lit.core.items import Downloaded, DownloadItem
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished, Recorded

_AWAITED = """
SELECT w.record, d.attempts, d.locations FROM to_download_references AS d JOIN works AS w ON w.id = d.work_id
WHERE d.work_id = ?
"""


class FilesOfStore:
    """The part of a store that whoever puts files into the library asks."""

    _read: Any
    _claim_lock: threading.Lock
    _clock: Clock

    def record(self, finished: Sequence[Finished]) -> Recorded:
        """See `Store.record`."""
        raise NotImplementedError

    @telling_in_our_words
    def adopt(self, work_id: int, facts: Downloaded) -> bool:
        """Write down a download that a process before finished but did not record; whether it was still waited for."""
        now = self._clock.time()
        with self._claim_lock:
            row = self._read.execute(_AWAITED, (work_id,)).fetchone()
        if row is None:
            return False
        item = DownloadItem(decode_work(row[0]), decode_locations(row[2]))
        claim = Claim(StageName.DOWNLOAD, work_id, item, attempt=row[1] + 1)
        self.record([Finished(claim, Done(facts), now, 0.0)])
        return True

    @telling_in_our_words
    def path_of_content(self, sha256: str) -> str | None:
        """Where the library has a file with this SHA-256; its relative path."""
        with self._claim_lock:
            row = self._read.execute(PATH_OF_CONTENT, (sha256,)).fetchone()
        return None if row is None else str(row[0])

    @telling_in_our_words
    def owner_of_file(self, path: str) -> int | None:
        """The work whose row speaks of the library's file at this relative path; None where none does."""
        with self._claim_lock:
            row = self._read.execute(OWNER_OF, (path,)).fetchone()
        return None if row is None else int(row[0])

    @telling_in_our_words
    def awaits_file(self, work_id: int) -> bool:
        """Whether the work waits for its file, in somebody's hands or not."""
        with self._claim_lock:
            return self._read.execute(IS_AWAITED, (work_id,)).fetchone() is not None

    @telling_in_our_words
    def has_files(self) -> bool:
        """Whether any file was ever put into the library and is there by the rows."""
        with self._claim_lock:
            return self._read.execute("SELECT 1 FROM downloaded_references LIMIT 1").fetchone() is not None
