"""When a stage must not take more work: a full room ahead, little disk, much memory."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Container
from pathlib import Path

from dl_lit.core.clock import Clock
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass
from dl_lit.runtime.arriving import AHEAD

_MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where the brakes bite, and where they let go again."""

    high_water: int = 2_000  # rows in the room ahead at which a stage stops
    low_water: int = 1_000  # rows at which it goes on
    download_disk_mb: int = 1_024  # free below this: no downloads
    disk_mb: int = 200  # free below this: nothing at all
    memory_soft_mb: int = 768  # of this process and its children: claims are delayed a little
    memory_soft_delay_s: float = 1.0
    memory_hard_mb: int = 1_024  # claims are delayed more
    memory_hard_delay_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a stage rests, and for how long."""

    reason: str
    seconds: float
    blocks: bool = True  # False: the claim is only delayed, so that a process that stays large still works
    is_told: bool = False  # in the log, by who met it


@dataclass(frozen=True, slots=True)
class Pressure:
    """A reading of the machine."""

    disk_free_mb: float
    memory_mb: float
    library_trouble: str | None = None  # why nothing can be put into the library; None: it can
    database_trouble: str | None = None  # why nothing can be written down; None: it can


class Gauges:
    """Reads disk and memory, at most once a second: reading them is not free."""

    def __init__(
        self,
        folders: tuple[Path, ...],
        clock: Clock,
        *,
        library: Path | None = None,
        library_trouble: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`folders` are what nothing goes on without; `library_trouble` says why no file can be put into `library`."""
        self._folders = folders
        self._library = library
        self._library_trouble = library_trouble
        self._clock = clock
        self._lock = threading.Lock()
        self._at = float("-inf")
        self._last = Pressure(float("inf"), 0.0)

    def read(self) -> Pressure:
        """The present pressure, not older than a second."""
        with self._lock:
            if self._clock.monotonic() - self._at >= 1.0:
                self._last = Pressure(self._disk_mb(), _memory_mb(), self._library_trouble())
                self._at = self._clock.monotonic()
            return self._last

    def _disk_mb(self) -> float:
        free = [free_mb(folder, where_gone=0.0) for folder in self._folders]  # a vanished mount takes no files either
        if self._library is not None:
            free.append(free_mb(self._library, where_gone=float("inf")))  # downloads alone need it, and rest for that
        return min(free, default=float("inf"))


def free_mb(folder: Path, *, where_gone: float) -> float:
    """Megabytes (of 1024 * 1024 bytes) that are free on the folder's disk."""
    try:
        return shutil.disk_usage(folder).free / _MB
    except OSError:
        return where_gone


def _memory_mb() -> float:
    import psutil  # noqa: PLC0415 - only a running pipeline needs it

    total = 0.0
    try:
        me = psutil.Process()
        processes = [me, *me.children(recursive=True)]
    except (psutil.Error, OSError):  # no descriptor left to look with
        return total
    for process in processes:
        try:
            total += process.memory_info().rss
        except (psutil.Error, OSError):
            continue  # ended meanwhile
    return total / _MB


class Brakes:
    """Says for one stage whether it may claim; keeps the hysteresis of the water marks and of the disk."""

    def __init__(
        self,
        stage: StageName,
        bounds: Bounds,
        waiting: Callable[[StageName], int],
        read: Callable[[], Pressure],
        *,
        elsewhere: Container[StageName] = (),
    ) -> None:
        """`waiting` counts the rows of a room that are to be worked soon, `read` reads the machine.

        `elsewhere` are the stages that other processes work, of whom nothing is known here.
        """
        self._stage = stage
        self._bounds = bounds
        self._waiting = waiting
        self._read = read
        self._elsewhere = elsewhere
        self._dammed = False  # the room ahead has been too full and is not down to the low mark yet
        self._dry = False  # too little disk

    def become(self, bounds: Bounds) -> None:
        """Keep to other bounds from the next look on."""
        self._bounds = bounds

    def rest(self) -> Rest | None:
        """Why and how long to rest before the next claim; None to go on."""
        return self._water() or self._machine()

    @property
    def was_dammed(self) -> bool:
        """Whether the room ahead was too full when `rest` last looked."""
        return self._dammed

    def is_dammed(self) -> bool:
        """Whether the room ahead is too full, at this moment, for the stage to work."""
        ahead = AHEAD.get(self._stage)
        limit = self._bounds.low_water if self._dammed else self._bounds.high_water
        return ahead is not None and self._waiting(ahead) >= limit

    def _water(self) -> Rest | None:
        self._dammed = self.is_dammed()
        if not self._dammed:
            return None
        ahead = AHEAD[self._stage]
        by = ", and is not worked by this process" if ahead in self._elsewhere else ""
        return Rest(f"{ahead.value} has {self._waiting(ahead)} waiting{by}", 1.0)

    def _machine(self) -> Rest | None:
        pressure, bounds = self._read(), self._bounds
        if pressure.database_trouble is not None:
            return Rest(pressure.database_trouble, 1.0, is_told=True)
        if self._stage is StageName.DOWNLOAD and pressure.library_trouble is not None:
            return Rest(pressure.library_trouble, 5.0)
        need = bounds.download_disk_mb if self._stage is StageName.DOWNLOAD else bounds.disk_mb
        # Resume a tenth above, so that one file more or less does not switch it to and fro.
        self._dry = pressure.disk_free_mb < need * (1.1 if self._dry else 1.0)
        if self._dry:
            return Rest(f"disk low: {pressure.disk_free_mb:.0f} MB free, {need} needed", 5.0)
        if pressure.memory_mb >= bounds.memory_hard_mb:
            return Rest(f"memory high: {pressure.memory_mb:.0f} MB", bounds.memory_hard_delay_s, blocks=False)
        if pressure.memory_mb >= bounds.memory_soft_mb:
            return Rest(f"memory: {pressure.memory_mb:.0f} MB", bounds.memory_soft_delay_s, blocks=False)
        return None
