"""How a folder is seen: by events where there are any, by looking through it where not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import structlog

from dl_lit.runtime.watching.events import Events, NoEvents
from dl_lit.runtime.watching.filesystem import mounts, silent_mount
from dl_lit.runtime.watching.wanted import Wanted

Observing = Literal["auto", "events", "polling"]

EVENTS_AGAIN_S = 3_600.0
"""After how long events are tried again where a limit was met: whoever raised it need not start dl_lit anew."""

log = structlog.get_logger(__name__)


class Sight:
    """Decides between events and polling, and decides anew when events fail. Not thread-safe but for the callbacks."""

    def __init__(
        self,
        wanted: Wanted,
        observe: Observing,
        *,
        on_file: Callable[[Path, Path | None, bool], None],
        on_folder: Callable[[Path, bool], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Nothing is watched yet; the functions are called from other threads."""
        self._folder = wanted.folder
        self._observe = observe
        self._on_lost = on_lost
        self._unwatched: str | None = None
        self._again_at = float("inf")
        self._events = Events(
            wanted.folder, on_file=on_file, on_folder=on_folder, on_unwatched=self._miss, on_lost=self._lose
        )
        self.has_events = False
        self.is_remote = False
        """Whether the file system is another machine's, or a program's: its clock and memory are not ours."""
        self.polls_because = ""
        """Why there are no events though nobody asked for that; one clause."""

    @property
    def trusts_times(self) -> bool:
        """Whether the files' times are told by this machine's clock."""
        return self.has_events and not self.is_remote

    def start(self, now: float) -> None:
        """See the folder from now on; what has happened before has to be looked for."""
        self.stop()
        silent = silent_mount(self._folder.resolve(), mounts())
        self.is_remote = silent is not None
        self._again_at = float("inf")
        if self._observe == "polling":
            self.polls_because = ""
        elif silent is not None and self._observe == "auto":
            self._poll(f"{silent.kind} file systems tell of no changes")
        else:
            self._try_events(now)

    def stop(self) -> None:
        """See nothing more."""
        self._events.stop()
        self.has_events = False

    def mend(self, now: float) -> bool:
        """Try otherwise where events have failed; whether the folder has to be looked through therefore."""
        if self._unwatched is not None:
            why, self._unwatched = self._unwatched, None
            self.stop()
            self._poll(why)
            self._again_at = now + EVENTS_AGAIN_S
            return True
        if self.has_events and not self._events.is_alive:
            self._try_events(now)
            return True
        if now >= self._again_at:
            self._try_events(now)
            return True
        return False

    def _try_events(self, now: float) -> None:
        self._unwatched = None
        self._again_at = float("inf")
        try:
            self._events.start()
        except NoEvents as error:
            self.has_events = False
            self._poll(str(error))
            self._again_at = now + EVENTS_AGAIN_S
        else:
            self.has_events = True
            self.polls_because = ""

    def _poll(self, why: str) -> None:
        if why != self.polls_because:
            log.warning("watcher_polls", folder=str(self._folder), why=why)
        self.polls_because = why

    def _lose(self) -> None:
        """The kernel has dropped events: called from the observer's thread."""
        log.warning("watcher_events_lost", folder=str(self._folder))
        self._on_lost()

    def _miss(self, why: str) -> None:
        """A folder below could not be watched: called from the observer's thread."""
        self._unwatched = why
        self._on_lost()
