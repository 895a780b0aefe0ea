"""Sections of long documents as tasks: split, uploaded, asked about, cleaned up; against what the limits allow."""

from __future__ import annotations

import heapq
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.llm_scene import Opened, Printed, Replica, language, printed

from dl_lit.core.language import ModelError, Pages, PageText
from dl_lit.replica.log import most_at_once
from dl_lit.replica.sheets import Printed as Sheet
from dl_lit.replica.sheets import bind
from stages.language.checking import Checked, Heard, checked
from stages.language.sections import Desk, Document, Said
from stages.language.verbatim import Print

PER_SECTION = 4  # entries
UPLOAD_S, ASK_S, DELETE_S = 0.3, 4.0, 0.1
DEFAULTS = {"SECTION_TASKS": 5, "UPLOADS": 3, "SPLITS": 4, "MODEL_CALLS": 10}
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document each of whose pages is a section of its bibliography."""

    path: Path
    texts: tuple[PageText, ...]
    entries: tuple[Printed, ...]

    @property
    def parts(self) -> list[tuple[int, ...]]:
        """The sections' pages."""
        return [(one.page,) for one in self.texts]


def paper(folder: Path, sections: int) -> Paper:
    """A document with so many sections."""
    entries = printed(sections * PER_SECTION)
    pages = []
    for first in range(0, len(entries), PER_SECTION):
        some = entries[first : first + PER_SECTION]
        pages.append(["References", *(f"[{one.reference.position}] {one.reference.raw}" for one in some)])
    path = folder / f"{sections}-sections.pdf"
    path.write_bytes(bind([Sheet(((9, lines),)) for lines in pages]))
    texts = tuple(PageText(number, "\n".join(lines)) for number, lines in enumerate(pages, 1))
    return Paper(path, texts, tuple(entries))


@dataclass(slots=True)
class Watched:
    """The port to pages, with a stop watch."""

    pages: Pages
    spans: list[Span] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def texts(self, path: Path, pages: Sequence[int]) -> Sequence[PageText]:
        """As the port."""
        return self.pages.texts(path, pages)

    def split(self, path: Path, pages: Sequence[int], into: Path) -> None:
        """As the port."""
        began = time.monotonic()
        try:
            self.pages.split(path, pages, into)
        finally:
            with self._lock:
                self.spans.append((began, time.monotonic()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a document's sections were read."""

    seconds: float
    said: Sequence[Said | ModelError]
    checked: Checked
    most: dict[str, int]  # at once, by kind of work: as the replica's log has it, splits by the stop watch
    phases: dict[str, float]  # mean seconds
    files_left: int
    order_violations: int
    invented: int
    wrong: int

    @property
    def missing(self) -> int:
        """Sections that could not be read."""
        return sum(isinstance(one, ModelError) for one in self.said)


@contextmanager
def _at(served: Replica, limits: dict[str, int], **changes: Any) -> Iterator[Opened]:
    settings: dict[str, Any] = {f"MAX_CONCURRENT_{name}": value for name, value in limits.items()}
    with language(served, "gemini", **settings, **changes) as opened:
        yield opened


def read(served: Replica, one: Paper, limits: dict[str, int], **changes: Any) -> Reading:
    """Read a document's sections within limits."""
    with _at(served, limits, **changes) as opened, tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as scratch:
        pages = Watched(opened.language.pages)
        _have_children(opened.language.pages, one.path, Path(scratch), limits["SPLITS"])
        desk = Desk(model=opened.model, pages=pages, sections=opened.threads.sections, scratch=Path(scratch))
        began = time.monotonic()
        said = Document(desk, one.path, one.texts).read(one.parts)
        took_s = time.monotonic() - began
    log = served.log("gemini")
    heard = [Heard(value) for part in said if isinstance(part, Said) for value in part.references]
    taken = checked(heard, Print(one.texts))
    by_raw = {entry.reference.raw: entry.title for entry in one.entries}
    positions = [n for n in (_position(one, reference.raw) for reference in taken.references) if n is not None]
    return Reading(
        seconds=took_s,
        said=said,
        checked=taken,
        most={**at_once(log), "SPLITS": most_at_once(pages.spans)},
        phases={"split": fmean(end - start for start, end in pages.spans), **_phases(log)},
        files_left=served.files_left(),
        order_violations=sum(later < earlier for earlier, later in pairwise(positions)),
        invented=sum(reference.raw not in by_raw for reference in taken.references),
        wrong=sum(reference.title not in {None, by_raw.get(reference.raw)} for reference in taken.references),
    )


def _have_children(pages: Pages, path: Path, scratch: Path, count: int) -> None:
    """Children that open PDFs are there before the clock starts, as in a program that has read sections before."""
    with ThreadPoolExecutor(count) as threads:
        list(threads.map(lambda number: pages.split(path, [1], scratch / f"{number}.pdf"), range(count)))


def _position(one: Paper, raw: str) -> int | None:
    return next((entry.reference.position for entry in one.entries if entry.reference.raw == raw), None)


def _spans(log: Iterable[dict[str, Any]]) -> dict[str, dict[str, Span]]:
    """When each file was uploaded (until it could be asked about), asked about and deleted, by name."""
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    for one in log:
        name = next((part for part in one["about"].split() if part.startswith(("files/", "file_"))), None)
        phase = {"upload-start": "upload", "upload": "upload", "state": "upload", "section": "ask", "delete": "delete"}
        if name is None or one["kind"] not in phase:
            continue
        kind, span = phase[one["kind"]], (one["at"], one["at"] + one["duration"])
        before = found[name].get(kind, span)
        found[name][kind] = (min(before[0], span[0]), max(before[1], span[1]))
    return found


def at_once(log: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The most section tasks, uploads and calls that ran at the same time, by the log of a provider of files."""
    files = _spans(log).values()
    whole = [(min(start for start, _ in phases.values()), max(end for _, end in phases.values())) for phases in files]
    calls = [(one["at"], one["at"] + one["duration"]) for one in log if one["kind"] == "section"]
    return {
        "SECTION_TASKS": most_at_once(whole),
        "UPLOADS": most_at_once(phases["upload"] for phases in files if "upload" in phases),
        "MODEL_CALLS": most_at_once(calls),
    }


def _phases(log: Sequence[dict[str, Any]]) -> dict[str, float]:
    files = _spans(log).values()
    return {
        kind: fmean(spans)
        if (spans := [phases[kind][1] - phases[kind][0] for phases in files if kind in phases])
        else 0.0
        for kind in ("upload", "ask", "delete")
    }


def ideal_s(sections: int, phases: dict[str, float], limits: dict[str, int]) -> float:
    """The time so many like sections take within the limits when nothing is lost between their steps.

    Each step of each section begins as soon as the one before it has ended and there is a place for it, in their order;
    for sections that are alike no order of work is sooner done.
    """
    tasks = [0.0] * min(limits["SECTION_TASKS"], sections)
    places = {"split": "SPLITS", "upload": "UPLOADS", "ask": "MODEL_CALLS"}
    free = {step: [0.0] * limits[name] for step, name in places.items()}
    waiting: list[tuple[float, int, int]] = []  # when a section is ready for a step, its number, the step
    steps = ("split", "upload", "ask", "delete")
    begun = end = 0
    last = 0.0
    while begun < sections and tasks:
        tasks.pop()
        heapq.heappush(waiting, (0.0, begun, 0))
        begun += 1
    while waiting:
        ready, number, step = heapq.heappop(waiting)
        name = steps[step]
        place = heapq.heappop(free[name]) if name in free else 0.0
        done = max(ready, place) + phases[name]
        if name in free:
            heapq.heappush(free[name], done)
        if step + 1 < len(steps):
            heapq.heappush(waiting, (done, number, step + 1))
            continue
        end, last = end + 1, max(last, done)
        if begun < sections:
            heapq.heappush(waiting, (done, begun, 0))
            begun += 1
    return last


def sections_of(
    served: Replica, count: int, scale: float, folder: Path, *, raised: int | None = None
) -> dict[str, Any]:
    """One document's sections one by one and within the default limits; where `raised`, within limits raised so far."""
    latency = {"gemini/upload": UPLOAD_S, "gemini/section": ASK_S, "gemini/delete": DELETE_S}
    latency = {name: seconds * scale for name, seconds in latency.items()}
    one = paper(folder, count)
    served.anew(latency)
    alone = read(served, one, dict.fromkeys(DEFAULTS, 1))
    served.anew(latency)
    within = read(served, one, DEFAULTS)
    figures: dict[str, Any] = {
        "sequential_s": round(alone.seconds, 3),
        "phases_s": {name: round(seconds, 3) for name, seconds in alone.phases.items()},
        **_told(alone, within, count, DEFAULTS),
    }
    readings = [alone, within]
    if raised is not None:
        limits = dict.fromkeys(DEFAULTS, raised)
        served.anew(latency)
        readings.append(read(served, one, limits))
        figures["raised"] = {"limits": limits, **_told(alone, readings[-1], count, limits)}
    figures["files_left"] = sum(reading.files_left for reading in readings)
    figures["missing"] = sum(reading.missing for reading in readings)
    figures["order_violations"] = sum(reading.order_violations for reading in readings)
    figures["invented"] = sum(reading.invented for reading in readings)
    figures["entries"] = min(len(reading.checked.references) for reading in readings)
    return figures


def _told(alone: Reading, reading: Reading, count: int, limits: dict[str, int]) -> dict[str, Any]:
    bound_s = ideal_s(count, alone.phases, limits)
    return {
        "seconds": round(reading.seconds, 3),
        "speedup": round(alone.seconds / reading.seconds, 2),
        "bound_speedup": round(alone.seconds / bound_s, 2),
        "of_bound": round(bound_s / reading.seconds, 3),
        "most_at_once": reading.most,
        "limits_exceeded": sum(reading.most[name] > limit for name, limit in limits.items()),
    }
