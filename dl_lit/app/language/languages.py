"""The language models of a process: the one that is asked now, and those that reloads have put aside."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from dl_lit.app.language.use import ended, together
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock
from dl_lit.core.language import Judge, ModelUse
from dl_lit.core.ports import BibliographyReader, PdfChecker
from dl_lit.core.pulse import ModelPulse
from dl_lit.runtime.brakes import Gauges
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import require_model

if TYPE_CHECKING:
    from dl_lit.app.language.opened import Language, Threads

_LOOK_S = 0.2  # how often is looked whether waiting is to end


class Languages:
    """At most one is asked at a time. For one thread, but for `pulse` and `use`."""

    def __init__(self, clock: Clock, chance: random.Random, gauges: Gauges) -> None:
        """Nothing is opened before `become`."""
        self._clock, self._chance, self._gauges = clock, chance, gauges
        self.now: Language | None = None
        """The one that is asked; None where none is to be."""
        self._threads: Threads | None = None  # from the first model on
        self._open: tuple[Language, ...] = ()  # the newest last
        self._asked_before: tuple[ModelUse, ...] = ()  # of those that are closed
        self._is_stopped = self._is_aborted = False
        self._grace_s = 0.0
        self._settle_by = 0.0  # monotonic

    def become(self, settings: Settings, network: Network) -> Language | None:
        """Ask the model of these settings from now on; the one asked so far, to be retired when its work has ended.

        Where none is to be asked any more, what is under way with the one before ends at once. Raises
        `NeedsConfiguration`.
        """
        require_model(settings)
        self._grace_s = settings.engine.grace_s
        before, self.now = self.now, None
        if not settings.llm.is_on:
            if before is not None:
                before.stop()
            return before
        from dl_lit.app.language.opened import Language, Threads  # noqa: PLC0415 - most starts do without

        if self._threads is None:
            self._threads = Threads(settings, clock=self._clock, chance=self._chance, gauges=self._gauges)
        else:
            self._threads.become(settings)
        self.now = Language(settings, network, clock=self._clock, chance=self._chance).__enter__()
        self._open = (*self._open, self.now)
        return before

    def retire(self, language: Language | None) -> None:
        """Close one that is not asked any more."""
        if language is None or language not in self._open:
            return
        language.close()
        use = together([*self._asked_before, ended(language.use())])
        self._open = tuple(one for one in self._open if one is not language)
        self._asked_before = (use,) if use is not None else ()

    def beside(self, own: BibliographyReader, checker: PdfChecker) -> BibliographyReader:
        """`own` with the model beside it, where one is to read."""
        if self.now is None or self._threads is None:
            return own
        return self.now.beside(own, checker, self._threads)

    def judge(self) -> Judge | None:
        """Who says what ambiguous entries cite; None where nobody is to."""
        return self.now.judge() if self.now is not None else None

    @property
    def longest_s(self) -> float:
        """For how long something that was begun with the present one may go on."""
        return self.now.longest_s if self.now is not None else 0.0

    def use(self) -> ModelUse | None:
        """What was asked since the process began; None where there was none to ask."""
        return together([*self._asked_before, *(one.use() for one in self._open)])

    def pulse(self) -> ModelPulse | None:
        """How the model that is asked now is doing, and what was asked since the process began; None without one."""
        now, threads, use = self.now, self._threads, self.use()
        if now is None or threads is None or use is None:
            return None
        return ModelPulse(model=now.model.name, use=use, width=threads.in_order.width, sections=threads.sections.use())

    def keep(self, children: int) -> None:
        """End children that take pages out of PDFs until no more than so many idle ones are left."""
        for one in self._open:
            one.pages.keep(children)

    def stop(self) -> None:
        """End all waits, calls, batches and sections at once; what was sent is still deleted."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._settle_by = self._clock.monotonic() + self._grace_s
        for one in self._open:
            one.stop()
        if self._threads is not None:
            self._threads.stop()

    def settle(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Stop, and wait until sections have cleaned up behind themselves.

        No longer than `engine.grace_s` after the stop, nor when `hurry` says that all is to end at once: then what is
        left is broken off, and the next start deletes it.
        """
        self.stop()
        if self._threads is None or self._is_aborted:
            return
        while not self._threads.sections.join(_LOOK_S):
            if hurry() or self._clock.monotonic() >= self._settle_by:
                self.abort()
                return

    def abort(self) -> None:
        """Break what is still under way."""
        self._is_aborted = True
        self.stop()
        for one in self._open:
            one.abort()

    def close(self) -> None:
        """Stop, wait as `settle` does, and let go of all of them."""
        self.settle()
        self.now = None
        for one in reversed(self._open):
            self.retire(one)
