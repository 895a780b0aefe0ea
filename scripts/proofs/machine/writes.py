"""Each call that changes a disk, failed by its number: from then on all calls on this kind of file fail.

An undisturbed run gives the numbers. Every first call of a kind at a place (this call on files of this shape) is tried,
the others in equal steps until there are enough rounds. Each fault ends after a while or lasts until the program has
ended; then the run is finished without it, and must have come to what an undisturbed run comes to.
"""

from __future__ import annotations

import dataclasses
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from proofs.machine.row import Trial
from proofs.picture import Picture, differences
from proofs.power.recorded import PAPERS, STDERR, Way, is_settled, kinds_of, run, start
from proofs.power.recorded import amiss as wrong_by_doctor
from proofs.said import outbursts, said
from proofs.scene import FINISHED, Scene
from proofs.shim.journal import Call, calls
from proofs.shim.loaded import Fault, Shim, build

WAYS = (Way("one-off"), Way("watching", is_watching=True))
ROWS = {
    "ENOSPC": "disk full",
    "EDQUOT": "disk full",
    "EIO": "disk that fails",
    "EROFS": "disk that is read-only",
}
_COMMON = ("ENOSPC", "ENOSPC", "ENOSPC", "EDQUOT", "EIO", "EROFS")
_NOT_MET = ("not met",)
_REACHED_S = 90.0  # for the call to be reached
_HOLDS_S = (0.3, 2.5)  # how long a fault lasts that ends
_BY_ITSELF_S = 15.0  # for the program to end by itself, or to settle, before it is told to end
_ENDS_S = 40.0  # for the program to end when it is told to
_SNOOZES_TOLD = {"DL_LIT_LOG_LEVEL": "debug"}
_SAID = frozenset({1, 3, 5, 6})  # exit codes that need a line on standard error
_SHAPES = ((re.compile(r"[0-9a-f]{12,}"), "#"), (re.compile(r"\d+"), "#"), (re.compile(r"[^/]*\.pdf"), "*.pdf"))


@dataclass(frozen=True, slots=True)
class Ground:
    """What the undisturbed runs in one way came to."""

    way: Way
    expected: Picture
    calls: Sequence[Call]


@dataclass(frozen=True, slots=True)
class Round:
    """One fault in one way to run."""

    way: Way
    call: Call
    error: str
    is_lasting: bool

    @property
    def row(self) -> str:
        """The row of the table."""
        return f"{ROWS[self.error]}: {self.call.kind}"

    def __str__(self) -> str:
        """The words that repeat it."""
        until = "for ever" if self.is_lasting else "for a while"
        return f"{self.way.name}, {self.call.named} {self.error} {until} ({shape(self.call)[2]})"


def tried(scene: Scene, base: Path, rounds: int, chance: random.Random) -> list[Trial]:
    """Fail so many calls, each in a run of its own below `base`. Raises `NoCompiler`."""
    return list(trials(scene, base, rounds, chance))


def trials(scene: Scene, base: Path, rounds: int, chance: random.Random) -> Iterator[Trial]:
    """The same, one after the other."""
    shim = build(base)
    grounds = {way.name: _ground(scene, way, base / f"calm-{way.name}", shim) for way in WAYS}
    for number, one in enumerate(chosen(list(grounds.values()), rounds, chance)):
        trial = _tried(scene, grounds[one.way.name], one, base / f"writes-{number}", shim, chance)
        if trial.saw != _NOT_MET or trial.failures:  # numbers differ between runs: a call may not come this time
            yield trial


def chosen(grounds: Sequence[Ground], rounds: int, chance: random.Random) -> list[Round]:
    """Which calls are failed: first calls at each place first, then the others in equal steps."""
    firsts: list[tuple[Way, Call]] = []
    others: list[tuple[Way, Call]] = []
    for ground in grounds:
        seen: set[tuple[str, str, str]] = set()
        for call in ground.calls:
            if call.call == "mmap":
                continue
            key = shape(call)
            (others if key in seen else firsts).append((ground.way, call))
            seen.add(key)
    if rounds <= len(firsts):
        picked = [firsts[at * len(firsts) // rounds] for at in range(rounds)]
    else:
        more = min(rounds - len(firsts), len(others))
        picked = firsts + [others[at * len(others) // more] for at in range(more)]
    return [Round(way, call, chance.choice(_COMMON), chance.random() < 1 / 3) for way, call in picked]


def shape(call: Call) -> tuple[str, str, str]:
    """The place of a call: its kind, what it does, and to what file but for numbers and titles."""
    path = call.second or call.path
    for pattern, instead in _SHAPES:
        path = pattern.sub(instead, path)
    return call.kind, call.call, "/".join(path.split("/")[-2:])


def _home(scene: Scene, root: Path) -> Scene:
    """The scene with papers of its own below the new folder `root`."""
    root.mkdir(parents=True)
    shutil.copytree(scene.pdfs, root / PAPERS)
    return dataclasses.replace(scene, pdfs=root / PAPERS)


def _ground(scene: Scene, way: Way, root: Path, shim: Shim) -> Ground:
    scene = _home(scene, root)
    journal, kinds = root.with_suffix(".journal"), kinds_of(root)
    code = run(scene, way, root, also=shim.environment(root, kinds, journal=journal))
    if code not in FINISHED:
        raise click.ClickException(f"the undisturbed run ended with {code}: see {root / STDERR}")
    return Ground(way, scene.picture(root), [call for call in calls(journal, list(kinds)) if call.kind in kinds])


def _tried(  # noqa: PLR0917 - what a trial stands on
    scene: Scene, ground: Ground, one: Round, root: Path, shim: Shim, chance: random.Random
) -> Trial:
    scene = _home(scene, root)
    ended = root.with_suffix(".ended")
    fault = Fault(one.call.kind, one.call.number, one.error, until=ended)
    journal = root.with_suffix(".journal")
    also = shim.environment(root, kinds_of(root), journal=journal, fault=fault) | _SNOOZES_TOLD
    wrong: list[str] = []
    child = start(scene, one.way, root, also=also)
    try:
        was_met = _until_met(child, journal, root)
        if not one.is_lasting:
            _wait(child, chance.uniform(*_HOLDS_S))
            ended.touch()
        code, is_told = _end(child, scene, one.way, root)
    finally:
        ended.touch()
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    log, errors = _texts(root)
    untyped = outbursts(log, errors)
    if code is None:
        wrong.append("did not end when it was told to")
    elif (why := amiss(code, errors, is_told=is_told)) is not None:
        untyped.append(why)
    saw = (f"exit {code}", *said(log, errors)) if was_met else _NOT_MET
    lost, doubled, after = _afterwards(scene, ground, root, len(errors))
    trial = Trial(
        one.row,
        str(one),
        saw=tuple(word.replace(str(root), "…") for word in saw),
        lost=lost,
        doubled=doubled,
        untyped=len(untyped),
        failures=(*untyped, *wrong, *after),
    )
    if not trial.failures:
        for path in (root, journal, ended):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return trial


def amiss(code: int, errors: str, *, is_told: bool) -> str | None:
    """What is wrong with how a run ended, in words; None where it is an ending of ours, and was explained."""
    if code == 0 or (is_told and code in {130, -signal.SIGTERM}):  # it minds no signal any more once it has ended
        return None
    lines = [line for line in errors.splitlines() if line.startswith("dl-lit: ")]
    if code in _SAID and (lines or code == 3):
        return None
    return f"ended with {code} and said {errors.strip()[-150:]!r}"


def _afterwards(scene: Scene, ground: Ground, root: Path, told: int) -> tuple[int, int, list[str]]:
    """Finish the run without the fault; what is lost, what is twice, and all that is wrong."""
    code = run(scene, ground.way, root)
    if code not in FINISHED:
        return 0, 0, [f"afterwards a run ended with {code}: {_texts(root)[1][told:].strip()[-200:]}"]
    found = differences(ground.expected, scene.picture(root))
    return found.lost, found.doubled, [*found.told, *wrong_by_doctor(scene, root)]


def _until_met(child: subprocess.Popen[bytes], journal: Path, root: Path) -> bool:
    """Wait for the first call that fails, or for the end of the program; whether one has failed."""
    end = time.monotonic() + _REACHED_S
    while True:
        is_over = child.poll() is not None or time.monotonic() > end
        if journal.exists() and any(call.failed for call in _whole(journal, root)):
            return True
        if is_over:
            return False
        time.sleep(0.2)


def _whole(journal: Path, root: Path) -> Iterator[Call]:
    yield from calls(journal, list(kinds_of(root)))


def _wait(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it has ended by then."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(child: subprocess.Popen[bytes], scene: Scene, way: Way, root: Path) -> tuple[int | None, bool]:
    """Let it end by itself, or tell it to: its exit code, None where it does not end, and whether it was told."""
    end = time.monotonic() + _BY_ITSELF_S
    while time.monotonic() < end and not (way.is_watching and is_settled(scene, root)):
        if _wait(child, 0.2):
            return child.returncode, False
    child.send_signal(signal.SIGTERM)
    return (child.returncode, True) if _wait(child, _ENDS_S) else (None, True)


def _texts(root: Path) -> tuple[str, str]:
    log, errors = (
        path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for path in (root / "log.jsonl", root / STDERR)
    )
    return log, errors
