"""Keeping a place among several daemons on a database: a lease that is renewed, and an ear for what others write."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from dl_lit.core.errors import DatabaseAway, DatabaseFull, DatabaseUnusable
from dl_lit.runtime.outage import Outage

LOOK_S = 0.5
"""How often those that are gone are looked for."""

BREATH_S = 0.1
"""How long to look away after hearing of something written: whoever writes much is not asked about each time."""

log = logging.getLogger(__name__)


@runtime_checkable
class Leased(Protocol):
    """A store whose claims live as long as its owner is heard of. All verbs raise `DatabaseUnusable`."""

    def beat(self) -> None:
        """Be heard of, and free what those had in hand that are not heard of any more."""

    def news(self, timeout_s: float) -> bool:
        """Whether somebody wrote within so many seconds."""


class Lease:
    """Beats and listens in a thread of its own, so that no work, however long, lets the lease run out."""

    def __init__(self, store: Leased, on_news: Callable[[], object], outage: Outage | None = None) -> None:
        """`on_news` is called when others have written; it must not raise. `outage` hears that the database is away."""
        self._outage = outage or Outage()
        self._store = store
        self._on_news = on_news
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.loop, name="lease", daemon=True)
        self._is_cut_off = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; the lease is given up by whoever closes the store."""
        self._stopping.set()
        self._thread.join(2 * LOOK_S + 10.0)

    def loop(self) -> None:
        """Until stopped."""
        while not self._stopping.is_set():
            if not self.once():
                self._stopping.wait(LOOK_S)

    def once(self) -> bool:
        """Beat, and listen until it is time for the next; whether the database answered."""
        try:
            self._store.beat()
            if self._store.news(LOOK_S):
                self._on_news()
                self._stopping.wait(BREATH_S)
        except (DatabaseFull, DatabaseUnusable) as error:
            if isinstance(error, DatabaseAway):
                self._outage.met("lease", error)
            elif not self._is_cut_off:
                self._is_cut_off = True
                log.warning("the lease cannot be renewed: %s; what is in hand goes to others when it runs out", error)
            return False
        if self._is_cut_off:
            self._is_cut_off = False
            log.info("the lease is renewed again")
        self._outage.well("lease")
        return True


@contextmanager
def keeping_lease(store: object, on_news: Callable[[], object], outage: Outage) -> Iterator[None]:
    """Keep the lease of a store that has one meanwhile."""
    if not isinstance(store, Leased):
        yield
        return
    lease = Lease(store, on_news, outage)
    lease.start()
    try:
        yield
    finally:
        lease.stop()
