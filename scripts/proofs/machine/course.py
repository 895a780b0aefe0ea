"""The course of one trial: a daemon at work, a fault for a while, what was told of it, its end, the comparison."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from proofs.machine.home import Home, Unmet, await_
from proofs.machine.row import Trial
from proofs.picture import Picture, differences
from proofs.scene import Scene

PATIENCE_S = 180.0  # for a condition to be told, and for it to be over


@dataclass(frozen=True, slots=True)
class Ground:
    """What all trials stand on."""

    scene: Scene
    expected: Picture  # of an undisturbed run
    base: Path
    seed: int
    rounds: int


@dataclass(slots=True)
class Account:
    """What is written down of a trial while it goes on."""

    row: str
    hit: str
    saw: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def see(self, *words: str) -> None:
        """Note what the user saw; each thing once."""
        self.saw += [word for word in words if word not in self.saw]

    def closed(self, home: Home | None, expected: Picture | None) -> Trial:
        """The trial, once the home's work has been finished and is compared with the undisturbed run."""
        untyped = home.untyped() if home is not None else []
        lost = doubled = 0
        if home is not None and expected is not None:
            try:
                found = differences(expected, home.picture())
                lost, doubled = found.lost, found.doubled
                self.failures += found.told
                self.failures += [f"doctor: {one}" for one in home.broken()]
            except (sqlite3.Error, OSError) as error:
                self.failures.append(f"nothing to compare: {error}")
        untyped += [line for line in self.failures if line.startswith("untyped: ")]
        self.failures += [line for line in untyped if line not in self.failures]
        return Trial(self.row, self.hit, tuple(self.saw), lost, doubled, len(untyped), tuple(self.failures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that a daemon at work has to live through."""

    row: str
    hit: str
    begin: Callable[[Home], None]
    end: Callable[[Home], None]
    told: frozenset[str] = frozenset()  # conditions that must be told while it lasts
    hold_s: float = 4.0  # it lasts at least so long
    items: int = 10  # outcomes before it begins
    words: tuple[str, ...] = ()  # of the daemon's command
    papers: tuple[int, ...] = (1, 2)  # those that come during the fault
    while_it_lasts: Callable[[Home, Account], None] = lambda _home, _account: None
    may_die: bool = False  # the process may end by it: it is started again then


def lived_through(ground: Ground, home: Home, fault: Fault) -> Trial:
    """Let the daemon live through the fault, in a home that has been made, and go on by itself when it is over."""
    account = Account(fault.row, fault.hit)
    others = [number for number in range(len(home.papers)) if number not in fault.papers]
    try:
        home.put(*others)
        home.start(*fault.words)
        await_(lambda: home.items() >= fault.items or home.is_done(), f"{fault.items} outcomes", PATIENCE_S)
        try:
            _during(home, fault, account)
        finally:
            fault.end(home)
        _after(home, fault, account)
    except Unmet as error:
        account.failures.append(str(error))
    finally:
        home.kill()
    finish(home, account)
    return account.closed(home, ground.expected)


def _during(home: Home, fault: Fault, account: Account) -> None:
    fault.begin(home)
    until = time.monotonic() + fault.hold_s
    with suppress(OSError):  # where the watched folder is what cannot be written to
        home.put(*fault.papers)
    try:
        account.see(*home.await_conditions(fault.told, PATIENCE_S))
    except Unmet as error:
        account.failures.append(f"not told: {error}")
    while time.monotonic() < until and home.is_alive:
        account.see(*home.conditions())
        time.sleep(0.3)
    account.see(*home.conditions())
    fault.while_it_lasts(home, account)


def _after(home: Home, fault: Fault, account: Account) -> None:
    """What the daemon comes to when the fault is over."""
    with suppress(OSError):
        home.put(*fault.papers)
    if not home.is_alive:
        died(home, account, may_die=fault.may_die)
        home.start(*fault.words)
    home.await_done()
    if fault.told:
        gone = f"the end of {', '.join(sorted(fault.told))} in /health"
        await_(lambda: not fault.told & set(home.conditions()), gone, PATIENCE_S)
    code = home.stop()
    account.see(f"exit {code}")
    if code != 0:
        account.failures.append(f"the daemon's end after it: exit {code}")


def died(home: Home, account: Account, *, may_die: bool) -> None:
    """The daemon has ended by itself: with one line, or it is a failure."""
    code = home.daemon.returncode if home.daemon is not None else None
    lines = [line for line in home.stderr.read_text(errors="replace").splitlines() if line.startswith("dl-lit: ")]
    account.see(f"exit {code}", *lines[-1:])
    if not may_die or code is None or (code > 0 and not lines):
        account.failures.append(f"the daemon ended with {code} ({lines[-1] if lines else 'no line'})")


def finish(home: Home, account: Account) -> None:
    """Do what may be left, undisturbed."""
    try:
        if not home.is_done():
            home.finish()
    except Unmet as error:
        account.failures.append(str(error))
