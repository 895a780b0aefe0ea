"""The replica's log of every request: for assertions, for statistics, and for the bound of a benchmark."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import IO, Any, Protocol

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and how it ended."""

    number: int  # from 1, in order of arrival
    at: float  # monotonic seconds of arrival (of the replica's process)
    wall: float  # seconds since the Unix epoch
    group: str  # service name, "publisher" or "repository"
    site: str  # service name, "publisher-3", ...
    host: str  # address and port
    connection: int  # serial number of the TCP connection
    method: str
    target: str  # path and query as sent
    kind: str  # record, batch, search, pdf, landing, file, other
    status: int  # 0 where no answer was sent (reset, hang, client gone)
    bytes_sent: int  # of the body
    duration: float  # seconds from arrival to the last byte written
    concurrency: int  # requests in flight at this site, this one included
    user_agent: str
    refused: str = ""  # "rate", "concurrency", "budget", "key": the service's own refusals
    fault: str = ""  # the fault that was put in the way
    credits: int = 0  # OpenAlex credits taken
    about: str = ""  # what tells requests to one URL apart: "entry 1c5f…", a file's name
    forbidden: bool = False  # the robots.txt of the host asks this client not to make such requests
    client: str = ""  # its address

    def to_json(self) -> dict[str, Any]:
        """The entry as a JSON object."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(entry.name for entry in fields(Entry))


class RequestLog:
    """All entries since the last reset, in order of their end; optionally also a file of JSON lines."""

    def __init__(self, path: Path | None = None) -> None:
        """`path` is appended to and closed by `close`."""
        self._entries: list[Entry] = []
        self._file: IO[str] | None = path.open("a", encoding="utf-8") if path else None

    def add(self, entry: Entry) -> None:
        """Note one finished request."""
        self._entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry.to_json()) + "\n")

    def flush(self) -> None:
        """Put what the file has so far on disk."""
        if self._file is not None:
            self._file.flush()

    def clear(self) -> None:
        """Forget the entries; the file keeps its lines."""
        self._entries = []

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def entries(
        self, group: str | None = None, kind: str | None = None, *, site: str | None = None, contains: str = ""
    ) -> list[Entry]:
        """The entries of a group, kind and site whose target contains a text, by arrival."""
        chosen = [
            entry
            for entry in self._entries
            if (group is None or entry.group == group)
            and (kind is None or entry.kind == kind)
            and (site is None or entry.site == site)
            and contains in entry.target
        ]
        return sorted(chosen, key=lambda entry: entry.number)

    def stats(self) -> dict[str, Any]:
        """Counts by group, kind and status, refusals, faults, and the peaks of concurrency and rate."""
        entries = self.entries()
        groups = sorted({entry.group for entry in entries})
        return {
            "requests": len(entries),
            "bytes": sum(entry.bytes_sent for entry in entries),
            "groups": {group: _group_stats([e for e in entries if e.group == group]) for group in groups},
        }


def _group_stats(entries: list[Entry]) -> dict[str, Any]:
    return {
        "requests": len(entries),
        "kinds": dict(Counter(entry.kind for entry in entries)),
        "statuses": {str(status): count for status, count in Counter(entry.status for entry in entries).items()},
        "refused": dict(Counter(entry.refused for entry in entries if entry.refused)),
        "faults": dict(Counter(entry.fault for entry in entries if entry.fault)),
        "credits": sum(entry.credits for entry in entries),
        "busy_s": round(sum(entry.duration for entry in entries), 6),
        "peak_concurrency": max(entry.concurrency for entry in entries),
        "peak_per_s": peak(entries, 1.0),
    }


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The most of these spans (start, end; seconds on one clock) that ran at the same time."""
    most = running = 0
    for _, change in sorted(step for start, end in spans for step in ((start, 1), (end, -1))):
        running += change
        most = max(most, running)
    return most


class Arrived(Protocol):
    """What came at a moment."""

    @property
    def at(self) -> float:
        """Seconds on any clock."""


def peak(entries: Iterable[Arrived], seconds: float) -> int:
    """The most requests that arrived within any `seconds`."""
    times = sorted(entry.at for entry in entries)
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
