"""What the process at work tells of itself. Its counters begin anew when it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psutil

from dl_lit.app.metrics.building import counter, family, gauge, gauges
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.pulse import FolderPulse, Pulse, ServicePulse, StagePulse
from dl_lit.settings.model import MB
from dl_lit.web.metrics import Metric

_UNNAMED = "other"  # waits that no limit was named for


def of_conditions(conditions: Sequence[Condition]) -> Metric:
    """All kinds of conditions, those that do not hold as well, so that an alert on one ends."""
    held = {one.ailment for one in conditions}
    return family(
        "gauge",
        "dl_lit_condition",
        "Whether something is wrong, by what it is.",
        (({"ailment": one.value, "severity": one.severity.value}, one in held) for one in Ailment),
    )


def of_process(pulse: Pulse, now: float) -> Iterator[Metric]:
    """The process as a whole."""
    yield gauge("dl_lit_start_timestamp_seconds", "When the process at work began.", pulse.began_at)
    yield gauge("dl_lit_uptime_seconds", "For how long the process has been at work.", max(now - pulse.began_at, 0.0))
    yield gauge("dl_lit_heartbeat_timestamp_seconds", "When the process at work last told how it is.", pulse.at)
    yield gauge("dl_lit_stopping", "Whether the process is about to end.", pulse.is_stopping)
    yield gauge("dl_lit_memory_bytes", "Memory of the process and its children.", pulse.memory_mb * MB)
    yield gauge("dl_lit_unwritten_seconds", "For how long the database has taken nothing.", pulse.unwritten_s)
    if pulse.daemons and not any(one.is_here for one in pulse.daemons):
        return  # its number means nothing on this host
    try:
        process = psutil.Process(pulse.pid)
        with process.oneshot():
            times = process.cpu_times()
            used = times.user + times.system + times.children_user + times.children_system
            files, threads = process.num_fds(), process.num_threads()
    except psutil.Error:  # it has just ended, or is another user's
        return
    yield counter("dl_lit_cpu_seconds_total", "Processor time of the process and its ended children.", used)
    yield gauge("dl_lit_open_fds", "Files and sockets that the process has open.", files)
    yield gauge("dl_lit_threads", "Threads of the process.", threads)


def of_hands(stages: Mapping[str, StagePulse]) -> Iterator[Metric]:
    """The workers of the stages, and what they have in hand."""

    def each(name: str, text: str, values: Mapping[str, float | None]) -> Metric:
        return gauges(f"dl_lit_{name}", text, "stage", values)

    items = stages.items()
    yield each("workers", "Workers there are now.", {name: one.workers for name, one in items})
    yield each("workers_busy", "Workers that have an item in hand.", {name: one.busy for name, one in items})
    yield each("workers_least", "As few workers there are at least.", {name: one.workers_least for name, one in items})
    yield each("workers_most", "As many workers there are at most.", {name: one.workers_most for name, one in items})
    yield each("items_queued", "Items claimed, in memory.", {name: one.queued for name, one in items})
    yield each("items_running", "Items in workers' hands.", {name: one.running for name, one in items})
    yield each("longest_running_seconds", "How long the oldest item has been in hand.", _each(stages, "longest_s"))
    yield each(
        "stage_paused", "Whether a person has paused the stage.", {n: one.paused is not None for n, one in items}
    )
    yield each(
        "stage_stalled_seconds",
        "For how long the stage got nothing done though it had work.",
        _each(stages, "stalled_s"),
    )
    yield each("items_per_minute", "Items that left the stage's room lately, a minute.", _each(stages, "per_minute"))
    yield family(
        "counter",
        "dl_lit_stage_busy_seconds_total",
        "Time that the stage's workers have worked, together.",
        (({"stage": name}, one.busy_s) for name, one in items),
    )


def of_permits(services: Mapping[str, ServicePulse]) -> Iterator[Metric]:
    """Who holds permits of services, who waits, and for which limit."""
    yield family(
        "gauge",
        "dl_lit_permits_held",
        "Permits in use, by who has them.",
        (({"service": name, "stage": who}, n) for name, one in services.items() for who, n in one.held_by.items()),
    )
    yield family(
        "gauge",
        "dl_lit_permits_waiting",
        "Requests that wait for a permit, by the limit that makes them wait.",
        (({"service": name, "limit": which}, n) for name, one in services.items() for which, n in _waiting(one)),
    )
    yield family(
        "counter",
        "dl_lit_permit_wait_seconds_total",
        "Time waited for permits, by the limit that made it so.",
        (({"service": name, "limit": which}, s) for name, one in services.items() for which, s in _waited(one)),
    )
    yield family(
        "counter",
        "dl_lit_permits_refused_total",
        "Items told to come back later, by the reason.",
        (({"service": name, "reason": why}, n) for name, one in services.items() for why, n in one.turned_away.items()),
    )


def of_folders(folders: Sequence[FolderPulse]) -> Iterator[Metric]:
    """The watched folders together."""
    yield gauge("dl_lit_watched_folders", "Folders that are watched.", len(folders))
    yield gauge(
        "dl_lit_watched_folders_blind",
        "Watched folders that cannot be seen.",
        sum(one.blind is not None for one in folders),
    )
    yield gauge(
        "dl_lit_watched_folders_polling",
        "Watched folders that are looked through again and again for want of events.",
        sum(one.how == "polling" for one in folders),
    )
    yield gauge(
        "dl_lit_watched_files_unfinished",
        "Files in watched folders that are still being written.",
        sum(one.unfinished for one in folders),
    )
    yield counter(
        "dl_lit_watched_files_taken_total", "Files taken from watched folders.", sum(one.taken for one in folders)
    )


def _each(stages: Mapping[str, StagePulse], field: str) -> dict[str, float | None]:
    return {name: getattr(one, field) for name, one in stages.items()}


def _waiting(one: ServicePulse) -> Iterator[tuple[str, float]]:
    yield from one.waiting_for.items()
    if rest := one.waiting - sum(one.waiting_for.values()):
        yield _UNNAMED, max(rest, 0)


def _waited(one: ServicePulse) -> Iterator[tuple[str, float]]:
    yield from one.waited_for.items()
    if not one.waited_for:
        yield _UNNAMED, one.waited_s
