"""Being told of changes by the kernel (inotify, through watchdog)."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyFullEmitter
from watchdog.observers.inotify_c import CallbackId, InotifyEvent, InotifyFD, Mask, WatchCallback, WatchDescriptor
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

LIMITS = Path("/proc/sys/fs/inotify")
_SYSCTL = {errno.ENOSPC: "max_user_watches", errno.EMFILE: "max_user_instances"}
_KINDS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
]
_STOP_S = 5.0
_PAIR_S = 0.05
"""How long watchdog waits for the other half of a rename, and all later news with it; the kernel sends both at once."""

InotifyMoveEventGrouper.delay = _PAIR_S
logging.getLogger("watchdog").setLevel(logging.CRITICAL)  # what matters of it we tell ourselves


class NoEvents(Exception):
    """No events are to be had from a folder; the message says why, in one clause."""


def limit_met(error: OSError, limits: Path = LIMITS) -> str:
    """What is the matter, in one clause: the sysctl to raise and what it is, where a limit was met."""
    name = _SYSCTL.get(error.errno or 0)
    if name is None:
        return error.strerror or str(error)
    try:
        present = (limits / name).read_text().strip()
    except OSError:
        present = "unknown"
    return f"the limit fs.inotify.{name} ({present}) is reached; raise it: sysctl fs.inotify.{name}=..."


class _Kernel(InotifyFD):
    """Says what watchdog only logs or swallows: a folder that could not be watched, and events that were dropped."""

    def __init__(self, on_unwatched: Callable[[OSError], None], on_lost: Callable[[], None]) -> None:
        super().__init__()
        self._on_unwatched = on_unwatched
        self._on_lost = on_lost

    def _add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        # As inherited, but for a warning where folders that are made quickly are met twice, which is no trouble.
        try:
            watch = self._get_or_create_watch(path, mask)
        except OSError as error:
            # A folder that was gone before it could be watched needs no watching.
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                self._on_unwatched(error)
            raise
        watch.callbacks[id_] = callback
        return watch.wd

    def handle_event(self, event: InotifyEvent) -> None:
        """See `InotifyFD`."""
        with suppress(OSError):  # a folder that went again; whatever a limit hid was told above
            super().handle_event(event)
        if event.is_queue_overflow:
            self._on_lost()


class _Handler(FileSystemEventHandler):
    """Passes news on; does nothing else, since it runs in the observer's thread."""

    def __init__(self, news: Callable[[FileSystemEvent], None]) -> None:
        self._news = news

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._news(event)


class Events:
    """The changes below one folder, from entering `start` until `stop`."""

    def __init__(
        self,
        folder: Path,
        *,
        on_file: Callable[[Path, Path | None, bool], None],
        on_folder: Callable[[Path, bool], None],
        on_unwatched: Callable[[str], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Nothing is watched yet; all functions are called from other threads.

        `on_file` is told a file's path, where it was renamed from (None: unknown), and whether it was renamed at all;
        `on_folder` of folders that came, and whether they were renamed; `on_unwatched` why a folder below cannot be
        watched; `on_lost` that events were dropped.
        """
        self._folder = folder
        self._on_file = on_file
        self._on_folder = on_folder
        self._on_unwatched = on_unwatched
        self._on_lost = on_lost
        self._real = ""
        self._observer: BaseObserver | None = None
        self._kernel: _Kernel | None = None

    def start(self) -> None:
        """Watch from now on. Raises `NoEvents`."""
        self.stop()
        # What stands behind a symbolic link is watched, not the link.
        self._real = os.path.realpath(self._folder)
        try:
            self._kernel = _Kernel(lambda error: self._on_unwatched(limit_met(error)), self._on_lost)
            self._kernel.start()
            self._observer = BaseObserver(InotifyFullEmitter, timeout=1.0, inotify_fd=self._kernel)
            self._observer.schedule(_Handler(self._hear), self._real, recursive=True, event_filter=_KINDS)
            self._observer.start()
        except OSError as error:
            self.stop()
            raise NoEvents(limit_met(error)) from error

    def stop(self) -> None:
        """Let go of the folder; at once where nothing is watched."""
        observer, kernel = self._observer, self._kernel
        self._observer = self._kernel = None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(_STOP_S)
        if kernel is not None:
            kernel.stop()
            kernel.join(_STOP_S)

    @property
    def is_alive(self) -> bool:
        """Whether news still come."""
        observer, kernel = self._observer, self._kernel
        return (
            observer is not None
            and kernel is not None
            and observer.is_alive()
            and kernel.is_alive()
            and any(emitter.is_alive() for emitter in observer.emitters)
        )

    def _hear(self, event: FileSystemEvent) -> None:
        is_move = isinstance(event, DirMovedEvent | FileMovedEvent)
        place = self._path(event.dest_path if is_move else event.src_path)
        if place is None:
            return
        if event.is_directory:
            self._on_folder(place, is_move)
        else:
            self._on_file(place, self._path(event.src_path) if is_move else None, is_move)

    def _path(self, told: bytes | str) -> Path | None:
        """The path as it is called here; None where the event names none."""
        text = os.fsdecode(told)
        if not text:
            return None
        return Path(f"{self._folder}{text[len(self._real) :]}") if text.startswith(self._real) else Path(text)
