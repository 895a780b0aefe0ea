"""One process of the program in a home: started, watched, stopped where it is wanted, and killed."""

from __future__ import annotations

import math
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from proofs.crash.database import Loss
from proofs.crash.family import Member, children, cpu_s, freeze, member, thaw
from proofs.crash.home import Home
from proofs.crash.phases import Before, Known, Phase, has_lock, in_hand, phase_of
from proofs.scene import Scene

_LOOK_S = 0.001
_WRITTEN_S = 0.004  # a write to the log younger than this is still on its way to the disk
_LONGEST_AIM_S = 20.0  # from when it is up
_LONGEST_S = 300.0
_ASK_S = 0.25
_GONE_S = 5.0
_STARTS_S = 2.5  # of processor time


class Target(StrEnum):
    """Whom a kill hits."""

    PARENT = "parent"
    CHILD = "child"
    CHILDREN = "children"
    ALL = "all, children first"
    GROUP = "all, parent first"


_NEED_CHILDREN = frozenset({Target.CHILD, Target.CHILDREN, Target.ALL})


@dataclass(frozen=True, slots=True)
class Strike:
    """One kill that was made."""

    phase: Phase
    target: Target | Loss
    hits: int  # processes
    is_over: bool  # the parent has died


@dataclass
class Life:
    """A running process. For one thread."""

    home: Home
    process: subprocess.Popen[bytes]
    before: Before
    chance: random.Random
    was_up: bool = False
    is_told_to_end: bool = False
    has_lost_server: bool = False
    was_starting: bool = False  # when it lost the server, or not long after
    first_cpu_s: float | None = None  # what it took from exec to the first item in hand
    family: set[Member] = field(default_factory=set)  # children that were seen
    _written: object = None
    _written_at: float = float("-inf")

    @property
    def pid(self) -> int:
        """The parent's."""
        return self.process.pid

    def look(self) -> bool:
        """See how it goes; whether it still runs."""
        if self.process.poll() is not None:
            return False
        if not self.was_up:
            self.was_up = has_lock(self.home, self.pid)
        elif self.first_cpu_s is None and in_hand(self.home, self.before):
            self.first_cpu_s = cpu_s(self.pid)
        if (written := self.home.database.written()) != self._written:
            self._written, self._written_at = written, time.monotonic()
        return True

    @property
    def has_just_written(self) -> bool:
        """Whether the database was written to within the last milliseconds."""
        return time.monotonic() - self._written_at < _WRITTEN_S

    def phase(self, wanted: Phase, *, has_just_written: bool) -> Phase:
        """Where it is; it must be stopped."""
        known = Known(self.was_up, self.is_told_to_end, has_just_written, wanted)
        return phase_of(self.home, self.pid, self.before, known)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        self.is_told_to_end = True

    def strike(
        self,
        wanted: Phase,
        seems: Callable[[Life], bool],
        targets: Sequence[Target | Loss],
        *,
        insist: bool,
        is_done: Callable[[], bool],
    ) -> Strike | None:
        """Wait until it `seems` to be in the phase, stop it, look, and kill.

        `insist`: where it is in another phase it goes on, until all `is_done` or some time has passed.
        None where it ended before.
        """
        now = time.monotonic()
        began, up_at, asked_at, is_late = now, math.inf, now, False
        while self.look():
            if (now := time.monotonic()) - asked_at > _ASK_S:
                asked_at, up_at = now, min(up_at, now if self.was_up else math.inf)
                is_late = now > min(up_at + _LONGEST_AIM_S, began + _LONGEST_S) or is_done()
            if not is_late and not seems(self):
                time.sleep(_LOOK_S)
                continue
            has_just_written = self.has_just_written  # before it is stopped, which takes a while on a busy machine
            if not freeze(self.pid):
                continue
            self.was_up = self.was_up or has_lock(self.home, self.pid)
            found = self.phase(wanted, has_just_written=has_just_written)
            if found is wanted or not insist or is_late:
                return self._kill(found, targets)
            thaw(self.pid)
            time.sleep(_LOOK_S)
        return None

    def _kill(self, phase: Phase, targets: Sequence[Target | Loss]) -> Strike:
        """It is stopped: children that were only being started cannot come to be."""
        parent, young = member(self.pid), children(self.pid)
        self.family.update(young)
        usable = [one for one in targets if young or one not in _NEED_CHILDREN] or [Target.PARENT]
        target = self.chance.choice(usable)
        if isinstance(target, Loss):
            return self._lose(phase, target)
        if target is Target.CHILD:
            young = [self.chance.choice(young)]
        whole: dict[Target, list[Member | None]] = {
            Target.PARENT: [parent],
            Target.CHILD: [*young],
            Target.CHILDREN: [*young],
            Target.ALL: [*young, parent],
            Target.GROUP: [parent, *young],
        }
        victims = whole[target]
        for victim in victims:
            if victim is not None:
                victim.kill()
        is_over = parent in victims
        if is_over:
            self.process.wait()
        else:
            thaw(self.pid)
        return Strike(phase, target, len(victims), is_over)

    def _lose(self, phase: Phase, how: Loss) -> Strike:
        """Lose the database's server, while it is stopped; it goes on without, or dies as well."""
        is_over = how is Loss.BOTH
        self.has_lost_server = True
        self.was_starting = self.was_starting or cpu_s(self.pid) < _STARTS_S

        def meanwhile() -> None:
            if is_over:
                self.process.kill()
                self.process.wait()
            else:
                thaw(self.pid)

        self.home.database.lose(how, self.chance, meanwhile)
        return Strike(phase, how, 1, is_over)

    def survivors(self, patience_s: float = _GONE_S) -> list[Member]:
        """Children that are still there some seconds after their parent has gone; they are ended then."""
        deadline = time.monotonic() + patience_s
        while (left := [one for one in self.family if one.is_alive]) and time.monotonic() < deadline:
            time.sleep(0.005)
        for one in left:
            one.kill()
        return left


def born(
    scene: Scene, home: Home, words: Sequence[str], chance: random.Random, *, may_be_old: bool = False, **settings: str
) -> Life:
    """Start the program; what it says is added to the home's `stdout` and `stderr`, its temporary files are its own."""
    (home.path / "tmp").mkdir(exist_ok=True)
    before = Before.of(home, may_be_old=may_be_old)
    env = scene.environment(home.path) | {"TMPDIR": str(home.path / "tmp"), **home.settings, **settings}
    with (home.path / "stdout").open("ab") as out, (home.path / "stderr").open("ab") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "dl_lit", *words],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            start_new_session=True,
        )
    return Life(home, process, before, chance)
