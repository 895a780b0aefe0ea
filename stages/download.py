"""Download: from a work's open-access locations to its PDF in the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from dl_lit.core.errors import FetchError, PdfError
from dl_lit.core.items import Downloaded, DownloadItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Work
from dl_lit.core.ports import Fetched, Fetcher, Library, Page, PdfChecker, PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.trail import Hops, Trail, Tried
from dl_lit.matching.shown import shows
from stages.dead_links import DeadLinks, Failure

PdfLinks = Callable[[str, str, Mapping[str, str]], Sequence[tuple[str, str]]]
"""From a page's HTML, address and headers to the PDFs it names, best first, with the technique that found each."""

WhyNoPdf = Callable[[str], Reason]
"""From a page's HTML to what to say when it names no PDF."""

MAX_LINKS = 3  # of one landing page
_DETAIL = 300  # characters of what is kept to be told
_SNOOZE_S = 60.0  # where nobody said how long

_TELLING = (ReasonClass.WALL, ReasonClass.CONTENT, ReasonClass.PAGE, ReasonClass.INPUT, ReasonClass.PERMANENT)
"""Which of several permanent failures tells most: a wall shows that the work is there for a person to fetch."""


@dataclass(slots=True)
class _Search:
    """One claim's way through its locations."""

    claim: Claim
    item: DownloadItem
    failures: list[Failure] = field(default_factory=list)
    tried: list[Tried] = field(default_factory=list)
    hops: Hops = ()  # of the last answer that came

    def note(self, location: Location, ended: Failure) -> None:
        """Keep that the location was tried, and how it ended."""
        self.tried.append(
            Tried(
                url=location.url,
                found_by=location.found_by,
                hops=ended.hops,
                technique=ended.technique,
                reason=ended.reason.value,
                detail=ended.detail[:_DETAIL],
            )
        )

    def trail(self, decision: str) -> Trail:
        """All that was tried, with what it came to in one line."""
        return Trail(tried=tuple(self.tried), decision=decision[:_DETAIL])

    @property
    def busy_hosts(self) -> set[str]:
        """Hosts whose turn has not come; asking them again now would only lengthen their lines."""
        waiting = [one for one in self.failures if not one.costs_attempt]
        return {_host(url) for one in waiting for url in (one.url, one.final_url) if url}


class DownloadStage:
    """Tries the locations of a work in order until one gives its PDF."""

    def __init__(
        self,
        fetcher: Fetcher,
        checker: PdfChecker,
        library: Library,
        pdf_links: PdfLinks,
        why_no_pdf: WhyNoPdf = lambda _html: Reason.NO_PDF_LINK,
    ) -> None:
        self._fetcher = fetcher
        self._checker = checker
        self._library = library
        self._pdf_links = pdf_links
        self._why_no_pdf = why_no_pdf
        self._dead = DeadLinks()

    @property
    def name(self) -> StageName:
        """The last stage."""
        return StageName.DOWNLOAD

    def batch_size(self, phase: str) -> int:
        """One: a worker holds one connection."""
        del phase
        return 1

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Fetch each work."""
        for claim in claims:
            yield claim, self._answer(claim)

    def close(self) -> None:
        """End the children."""
        self._checker.close()

    def _answer(self, claim: Claim) -> Answer:
        if not isinstance(claim.item, DownloadItem):
            raise TypeError(f"download was handed {type(claim.item).__name__}")
        search = _Search(claim, claim.item)
        for location in claim.item.locations:
            if search.busy_hosts and not location.is_pdf:
                continue  # a page is worth a visit only where no file waits for its turn
            found = self._try(search, location)
            if isinstance(found, Downloaded):
                self._dead.forget(claim.id)
                return Done(found, search.trail(_taken(found)))
            if any(one.reason.category is ReasonClass.OURS for one in search.failures[-1:]):
                break  # our disk: another location would end the same way
        answer = _ending(search.failures)
        if isinstance(answer, Snooze):
            return answer
        self._dead.forget(claim.id)
        return replace(answer, trail=search.trail(_gone_wrong(search, answer)))

    def _try(self, search: _Search, location: Location) -> Downloaded | None:
        """The location's PDF, or what it names when it is a page."""
        page = self._fetch(search, location, location.url)
        if not isinstance(page, Page):
            return page
        links = self._pdf_links(page.html, page.url, page.headers)[:MAX_LINKS]
        if not links:
            why = self._why_no_pdf(page.html)
            if location.is_pdf and why is Reason.NO_PDF_LINK:
                why = Reason.HTML_AS_PDF
            self._fail(search, location, Failure(location.url, why, final_url=page.url, hops=page.hops))
        for url, technique in links:
            found = self._fetch(search, location, url, technique, page.hops)
            if isinstance(found, Downloaded):
                return found
            if found is not None:
                told, hops = f"{technique} leads to a page", page.hops + found.hops
                failure = Failure(url, Reason.LINK_LOOP, told, found.url, hops=hops, technique=technique)
                self._fail(search, location, failure)
        return None

    def _fetch(
        self, search: _Search, location: Location, url: str, technique: str = "", before: Hops = ()
    ) -> Downloaded | Page | None:
        """The file at `url` in the library, the page there, or None with the failure noted.

        `before` is how we came to the page that names `url`.
        """
        if (known := self._dead.of(search.claim.id, url)) is not None:
            search.failures.append(known)
            search.note(location, known)
            return None
        if _host(url) in search.busy_hosts:
            return None
        search.hops = before
        try:
            found = self._fetched(search, location, url, technique)
        except FetchError as error:
            failure = Failure(
                url,
                error.reason,
                " ".join(part for part in (technique, error.detail) if part),
                error.final_url,
                error.after,
                error.costs_attempt,
                before + error.hops,
                technique or None,
            )
        except PdfError as error:
            failure = Failure(url, error.reason, error.detail, hops=search.hops, technique=technique or None)
        else:
            if isinstance(found, Downloaded):
                search.note(location, Failure(url, Reason.OK, hops=search.hops, technique=technique or None))
            return found
        self._fail(search, location, failure)
        return None

    def _fetched(self, search: _Search, location: Location, url: str, technique: str) -> Downloaded | Page:
        into = self._library.incoming(search.claim.id)
        try:
            found_on = location.url if technique else None
            got = self._fetcher.fetch_pdf(url, into, ticket=search.claim.ticket, found_on=found_on)
            if isinstance(got, Fetched):
                search.hops += got.hops
                facts = self._checker.check(got.path)
                work = search.item.work
                proof = _proof(facts, work)
                return self._library.place(
                    search.claim.id,
                    work,
                    got,
                    location,
                    facts.page_count,
                    proof=proof,
                    landing_url=found_on,
                    technique=technique or None,
                )
            return got
        finally:
            self._library.discard(into)

    def _fail(self, search: _Search, location: Location, failure: Failure) -> None:
        search.failures.append(failure)
        search.note(location, failure)
        if not failure.reason.is_transient:
            self._dead.note(search.claim.id, failure)


def _proof(facts: PdfFacts, work: Work) -> Proof:
    if shows(facts.first_text, work):
        return Proof(verdict=Verdict.VERIFIED, score=1.0)
    return Proof(verdict=Verdict.UNVERIFIED, score=0.0)


def _taken(found: Downloaded) -> str:
    is_shown = found.proof.verdict is Verdict.VERIFIED
    shown_by = "title or DOI stand on the first pages" if is_shown else "the first pages do not name the work"
    version = found.location.version or "version unknown"
    return f"took {found.location.url}: {found.page_count} pages, {version}; {shown_by}"


def _gone_wrong(search: _Search, answer: Retry | Reject) -> str:
    after = ", to be tried again" if isinstance(answer, Retry) else ""
    number = len(search.item.locations)
    return f"{number} location{'' if number == 1 else 's'} gave no PDF; the most telling: {answer.reason.value}{after}"


def _ending(failures: Sequence[Failure]) -> Retry | Reject | Snooze:
    """What to answer when no location gave a PDF."""
    if not failures:
        return Reject(Reason.NO_OA_LOCATION, "no location to try")
    waiting = [one for one in failures if not one.costs_attempt]
    if waiting:
        first = min(waiting, key=lambda one: _SNOOZE_S if one.after is None else one.after)
        return Snooze(first.reason, _SNOOZE_S if first.after is None else max(0.0, first.after), _told(first))
    transient = [one for one in failures if one.reason.is_transient]
    if transient:
        last = max(transient, key=lambda one: one.after or 0.0)
        return Retry(last.reason, _told(last), last.after)
    telling = min(failures, key=lambda one: _rank(one.reason))
    return Reject(telling.reason, _told(telling), [_evidence(one) for one in failures])


def _rank(reason: Reason) -> int:
    return _TELLING.index(reason.category) if reason.category in _TELLING else len(_TELLING)


def _told(failure: Failure) -> str:
    return f"{failure.url}: {failure.detail}" if failure.detail else failure.url


def _evidence(failure: Failure) -> dict[str, str | None]:
    return {
        "url": failure.url,
        "reason": failure.reason.value,
        "detail": failure.detail,
        "final_url": failure.final_url,
    }


def _host(url: str) -> str:
    """Name and port as written; two spellings of one host only cost one more question."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return url
