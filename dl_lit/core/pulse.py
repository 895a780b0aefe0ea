"""What a running pipeline process tells of itself: what is in hand now, which no table knows.

It is written down every few seconds (`app.pulse`), so that `status`, the dashboard and the metrics of any process tell
the same. Moments are seconds since the Unix epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dl_lit.core.conditions import Condition
from dl_lit.core.language import ModelUse
from dl_lit.core.model import StageName
from dl_lit.core.section_limits import SectionUse, SectionWork
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePulse:
    """One stage of the running pipeline."""

    waiting: int  # rows in its room
    queued: int  # claimed, in memory
    running: int  # in a worker's hands
    workers: int  # hands there are now
    workers_least: int
    workers_most: int
    done: int  # since the process began
    failed: Mapping[str, int] = field(default_factory=dict)  # since the process began, by reason
    busy_s: float = 0.0  # of all its workers together, since the process began
    longest_s: float = 0.0  # how long the oldest item has been in hand
    resting: str | None = None  # why nothing is claimed although there is work
    scaled: str = ""  # why it has as many workers as it has
    busy: int = 0  # hands that are at work
    seated: int = 0  # claimed; they wait in memory for a turn that comes soon
    is_dammed: bool = False  # it rests because the room ahead is full
    paused: str | None = None  # by whom it was paused, in words; None: by nobody
    stalled_s: float = 0.0  # for so long it has had work that is due and got nothing done
    stalled_by: str = ""  # ... and what it got instead, or what it waits for
    per_minute: float = 0.0  # items that left its room, over the last minute or two
    per_minute_hour: float = 0.0  # ... and over the last hour, or since the process began
    moved_at: float | None = None  # when the last item left its room; None: none has


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePulse:
    """One service as this process sees it."""

    requests: int
    waiting: int  # who waits for a permit now
    waited_s: float  # for permits, of all together, since the process began
    held_by: Mapping[str, int] = field(default_factory=dict)  # permits in use, by who has them (threads' stages)
    waited_for: Mapping[str, float] = field(default_factory=dict)  # seconds of `waited_s`, by which limit made it wait
    waiting_by: Mapping[str, int] = field(default_factory=dict)  # who waits now, as in `held_by`
    waiting_for: Mapping[str, int] = field(default_factory=dict)  # how many wait now, by which limit makes them wait
    turned_away: Mapping[str, int] = field(default_factory=dict)  # told to come back later, by the reason
    allows: str = ""  # what we may ask at present, in words: "10 in 1 s, 8 at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPulse:
    """One watched folder."""

    path: str
    use: str  # "sources" or "hand-in"
    how: str  # "events" or "polling"
    blind: str | None = None  # why it cannot be seen
    unfinished: int = 0  # files that are still being written
    taken: int = 0  # since the process began
    looked: bool = False  # whether all of it has been looked through once
    polls_because: str = ""  # why it is looked through although nobody asked for that; "" where somebody did
    not_taken: str | None = None  # why finished files cannot be taken over
    not_filed: str | None = None  # why files that have been read cannot be put into completed/ or failed/


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPulse:
    """The language model, and what this process asked of models so far."""

    model: str  # provider and model: "openrouter/google/gemini-2.5-flash"
    use: ModelUse
    width: int = 0  # entries that may be asked about at once at present
    sections: Mapping[SectionWork, SectionUse] = field(default_factory=dict)  # the work on sections, by its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonPulse:
    """One of several daemons that work a database."""

    host: str
    pid: int
    stages: tuple[str, ...]  # those that it works
    version: str  # of dl_lit
    command: str = ""  # "" until it has told
    up_s: float = 0.0
    told_s: float | None = None  # how long ago it told; None: it has not yet
    running: int = 0  # items in its workers' hands
    memory_mb: float = 0.0
    is_stopping: bool = False
    is_here: bool = False  # on this host, and from this place


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The process at a moment."""

    pid: int
    command: str
    began_at: float
    at: float
    stages: Mapping[StageName, StagePulse]
    services: Mapping[str, ServicePulse] = field(default_factory=dict)
    folders: tuple[FolderPulse, ...] = ()
    conditions: tuple[Condition, ...] = ()
    memory_mb: float = 0.0  # of the process and its children
    disk_free_mb: float = 0.0  # the least of the disks that it needs
    library_trouble: str | None = None  # why nothing can be put into the library
    unwritten_s: float = 0.0  # for how long the database has taken nothing
    control: str | None = None  # where its control surface listens: "http://127.0.0.1:8765", "unix:/run/..."
    language: ModelPulse | None = None  # None: no model is asked
    log: str = ""  # where its log goes: "journal", "stderr" or the path of a file; "" where it has none
    is_stopping: bool = False
    daemons: tuple[DaemonPulse, ...] = ()  # whose pulses these are together; none where one process works alone
