"""The way of one work through its locations, as a state machine: every state is a method that gives the next one.

resume ──▶ next ──▶ fetch ──▶ read ──▶ next           a page: what it names comes before everything else
            │ ▲       │
            │ └───────┼──── nothing came: noted
            │         └──▶ check ──▶ next             a file: refused, or kept while a better one may come
            │                 └────▶ place ──▶ Done   it is the work
            ▼
        exhausted ──▶ place                           the kept file, doubtful or not
                  ├─▶ search ──▶ next                 the locators that cost more
                  └─▶ Snooze, Retry, Reject           by what the addresses ended in
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import field, replace
from datetime import date
from functools import partial

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError, PdfError
from dl_lit.core.items import DownloadItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, Work
from dl_lit.core.ports import Fetched, Fetcher, Library, LinkFinder, Locating, Page, PdfChecker, PdfFacts, Techniques
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail, Tried
from dl_lit.core.values import dataclass
from dl_lit.matching.proof import prove
from stages.download.candidates import MAX_DOUBTFUL, Candidate, RankOf, better, could_better
from stages.download.endings import Standing, ending
from stages.download.failures import Failure
from stages.download.leads import MAX_PAGES, Lead, host_of, leads_of, leads_on
from stages.download.memory import Memory

State = Callable[[], "State | Answer"]
Judge = Callable[[Work, PdfFacts, Location], Proof]
"""Whether a file is the work it was fetched for."""

MAX_SEARCHES = 4
"""Rounds of the locators that cost more: each goes on to those that the one before had spared."""

_RUN_OUT = frozenset({Reason.HTTP_401, Reason.BLOCKED_FORBIDDEN, Reason.HTTP_404, Reason.HTTP_410, Reason.HTTP_4XX})
"""How a host refuses a signed address whose time is over."""

_DECISION = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What all ways use."""

    fetcher: Fetcher
    checker: PdfChecker
    library: Library
    find_links: LinkFinder
    techniques: Techniques
    locating: Locating
    clock: Clock
    rank_of: RankOf
    max_attempts: int
    judge: Judge = prove


@dataclass(slots=True)
class _Notes:
    """What this visit came to so far."""

    failures: list[Failure] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)

    def add(self, failure: Failure, *, is_news: bool = True) -> None:
        self.failures.append(failure)
        self.tried.append(failure.tried(is_news=is_news))

    @property
    def pressing(self) -> list[Failure]:
        """Those whose turn comes soon, and costs nothing but waiting."""
        return [one for one in self.failures if not one.costs_attempt and one.is_soon]

    @property
    def closed_hosts(self) -> set[str]:
        """Hosts that are not to be asked for anything else: that would only lengthen their lines."""
        return {host for one in self.failures if (host := one.closed_host) is not None}


class Way:
    """One visit of one claim. `kept` is the file that is to be put by where the answer is to come back."""

    def __init__(self, tools: Tools, claim: Claim, item: DownloadItem, memory: Memory, kept: Candidate | None) -> None:
        """Go on from what is remembered of the work; `kept` is the file that was put by."""
        self._tools = tools
        self._claim = claim
        self._work: Work = item.work
        self._locations = item.locations
        self._refused = frozenset(item.refused)
        self._memory = memory
        self._leads: deque[Lead] = deque()
        self._notes = _Notes()
        self.kept = kept

    def run(self) -> Answer:
        """Go through the states until one is an answer. Whatever is not kept is removed."""
        state: State | Answer = self._resume
        while callable(state):
            state = state()
        return state

    # --- the states

    def _resume(self) -> State | Answer:
        """Take up all locations; what failed for good before is not asked again."""
        if self.kept is not None and not self.kept.is_doubtful:
            return self._place  # only the disk was in its way
        self._take_up((*self._locations, *self._memory.found), self._memory.embargoed)
        return self._next

    def _next(self) -> State | Answer:
        """The next address that is worth asking now."""
        if self._memory.doubtful >= MAX_DOUBTFUL:
            self._leads.clear()
        while self._leads:
            lead = self._leads.popleft()
            if self.kept is not None and not self._is_wanted(lead, self.kept):
                continue
            known = self._memory.dead.get(lead.url) or self._memory.passing.get(lead.url)
            if known is not None:
                self._notes.add(known, is_news=False)
            elif not self._is_put_off(lead):
                return partial(self._fetch, lead)
        return self._exhausted

    def _fetch(self, lead: Lead) -> State | Answer:
        """Ask for the address."""
        if (leads := self._memory.recall_page(lead.url, self._tools.clock.monotonic())) is not None:
            self._leads.extendleft(reversed(leads))
            return self._next
        library = self._tools.library
        try:
            into = library.incoming(self._claim.id)
        except FetchError as error:
            return self._failed(Failure.of_fetch(lead, error))
        try:
            got = self._tools.fetcher.fetch_pdf(
                lead.url,
                into,
                ticket=self._claim.ticket,
                found_on=lead.found_on,
                known=self._known(),
                licence=lead.location.licence,
            )
            if isinstance(got, Fetched):
                return self._check(lead, got)
        except FetchError as error:
            if lead.is_signed and error.reason in _RUN_OUT and self._memory.is_to_be_revisited(lead.location.url):
                self._leads.appendleft(Lead(location=lead.location, url=lead.location.url))
            return self._failed(Failure.of_fetch(lead, error))
        finally:
            if self.kept is None or self.kept.fetched.path != into:
                library.discard(into)
        return partial(self._read, lead, got)

    def _read(self, lead: Lead, page: Page) -> State | Answer:
        """Look for the work's PDF on a page."""
        deeper = len(lead.pages) + 1
        hops = lead.hops + page.hops
        told = f"{lead.technique} leads to a page" if lead.technique else ""

        def failed(reason: Reason, detail: str, open_from: date | None = None) -> State | Answer:
            return self._failed(
                Failure(
                    location=replace(lead.location, open_from=open_from or lead.location.open_from),
                    url=lead.url,
                    reason=reason,
                    detail=detail,
                    final_url=page.url,
                    hops=hops,
                    technique=lead.technique,
                )
            )

        if deeper > MAX_PAGES or page.url in lead.pages:
            return failed(Reason.LINK_LOOP, told)
        tools = self._tools
        found = tools.find_links(page, self._work, tools.techniques.dropped(host_of(page.url)))
        leads = leads_on(lead, page, found.links)
        if leads:
            self._memory.keep_page(lead.url, leads, tools.clock.monotonic())
            self._leads.extendleft(reversed(leads))
            return self._next
        if found.links:
            return failed(Reason.LINK_LOOP, told or "its links lead back to it")
        why = found.why_none
        if lead.location.is_pdf and not lead.pages and why is Reason.NO_PDF_LINK:
            why = Reason.HTML_AS_PDF
        if found.open_from is not None:
            told = " ".join(filter(None, (told, f"open from {found.open_from}")))
        return failed(why, told, found.open_from)

    def _check(self, lead: Lead, fetched: Fetched) -> State | Answer:
        """Open the file, and compare it with the work."""
        if fetched.sha256 in self._refused:
            detail = "a person has said that this file is not the work"
            return self._failed(Failure.of_file(lead, fetched, Reason.WRONG_WORK, detail))
        if (known := self._memory.refused.get(fetched.sha256)) is not None:
            return self._failed(Failure.of_file(lead, fetched, known.reason, f"the same file as {known.url}"))
        if self.kept is not None and self.kept.fetched.sha256 == fetched.sha256:
            self._notes.tried.append(
                Failure.of_file(lead, fetched, self.kept.reason, "the same file once more").tried()
            )
            return self._next
        try:
            facts = self._tools.checker.check(fetched.path)
        except PdfError as error:
            return self._failed(Failure.of_file(lead, fetched, error.reason, error.detail), sha256=fetched.sha256)
        proof = self._tools.judge(self._work, facts, lead.location)
        if proof.verdict is Verdict.REFUSED:
            reason = proof.reason or Reason.WRONG_WORK
            return self._failed(
                Failure.of_file(lead, fetched, reason, "; ".join(proof.evidence)), sha256=fetched.sha256
            )
        return self._judged(Candidate(lead=lead, fetched=fetched, page_count=facts.page_count, proof=proof))

    def _judged(self, found: Candidate) -> State | Answer:
        """Keep the better one of two files, and take it where no better one is to be looked for."""
        self._memory.doubtful += found.is_doubtful
        best = better(self.kept, found, self._tools.rank_of)
        less = self.kept if best is found else found
        self.kept = best
        if less is not None:
            self._tools.library.discard(less.fetched.path)
            self._memory.note(less.failure())
            self._memory.refused[less.fetched.sha256] = less.failure()
        if not best.is_doubtful and not any(self._is_wanted(lead, best) for lead in self._leads):
            return self._place
        self._notes.tried.append(found.failure().tried())
        return self._next

    def _exhausted(self) -> State | Answer:
        """No address is left to be asked now: wait, search further, take what was kept, or say why there is nothing."""
        memory, now = self._memory, self._tools.clock.monotonic()
        if self.kept is not None and not self.kept.is_doubtful:
            return self._place
        standing = Standing(
            failures=tuple(self._notes.failures),
            is_searched=memory.is_searched,
            unheard=memory.unheard,
            attempt=self._claim.attempt,
            max_attempts=self._tools.max_attempts,
            parked=memory.parked,
            in_turn_s=0.0 if memory.turn_since is None else now - memory.turn_since,
            has_file=self.kept is not None,
        )
        if standing.is_to_be_searched:
            return self._search
        answer = ending(standing)
        if answer is None:
            return self._place
        if isinstance(answer, Snooze):
            memory.parked += answer.reason is Reason.HOST_PARKED
            if answer.reason is Reason.RATE_LIMITED:  # a service's turn
                memory.is_searched = False
                memory.turn_since = now if memory.turn_since is None else memory.turn_since
            return answer
        return self._told(answer)

    def _search(self) -> State | Answer:
        """Ask the locators that cost more, or know less, until they have nothing new."""
        memory = self._memory
        known = (*self._locations, *memory.found)
        located = self._tools.locating.further(self._work, known)
        addresses = {one.url for one in known}
        new = tuple(one for one in located.locations if one.url not in addresses)
        memory.found += new
        memory.heard(located)
        memory.is_searched = not new or memory.searches >= MAX_SEARCHES
        self._take_up(new, located.embargoed)
        return self._next

    def _place(self) -> State | Answer:
        """Put the kept file into the library."""
        kept = self.kept
        if kept is None:
            raise RuntimeError("no file was kept")
        lead = kept.lead
        try:
            found = self._tools.library.place(
                self._claim.id,
                self._work,
                kept.fetched,
                lead.location,
                kept.page_count,
                proof=kept.proof,
                landing_url=lead.pages[-1] if lead.pages else None,
                technique=lead.technique,
            )
        except FetchError as error:
            return self._failed(Failure.of_fetch(lead, error))
        self._tools.library.discard(kept.fetched.path)
        self.kept = None
        kind = Reason.OK if kept.proof.verdict is Verdict.VERIFIED else kept.reason
        before = kept.failure().tried()
        tried = [one for one in self._notes.tried if one != before]
        self._notes.tried = [*tried, kept.failure(kind).tried()]
        return Done(found, self._trail(kept.taken))

    # --- what the states share

    def _failed(self, failure: Failure, *, sha256: str | None = None) -> State | Answer:
        """Note how an address ended; where our own disk is at fault, all others can wait."""
        self._notes.add(failure)
        if failure.is_ours:
            return Snooze(failure.reason, max(0.0, failure.after or 0.0), failure.told)
        if failure.is_final:
            self._memory.note(failure)
            if sha256 is not None:
                self._memory.refused[sha256] = failure
        elif failure.costs_attempt:
            self._memory.passing[failure.url] = failure
        return self._next

    def _known(self) -> dict[str, Reason]:
        """How addresses ended that are not to be asked again, whoever leads there."""
        kept = {} if self.kept is None else {self.kept.fetched.final_url: self.kept.reason}
        return {**self._memory.reasons(), **kept}

    def _take_up(self, locations: Iterable[Location], embargoed: Iterable[Location]) -> None:
        """Put locations at the end of what is to be tried; those that are not open yet are noted."""
        today = self._tools.clock.now().date()
        for lead in leads_of(locations):
            if lead.location.open_from is not None and lead.location.open_from > today:
                self._embargoed(lead.location)
            else:
                self._leads.append(lead)
        for location in embargoed:
            self._embargoed(location)

    def _embargoed(self, location: Location) -> None:
        if any(one.url == location.url for one in self._notes.failures):
            return  # each round of locators tells of it
        detail = f"open from {location.open_from}" if location.open_from else ""
        self._notes.add(Failure(location=location, url=location.url, reason=Reason.EMBARGOED, detail=detail))

    def _is_wanted(self, lead: Lead, kept: Candidate) -> bool:
        return lead.url != kept.lead.url and could_better(lead, kept, self._tools.rank_of)

    def _is_put_off(self, lead: Lead) -> bool:
        """Whether something better waits for its turn, or the address's own host does not want to be asked now.

        A page is worth a visit, and a lesser version worth taking, only where nothing better is to be had soon.
        """
        notes = self._notes
        if lead.host in notes.closed_hosts:
            return True
        pressing = notes.pressing
        if not pressing or lead.pages:
            return False
        rank_of = self._tools.rank_of
        best = min(rank_of(one.location.version) for one in pressing)
        return not lead.location.is_pdf or rank_of(lead.location.version) > best

    def _told(self, answer: Retry | Reject) -> Retry | Reject:
        after = ", to be tried again" if isinstance(answer, Retry) else ""
        number = len(self._locations) + len(self._memory.found)
        plural = "" if number == 1 else "s"
        trail = self._trail(f"{number} location{plural} gave no PDF; the most telling: {answer.reason.value}{after}")
        return replace(answer, trail=trail)

    def _trail(self, decision: str) -> Trail:
        return Trail(asked=self._memory.asked, tried=tuple(self._notes.tried), decision=decision[:_DECISION])
