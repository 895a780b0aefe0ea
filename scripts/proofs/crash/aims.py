"""What a kill is aimed at, and how it is seen from outside that the moment may have come."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain

from proofs.crash.database import Loss
from proofs.crash.family import own_cpu_s
from proofs.crash.life import Life, Strike, Target
from proofs.crash.phases import Phase, has_to_file, in_hand
from proofs.crash.ways import Household, Upload, Way

from dl_lit.core.model import StageName

_ALONE = (Target.PARENT, Target.PARENT, Target.GROUP, Target.ALL)
_ANYBODY = (Target.PARENT, Target.GROUP, Target.ALL, Target.CHILD, Target.CHILDREN)
_OPENING_S, _MIGRATING_S, _DRAINING_S = 0.12, 0.15, 0.3
_WORKING_S = 0.3
_WHOLE_S = 2.5  # of processor time
_LONGEST_S = 60.0
_LOADING_S = 0.5  # of processor time

Seems = Callable[[Life], bool]


def plan(chance: random.Random, way: Way, *, is_old: bool) -> list[Phase | None]:
    """What the kills of one run are aimed at, in order; None: at a random moment.

    Each run has its share of every phase that its way has. Chance decides the order of what may come in any.
    """
    first: list[Phase | None] = [Phase.MIGRATION] * 3 if is_old else [Phase.LOADING, Phase.OPENING]
    coming_in: list[Phase | None] = [Phase.EXTRACTION, Phase.EXTRACTION]
    if way is Way.UPLOAD:
        first += [Phase.UPLOAD] * 4
    if way is not Way.FOLDER:
        coming_in += [Phase.FILING] * 2
    early: list[list[Phase | None]] = [[Phase.ENRICHMENT], [Phase.COMMIT], [Phase.QUEUEING], [Phase.LOADING]]
    late: list[list[Phase | None]] = [
        [Phase.QUEUEING],
        [Phase.RENAME, Phase.ADOPTION],
        [Phase.COMMIT],
        [Phase.DOWNLOAD],
        [Phase.DRAINING],
        [chance.choice((None, Phase.OPENING))],
    ]
    chance.shuffle(early)
    chance.shuffle(late)
    return [*first, *coming_in, *chain.from_iterable(early + late), Phase.ENDING]


AT_WORK = frozenset({None, *Phase}) - {Phase.LOADING, Phase.OPENING, Phase.DRAINING, Phase.ENDING}
"""What cannot be hit any more where all is done."""


class Aiming:
    """Strikes the lives of one household."""

    def __init__(self, household: Household, chance: random.Random) -> None:
        """`chance` decides moments and victims."""
        self._household = household
        self._chance = chance

    def strike(self, life: Life, aim: Phase | None) -> Strike | None:
        """One kill, at what `aim` says if that comes; None where the life ended before."""
        chance = self._chance
        if aim is Phase.UPLOAD:
            return self._at_upload(life)
        if aim is Phase.LOADING:
            seems: Seems = partial(_has_used, chance.uniform(0.0, _LOADING_S))
            return self._struck(life, aim, seems, _ALONE)
        if aim in {Phase.OPENING, Phase.ADOPTION}:
            return self._struck(life, aim, _after(lambda one: one.was_up, chance.uniform(0.0, _OPENING_S)), _ALONE)
        if aim is Phase.MIGRATION:
            seems = _after(_has_more_backups(life), chance.uniform(0.0, _MIGRATING_S))
            return self._struck(life, aim, seems, _ALONE)
        if aim is Phase.DRAINING:
            return self._while_draining(life)
        if aim is Phase.ENDING:
            return self._at_the_end(life)
        if aim is None:
            return self._struck(life, Phase.IDLE, partial(_has_used, chance.uniform(0.2, _WHOLE_S)), _ANYBODY)
        seems, targets = {
            Phase.RENAME: (_has_receipts, _ALONE),
            Phase.COMMIT: (_has_just_written, _ALONE),
            Phase.FILING: (_has_to_file, _ALONE),
        }.get(aim) or (_after(partial(_has, StageName(aim.value)), chance.uniform(0.0, _WORKING_S)), _ANYBODY)
        return self._struck(life, aim, seems, targets, insist=True)

    def _struck(
        self, life: Life, aim: Phase, seems: Seems, targets: Sequence[Target | Loss], *, insist: bool = False
    ) -> Strike | None:
        if life.home.server is not None:
            targets = [*targets, *self._chance.sample(list(Loss), min(len(targets), len(Loss)))]  # as often
        is_done = partial(self._may_not_come, aim)
        return life.strike(aim, seems, targets, insist=insist, is_done=is_done)

    def _may_not_come(self, aim: Phase) -> bool:
        if aim is not Phase.UPLOAD:
            self._household.hand_in()
        return not self._household.may_come(aim)

    def _await(self, life: Life, comes: Callable[[], bool], look_s: float = 0.001) -> None:
        """Wait for what comes in its time, or for the life's end."""
        deadline = time.monotonic() + _LONGEST_S
        while life.look() and not comes() and time.monotonic() < deadline:
            time.sleep(look_s)

    def _at_upload(self, life: Life) -> Strike | None:
        """While a paper is handed in, when it was sent, or when its receiver has just answered."""
        household, chance = self._household, self._chance
        papers = [pdf for pdf in household.uploads if pdf.name not in household.accepted] or household.uploads
        paper, kind = chance.choice(papers), chance.choice(("part", "sent", "answered"))
        with Upload(household.home, paper) as one:
            self._await(life, one.connects)
            one.send(chance.uniform(0.0, 0.99) if kind == "part" else 1.0)
            if kind == "answered" and one.is_accepted():
                household.accepted.add(paper.name)
            seems = _after(lambda _: True, chance.uniform(0.0, 0.02))
            found = self._struck(life, Phase.UPLOAD, seems, _ALONE)
        return found and Strike(Phase.UPLOAD if one.is_heard else found.phase, found.target, found.hits, found.is_over)

    def _while_draining(self, life: Life) -> Strike | None:
        begun = _after(lambda one: bool(in_hand(one.home, one.before)), self._chance.uniform(0.0, _WORKING_S))
        self._await(life, lambda: begun(life) or (life.was_up and self._household.is_done()))
        life.end(self._chance.choice((signal.SIGTERM, signal.SIGINT)))
        seems = _after(lambda _: True, self._chance.uniform(0.0, _DRAINING_S))
        return self._struck(life, Phase.DRAINING, seems, _ALONE)

    def _at_the_end(self, life: Life) -> Strike | None:
        """After the lock was given back, while reports are written and the process ends."""
        household = self._household
        if household.way is not Way.FOLDER:
            self._await(life, lambda: household.hand_in() or (life.was_up and household.is_done()), look_s=0.02)
            life.end()
        given_back = _after(
            lambda one: one.was_up and one.home.lock.stat().st_size == 0, self._chance.uniform(0.0, 0.12)
        )
        self._await(life, lambda: given_back(life))
        return self._struck(life, Phase.ENDING, lambda _: True, _ALONE)


def _after(seems: Seems, delay_s: float) -> Seems:
    """So long after something was first seen."""
    since: list[float] = []

    def later(life: Life) -> bool:
        if not since and seems(life):
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] >= delay_s

    return later


def _has_used(used_s: float, life: Life) -> bool:
    return own_cpu_s(life.pid) >= used_s


def _has(stage: StageName, life: Life) -> bool:
    return any(one is stage for one, _ in in_hand(life.home, life.before))


def _has_receipts(life: Life) -> bool:
    return bool(life.home.receipts())


def _has_just_written(life: Life) -> bool:
    return life.has_just_written


def _has_more_backups(life: Life) -> Seems:
    known = set(life.home.backups())
    return lambda one: not known.issuperset(one.home.backups())


def _has_to_file(life: Life) -> bool:
    """From then on it is stopped and looked at all the time: a file is put away within milliseconds."""
    return has_to_file(life.home)
