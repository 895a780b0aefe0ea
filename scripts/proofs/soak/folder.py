"""The folder a soak lives in: everything is appended at once, so that it goes on where it was whatever ends it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import click


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a soak keeps to from its first minute to its last; what is written down goes before what is asked for."""

    seed: int
    every_s: float  # between two papers, on average
    time_scale: float  # how much faster than the real one the replica's time runs
    port: int = 0  # of the replica: addresses in the database stay good


class SoakFolder:
    """The files of one soak, by name, and what they say of how far it is."""

    def __init__(self, path: Path) -> None:
        """`path` is made where it is missing."""
        self.path = path.absolute()
        self.inbox = self.path / "inbox"
        self.database = self.path / "dl-lit.db"
        self.library = self.path / "library"
        self.state = self.path / "state"
        self.cache = self.path / "cache"
        self.universe = self.path / "universe.jsonl"
        self.requests = self.path / "requests.jsonl"
        self.output = self.path / "daemon.out"
        self.log = self.path / "daemon.log"
        self.result = self.path / "result.json"
        self._samples = self.path / "samples.jsonl"
        self._arrivals = self.path / "arrivals.jsonl"
        self._segments = self.path / "segments.jsonl"
        self._terms = self.path / "terms.json"
        self.inbox.mkdir(parents=True, exist_ok=True)
        (self.path / "config.toml").touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """No other soak works here meanwhile; raises `click.ClickException` where one does."""
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise click.ClickException(f"a soak runs in {self.path} already") from error
            for path in (self._samples, self._arrivals, self._segments):
                _mend(path)
            yield

    def agreed(self, wanted: Terms) -> Terms:
        """The terms of the soak that is under way here, else `wanted`."""
        if not self._terms.exists():
            return wanted
        found = json.loads(self._terms.read_text(encoding="utf-8"))
        return Terms(**{entry.name: found[entry.name] for entry in fields(Terms)})

    def agree(self, terms: Terms) -> None:
        """Write the terms down."""
        unfinished = self._terms.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(asdict(terms)), encoding="utf-8")
        unfinished.replace(self._terms)

    def add_sample(self, sample: dict[str, Any]) -> None:
        """Note one sample, at once."""
        _append(self._samples, sample)

    def add_arrival(self, arrival: dict[str, Any]) -> None:
        """Note that a file has arrived."""
        _append(self._arrivals, arrival)

    def add_segment(self, segment: dict[str, Any]) -> None:
        """Note that a process was started, or that one has ended."""
        _append(self._segments, segment)

    @property
    def samples(self) -> list[dict[str, Any]]:
        """All samples so far."""
        return list(lines_of(self._samples))

    @property
    def arrivals(self) -> list[dict[str, Any]]:
        """All arrivals so far."""
        return list(lines_of(self._arrivals))

    @property
    def segments(self) -> list[dict[str, Any]]:
        """What is known of each process: `segment`, `pid`, `started`; `code` and `ended` once it ended orderly."""
        found: dict[int, dict[str, Any]] = {}
        for line in lines_of(self._segments):
            found.setdefault(line["segment"], {}).update(line)
        return list(found.values())

    @property
    def done_s(self) -> float:
        """Seconds of work so far."""
        return max((one["done_s"] for one in lines_of(self._samples)), default=0.0)


def _append(path: Path, item: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(item) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _mend(path: Path) -> None:
    """End a line that a sudden death cut off, so that the next one stands by itself."""
    if path.exists() and (text := path.read_bytes()) and not text.endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects in a file of JSON lines; one that was cut off by a sudden end is left out."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for line in file:
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict):
                yield found
