"""Attacks on one control surface, one after the other, and what of each must not be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from proofs.surface.served import TOKEN, Served
from proofs.surface.wire import Answer, Unreadable, answers

REFUSED = frozenset({400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 429, 431, 501, 505})
"""Every way of saying no that is the sender's fault."""

SECRET = b"nobody outside is to read this"
"""What stands in files that lie beside those that may be named."""

_NOT_TO_BE_TOLD = (SECRET, b"root:x:0:0", b"Traceback (most", TOKEN.encode())
_LATER = frozenset({429, 503, 507})
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Attack:
    """Bytes that are sent, and what may come of them."""

    name: str
    sent: bytes = field(repr=False)
    may: Collection[int] = REFUSED  # statuses; 0: it is hung up without an answer
    at_most: int = 1  # answers; more: a request that was hidden has got through
    may_change: bool = False
    ends: bool = False  # the sender tells that no more comes, upon which it is hung up
    then: Callable[[list[Answer]], Iterable[str]] | None = field(default=None, repr=False)  # complaints


@dataclass(slots=True)
class Trial:
    """What has been tried, and what was found."""

    served: Served
    step: int = 1  # only every so many-th attack of a row is sent
    tried: Counter[str] = field(default_factory=Counter)  # by row
    came: dict[str, Counter[int]] = field(default_factory=dict)  # statuses by row
    counts: Counter[str] = field(default_factory=Counter)  # lost, doubled, untyped
    failures: list[str] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)  # figures that prove nothing by themselves

    def found(self, kind: str, row: str, attack: str, seen: str) -> None:
        """Something that must not be; `kind` is lost, doubled or untyped."""
        self.counts[kind] += 1
        self.failures.append(f"{self.served.name}: {row}: {attack}: {kind}: {seen}")

    def note(self, row: str, *statuses: int, tried: int = 1) -> None:
        """Something was tried, and answered so."""
        self.tried[row] += tried
        self.came.setdefault(row, Counter()).update(statuses)

    def attack(self, row: str, attacks: Iterable[Attack], *, others_change: bool = False) -> None:
        """Send each, and look at what comes back and at what has changed; then whether others are still served.

        `others_change` where somebody honest posts meanwhile.
        """
        for one in islice(attacks, 0, None, self.step):
            with self.unchanged(row, one.name, may_change=one.may_change or others_change):
                self._send(row, one)
        self.alive(row)

    def judge(self, row: str, one: Attack, stream: bytes) -> list[Answer]:
        """What is to be said of what came back."""
        try:
            came = answers(stream, [one.sent.partition(b" ")[0].decode("latin-1")])
        except (Unreadable, ValueError) as error:
            self.found("untyped", row, one.name, f"{error}"[:_SHOWN])
            return []
        self.note(row, *([answer.status for answer in came] or [0]))
        for hidden in _NOT_TO_BE_TOLD:
            if hidden in stream:
                self.found("doubled", row, one.name, f"{hidden!r} is told")
        if len(came) > one.at_most:
            self.found("doubled", row, one.name, f"{len(came)} answers: {[answer.status for answer in came]}")
        if not came and 0 not in one.may:
            self.found("untyped", row, one.name, "no answer")
        for answer in came:
            self._judge(row, one, answer)
        if one.then is not None:
            for complaint in one.then(came):
                self.found("doubled", row, one.name, complaint)
        return came

    def _send(self, row: str, one: Attack) -> None:
        try:
            stream = self.served.door.said(one.sent, ends=one.ends)
        except OSError as error:
            self.note(row)
            self.found("lost", row, one.name, f"{error!r}")
            return
        self.judge(row, one, stream)
        if one.may_change and one.ends:  # it may be done after we have gone
            last = ""
            while last != (now := self.served.state()):
                last = now
                time.sleep(0.1)

    def _judge(self, row: str, one: Attack, answer: Answer) -> None:
        if answer.status not in one.may:
            kind = "untyped" if answer.status >= 500 else "doubled" if answer.status < 400 else "untyped"
            self.found(kind, row, one.name, f"{answer.status} {answer.body[:_SHOWN]!r}")
        if answer.status >= 400 and answer.body and not answer.reason and "status" not in (answer.document or {}):
            self.found("untyped", row, one.name, f"{answer.status} in no form: {answer.body[:_SHOWN]!r}")

    @contextmanager
    def unchanged(self, row: str, name: str, *, may_change: bool = False) -> Iterator[None]:
        """Find out whether what is done meanwhile changes anything."""
        before = None if may_change else self.served.state()
        yield
        if before is not None and self.served.state() != before:
            self.found("doubled", row, name, "something has changed")

    def alive(self, row: str) -> None:
        """Whoever comes now is served."""
        try:
            answer = self.served.door.ask("GET", "/health/live")
        except (OSError, Unreadable) as error:
            self.found("lost", row, "afterwards", f"nobody is served: {error!r}")
            return
        if answer.status != 200:
            self.found("lost", row, "afterwards", f"/health/live answers {answer.status}")
