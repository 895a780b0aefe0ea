"""Asks each host for its rules before anything else: robots.txt and tdmrep.json, each in a turn of the host's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import httpx
import structlog

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import shortage_of
from dl_lit.net import reservations, robots
from dl_lit.net.answers import REDIRECTS
from dl_lit.net.bodies import BodyLimits, limited, read_start
from dl_lit.net.exchange import Exchanges, Trace, Turn, Visit, host_of
from dl_lit.net.failures import NETWORK_ERRORS, failed, reason_of
from dl_lit.net.refusals import refusal
from dl_lit.net.reservations import Reservation, permits_mining
from dl_lit.net.site_rules import Question, SiteRulebook

Tdm = Literal["obey", "record"]
"""What a reservation of text and data mining means for a fetch."""

_MAX_S = 30.0  # for one such file, however slowly it comes
MAX_QUESTIONS = 10
"""Both files with all redirects, and a turn or two that came too late."""

CHALLENGED_S = 3_600.0
"""A host that has a challenge in place of its rules is not asked for them again before."""

_ACCEPT = {"Accept": "text/plain, application/json;q=0.9, */*;q=0.5"}

log = structlog.get_logger(__name__)


class SiteQuestions:
    """Finds out what hosts ask of programs, and keeps to it. Thread-safe."""

    def __init__(
        self,
        exchanges: Exchanges,
        rulebook: SiteRulebook | None,
        clock: Clock,
        check: Callable[[str], None],
        led_on: Callable[[str, Mapping[str, str]], str],
        *,
        tdm: Tdm = "obey",
    ) -> None:
        """`check` refuses addresses that must not be asked, `led_on` says where a redirect leads; both raise."""
        self._exchanges = exchanges
        self._rulebook = rulebook
        self._clock = clock
        self._check = check
        self._led_on = led_on
        self._tdm = tdm

    def turn_for(self, target: str, visit: Visit) -> Turn:
        """The turn to ask `target` in: with the gap that its host wants."""
        return Turn(visit.key, visit.ticket, self._rulebook.gap_s(host_of(target)) if self._rulebook else 0.0)

    def next_question(self, target: str, visit: Visit) -> Question | None:
        """What must be asked before `target`; raises `FetchError` where `target` must not be asked at all."""
        book, host = self._rulebook, host_of(target)
        if book is None or self._is_exempt(target, visit):
            return None
        question = book.question(host, target)
        if question is None:
            self.heed(target, visit)
        return question

    def heed(self, target: str, visit: Visit, said: Reservation | None = None) -> str | None:
        """What is said of mining, in a line worth keeping; raises `FetchError` (skip-policy) where that forbids it.

        `said` is what the answer itself says (None: nothing), which counts more than the host's file.
        """
        told = said
        if told is None and self._rulebook is not None and not self._is_exempt(target, visit):
            told = self._rulebook.reservation(host_of(target), target)
        if told is None or not told.is_reserved:
            return None
        may_all_the_same = permits_mining(visit.licence) or self._exchanges.has_leave(target)
        if self._tdm == "obey" and not may_all_the_same and self._rulebook is not None:
            raise FetchError(Reason.SKIP_POLICY, str(told), final_url=target)
        return str(told)

    def ask(self, question: Question, trace: Trace, visit: Visit) -> None:
        """Ask in the turn that is held. Raises `FetchError` only where the host itself sends us away."""
        book = self._rulebook
        if book is None:
            raise AssertionError("there is a question, so there is a book")
        short = Visit(visit.key, visit.ticket, min(visit.deadline, time.monotonic() + _MAX_S))
        try:
            with self._exchanges.response(question.url, trace, short, _ACCEPT, is_about_rules=True) as response:
                if trace.status in REDIRECTS:
                    url = self._led_on(question.url, trace.headers)
                    self._check(url)
                    book.led_on(question, url)
                    return
                most = robots.MAX_BYTES if question.is_robots else reservations.MAX_BYTES + 1
                start, rest = read_start(response, {**trace.headers, "content-length": ""}, self._limits, self._clock)
                body = start + limited(rest, max(0, most - len(start)))
                trace.size_bytes = len(body)
        except httpx.InvalidURL as error:  # of a redirect
            self._broken(question, FetchError(Reason.BAD_REDIRECT, str(error)[:200]))
            return
        except NETWORK_ERRORS as error:
            if shortage_of(error) is not None:  # the host was never asked
                raise failed(error) from error
            book.silent(question, reason_of(error), str(error)[:200])
            return
        except FetchError as error:
            self._broken(question, error)
            return
        self._answered(question, trace, body)

    @property
    def _limits(self) -> BodyLimits:
        return self._exchanges.limits.body

    def _answered(self, question: Question, trace: Trace, body: bytes) -> None:
        book, status = self._rulebook, trace.status or 0
        if book is None or status == 200:
            if book is not None:
                book.answered(question, status, body)
            return
        after = retry_after_s(trace.headers.get("retry-after"), self._clock.time())
        error = refusal(status, trace.headers, body, question.url, after)
        self._exchanges.heed(question.url, trace, error)
        if error.reason is Reason.HTTP_429:
            error.detail = f"{question.url}: {error.detail}"
            raise error  # it wants to be left alone, and says nothing about its rules
        is_challenge = error.reason is Reason.BLOCKED_CAPTCHA
        if is_challenge and status >= 500:
            book.silent(question, error.reason, error.detail, CHALLENGED_S)
        else:
            book.answered(question, status, b"")
        if is_challenge and question.is_robots:
            book.silent(replace(question, is_robots=False), error.reason, error.detail, CHALLENGED_S)

    def _broken(self, question: Question, error: FetchError) -> None:
        """The answer leads nowhere or cannot be read."""
        book = self._rulebook
        if book is None:
            return
        if error.reason in {Reason.TRUNCATED, Reason.TIMEOUT_READ, Reason.CONNECTION_RESET}:
            book.silent(question, error.reason, error.detail)
        else:
            log.debug("site_rules_unreadable", url=question.url, reason=error.reason.value)
            book.answered(question, 404, b"")  # a redirect to nowhere, an encoding nobody knows: there is no such file

    def _is_exempt(self, target: str, visit: Visit) -> bool:
        """Whether other rules hold: those of a service's interface, or the user's agreement with the host."""
        service = self._exchanges.service_of(target)
        is_services = service is not None and service.places.is_exempt
        return is_services or visit.is_sent_on or self._exchanges.has_leave(target)
