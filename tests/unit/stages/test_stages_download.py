"""The download stage: the way of a work through its locations to an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.errors import FetchError, PdfError, ServiceError
from dl_lit.core.items import Downloaded, DownloadItem, WorkItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Fetched, Located, Page, PdfFacts, PdfLink, PdfLinks
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail, Tried
from dl_lit.library.folder import FolderLibrary
from stages.download import DownloadStage, Tools
from stages.download.candidates import Candidate
from stages.download.leads import Lead
from stages.download.memory import Memories, Memory
from stages.locators.preference import Preference
from tests.fakes.engine import ManualClock

PDF = b"%PDF-1.5 the work"
SCAN = b"%PDF-1.5 scan"
WORK = Work(title="A Study", year=2020, doi="10.1/x")

Web = dict[str, bytes | str | FetchError]


class WebInMemory:
    """A web in memory: bytes are a PDF, "-> URL" redirects, other text is a page, an error is raised."""

    def __init__(self, pages: Web) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.told: list[tuple[float | None, str | None]] = []
        self.licences: list[str | None] = []

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
        self.told.append((ticket, found_on))
        self.licences.append(licence)
        target, hops = url, []
        while True:
            if target in (known or {}):
                raise self._error((known or {})[target], "asked before", target, hops)
            self.asked.append(target)
            found = self.pages.get(target, FetchError(Reason.HTTP_404, "HTTP 404"))
            if not (isinstance(found, str) and found.startswith("-> ")):
                break
            hops.append((target, 302))
            target = found.removeprefix("-> ")
        if isinstance(found, FetchError):
            into.write_bytes(b"%PDF- half of it")
            status = 404 if found.reason is Reason.HTTP_404 else 0
            failed = self._error(found.reason, found.detail, target, [*hops, (target, status)])
            failed.after, failed.costs_attempt = found.after, found.costs_attempt
            raise failed
        hops.append((target, 200))
        if isinstance(found, str):
            return Page(target, found, {}, tuple(hops))
        into.write_bytes(found)
        sha256 = hashlib.sha256(found).hexdigest()
        kind = "application/pdf"
        return Fetched(
            path=into, sha256=sha256, size_bytes=len(found), final_url=target, content_type=kind, hops=tuple(hops)
        )

    @staticmethod
    def _error(reason: Reason, detail: str, target: str, hops: list[tuple[str, int]]) -> FetchError:
        error = FetchError(reason, detail, final_url=target)
        error.hops = tuple(hops)
        return error


class Checker:
    """Opens whatever does not contain a reason's word; the file's text is its content."""

    def __init__(self) -> None:
        self.checked = 0
        self.closed = False

    def check(self, path: Path) -> PdfFacts:
        self.checked += 1
        text = path.read_bytes().decode()
        for reason in (Reason.DAMAGED_PDF, Reason.PARSER_CRASHED, Reason.ENCRYPTED_PDF):
            if reason.value in text:
                raise PdfError(reason, "says the checker")
        return PdfFacts(3, (text,))

    def close(self) -> None:
        self.closed = True


def judge(work: Work, facts: PdfFacts, location: Location) -> Proof:
    """A file says itself what it is: "doubt 0.4", "scan", "supplement", "preprint"; else it is the work."""
    del work, location
    text = facts.first_text
    if "doubt" in text:
        return Proof(verdict=Verdict.NEEDS_REVIEW, score=float(text.split()[-1]), evidence=("no title",))
    if "scan" in text:
        return Proof(verdict=Verdict.UNVERIFIED, score=0.0)
    if "supplement" in text:
        return Proof(verdict=Verdict.REFUSED, score=0.0, evidence=("Table S1",), reason=Reason.SUPPLEMENT_ONLY)
    version = Version.SUBMITTED if "preprint" in text else None
    return Proof(verdict=Verdict.VERIFIED, score=1.0, evidence=("DOI on page 1",), version=version)


def links_of(page: Page, work: Work, dropped: Collection[str] = ()) -> PdfLinks:
    """A page in memory is its links, one a word, those in brackets by another technique."""
    del work
    if page.html.startswith("closed until "):
        return PdfLinks(why_none=Reason.EMBARGOED, open_from=date.fromisoformat(page.html.split()[-1]))
    links = [PdfLink(word.strip("[]"), "anchor" if "[" in word else "meta") for word in page.html.split()]
    return PdfLinks(
        links=tuple(link for link in links if link.url.startswith("http") and link.technique not in dropped),
        why_none=Reason.BLOCKED_PAYWALL if "pay" in page.html else Reason.NO_PDF_LINK,
    )


@dataclass
class Services:
    """Locators of the second round, techniques that are dropped, and the attempts before."""

    answers: list[Located] = field(default_factory=list)
    known: list[list[str]] = field(default_factory=list)
    dropped_at: dict[str, set[str]] = field(default_factory=dict)
    trail: tuple[Tried, ...] = ()

    def first(self, work: Work) -> Located:
        raise AssertionError(work)

    def further(self, work: Work, known: Sequence[Location]) -> Located:
        assert work is WORK
        self.known.append([one.url for one in known])
        return self.answers.pop(0) if self.answers else Located()

    def dropped(self, host: str) -> set[str]:
        return self.dropped_at.get(host, set())

    def tried_before(self, work_id: int, attempt: int) -> Sequence[Tried]:
        assert (work_id, attempt > 1) == (7, True)
        return self.trail


class Bench:
    def __init__(self, folder: Path, pages: Web, **more: Any) -> None:
        self.folder = folder / "library"
        self.web = WebInMemory(pages)
        self.checker = Checker()
        self.clock = ManualClock()
        self.library = FolderLibrary(self.folder, self.clock)
        self.services = Services(**more)
        self.start()

    def start(self) -> None:
        """A new process with the same disk and database."""
        tools = Tools(
            fetcher=self.web,
            checker=self.checker,
            library=self.library,
            find_links=links_of,
            techniques=self.services,
            locating=self.services,
            clock=self.clock,
            rank_of=Preference().rank_of,
            max_attempts=5,
            judge=judge,
        )
        self.stage = DownloadStage(tools, self.services)

    def answer(self, *places: str | Location, ticket: float | None = None, attempt: int = 1) -> Answer:
        locations = tuple(one if isinstance(one, Location) else Location(url=one) for one in places)
        claim = Claim(StageName.DOWNLOAD, 7, DownloadItem(WORK, locations), ticket=ticket, attempt=attempt)
        ((answered, answer),) = self.stage.handle([claim])
        assert answered is claim
        if not isinstance(answer, Snooze | Retry):
            assert self.unfinished == [], "no temporary file stays behind"
        return answer

    @property
    def unfinished(self) -> list[str]:
        return [path.name for path in (self.folder / ".incoming").glob("*.part")]

    @property
    def urls(self) -> list[str]:
        """What was asked, "http://" left out."""
        return [url.removeprefix("http://") for url in self.web.asked]


@pytest.fixture
def bench(tmp_path: Path):
    made: list[Bench] = []

    def make(pages: Web, **more: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), pages, **more))
        return made[-1]

    return make


def busy(after: float | None, reason: Reason = Reason.HOST_BUSY) -> FetchError:
    return FetchError(reason, after=after, costs_attempt=False)


def page_at(url: str) -> Location:
    return Location(url=url, is_pdf=False)


def done(answer: Answer) -> Downloaded:
    assert isinstance(answer, Done), answer
    assert isinstance(answer.facts, Downloaded)
    return answer.facts


def trail_of(answer: Answer) -> Trail:
    assert isinstance(answer, Done | Retry | Reject)
    assert answer.trail is not None
    return answer.trail


def reasons(answer: Answer) -> list[str]:
    return [one.reason for one in trail_of(answer).tried]


# --- files and pages


def test_the_first_location_that_gives_the_pdf_ends_the_search(bench) -> None:
    subject = bench({"http://b/1": "-> http://b/2", "http://b/2": PDF, "http://c/1": PDF})
    location = Location(url="http://b/1", version=Version.SUBMITTED, licence="cc-by")
    answer = subject.answer("http://a/1", location, "http://c/1", ticket=5.0)
    facts = done(answer)
    assert (facts.path, facts.page_count, facts.location) == ("Anonymous_2020_A-Study.pdf", 3, location)
    assert (facts.final_url, facts.landing_url, facts.technique) == ("http://b/2", None, None)
    assert facts.proof.evidence == ("DOI on page 1",)
    assert (subject.folder / facts.path).read_bytes() == PDF
    assert (subject.urls, subject.web.told) == (["a/1", "b/1", "b/2"], [(5.0, None)] * 2)
    assert subject.web.licences == [None, "cc-by"], "an open one outweighs a host's reservation"
    assert subject.services.known == [], "nobody else is asked"


def test_a_page_leads_to_its_pdf_and_is_named_with_the_way_it_was_found(bench) -> None:
    subject = bench({"http://a/doi": "-> http://a/page", "http://a/page": "http://a/x http://b/y", "http://b/y": PDF})
    answer = subject.answer(page_at("http://a/doi"))
    facts = done(answer)
    assert (facts.landing_url, facts.technique) == ("http://a/page", "meta")
    assert subject.web.told == [(None, None), (None, "http://a/doi"), (None, "http://a/doi")]
    assert trail_of(answer).tried[-1].hops == (("http://a/doi", 302), ("http://a/page", 200), ("http://b/y", 200))


def test_a_page_may_lead_to_one_more_page_and_no_further(bench) -> None:
    pages: Web = {f"http://a/{n}": f"http://a/{n + 1}" for n in range(9)}
    subject = bench(pages)
    answer = subject.answer(page_at("http://a/0"))
    assert (answer.reason, subject.urls) == (Reason.LINK_LOOP, ["a/0", "a/1", "a/2"])
    assert answer.detail == "http://a/2: meta meta leads to a page"
    subject = bench({**pages, "http://a/2": PDF})
    assert done(subject.answer(page_at("http://a/0"))).landing_url == "http://a/1"


def test_a_page_is_good_for_three_links_and_the_next_one_for_one(bench) -> None:
    links = " ".join(f"http://a/{n}" for n in range(9))
    subject = bench({"http://a/page": links, "http://a/0": "http://b/1 http://b/2"})
    assert isinstance(subject.answer(page_at("http://a/page")), Reject)
    assert subject.urls == ["a/page", "a/0", "b/1", "a/1", "a/2"]


def test_techniques_that_keep_failing_at_the_pages_host_are_left_out(bench) -> None:
    subject = bench({"http://a/page": "http://a/x [http://a/y]", "http://a/y": PDF}, dropped_at={"a": {"meta"}})
    assert done(subject.answer(page_at("http://a/page"))).technique == "anchor"
    assert subject.urls == ["a/page", "a/y"]


@pytest.mark.parametrize(
    ("html", "is_pdf", "reason"),
    [
        ("nothing", False, Reason.NO_PDF_LINK),
        ("nothing", True, Reason.HTML_AS_PDF),
        ("pay here", True, Reason.BLOCKED_PAYWALL),
        ("http://a/page", False, Reason.LINK_LOOP),
    ],
)
def test_a_page_that_leads_nowhere_says_why(bench, html: str, is_pdf: bool, reason: Reason) -> None:
    answer = bench({"http://a/page": html}).answer(Location(url="http://a/page", is_pdf=is_pdf))
    assert (type(answer), answer.reason) == (Reject, reason)


# --- judgements


def test_a_refused_file_is_followed_by_the_next_location(bench) -> None:
    subject = bench({"http://a/1": b"supplement", "http://b/1": PDF})
    answer = subject.answer("http://a/1", "http://b/1")
    assert done(answer).location.url == "http://b/1"
    assert reasons(answer) == ["supplement-only", "ok"]


def test_a_file_that_a_person_refused_is_not_taken_again_whatever_its_address(bench) -> None:
    subject = bench({"http://a/1": PDF, "http://b/1": b"%PDF another"})
    item = DownloadItem(WORK, (Location(url="http://a/1"),), (hashlib.sha256(PDF).hexdigest(),))
    ((_, answer),) = subject.stage.handle([Claim(StageName.DOWNLOAD, 7, item)])
    assert (answer.reason, reasons(answer), subject.checker.checked) == (Reason.WRONG_WORK, ["wrong-work"], 0)


def test_the_same_file_is_neither_fetched_twice_nor_checked_twice(bench) -> None:
    subject = bench({"http://a/1": b"supplement", "http://b/1": "-> http://a/1", "http://c/1": b"supplement"})
    answer = subject.answer("http://a/1", "http://b/1", "http://c/1")
    assert (answer.reason, reasons(answer)) == (Reason.SUPPLEMENT_ONLY, ["supplement-only"] * 3)
    assert (subject.urls, subject.checker.checked) == (["a/1", "b/1", "c/1"], 1)
    assert trail_of(answer).tried[2].detail == "the same file as http://a/1"


def test_a_doubtful_file_goes_into_quarantine_only_where_nothing_better_is_found(bench) -> None:
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": b"doubt 0.6", "http://c/1": b"doubt 0.5"})
    answer = subject.answer("http://a/1", "http://b/1", "http://404/1", "http://c/1")
    facts = done(answer)
    assert (facts.is_in_quarantine, facts.proof.score, facts.location.url) == (True, 0.6, "http://b/1")
    assert (subject.folder / facts.path).read_bytes() == b"doubt 0.6"
    assert reasons(answer) == ["needs-review", "http-404", "needs-review", "needs-review"]
    assert len(subject.services.known) == 1, "whoever may know a better one was asked"
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": PDF})
    assert not done(subject.answer("http://a/1", "http://b/1")).is_in_quarantine


def test_four_doubtful_files_are_enough(bench) -> None:
    subject = bench({f"http://{n}/1": b"doubt 0.%d" % n for n in range(1, 9)})
    assert done(subject.answer(*subject.web.pages)).proof.score == 0.4
    assert len(subject.urls) == 4


def test_a_scan_is_taken_unless_a_text_is_known(bench) -> None:
    web: Web = {"http://a/1": SCAN, "http://b/1": PDF, "http://arxiv/1": PDF}
    subject = bench(web)
    answer = subject.answer("http://a/1", "http://b/1")
    assert (done(answer).location.url, reasons(answer), subject.urls) == ("http://a/1", ["ok-unverified"], ["a/1"])
    arxiv = Location(url="http://arxiv/1", found_by="arxiv")
    assert done(bench(web).answer("http://a/1", "http://b/1", arxiv)).location is arxiv
    assert done(bench({"http://a/1": SCAN}).answer("http://a/1", arxiv)).location.url == "http://a/1"


def test_a_preprint_that_was_promised_to_be_more_gives_way_to_what_promises_more(bench) -> None:
    published = [Location(url=f"http://{host}/1", version=Version.PUBLISHED) for host in "ab"]
    web: Web = {"http://a/1": b"preprint", "http://b/1": PDF}
    assert done(bench(web).answer(*published)).location is published[1]
    facts = done(bench({"http://a/1": b"preprint"}).answer(*published))
    assert (facts.location, facts.proof.version) == (published[0], Version.SUBMITTED)
    honest = Location(url="http://a/1", version=Version.SUBMITTED)
    assert done(bench(web).answer(honest, published[1])).location is honest, "the order has decided that"


# --- endings


def test_when_all_fail_for_good_the_most_telling_reason_is_given_with_all_the_evidence(bench) -> None:
    subject = bench(
        {
            "http://a/1": "-> http://a/gone",
            "http://b/1": FetchError(Reason.BLOCKED_CAPTCHA, "HTTP 403"),
            "http://c/1": b"damaged-pdf",
            "http://d/page": "http://d/x",
        }
    )
    places = (Location(url="http://a/1", found_by="openalex"), "http://c/1", "http://b/1", page_at("http://d/page"))
    answer = subject.answer(*places)
    assert (answer.reason, answer.detail) == (Reason.BLOCKED_CAPTCHA, "http://b/1: HTTP 403")
    assert [one["reason"] for one in answer.evidence] == ["http-404", "damaged-pdf", "blocked-captcha", "http-404"]
    assert answer.evidence[0] == {
        "url": "http://a/1",
        "reason": "http-404",
        "detail": "HTTP 404",
        "final_url": "http://a/gone",
        "found_by": "openalex",
        "status": 404,
        "hops": [["http://a/1", 302], ["http://a/gone", 404]],
    }
    assert (answer.evidence[3]["location"], answer.evidence[3]["technique"]) == ("http://d/page", "meta")
    assert trail_of(answer).decision == "4 locations gave no PDF; the most telling: blocked-captcha"


def test_the_day_that_a_page_says_its_file_opens_is_kept(bench) -> None:
    answer = bench({"http://a/1": "closed until 2100-01-01"}).answer("http://a/1")
    assert (answer.reason, answer.detail) == (Reason.EMBARGOED, "http://a/1: open from 2100-01-01")
    assert [one.get("open_from") for one in answer.evidence] == ["2100-01-01"]


def test_an_embargo_tells_most_and_says_until_when(bench) -> None:
    subject = bench({})
    today = subject.clock.now().date()
    later = Location(url="http://b/1", open_from=date(2100, 1, 1))
    answer = subject.answer("http://a/1", later)
    assert (answer.reason, answer.detail) == (Reason.EMBARGOED, "http://b/1: open from 2100-01-01")
    assert [one.get("open_from") for one in answer.evidence] == ["2100-01-01", None]
    assert subject.urls == ["a/1"]
    hal = Location(url="http://c/1")
    subject.services.answers = [Located(locations=(hal,), embargoed=(later,)), Located(embargoed=(later,))]
    answer = subject.answer("http://a/1")
    assert (answer.reason, len(answer.evidence)) == (Reason.EMBARGOED, 3)
    assert done(bench({"http://b/1": PDF}).answer(Location(url="http://b/1", open_from=today)))


def test_one_transient_failure_is_reason_to_try_again(bench) -> None:
    subject = bench({"http://a/1": FetchError(Reason.HTTP_5XX, after=30.0), "http://b/1": FetchError(Reason.DNS_ERROR)})
    answer = subject.answer("http://a/1", "http://b/1", "http://c/1")
    assert (type(answer), answer.reason, answer.after) == (Retry, Reason.HTTP_5XX, 30.0)
    assert answer.detail == "http://a/1"
    assert isinstance(bench({"http://a/1": b"parser-crashed"}).answer("http://a/1"), Retry)


def test_what_does_not_pass_sends_further_and_ends_with_the_attempts(bench) -> None:
    subject = bench({"http://a/1": FetchError(Reason.TIMEOUT_READ)})
    assert isinstance(subject.answer("http://a/1", "http://b/1"), Retry)
    assert subject.services.known == [], "it may have been a moment's weakness"
    assert isinstance(subject.answer("http://a/1", "http://b/1", attempt=2), Retry)
    assert len(subject.services.known) == 1
    answer = subject.answer("http://a/1", "http://b/1", attempt=5)
    assert (type(answer), answer.reason) == (Reject, Reason.TIMEOUT_READ)
    assert answer.detail == "given up after 5 attempts: http://a/1"
    assert [one["reason"] for one in answer.evidence] == ["timeout-read", "http-404"]
    assert subject.urls == ["a/1", "b/1", "a/1", "a/1"], "what failed for good is not asked again"


def test_nothing_to_try_is_said(bench) -> None:
    answer = bench({}).answer()
    assert (answer.reason, answer.detail) == (Reason.NO_OA_LOCATION, "no location to try")


def test_an_address_that_cannot_be_split_is_its_own_host(bench) -> None:
    subject = bench({"http://[bad": FetchError(Reason.INVALID_URL), "http://[bad2": busy(5.0)})
    assert subject.answer("http://[bad").reason is Reason.INVALID_URL
    assert isinstance(subject.answer("http://[bad2", "http://[bad2?"), Snooze)


# --- waiting


def test_a_busy_host_is_passed_over_for_another(bench) -> None:
    subject = bench({"http://a/1": busy(40.0), "http://b/1": PDF})
    assert done(subject.answer("http://a/1", "http://b/1")).location.url == "http://b/1"


def test_a_lesser_version_and_a_page_are_tried_only_where_the_better_is_far_off(bench) -> None:
    published = Location(url="http://a/1", version=Version.PUBLISHED)
    preprint = Location(url="http://b/1", version=Version.SUBMITTED)
    web: Web = {"http://a/1": busy(40.0), "http://b/1": PDF, "http://c/page": "http://c/1", "http://c/1": PDF}
    assert isinstance(bench(web).answer(published, preprint), Snooze)
    assert isinstance(bench(web).answer(published, page_at("http://c/page")), Snooze)
    web["http://a/1"] = busy(3600.0, Reason.HOST_PARKED)
    assert done(bench(web).answer(published, preprint)).location is preprint
    assert done(bench(web).answer(published, page_at("http://c/page"))).technique == "meta"


def test_when_only_busy_hosts_are_left_the_claim_waits_for_the_first(bench) -> None:
    subject = bench({"http://a/1": busy(40.0), "http://b/1": busy(20.0, Reason.HOST_PARKED)})
    answer = subject.answer("http://a/1", "http://a/2", "http://b/1", "http://c/1")
    assert answer == Snooze(Reason.HOST_PARKED, 20.0, "http://b/1")
    assert subject.urls == ["a/1", "b/1", "c/1"], "the busy host is not asked a second time"
    assert subject.services.known == [], "its turn comes"


def test_what_failed_is_not_asked_again_after_a_wait(bench) -> None:
    weak = FetchError(Reason.TIMEOUT_READ)
    subject = bench({"http://a/page": "nothing", "http://b/1": busy(None), "http://d/1": weak})
    places = ("http://404/1", "http://a/page", "http://d/1", "http://b/1")
    assert subject.answer(*places) == Snooze(Reason.HOST_BUSY, 60.0, "http://b/1")
    subject.web.pages |= {"http://b/1": FetchError(Reason.HTTP_410), "http://d/1": FetchError(Reason.HTTP_410)}
    answer = subject.answer(*places)
    assert (answer.reason, reasons(answer)) == (
        Reason.TIMEOUT_READ,
        ["http-404", "html-as-pdf", "timeout-read", "http-410"],
    )
    answer = subject.answer(*places, attempt=2)
    assert reasons(answer) == ["http-404", "html-as-pdf", "http-410", "http-410"]
    assert subject.urls == ["404/1", "a/page", "d/1", "b/1", "b/1", "d/1"]
    subject.answer("http://404/1")
    assert subject.urls[-1] == "404/1", "a new life begins afresh"


def test_a_page_whose_file_waits_is_not_asked_again(bench) -> None:
    subject = bench({"http://a/page": "http://b/1", "http://b/1": busy(40.0)})
    assert isinstance(subject.answer(page_at("http://a/page")), Snooze)
    subject.web.pages["http://b/1"] = PDF
    assert done(subject.answer(page_at("http://a/page"))).landing_url == "http://a/page"
    assert subject.urls == ["a/page", "b/1", "b/1"]


def test_a_page_is_asked_once_more_where_the_signed_address_it_named_has_run_out(bench) -> None:
    """While its file waited, the signature's time was over; the page names a new one by now."""
    signed, late = "http://b/1?Expires=1&Signature=x", "http://b/1?Expires=2&Signature=y"
    subject = bench({"http://a/page": signed, signed: busy(40.0)})
    assert isinstance(subject.answer(page_at("http://a/page")), Snooze)
    subject.web.pages |= {"http://a/page": late, signed: FetchError(Reason.BLOCKED_FORBIDDEN, "HTTP 403"), late: PDF}
    assert done(subject.answer(page_at("http://a/page"))).final_url == late
    assert [url.removeprefix("b/1?") for url in subject.urls][2:] == [
        "Expires=1&Signature=x", "a/page", "Expires=2&Signature=y",
    ]  # fmt: skip


def test_a_page_whose_signed_addresses_are_all_refused_is_asked_once_more_only(bench) -> None:
    subject = bench({"http://a/page": "http://b/1?token=1", "http://b/1?token=1": FetchError(Reason.HTTP_401)})
    answer = subject.answer(page_at("http://a/page"))
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.HTTP_401
    assert subject.urls == ["a/page", "b/1?token=1", "a/page"]


def test_waiting_for_hosts_that_are_left_alone_ends_with_the_attempts(bench) -> None:
    subject = bench({"http://a/1": busy(900.0, Reason.HOST_PARKED)})
    answers = [subject.answer("http://a/1") for _ in range(6)]
    assert answers[:5] == [Snooze(Reason.HOST_PARKED, 900.0, "http://a/1")] * 5
    assert (type(answers[5]), answers[5].after) == (Retry, 900.0)
    assert len(subject.services.known) == 1, "meanwhile others were asked, once"
    answers = [subject.answer("http://a/1", attempt=5) for _ in range(6)]
    assert (type(answers[5]), answers[5].reason) == (Reject, Reason.HOST_PARKED)


def test_offline_nobody_is_asked_and_no_attempt_is_lost(bench) -> None:
    subject = bench({"http://a/1": busy(86_400.0, Reason.OFFLINE)})
    for _ in range(9):
        assert subject.answer("http://a/1") == Snooze(Reason.OFFLINE, 86_400.0, "http://a/1")
    assert subject.services.known == []


def test_a_doubtful_file_waits_on_the_disk_for_a_better_one_whose_turn_comes(bench) -> None:
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": busy(40.0)})
    assert isinstance(subject.answer("http://a/1", "http://b/1"), Snooze)
    subject.web.pages["http://b/1"] = FetchError(Reason.TIMEOUT_READ)
    assert isinstance(subject.answer("http://a/1", "http://b/1"), Retry)
    assert len(subject.unfinished) == 1
    facts = done(subject.answer("http://a/1", "http://b/1", attempt=2))
    assert (facts.is_in_quarantine, subject.urls) == (True, ["a/1", "b/1", "b/1", "b/1"])


def test_what_was_put_by_is_removed_at_the_end_and_fetched_again_where_it_was_lost(bench) -> None:
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": busy(40.0)})
    assert isinstance(subject.answer("http://a/1", "http://b/1"), Snooze)
    subject.stage.close()
    assert subject.unfinished == []
    subject.web.pages["http://b/1"] = FetchError(Reason.HTTP_404)
    assert done(subject.answer("http://a/1", "http://b/1")).is_in_quarantine
    assert subject.urls == ["a/1", "b/1", "a/1", "b/1"]


@pytest.mark.parametrize("reason", [Reason.DISK_FULL, Reason.WRITE_ERROR])
def test_our_own_disk_puts_the_claim_aside_without_asking_others(bench, reason: Reason) -> None:
    subject = bench({"http://a/1": FetchError(reason, after=60.0, costs_attempt=False), "http://b/1": PDF})
    assert subject.answer("http://a/1", "http://b/1") == Snooze(reason, 60.0, "http://a/1")
    assert subject.urls == ["a/1"]


def test_a_file_that_only_the_disk_kept_from_its_place_is_not_fetched_twice(bench, monkeypatch) -> None:
    subject = bench({"http://a/1": PDF})

    def full(*_: object, **__: object) -> Downloaded:
        raise FetchError(Reason.DISK_FULL, after=60.0, costs_attempt=False)

    with monkeypatch.context() as patch:
        patch.setattr(FolderLibrary, "place", full)
        assert subject.answer("http://a/1") == Snooze(Reason.DISK_FULL, 60.0, "http://a/1")
    done(subject.answer("http://a/1"))
    assert subject.urls == ["a/1"]
    with monkeypatch.context() as patch:
        patch.setattr(FolderLibrary, "incoming", full)
        subject.start()
        assert isinstance(subject.answer("http://b/1"), Snooze), "there is not even room for a beginning"
        assert subject.urls == ["a/1"]


def test_a_doubtful_file_that_lies_elsewhere_too_is_checked_once(bench) -> None:
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": b"doubt 0.4", "http://c/1": "-> http://a/1"})
    answer = subject.answer("http://a/1", "http://b/1", "http://c/1")
    assert done(answer).location.url == "http://a/1"
    assert (subject.checker.checked, subject.urls) == (1, ["a/1", "b/1", "c/1"])


# --- further locations


def test_further_locations_are_asked_for_until_there_are_none_and_told_in_the_trail(bench) -> None:
    asked = [Asked(service=name, how="locations", reply=Reply.FOUND) for name in ("hal", "core")]
    found = [Located(locations=(Location(url=f"http://{n}/1"),), asked=(asked[n],)) for n in range(2)]
    subject = bench({"http://1/1": PDF}, answers=[found[0], found[1]])
    answer = subject.answer("http://a/1")
    assert done(answer).location.url == "http://1/1"
    assert subject.services.known == [["http://a/1"], ["http://a/1", "http://0/1"]]
    assert trail_of(answer).asked == tuple(asked)


def test_further_locations_are_remembered_over_a_wait_and_over_attempts(bench) -> None:
    subject = bench({"http://b/1": busy(40.0)}, answers=[Located(locations=(Location(url="http://b/1"),))])
    assert isinstance(subject.answer("http://a/1"), Snooze)
    subject.web.pages["http://b/1"] = FetchError(Reason.DNS_ERROR)
    assert isinstance(subject.answer("http://a/1", attempt=2), Retry)
    subject.web.pages["http://b/1"] = PDF
    done(subject.answer("http://a/1", attempt=3))
    assert (subject.urls, len(subject.services.known)) == (["a/1", "b/1", "b/1", "b/1"], 2)


def test_a_service_that_is_down_gets_three_attempts_and_does_not_change_the_reason(bench) -> None:
    down = Located(errors=(ServiceError("core", Reason.SERVICE_DOWN, "HTTP 503", costs_attempt=False),))
    subject = bench({"http://a/1": FetchError(Reason.BLOCKED_PAYWALL)}, answers=[down] * 3)
    waits = [subject.answer("http://a/1", attempt=attempt) for attempt in (1, 2)]
    assert [(type(one), one.reason, one.after) for one in waits] == [
        (Retry, Reason.SERVICE_DOWN, 30.0),
        (Retry, Reason.SERVICE_DOWN, 60.0),
    ]
    answer = subject.answer("http://a/1", attempt=3)
    assert (type(answer), answer.reason) == (Reject, Reason.BLOCKED_PAYWALL)
    assert answer.detail == "http://a/1; not heard: core (service-down)"
    assert (subject.urls, len(subject.services.known)) == (["a/1"], 3)


def test_a_services_turn_is_waited_for_without_an_attempt(bench) -> None:
    turn = Located(errors=(ServiceError("core", Reason.RATE_LIMITED, after=30.0, costs_attempt=False),))
    subject = bench({"http://b/1": PDF}, answers=[turn, turn, Located(locations=(Location(url="http://b/1"),))])
    for _ in range(2):
        assert subject.answer("http://a/1") == Snooze(Reason.RATE_LIMITED, 30.0, "core: rate-limited")
    done(subject.answer("http://a/1"))


def test_a_service_that_keeps_sending_us_away_does_not_keep_a_work_for_ever(bench) -> None:
    turn = Located(errors=(ServiceError("core", Reason.RATE_LIMITED, after=600.0, costs_attempt=False),))
    subject = bench({}, answers=[turn] * 20)
    attempt, waits = 1, 0
    while not isinstance(answer := subject.answer("http://a/1", attempt=attempt), Reject):
        attempt += isinstance(answer, Retry)
        waits += isinstance(answer, Snooze)
        subject.clock.advance(600.0)
    assert (answer.reason, attempt, waits) == (Reason.HTTP_404, 3, 6)


# --- over a restart, and the rest


def test_the_attempt_before_a_restart_says_what_is_dead(bench) -> None:
    subject = bench({"http://a/page": "http://a/x http://a/y", "http://c/1": FetchError(Reason.CONNECTION_RESET)})
    places = ("http://b/1", page_at("http://a/page"), "http://c/1")
    first = subject.answer(*places)
    assert isinstance(first, Retry)
    subject.services.trail = trail_of(first).tried
    subject.start()
    asked = len(subject.urls)
    second = subject.answer(*places, attempt=2)
    assert subject.urls[asked:] == ["a/page", "c/1"], "neither the dead address nor the page's dead links"
    assert reasons(second) == ["http-404", "http-404", "http-404", "connection-reset"]
    assert [one.technique for one in trail_of(second).tried] == [None] * 4, "no technique fails twice for it"


def test_a_trail_with_words_of_a_newer_version_is_read(bench) -> None:
    subject = bench({"http://a/1": PDF}, trail=(Tried(url="http://a/1", found_by="x", reason="new-word"),))
    done(subject.answer("http://a/1", attempt=2))


def test_of_each_locator_the_latest_word_is_remembered_with_the_cost_of_all() -> None:
    """However often a work is looked for; and an error without the frames it came through."""
    memory = Memory()
    try:
        raise ServiceError("core", Reason.SERVICE_DOWN)
    except ServiceError as raised:
        error = raised
    for reply, errors in ((Reply.FAILED, (error,)), (Reply.FAILED, (error,)), (Reply.ABSENT, ())):
        asked = Asked(service="core", how="doi", reply=reply, requests=1.0, credits=2.0)
        memory.heard(Located(asked=(Asked(service="doaj", how="doi", reply=Reply.ABSENT), asked), errors=errors))
        assert [one.__traceback__ for one in memory.unheard] == [None] * len(errors)
    doaj, core = memory.asked
    assert (doaj.service, core.reply, core.requests, core.credits) == ("doaj", Reply.ABSENT, 3.0, 6.0)
    assert memory.searches == 3


def test_words_that_locators_say_of_many_works_are_kept_once() -> None:
    """Hundreds of works may wait for their hosts, and twenty locators were asked about each."""
    one, other = Memory(), Memory()
    for memory in (one, other):
        absent = Asked(service="doaj", how="doi", reply=Reply.ABSENT, requests=1.0, detail="nothing")
        memory.heard(Located(asked=(absent,)))
        memory.heard(Located(asked=(absent,)))
    assert one.asked[0] is other.asked[0]
    assert one.asked[0].requests == 2.0


def test_memories_and_files_are_kept_in_bounded_number(tmp_path: Path) -> None:
    lead = Lead(location=Location(url="u"), url="u")
    proof = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.5)
    memories = Memories(Path.unlink, max_works=2, max_files=2)
    for work_id in (1, 2, 1, 3):
        memories.of(work_id).parked += 1
    assert [memories.of(work_id).parked for work_id in (3, 1, 2)] == [1, 2, 0]
    for work_id in (1, 1, 2, 3):
        path = tmp_path / f"{work_id}-{len(list(tmp_path.iterdir()))}"
        path.write_bytes(b"")
        got = Fetched(path=path, sha256="", size_bytes=0, final_url="u", content_type="")
        memories.put_by(work_id, Candidate(lead=lead, fetched=got, page_count=1, proof=proof))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2-1", "3-2"]
    assert memories.take_back(1) is None
    assert memories.take_back(2) is not None


def test_a_surprise_leaves_no_file_behind(bench) -> None:
    subject = bench({"http://a/1": b"doubt 0.4", "http://b/1": PDF})
    check = subject.checker.check
    subject.checker.check = lambda path: check(path) if subject.checker.checked < 1 else 1 / 0
    with pytest.raises(ZeroDivisionError):
        subject.answer("http://a/1", "http://b/1")
    assert subject.unfinished == []


def test_the_stage_says_what_it_is(bench) -> None:
    subject = bench({})
    assert (subject.stage.name, subject.stage.batch_size("")) == (StageName.DOWNLOAD, 1)
    with pytest.raises(TypeError, match="WorkItem"):
        list(subject.stage.handle([Claim(StageName.DOWNLOAD, 1, WorkItem(WORK))]))
