"""Hours of the real daemon in bad weather: whether it grows, whether it leaks, and whether it rests without work.

    scripts/prove soak [--minutes 120] [--folder DIR] [--json]

The daemon watches a folder into which papers fall; the scholarly web is a replica in another process, whose services
and hosts fail on a seeded schedule. Samples are written down as they are taken: called again with the same folder, a
soak that was ended goes on. docs/soak.md says how to read what it tells.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import psutil
from proofs.soak import measure
from proofs.soak import told as tell
from proofs.soak.folder import SoakFolder, Terms
from proofs.soak.life import arrival, write_universe
from proofs.soak.scene import (
    ReplicaProcess,
    await_end_of,
    daemon_environment,
    replica_process,
    start_daemon,
    stop_daemon,
)
from proofs.soak.verdict import SCHEMA, End, told
from proofs.soak.weather import in_force

_TICK_S = 0.5
_WEATHER_S = 5.0
_FOLDERS_EVERY = 12  # samples between two looks at how large the folders are
_STILL_S = 20.0  # without work for so long: drained
_REST_S = 30.0  # between draining and the measure of idleness
_SAY_S = 300.0
_YOUNG_S = 20.0  # a daemon that dies younger would die again and again


class Soak:
    """One call's share of a soak: the daemon is started, lives, rests and is stopped."""

    def __init__(
        self, folder: SoakFolder, terms: Terms, replica: ReplicaProcess, *, minutes: float, sample_s: float
    ) -> None:
        """Nothing is started before `live`."""
        self._folder = folder
        self._terms = terms
        self._replica = replica
        self._until_s = 60.0 * minutes
        self._sample_s = sample_s
        self._env = daemon_environment(folder, terms, replica.env)
        self._segment = len(folder.segments) - 1
        self._done_s = folder.done_s
        self._arrived = len(folder.arrivals)
        self._taken = 0
        self._next_sample = 0.0
        self._next_weather = 0.0
        self._next_arrival = 0.0
        self._next_word = 0.0
        self._daemon: psutil.Popen | None = None
        self._started = 0.0
        self.exit_code: int | None = None

    def live(self, *, drain_minutes: float, idle_minutes: float) -> None:
        """Work the minutes that are left, drain, rest, stop."""
        try:
            self._start()
            self._work()
            self._replica.set_faults(())
            self._drain(60.0 * drain_minutes)
            self._spend("settle", _REST_S if idle_minutes else 0.0)
            self._spend("idle", 60.0 * idle_minutes)
            self.exit_code = self._stop()
        finally:
            if self._daemon is not None:
                self._stop()

    # The daemon

    def _start(self) -> None:
        for earlier in self._folder.segments:
            if "code" not in earlier:
                await_end_of(earlier["pid"], self._folder)
        self._segment += 1
        self._started = time.monotonic()
        self._daemon = start_daemon(self._folder, self._env)
        self._folder.add_segment({"segment": self._segment, "pid": self._daemon.pid, "started": time.time()})

    def _stop(self) -> int | None:
        if self._daemon is None:
            return None
        code, self._daemon = stop_daemon(self._daemon), None
        self._folder.add_segment({"segment": self._segment, "code": code, "ended": time.time()})
        return code

    def _see_that_it_lives(self) -> psutil.Popen:
        """The daemon; where it has died this is written down, and it is started again."""
        if not self._replica.is_alive():
            raise click.ClickException("the replica has died: call again to go on")
        if self._daemon is None or self._daemon.poll() is not None:
            code = None if self._daemon is None else self._daemon.returncode
            died = {"segment": self._segment, "code": code, "ended": time.time(), "died": True}
            self._folder.add_segment(died)
            message = f"the daemon died with {code}: see {self._folder.output}"
            if time.monotonic() - self._started < _YOUNG_S:
                self._daemon = None
                raise click.ClickException(message)
            click.echo(message, err=True)
            self._start()
        if self._daemon is None:
            raise RuntimeError("the daemon was not started")
        return self._daemon

    # Its life

    def _work(self) -> None:
        self._put_what_was_noted()
        base, start = self._done_s, time.monotonic()
        self._next_arrival = self._done_s
        while self._done_s < self._until_s:
            self._done_s = base + time.monotonic() - start
            if self._done_s >= self._next_arrival:
                self._let_arrive()
            if self._done_s >= self._next_weather:
                self._replica.set_faults(in_force(self._terms.seed, self._done_s))
                self._next_weather = self._done_s + _WEATHER_S
            self._tick("work")

    def _let_arrive(self) -> None:
        one = arrival(self._terms.seed, self._arrived)
        beside = self._beside
        beside.write_bytes(one.content)
        facts = {"number": self._arrived, "name": one.name, "kind": one.kind, "at": time.time()}
        # Noted first: what is noted and did not arrive is put there again, what arrived unnoted would be counted lost.
        self._folder.add_arrival({**facts, "sha256": hashlib.sha256(one.content).hexdigest()})
        beside.rename(self._folder.inbox / one.name)
        self._arrived += 1
        chance = random.Random(f"pace {self._terms.seed} {self._arrived}")
        self._next_arrival += chance.uniform(0.5, 1.5) * self._terms.every_s

    @property
    def _beside(self) -> Path:
        """Where a file is written before it is moved into the watched folder."""
        return self._folder.path / "arriving"

    def _put_what_was_noted(self) -> None:
        """Move what an earlier call noted as arrived, and did not live to move."""
        if not self._beside.exists():
            return
        last = self._folder.arrivals[-1:]
        if last and last[0]["sha256"] == hashlib.sha256(self._beside.read_bytes()).hexdigest():
            self._beside.rename(self._folder.inbox / last[0]["name"])
        else:
            self._beside.unlink()

    def _drain(self, at_most_s: float) -> None:
        """Wait until nothing has been ready for a while, and every file that arrived has been taken in."""
        start = still = time.monotonic()
        while (now := time.monotonic()) - still < min(_STILL_S, at_most_s / 30) and now - start < at_most_s:
            if tell.ready(self._folder):
                still = now
            self._spend("drain", min(2.0, at_most_s / 20))

    def _spend(self, phase: str, seconds: float) -> None:
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            self._tick(phase)

    def _tick(self, phase: str) -> None:
        daemon = self._see_that_it_lives()
        now = time.monotonic()
        if now >= self._next_sample:
            self._next_sample = now + self._sample_s
            with suppress(psutil.Error):  # it has died this moment: the next tick sees it
                self._take_sample(daemon, phase)
        if now >= self._next_word:
            self._next_word = now + _SAY_S
            click.echo(f"{self._done_s / 60:6.1f} min, {self._arrived} files arrived, {phase}", err=True)
        time.sleep(_TICK_S)

    def _take_sample(self, daemon: psutil.Popen, phase: str) -> None:
        folder = self._folder
        sample = {
            "at": round(time.time(), 3),
            "done_s": round(self._done_s, 1),
            "segment": self._segment,
            "phase": phase,
            **measure.process_figures(daemon),
            "db": measure.size_of(folder.database),
            "wal": measure.size_of(Path(f"{folder.database}-wal")),
        }
        if self._taken % _FOLDERS_EVERY == 0:
            sample |= {"state": measure.size_of(folder.state), "cache": measure.size_of(folder.cache)}
        self._taken += 1
        folder.add_sample(sample)


def run(folder: SoakFolder, wanted: Terms, live: Callable[[Soak], None], *, minutes: float, sample_s: float) -> None:
    """Begin a soak in the folder, or go on with the one that is there, and write its result down."""
    terms = folder.agreed(wanted)
    write_universe(folder.universe, int(60.0 * minutes / terms.every_s) * 2 + 10)
    with replica_process(folder, terms) as replica:
        terms = replace(terms, port=replica.port)
        folder.agree(terms)
        soak = Soak(folder, terms, replica, minutes=minutes, sample_s=sample_s)
        live(soak)
        problems = replica.problems()
    result = {"schema": SCHEMA, **told(folder, End(soak.exit_code, problems))}
    folder.result.write_text(json.dumps(result, indent=1), encoding="utf-8")


@click.command()
@click.option("--minutes", default=120.0, show_default=True, help="Of work, those of earlier calls included.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the soak lives, and goes on when called again.")
@click.option("--every-s", default=15.0, show_default=True, help="Between two papers, on average.")
@click.option("--sample-s", default=5.0, show_default=True, help="Between two samples.")
@click.option("--drain-minutes", default=10.0, show_default=True, help="At most, for what is under way at the end.")
@click.option("--idle-minutes", default=5.0, show_default=True, help="Over which idleness is measured.")
@click.option("--time-scale", default=10.0, show_default=True, help="How much faster the replica's time runs.")
@click.option("--seed", default=1, show_default=True)
@click.option("--look", is_flag=True, help="Start nothing: tell how far the soak in the folder is.")
@click.option("--json", "as_json", is_flag=True)
def command(
    *,
    minutes: float,
    folder: Path | None,
    every_s: float,
    sample_s: float,
    drain_minutes: float,
    idle_minutes: float,
    time_scale: float,
    seed: int,
    look: bool,
    as_json: bool,
) -> None:
    """Let the daemon live for hours in bad weather, and measure what it takes."""
    if look:
        if folder is None or not folder.is_dir() or not SoakFolder(folder).database.exists():
            raise click.UsageError("--look needs the --folder of a soak that has begun")
        _tell({"schema": SCHEMA, **told(SoakFolder(folder), None)}, as_json=as_json)
        return
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-soak-")))
        soaked = SoakFolder(place)
        stack.enter_context(soaked.held())
        if not soaked.result.exists() or soaked.done_s < 60.0 * minutes:

            def live(soak: Soak) -> None:
                soak.live(drain_minutes=drain_minutes, idle_minutes=idle_minutes)

            terms = Terms(seed=seed, every_s=every_s, time_scale=time_scale)
            run(soaked, terms, live, minutes=minutes, sample_s=sample_s)
        result = json.loads(soaked.result.read_text(encoding="utf-8"))
    _tell(result, as_json=as_json)
    sys.exit(0 if result["holds"] else 1)


def _tell(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        click.echo(f"{name:32} {value}")
