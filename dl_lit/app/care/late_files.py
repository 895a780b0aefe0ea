"""Files of downloads that came when others had been given their works: what becomes of them follows from what those do.

Whoever has such a work now may just be writing a row for this very file: two hosts that fetch the same find the same
name for it, and the second takes the file over. So it is left alone until the work waits for no file any more; then a
row speaks of it, or it goes. A daemon that ends before leaves that to its next start (`left_over.take_over`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from db.store import SqliteStore
from dl_lit.app.care.left_over import written_down
from dl_lit.core.errors import DatabaseFull, DatabaseUnusable
from dl_lit.core.items import Downloaded
from dl_lit.core.job import Done
from dl_lit.core.store import Finished
from dl_lit.library.kept import KeptLibrary


class LateFiles:
    """Sees to the files of downloads that have ended: their receipts go, and they do if no row speaks of them.

    Thread-safe.
    """

    def __init__(self, store: SqliteStore, library: KeptLibrary) -> None:
        """There are none yet."""
        self._store = store
        self._library = library
        self._files: list[tuple[int, Downloaded, bool]] = []  # and whether others have the work
        self._lock = threading.Lock()

    def settle(self, group: Sequence[Finished], *, others_have_them: bool = False) -> None:
        """See to those of a group, at once or as soon as the others are done that were given its claims."""
        files = [
            (one.claim.id, one.outcome.facts, others_have_them)
            for one in group
            if isinstance(one.outcome, Done) and isinstance(one.outcome.facts, Downloaded)
        ]
        if files:
            with self._lock:
                self._files += files
            self.look()

    def look(self) -> None:
        """See to those that can be by now; where the database cannot be asked, another time."""
        if not self._files:  # asked all the time
            return
        with self._lock:
            for late in list(self._files):
                work_id, facts, others_have_it = late
                try:
                    if others_have_it and self._store.awaits_file(work_id):
                        continue
                    written_down(self._store, self._library, work_id, facts)
                except (DatabaseFull, DatabaseUnusable):
                    return
                self._files.remove(late)
