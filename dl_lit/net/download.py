"""Fetches PDFs from anywhere on the web: guarded, polite, bounded. The network's side of `core.ports.Fetcher`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.ports import Fetched, Page
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.reasons import Reason
from dl_lit.net.answers import REDIRECTS
from dl_lit.net.bodies import Received, TooSlow, limited, read_start, save, timely
from dl_lit.net.contents import Kind, kind_of, text_of
from dl_lit.net.credentials import HostCredentials
from dl_lit.net.exchange import Exchanges, FetchLimits, Trace, Visit, host_of
from dl_lit.net.failures import NETWORK_ERRORS, failed
from dl_lit.net.file_services import FileService
from dl_lit.net.hosts import HostTurns, HostUse
from dl_lit.net.meter import ServiceUse
from dl_lit.net.partial_files import PartialFiles
from dl_lit.net.redirected import Redirected
from dl_lit.net.refusals import refusal
from dl_lit.net.reservations import of_headers, of_page
from dl_lit.net.resuming import BROKEN, MAX_RESUMES, Carried, OtherFile, carried_from
from dl_lit.net.site_questions import MAX_QUESTIONS, SiteQuestions, Tdm
from dl_lit.net.site_rules import SiteRulebook
from dl_lit.net.walls import wall_of_address, wall_of_page

__all__ = ["MAX_PAGE_BYTES", "MAX_REDIRECTS", "FetchLimits", "HttpFetcher"]

MAX_REDIRECTS = 8
MAX_PAGE_BYTES = 4_000_000
_PORTS = 65_536
_RULES_S = 60.0  # until an item comes back whose turns others took
_BUSY = frozenset({Reason.HOST_BUSY, Reason.HOST_PARKED})
_STALE = frozenset({Reason.HTTP_401, Reason.BLOCKED_FORBIDDEN, Reason.HTTP_404, Reason.HTTP_410, Reason.HTTP_4XX})
_WANTED = {"Accept": "application/pdf, text/html;q=0.8, */*;q=0.5"}


class HttpFetcher:
    """Fetches files over HTTP. Thread-safe."""

    def __init__(
        self,
        client: httpx.Client,
        turns: HostTurns,
        rules: AddressRules,
        *,
        clock: Clock,
        limits: FetchLimits | None = None,
        file_services: Sequence[FileService] = (),
        credentials: Sequence[HostCredentials] = (),
        rulebook: SiteRulebook | None = None,
        tdm: Tdm = "obey",
        partial_files: PartialFiles | None = None,
    ) -> None:
        """Fetch through `client`, in the turns of each host, from addresses that `rules` allow.

        `rulebook` has what each host asks of programs (None: nobody is asked, for tests of the rest); `tdm` says what a
        reservation of mining means; `partial_files` has what came in part in earlier attempts.
        """
        self._turns = turns
        self._rules = rules
        self._clock = clock
        self._exchanges = Exchanges(client, turns, limits or FetchLimits(), file_services, credentials)
        self._questions = SiteQuestions(self._exchanges, rulebook, clock, self._check_address, _led_on, tdm=tdm)
        self._partial_files = partial_files
        self._redirected = Redirected(clock)

    def fetch_pdf(
        self,
        url: str,
        into: Path,
        *,
        ticket: float | None = None,
        found_on: str | None = None,
        known: Mapping[str, Reason] | None = None,
        licence: str | None = None,
    ) -> Fetched | Page:
        """Stream `url` to the file `into`; a `Page` when it is HTML; see `core.ports.Fetcher`."""
        deadline = time.monotonic() + self._exchanges.limits.total_s
        visit = Visit(found_on or url, ticket, deadline, known or {}, licence)
        if (halt := self._redirected.take(url)) is not None:
            goes_on = replace(visit, jar=halt.jar, hops=list(halt.hops), been=set(), is_sent_on=halt.is_sent_on)
            try:
                return self._visit(url, halt.target, into, goes_on)
            except FetchError as error:
                if error.reason not in _STALE:
                    raise  # else what led here may lead elsewhere by now
        return self._visit(url, url.strip(), into, visit)

    def tell_free(self, tell: Callable[[str, float], None]) -> None:
        """Have `tell` called with a host's line and the seconds after which the next in it may be asked for."""
        self._turns.on_free = tell

    def stop(self) -> None:
        """End all waits for turns at once."""
        self._turns.stop()

    def use(self) -> tuple[ServiceUse, HostUse]:
        """What was fetched so far, and what the hosts saw of it."""
        return self._exchanges.use(), self._turns.use()

    def pulse(self) -> ServicePulse:
        """Who holds connections to hosts and who waits for their turns."""
        return self._turns.pulse()

    def waiting_of(self, who: str) -> int:
        """How many of the threads that work for `who` wait for a host's turn now."""
        return self._turns.waiting_of(who)

    def _visit(self, url: str, target: str, into: Path, visit: Visit) -> Fetched | Page:
        """Follow redirects from `target` on; a visit that is put off on the way goes on from there the next time."""
        try:
            for _ in range(MAX_REDIRECTS + 1):
                self._check(target, visit)
                answer = self._arrive(target, into, visit)
                if not isinstance(answer, str):
                    return replace(answer, hops=tuple(visit.hops))
                service = self._exchanges.service_of(target)
                visit.is_sent_on = service is not None and service.places.keeps_its_own
                target = answer
        except FetchError as error:
            error.final_url = error.final_url or target
            error.hops = tuple(visit.hops)
            if error.reason in _BUSY and target != url.strip():
                self._redirected.keep(url, target, visit.jar, error.hops, is_sent_on=visit.is_sent_on)
            raise
        endless = FetchError(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS}", final_url=target)
        endless.hops = tuple(visit.hops)
        raise endless

    def _check(self, target: str, visit: Visit) -> None:
        """Refuse what must not or need not be asked for."""
        try:
            self._check_address(target)
        except FetchError as error:
            if error.reason is Reason.INVALID_URL and visit.been:
                raise FetchError(Reason.BAD_REDIRECT, error.detail) from error
            raise
        if (reason := visit.known.get(target)) is not None:
            raise FetchError(reason, "asked before", final_url=target)
        state = (target, "; ".join(sorted(f"{cookie.name}={cookie.value}" for cookie in visit.jar.jar)))
        if state in visit.been:
            raise FetchError(Reason.REDIRECT_LOOP, target[:200])
        visit.been.add(state)

    def _check_address(self, target: str) -> None:
        """Refuse what is no address of the public web; where its name leads is checked again when connecting."""
        try:
            url = httpx.URL(target)
            host_of(target)
        except (ValueError, httpx.InvalidURL) as error:
            raise FetchError(Reason.INVALID_URL, str(error)[:200]) from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise FetchError(Reason.INVALID_URL, target[:200])
        port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
        if not 0 < port < _PORTS:
            raise FetchError(Reason.INVALID_URL, target[:200])
        if url.userinfo or "@" in url.netloc.decode("ascii") or not self._rules.allows(url.host, None, port):
            raise FetchError(Reason.UNSAFE_URL, target[:200])
        if (wall := wall_of_address(target)) is not None:
            raise FetchError(wall, target[:200])

    def _arrive(self, target: str, into: Path, visit: Visit) -> Fetched | Page | str:
        """What `target` gives, once its host's rules are known; a broken connection is taken up where it ended."""
        broken, before = None, len(visit.hops)
        for left in range(MAX_RESUMES, -1, -1):
            try:
                return self._in_turn(target, into, visit)
            except OtherFile:
                visit.carried, goes_on = None, True
                error = FetchError(Reason.TRUNCATED, "the file changed while it came")
            except FetchError as failure:
                error, goes_on = failure, _is_worth_resuming(failure, visit)
            if broken is not None and error.reason in _BUSY:
                broken.after, error = error.after, broken  # an attempt was made, and counts
            if not (goes_on and left):
                break
            broken = error
            del visit.hops[before:]  # it is one visit, whatever it takes
        self._keep_for_later(error, into, visit)
        raise error

    def _in_turn(self, target: str, into: Path, visit: Visit) -> Fetched | Page | str:
        """One request for `target`, after as many for its host's rules as it takes, each in a turn of its own."""
        for _ in range(MAX_QUESTIONS):
            question = self._questions.next_question(target, visit)
            asked = target if question is None else question.url
            with self._exchanges.turn(asked, self._questions.turn_for(asked, visit)) as trace:
                now_open = self._questions.next_question(target, visit)  # others may have asked while we waited
                if now_open is None and host_of(asked) == host_of(target):
                    return self._request(target, into, visit, trace)
                if now_open is not None and host_of(now_open.url) == host_of(asked):
                    self._questions.ask(now_open, trace, visit)
                    self._exchanges.asks_for(asked, self._questions.turn_for(asked, visit).gap_s)
        raise FetchError(Reason.HOST_BUSY, "its rules are being asked for", after=_RULES_S)

    def _request(self, target: str, into: Path, visit: Visit, trace: Trace) -> Fetched | Page | str:
        """The file, the page, or the address it leads on to."""
        if visit.carried is None:
            visit.carried = self._taken_up(target, into)
        wanted = {**_WANTED, **(visit.carried.asks_for() if visit.carried else {})}
        with visit.noted(target, trace):
            try:
                with self._exchanges.response(target, trace, visit, wanted) as response:
                    visit.jar.extract_cookies(response)
                    if trace.status in REDIRECTS:
                        visit.carried = None
                        return _led_on(target, trace.headers)
                    answer = self._answer(target, response, into, visit, trace)
                    trace.size_bytes = answer.size_bytes if isinstance(answer, Fetched) else len(answer.html)
            except httpx.InvalidURL as error:  # httpx reads where a redirect leads; our own address was read before
                raise FetchError(Reason.BAD_REDIRECT, str(error)[:200]) from error
            except NETWORK_ERRORS as error:
                visit.was_idle = trace.status is None and not trace.is_connected_anew
                raise failed(error) from error
            except FetchError as error:
                self._exchanges.heed(target, trace, error)
                raise
        self._exchanges.welcomed(target)  # a redirect alone is no welcome: it may lead to the challenge
        return answer

    def _answer(self, target: str, response: httpx.Response, into: Path, visit: Visit, trace: Trace) -> Fetched | Page:
        """The answer's body: saved if it is a PDF, returned if it is a page."""
        status, carried, limits = trace.status or 0, visit.carried, self._exchanges.limits.body
        is_rest = status == 206 and carried is not None
        if status == 416 and carried is not None:
            raise OtherFile
        if status != 200 and not is_rest:
            retry_after = retry_after_s(trace.headers.get("retry-after"), self._clock.time())
            raise refusal(status, trace.headers, self._told(response, trace), target, retry_after)
        told = self._questions.heed(target, visit, of_headers(trace.headers))
        if is_rest and carried is not None:
            carried.check(trace.headers)
            save(timely(response, limits, self._clock), into, limits, carried.received)
            carried.finished()
            return _fetched(target, into, carried.received, carried.part.content_type, told)
        visit.carried, visit.is_cut = None, True
        content_type = trace.headers.get("content-type", "")
        start, rest = read_start(response, trace.headers, limits, self._clock)
        kind = kind_of(start, content_type)
        if kind is Kind.PDF:
            visit.carried = carried_from(target, trace.headers)
            received = visit.carried.received if visit.carried is not None else Received()
            save(chain([start], rest), into, limits, received)
            return _fetched(target, into, received, content_type, told)
        html = text_of(start + limited(rest, max(0, MAX_PAGE_BYTES - len(start))), content_type)
        if (wall := wall_of_page(html, target)) is not None:
            raise FetchError(wall, "status 200")
        if kind is Kind.DISGUISED_PAGE:
            raise FetchError(Reason.HTML_AS_PDF, content_type)
        if (said := of_page(html)) is not None:
            told = self._questions.heed(target, visit, said)
        return Page(target, html, trace.headers, reservation=told)

    def _told(self, response: httpx.Response, trace: Trace) -> bytes:
        """The beginning of an error page; empty where it cannot be read."""
        try:
            return read_start(response, trace.headers, self._exchanges.limits.body, self._clock)[0]
        except FetchError:
            return b""

    def _taken_up(self, target: str, into: Path) -> Carried | None:
        """What an earlier attempt left of the file, now in `into`."""
        part = self._partial_files.take(target, into) if self._partial_files is not None else None
        if part is None:
            return None
        try:
            return Carried(part, Received.of(into))
        except OSError:
            return None

    def _keep_for_later(self, error: FetchError, into: Path, visit: Visit) -> None:
        """Keep what came of a large file where another attempt may bring the rest."""
        carried, visit.carried = visit.carried, None
        if carried is not None and self._partial_files is not None and (error.reason.is_transient or _is_break(error)):
            self._partial_files.keep(carried.part, into, carried.received.size_bytes)


def _is_break(error: FetchError) -> bool:
    return error.reason in BROKEN


def _is_worth_resuming(error: FetchError, visit: Visit) -> bool:
    """Whether to go on at once: with the rest of what came, or once from the start where the rest cannot be had."""
    if not _is_break(error) or isinstance(error, TooSlow) or visit.left_s <= 0.0:
        return False
    if visit.carried is not None:
        return visit.carried.received.size_bytes > 0
    is_passing = visit.is_cut if error.reason is Reason.TRUNCATED else visit.was_idle
    is_first = is_passing and not visit.is_anew
    visit.is_anew = visit.is_anew or is_first
    return is_first


def _fetched(target: str, path: Path, received: Received, content_type: str, told: str | None) -> Fetched:
    return Fetched(
        path=path,
        sha256=received.digest.hexdigest(),
        size_bytes=received.size_bytes,
        final_url=target,
        content_type=content_type,
        reservation=told,
    )


def _led_on(target: str, headers: Mapping[str, str]) -> str:
    location = headers.get("location", "").strip()
    if not location:
        raise FetchError(Reason.BAD_REDIRECT, "a redirect without an address")
    try:
        return urldefrag(urljoin(target, location)).url
    except ValueError as error:
        raise FetchError(Reason.BAD_REDIRECT, location[:200]) from error
