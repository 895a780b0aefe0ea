"""What a parser under test is: how it is fed, what it may raise, and what one input of it may cost."""

from __future__ import annotations

import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
RECORDED = ROOT / "tests" / "recorded"
SAMPLES = ROOT / "dl_lit" / "demo" / "samples"

LONGEST_S = 1.0
"""Of processor time that one input may take."""

MOST_BYTES = 300 * 1024 * 1024
"""Of memory that one input may add to the most there was before."""

_OURS = ("dl_lit", "stages", "db")


@dataclass(frozen=True, slots=True)
class Target:
    """One parser, or some that read the same kind of thing."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]  # sound inputs to begin with
    typed: tuple[type[Exception], ...] = ()  # what it may raise: its declared errors
    most_bytes: int = 60_000  # of an input


@dataclass(frozen=True, slots=True)
class Found:
    """What one input did that it must not."""

    target: str
    kind: str  # "raised", "slow" or "memory"
    what: str  # the exception and where it came from, or a figure
    place: str  # file and line of ours that it came through; "" where there is none


def tried(target: Target, data: bytes) -> Found | None:
    """Feed `data` to the target: what it did that it must not, None where all was well."""
    peak = _peak_bytes()
    began = time.thread_time()
    try:
        target.read(data)
    except target.typed:
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        return Found(target.name, "raised", f"{type(error).__name__}: {str(error)[:120]!a}", _place(error))
    took = time.thread_time() - began
    if took > LONGEST_S:
        return Found(target.name, "slow", f"{took:.2f} s for {len(data)} bytes", "")
    grown = _peak_bytes() - peak
    if grown > MOST_BYTES:
        return Found(target.name, "memory", f"{grown >> 20} MB for {len(data)} bytes", "")
    return None


def _place(error: BaseException) -> str:
    """The last line of ours on the way to the error."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in _OURS:
            return f"{path.relative_to(ROOT)}:{frame.lineno}"
    return ""


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def parts(data: bytes, count: int) -> list[bytes]:
    """An input taken apart at NULs, for parsers that read several things together."""
    found = data.split(b"\0", count - 1)
    return found + [b""] * (count - len(found))


def text(data: bytes) -> str:
    """Bytes as whoever decoded them carefully would hand them on."""
    return data.decode("utf-8", "replace")


def recorded(*names: str) -> list[bytes]:
    """The recorded answers of these files or folders."""
    found: list[bytes] = []
    for name in names:
        place = RECORDED / name
        paths = sorted(place.iterdir()) if place.is_dir() else [place]
        found += [path.read_bytes() for path in paths if path.suffix != ".md"]
    return found
