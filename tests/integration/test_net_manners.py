"""Hosts are asked for their rules in their own turns, and the rules are kept: pages, files, every redirect hop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.ports import Fetched, Page
from dl_lit.core.reasons import Reason
from dl_lit.net.credentials import HostCredentials
from dl_lit.net.site_rules import SiteRulebook
from tests.fakes.fetching import AS_PDF, HTML, PDF, Bench, Ledger
from tests.fakes.loopback_server import LoopbackServer, Reply

ROBOTS, TDM = "/robots.txt", "/.well-known/tdmrep.json"
RESERVED = {"tdm-reservation": "1", "tdm-policy": "https://p.example/tdm"}
TEXT = {"Content-Type": "text/plain"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**more: object) -> Bench:
        made.append(Bench(tmp_path, **{"rulebook": SiteRulebook(SystemClock()), **more}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def robots(*lines: str) -> Reply:
    return Reply(200, TEXT, "\n".join(("User-agent: *", *lines)).encode())


def paths(server: LoopbackServer) -> list[str]:
    return [seen.path for seen in server.seen]


def test_a_host_is_asked_for_its_rules_once_and_then_for_files(bench) -> None:
    ledger = Ledger()
    subject = bench(ledger=ledger)
    server = subject.serve({ROBOTS: robots("Disallow: /login"), "*": Reply(200, AS_PDF, PDF)})
    got = subject.fetch(server.url("/a.pdf"))
    assert isinstance(subject.fetch(server.url("/b.pdf")), Fetched)
    assert paths(server) == [ROBOTS, TDM, "/a.pdf", "/b.pdf"]
    assert got.hops == ((server.url("/a.pdf"), 200),), "questions about rules are no stops on the way"
    assert ledger.purposes == ["robots", "robots", "files", "files"]


def test_what_robots_forbids_is_not_fetched_whoever_leads_there(bench) -> None:
    """Files, pages, and the second hop of a redirect from a host that allows everything."""
    subject = bench()
    closed = subject.serve({ROBOTS: robots("Disallow: /*.pdf$"), "*": Reply(200, AS_PDF, PDF)}, host="127.0.0.2")
    opened = subject.serve({ROBOTS: Reply(404), "*": Reply(302, {"Location": closed.url("/a.pdf")})})
    for url in (closed.url("/x.pdf"), opened.url("/doi")):
        error = subject.failure(url)
        assert error.reason is Reason.BLOCKED_ROBOTS
    assert error.final_url == closed.url("/a.pdf")
    assert paths(closed) == [ROBOTS]
    assert isinstance(subject.fetch(closed.url("/a")), Fetched)


def test_an_agreement_with_the_host_goes_before_its_rules_for_everybody(bench) -> None:
    """The user's own key opens, as agreed, what is closed to crawlers; it goes nowhere else."""
    subject = bench(credentials=[HostCredentials("127.0.0.2", {"X-Key": "k", "Cookie": "session=1"})])
    other = subject.serve({ROBOTS: Reply(404), "*": Reply(200, AS_PDF, PDF)})
    ours = subject.serve(
        {ROBOTS: robots("Disallow: /"), "*": Reply(302, {"Location": other.url("/f"), "Set-Cookie": "a=b; Path=/"})},
        host="127.0.0.2",
    )
    assert isinstance(subject.fetch(ours.url("/a.pdf")), Fetched)
    assert [(seen.path, seen.headers.get("x-key")) for seen in ours.seen] == [("/a.pdf", "k")]
    assert ours.seen[0].headers["cookie"] == "session=1"
    assert not any("x-key" in seen.headers or "cookie" in seen.headers for seen in other.seen)


def test_the_gap_is_kept_between_rules_files_and_pages_and_the_host_may_lengthen_it(bench) -> None:
    subject = bench(gap_s=0.1, host_wait_s=2.0)
    server = subject.serve(
        {ROBOTS: robots("Crawl-delay: 0.3"), "/page": Reply(200, HTML, b"<p>x"), "*": Reply(200, AS_PDF, PDF)}
    )
    assert isinstance(subject.fetch(server.url("/page")), Page)
    assert isinstance(subject.fetch(server.url("/a.pdf"), found_on=server.url("/page")), Fetched)
    starts = [seen.at for seen in server.seen]
    assert len(starts) == 4
    assert min(later - earlier for earlier, later in pairwise(starts)) >= 0.29
    assert server.open_peak == 1


def test_the_gap_is_kept_where_requests_arrive_not_only_where_they_set_out(bench) -> None:
    """The first one waits for the name system and its connection, the second one has both."""
    slow = [0.25, 0.0]

    def resolver(host: str, _port: int) -> list[str]:
        threading.Event().wait(slow.pop(0))
        return [host]

    subject = bench(rulebook=None, gap_s=0.3, host_wait_s=2.0, resolver=resolver)
    server = subject.serve(Reply(200, AS_PDF, PDF))
    for path in ("/a.pdf", "/b.pdf"):
        subject.fetch(server.url(path))
    assert server.seen[1].at - server.seen[0].at >= 0.29


def test_many_workers_ask_a_new_host_once(bench) -> None:
    subject = bench(host_wait_s=5.0)
    server = subject.serve({ROBOTS: robots("Disallow: /login"), "*": Reply(200, AS_PDF, PDF)})
    done = []

    def work(number: int) -> None:
        got = subject.fetcher.fetch_pdf(server.url(f"/{number}"), subject.folder / f"{number}.part")
        done.append(got.final_url)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 6
    assert paths(server)[:2] == [ROBOTS, TDM]
    assert len(server.seen) == 8
    assert server.handling_peak == 1


def test_a_host_whose_rules_cannot_be_had_is_left_alone(bench) -> None:
    subject = bench()
    server = subject.serve({ROBOTS: Reply(500), "*": Reply(200, AS_PDF, PDF)})
    for _ in range(2):
        error = subject.failure(server.url("/a.pdf"))
        assert (error.reason, error.costs_attempt) == (Reason.HTTP_5XX, True)
        assert 500.0 < (error.after or 0.0) <= 600.0
    assert paths(server) == [ROBOTS]
    server.close()
    dead = subject.failure(f"http://127.0.0.9:{server.port}/a.pdf")
    assert (dead.reason, dead.costs_attempt) == (Reason.CONNECTION_RESET, True)


def test_a_host_that_wants_rest_instead_of_telling_its_rules_gets_it(bench) -> None:
    subject = bench()
    server = subject.serve({ROBOTS: Reply(429, {"Retry-After": "30"}), "*": Reply(200, AS_PDF, PDF)})
    error = subject.failure(server.url("/a.pdf"))
    assert (error.reason, error.after, error.costs_attempt) == (Reason.HTTP_429, 30.0, False)
    assert subject.failure(server.url("/b.pdf")).reason is Reason.HOST_PARKED
    assert paths(server) == [ROBOTS]


def test_a_challenge_before_the_rules_is_met_once_more_and_then_the_host_is_parked(bench) -> None:
    subject = bench()
    server = subject.serve({"*": Reply(403, HTML, b"<title>Just a moment...</title>")})
    assert subject.failure(server.url("/a.pdf")).reason is Reason.BLOCKED_CAPTCHA
    parked = subject.failure(server.url("/b.pdf"))
    assert (parked.reason, parked.costs_attempt) == (Reason.HOST_PARKED, True)
    unhelpful = subject.serve({ROBOTS: Reply(503, HTML, b"<title>Just a moment...</title>")}, host="127.0.0.2")
    for _ in range(2):
        assert subject.failure(unhelpful.url("/a.pdf")).reason is Reason.BLOCKED_CAPTCHA
    assert paths(unhelpful) == [ROBOTS]


def test_rules_may_lie_elsewhere_and_are_asked_for_in_turns_there(bench) -> None:
    subject = bench()
    elsewhere = subject.serve({"/rules": robots("Disallow: /")}, host="127.0.0.2")
    server = subject.serve({ROBOTS: Reply(301, {"Location": elsewhere.url("/rules")})})
    assert subject.failure(server.url("/a.pdf")).reason is Reason.BLOCKED_ROBOTS
    assert (paths(server), paths(elsewhere)) == ([ROBOTS], ["/rules"])


@pytest.mark.parametrize(
    "reply",
    [
        Reply(301, {"Location": "http://169.254.169.254/robots.txt"}),
        Reply(301, {"Location": "file:///etc/passwd"}),
        Reply(301, {"Location": "data:text/plain,Disallow"}),
        Reply(301),
        Reply(200, {**TEXT, "Content-Encoding": "br"}, b"?"),
        Reply(200, HTML, b"<!doctype html><html>Welcome to our shop"),
        Reply(200, TEXT, b"User-agent: *\nDisallow: /x\n" + b"#" * 600_000 + b"\nDisallow: /\n"),
    ],
    ids=["private", "file", "data", "nowhere", "encoding", "page", "long"],
)
def test_a_senseless_answer_is_no_rule(bench, reply: Reply) -> None:
    subject = bench()
    server = subject.serve({ROBOTS: reply, "*": Reply(200, AS_PDF, PDF)})
    assert isinstance(subject.fetch(server.url("/a.pdf")), Fetched)


TDM_FILE = b'[{"location": "/a.pdf", "tdm-reservation": 1}]'


@pytest.mark.parametrize(
    ("file", "reply"),
    [
        (Reply(200, {}, TDM_FILE), Reply(200, AS_PDF, PDF)),
        (Reply(404), Reply(200, {**AS_PDF, **RESERVED}, PDF)),
        (Reply(404), Reply(200, HTML, b'<meta name="tdm-reservation" content="1"><p>x')),
    ],
    ids=["file", "header", "meta"],
)
def test_what_is_reserved_is_left_alone_or_recorded_as_set(bench, file: Reply, reply: Reply) -> None:
    for tdm in ("obey", "record"):
        subject = bench(tdm=tdm)
        server = subject.serve({ROBOTS: Reply(404), TDM: file, "*": reply})
        if tdm == "obey":
            error = subject.failure(server.url("/a.pdf"))
            assert error.reason is Reason.SKIP_POLICY
            assert "mining reserved" in error.detail
        else:
            got = subject.fetch(server.url("/a.pdf"))
            assert (got.reservation or "").startswith("mining reserved")
        licensed = subject.fetch(server.url("/a.pdf"), licence="cc-by")
        assert (licensed.reservation or "").startswith("mining reserved")


def test_a_header_says_the_last_word_where_the_host_has_no_file(bench) -> None:
    subject = bench()
    server = subject.serve({ROBOTS: Reply(404), "*": Reply(200, {**AS_PDF, "tdm-reservation": "0"}, PDF)})
    assert subject.fetch(server.url("/a.pdf")).reservation is None


def test_waiting_for_a_host_that_gives_nothing_but_rests_has_an_end(bench) -> None:
    """Three rests in a row are free; from then on each costs an attempt, until the host gives something again."""
    subject = bench(rulebook=None)
    server = subject.serve({"*": Reply(429, {"Retry-After": "0"}), "/ok": Reply(200, AS_PDF, PDF)})
    costs = [subject.failure(server.url("/a.pdf")).costs_attempt for _ in range(5)]
    assert costs == [False, False, False, True, True]
    subject.fetch(server.url("/ok"))
    assert not subject.failure(server.url("/a.pdf")).costs_attempt
