"""The download stage: from locations to an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError, PdfError
from dl_lit.core.items import Downloaded, DownloadItem, WorkItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Version, Work
from dl_lit.core.ports import Fetched, Page, PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.library.folder import FolderLibrary
from stages.dead_links import DeadLinks, Failure
from stages.download import DownloadStage

PDF = b"%PDF-1.5 ..."
WORK = Work(title="A Study", year=2020, doi="10.1/x")

Web = dict[str, bytes | str | FetchError]


class WebOfTwo:
    """A web in memory: bytes are a PDF, text is a page, an error is raised. It keeps what was asked."""

    def __init__(self, pages: Web) -> None:
        self.pages = pages
        self.asked: list[tuple[str, float | None, str | None]] = []

    def fetch_pdf(
        self, url: str, into: Path, *, ticket: float | None = None, found_on: str | None = None
    ) -> Fetched | Page:
        self.asked.append((url, ticket, found_on))
        found = self.pages.get(url, FetchError(Reason.HTTP_404, "HTTP 404", final_url=url + "#final"))
        if isinstance(found, FetchError):
            into.write_bytes(b"%PDF- half of it")
            raise found
        if isinstance(found, str):
            return Page(url, found, {})
        into.write_bytes(found)
        return Fetched(
            path=into,
            sha256=hashlib.sha256(found).hexdigest(),
            size_bytes=len(found),
            final_url=url + "?final",
            content_type="application/pdf",
        )


class Checker:
    """Opens whatever does not contain a reason's word."""

    closed = False

    def check(self, path: Path) -> PdfFacts:
        content = path.read_bytes()
        for reason in (Reason.DAMAGED_PDF, Reason.PARSER_CRASHED, Reason.ENCRYPTED_PDF):
            if reason.value.encode() in content:
                raise PdfError(reason, "says the checker")
        return PdfFacts(3, ("A Study",))

    def close(self) -> None:
        self.closed = True


def links_of(html: str, url: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """A page in memory is its links, one a word."""
    del url, headers
    return [(word, "meta") for word in html.split() if word.startswith("http")]


class Bench:
    def __init__(self, folder: Path, pages: Web) -> None:
        self.folder = folder / "library"
        self.web = WebOfTwo(pages)
        self.checker = Checker()
        self.library = FolderLibrary(self.folder, SystemClock())
        self.stage = DownloadStage(
            self.web,
            self.checker,
            self.library,
            links_of,
            lambda html: Reason.BLOCKED_PAYWALL if "pay" in html else Reason.NO_PDF_LINK,
        )

    def answer(self, *places: str | Location, ticket: float | None = None) -> Answer:
        locations = tuple(one if isinstance(one, Location) else Location(url=one) for one in places)
        claim = Claim(StageName.DOWNLOAD, 7, DownloadItem(WORK, locations), ticket=ticket)
        ((answered, answer),) = self.stage.handle([claim])
        assert answered is claim
        left = {path.name for path in (self.folder / ".incoming").iterdir()}
        assert left <= {"work-7.receipt.json"}, "no temporary file stays behind"
        return answer

    @property
    def urls(self) -> list[str]:
        return [url for url, _, _ in self.web.asked]


@pytest.fixture
def bench(tmp_path: Path):
    return lambda pages: Bench(tmp_path, pages)


def busy(after: float | None, reason: Reason = Reason.HOST_BUSY) -> FetchError:
    return FetchError(reason, after=after, costs_attempt=False)


def test_the_first_location_that_gives_the_pdf_ends_the_search(bench) -> None:
    subject = bench({"http://b/1": PDF, "http://c/1": PDF})
    location = Location(url="http://b/1", version=Version.SUBMITTED, licence="cc-by")
    answer = subject.answer("http://a/1", location, "http://c/1", ticket=5.0)
    assert isinstance(answer, Done)
    facts = answer.facts
    assert isinstance(facts, Downloaded)
    assert (facts.path, facts.page_count, facts.location) == ("Anonymous_2020_A-Study.pdf", 3, location)
    assert facts.final_url == "http://b/1?final"
    assert (subject.folder / facts.path).read_bytes() == PDF
    assert subject.web.asked == [("http://a/1", 5.0, None), ("http://b/1", 5.0, None)]


def test_a_page_leads_to_its_pdf(bench) -> None:
    subject = bench({"http://a/page": "http://a/x http://a/y", "http://a/y": PDF})
    assert isinstance(subject.answer(Location(url="http://a/page", is_pdf=False)), Done)
    assert subject.web.asked == [
        ("http://a/page", None, None),
        ("http://a/x", None, "http://a/page"),
        ("http://a/y", None, "http://a/page"),
    ]


def test_a_page_is_good_for_three_links(bench) -> None:
    subject = bench({"http://a/page": " ".join(f"http://a/{n}" for n in range(9))})
    assert isinstance(subject.answer("http://a/page"), Reject)
    assert len(subject.urls) == 4


@pytest.mark.parametrize(
    ("html", "is_pdf", "reason"),
    [
        ("nothing", False, Reason.NO_PDF_LINK),
        ("nothing", True, Reason.HTML_AS_PDF),
        ("pay here", True, Reason.BLOCKED_PAYWALL),
        ("http://a/again", False, Reason.LINK_LOOP),
    ],
)
def test_a_page_that_leads_nowhere_says_why(bench, html: str, is_pdf: bool, reason: Reason) -> None:
    subject = bench({"http://a/page": html, "http://a/again": "http://a/page"})
    answer = subject.answer(Location(url="http://a/page", is_pdf=is_pdf))
    assert isinstance(answer, Reject)
    assert answer.reason is reason


def test_when_all_fail_for_good_the_most_telling_reason_is_given_with_all_the_evidence(bench) -> None:
    subject = bench({"http://b/1": FetchError(Reason.BLOCKED_CAPTCHA, "HTTP 403"), "http://c/1": b"damaged-pdf"})
    answer = subject.answer("http://a/1", "http://c/1", "http://b/1")
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.BLOCKED_CAPTCHA
    assert answer.detail == "http://b/1: HTTP 403"
    assert [one["reason"] for one in answer.evidence] == ["http-404", "damaged-pdf", "blocked-captcha"]
    assert answer.evidence[0] == {
        "url": "http://a/1",
        "reason": "http-404",
        "detail": "HTTP 404",
        "final_url": "http://a/1#final",
    }


def test_one_transient_failure_is_reason_to_try_again(bench) -> None:
    subject = bench({"http://a/1": FetchError(Reason.HTTP_5XX, after=30.0), "http://b/1": FetchError(Reason.DNS_ERROR)})
    answer = subject.answer("http://a/1", "http://b/1", "http://c/1")
    assert isinstance(answer, Retry)
    assert (answer.reason, answer.detail, answer.after) == (Reason.HTTP_5XX, "http://a/1", 30.0)
    assert isinstance(bench({"http://a/1": b"parser-crashed"}).answer("http://a/1"), Retry)


def test_a_busy_host_is_passed_over_for_another(bench) -> None:
    subject = bench({"http://a/1": busy(40.0), "http://b/1": PDF})
    assert isinstance(subject.answer("http://a/1", "http://b/1"), Done)


def test_when_only_busy_hosts_are_left_the_claim_waits_for_the_first(bench) -> None:
    subject = bench({"http://a/1": busy(40.0), "http://b/1": busy(20.0, Reason.HOST_PARKED)})
    answer = subject.answer("http://a/1", "http://a/2", "http://b/1", "http://c/1")
    assert answer == Snooze(Reason.HOST_PARKED, 20.0, "http://b/1")
    assert subject.urls == ["http://a/1", "http://b/1", "http://c/1"], "the busy host is not asked a second time"


def test_what_failed_for_good_is_not_asked_again_after_a_wait(bench) -> None:
    subject = bench({"http://a/page": "nothing", "http://b/1": busy(None)})
    places = ("http://404/1", "http://a/page", "http://b/1")
    assert subject.answer(*places) == Snooze(Reason.HOST_BUSY, 60.0, "http://b/1")
    subject.web.pages["http://b/1"] = FetchError(Reason.HTTP_410)
    answer = subject.answer(*places)
    assert isinstance(answer, Reject)
    assert [one["reason"] for one in answer.evidence] == ["http-404", "html-as-pdf", "http-410"]
    assert subject.urls == ["http://404/1", "http://a/page", "http://b/1", "http://b/1"]
    subject.answer("http://404/1")
    assert subject.urls[-1] == "http://404/1", "a new attempt begins afresh"


@pytest.mark.parametrize("reason", [Reason.DISK_FULL, Reason.WRITE_ERROR])
def test_our_own_disk_puts_the_claim_aside_without_asking_others(bench, reason: Reason) -> None:
    subject = bench({"http://a/1": FetchError(reason, after=60.0, costs_attempt=False), "http://b/1": PDF})
    answer = subject.answer("http://a/1", "http://b/1")
    assert answer == Snooze(reason, 60.0, "http://a/1")
    assert subject.urls == ["http://a/1"]


def test_nothing_to_try_is_said(bench) -> None:
    answer = bench({}).answer()
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.NO_OA_LOCATION


def test_an_address_that_cannot_be_split_is_its_own_host(bench) -> None:
    subject = bench({"http://[bad": FetchError(Reason.INVALID_URL)})
    answer = subject.answer("http://[bad")
    assert isinstance(answer, Reject)
    assert answer.reason is Reason.INVALID_URL


def test_a_surprise_leaves_no_file_behind(bench, tmp_path: Path) -> None:
    subject = bench({"http://a/1": PDF})
    subject.checker.check = lambda _path: 1 / 0
    claim = Claim(StageName.DOWNLOAD, 7, DownloadItem(WORK, (Location(url="http://a/1"),)))
    with pytest.raises(ZeroDivisionError):
        list(subject.stage.handle([claim]))
    assert list((subject.folder / ".incoming").iterdir()) == []


def test_the_stage_says_what_it_is_and_closes_its_checker(bench) -> None:
    subject = bench({})
    assert (subject.stage.name, subject.stage.batch_size("")) == (StageName.DOWNLOAD, 1)
    subject.stage.close()
    assert subject.checker.closed
    with pytest.raises(TypeError, match="WorkItem"):
        list(subject.stage.handle([Claim(StageName.DOWNLOAD, 1, WorkItem(WORK))]))
    plain = DownloadStage(subject.web, subject.checker, subject.library, links_of)
    assert plain._why_no_pdf("") is Reason.NO_PDF_LINK


def test_dead_links_are_kept_for_a_bounded_number_of_works() -> None:
    dead = DeadLinks(max_works=2)
    for work_id in (1, 2, 1, 3):
        dead.note(work_id, Failure("u", Reason.HTTP_404))
    assert [dead.of(work_id, "u") is not None for work_id in (1, 2, 3)] == [True, False, True]
    dead.forget(1)
    dead.forget(1)
    assert dead.of(1, "u") is None


def test_the_trail_tells_every_location_with_its_way(bench) -> None:
    dead = FetchError(Reason.HTTP_404, "HTTP 404")
    dead.hops = (("http://a/1", 302), ("http://a/gone", 404))
    subject = bench({"http://a/1": dead, "http://b/page": "http://b/x http://b/y", "http://b/y": PDF})
    places = (Location(url="http://a/1", found_by="openalex"), Location(url="http://b/page", found_by="unpaywall"))
    answer = subject.answer(*places)
    assert isinstance(answer, Done)
    assert answer.trail is not None
    assert [(one.url, one.found_by, one.technique, one.reason) for one in answer.trail.tried] == [
        ("http://a/1", "openalex", None, "http-404"),
        ("http://b/page", "unpaywall", "meta", "http-404"),
        ("http://b/page", "unpaywall", "meta", "ok"),
    ]
    assert answer.trail.tried[0].hops == (("http://a/1", 302), ("http://a/gone", 404))
    assert answer.trail.decision.startswith("took http://b/page: 3 pages")


def test_the_trail_of_a_failure_has_what_failed_before_a_wait(bench) -> None:
    subject = bench({"http://b/1": busy(None)})
    assert isinstance(subject.answer("http://404/1", "http://b/1"), Snooze)
    subject.web.pages["http://b/1"] = FetchError(Reason.HTTP_410)
    answer = subject.answer("http://404/1", "http://b/1")
    assert isinstance(answer, Reject)
    assert answer.trail is not None
    assert [one.reason for one in answer.trail.tried] == ["http-404", "http-410"]
    assert answer.trail.decision.startswith("2 locations gave no PDF; the most telling: ")
