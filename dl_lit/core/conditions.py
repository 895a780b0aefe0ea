"""What may be wrong with a running dl_lit for longer than a moment: a closed list of states, each with what to do.

A condition holds from one moment to another and is told wherever the state is told (status, dashboard, /health,
/metrics, notifications); the log hears only when one begins or ends.
"""

from __future__ import annotations

from enum import StrEnum

from dl_lit.core.values import dataclass


class Severity(StrEnum):
    """How grave a condition is."""

    NOTICE = "notice"  # as somebody wished, or passes by itself
    DEGRADED = "degraded"  # a part of the work does not go on
    BROKEN = "broken"  # nothing goes on


class Ailment(StrEnum):
    """The kinds of conditions, as they are written in metrics and documents; never reworded."""

    NOT_RUNNING = "not-running"  # work waits, and no process works it
    STAGE_PAUSED = "stage-paused"  # by a person
    STAGE_STALLED = "stage-stalled"  # has work that is due and gets nothing done
    PIPELINE_WEDGED = "pipeline-wedged"  # a loop of the engine does not turn
    DATABASE_UNUSABLE = "database-unusable"  # cannot even be read
    DATABASE_UNWRITABLE = "database-unwritable"  # outcomes cannot be written down
    DISK_LOW = "disk-low"
    MEMORY_HIGH = "memory-high"
    LIBRARY_UNREACHABLE = "library-unreachable"
    WATCHER_BLIND = "watcher-blind"  # a watched folder cannot be seen
    WATCHER_POLLING = "watcher-polling"  # no events can be had: the folder is looked through instead
    FILES_NOT_TAKEN = "files-not-taken"  # finished files could not be taken over, or not be filed away
    SERVICE_DOWN = "service-down"  # its breaker is open
    SERVICE_PARKED = "service-parked"  # it asked to be left alone
    BUDGET_GONE = "budget-gone"  # of today's credits nothing is left
    KEY_REFUSED = "key-refused"
    CONTACT_REFUSED = "contact-refused"
    REMOTE_FILES_LEFT = "remote-files-left"  # uploads to a language model's provider could not be deleted
    CONTROL_CLOSED = "control-closed"  # the control surface cannot listen
    BACKLOG_OLD = "backlog-old"  # something has waited for days
    RELOAD_FAILED = "reload-failed"  # the settings were changed into something that cannot be used
    RESTART_NEEDED = "restart-needed"  # settings were changed that hold from the next start on
    NOTIFYING_FAILED = "notifying-failed"  # who is to be told of all this cannot be told

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        if self in _NOTICES:
            return Severity.NOTICE
        return Severity.BROKEN if self in _BREAKS else Severity.DEGRADED


_NOTICES = frozenset(
    {
        Ailment.STAGE_PAUSED,
        Ailment.WATCHER_POLLING,
        Ailment.SERVICE_PARKED,
        Ailment.BACKLOG_OLD,
        Ailment.RESTART_NEEDED,
        Ailment.NOTIFYING_FAILED,
    }
)
_BREAKS = frozenset(
    {
        Ailment.NOT_RUNNING,
        Ailment.PIPELINE_WEDGED,
        Ailment.DATABASE_UNUSABLE,
        Ailment.DATABASE_UNWRITABLE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong at this moment; a condition when it lasts."""

    ailment: Ailment
    subject: str = ""
    says: str
    remedy: str = ""

    @property
    def key(self) -> tuple[Ailment, str]:
        """As `Condition.key`."""
        return self.ailment, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now."""

    ailment: Ailment
    subject: str  # the stage, service or folder; "" where the whole is meant
    says: str  # what is wrong, in one sentence
    remedy: str  # what a person can do; "" where waiting is all
    since: float  # epoch seconds

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return self.ailment.severity

    @property
    def key(self) -> tuple[Ailment, str]:
        """What makes it the same condition as a moment ago."""
        return self.ailment, self.subject
