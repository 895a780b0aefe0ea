"""Fetching files over real sockets: every way a host can behave, and what we call it."""

from __future__ import annotations

import gzip
import hashlib
import random
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError, ServiceError
from dl_lit.core.ports import Fetched, Page
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.net.bodies import BodyLimits
from dl_lit.net.download import FetchLimits
from dl_lit.net.file_services import file_services
from dl_lit.net.gate import Verdict
from dl_lit.net.politeness import Politeness
from tests.fakes.engine import ManualClock
from tests.fakes.fetching import AS_PDF, HTML, PDF, Bench
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen


@pytest.fixture
def bench(tmp_path: Path):
    made: list[Bench] = []

    def make(**more: object) -> Bench:
        made.append(Bench(tmp_path, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_an_address_that_is_known_to_fail_is_not_asked_whoever_leads_there(bench) -> None:
    subject = bench()
    server = subject.serve({"/a": Reply(302, {"location": "/gone"}), "/gone": Reply(404)})
    error = subject.failure(server.url("/a"), known={server.url("/gone"): Reason.HTTP_404})
    assert (error.reason, error.final_url) == (Reason.HTTP_404, server.url("/gone"))
    assert [one.path for one in server.seen] == ["/a"]


def test_a_pdf_is_streamed_hashed_and_counted(bench) -> None:
    subject = bench()
    server = subject.serve(Reply(200, AS_PDF, PDF))
    got = subject.fetch(server.url("/a.pdf#page=2"))
    assert isinstance(got, Fetched)
    assert got.path.read_bytes() == PDF
    assert (got.sha256, got.size_bytes) == (hashlib.sha256(PDF).hexdigest(), len(PDF))
    assert (got.final_url, got.content_type) == (server.url("/a.pdf#page=2"), "application/pdf")
    assert server.seen[0].headers["accept-encoding"] == "identity"
    assert server.seen[0].headers["user-agent"] == "dl_lit/1.0"
    use, hosts = subject.fetcher.use()
    assert (use.requests, use.by_status, use.bytes, use.concurrency_peak) == (1, {"2xx": 1}, len(PDF), 1)
    assert hosts.starts == 1


@pytest.mark.parametrize(
    "body",
    [
        b"junk before\n" * 20 + PDF,
        b"%PDF-1.4",
        PDF[:-6],
    ],
    ids=["junk", "short", "no-eof"],
)
def test_what_begins_like_a_pdf_is_one_whatever_its_type_and_end(bench, body: bytes) -> None:
    subject = bench()
    got = subject.fetch(subject.serve(Reply(200, {"Content-Type": "binary/octet-stream"}, body)).url())
    assert isinstance(got, Fetched)
    assert got.path.read_bytes() == body


def test_a_page_is_returned_for_its_links(bench) -> None:
    subject = bench()
    server = subject.serve(Reply(200, {"Content-Type": "text/html; charset=latin-1"}, "<p>Größe".encode("latin-1")))
    page = subject.fetch(server.url("/landing"))
    assert isinstance(page, Page)
    assert (page.html, page.url) == ("<p>Größe", server.url("/landing"))
    assert page.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(("reply", "reason"), [
    (Reply(200, AS_PDF, b""), Reason.EMPTY_BODY),
    (Reply(204), Reason.EMPTY_BODY),
    (Reply(206, AS_PDF, PDF[:500]), Reason.TRUNCATED),
    (Reply(203, AS_PDF, PDF), Reason.WRONG_MIMETYPE),
    (Reply(200, AS_PDF, PDF[:3_000], length=20_000), Reason.TRUNCATED),
    (Reply(200, {"Transfer-Encoding": "chunked", "Content-Length": "-"}, b"fff\r\n%PDF-1.4"), Reason.TRUNCATED),
    (Reply(200, AS_PDF, b"<!DOCTYPE html><html><p>Sorry"), Reason.HTML_AS_PDF),
    (Reply(200, {}, b"<?xml version='1.0'?><!DOCTYPE html><html>"), Reason.HTML_AS_PDF),
    (Reply(200, AS_PDF, b"<html><title>Just a moment...</title>"), Reason.BLOCKED_CAPTCHA),
    (Reply(200, HTML, b"<title>Client Challenge</title>"), Reason.BLOCKED_CAPTCHA),
    (Reply(200, HTML, b"<title>Log in</title><input type=password>"), Reason.BLOCKED_LOGIN),
    (Reply(200, {"Content-Type": "image/png"}, b"\x89PNG"), Reason.WRONG_MIMETYPE),
    (Reply(200, {}, b"plain words"), Reason.WRONG_MIMETYPE),
    (Reply(200, {**AS_PDF, "Content-Encoding": "br"}, PDF), Reason.BAD_ENCODING),
    (Reply(200, {**AS_PDF, "Content-Encoding": "gzip"}, PDF), Reason.BAD_ENCODING),
    (Reply(200, {**AS_PDF, "Content-Encoding": "gzip"}, gzip.compress(PDF)[:-20]), Reason.TRUNCATED),
    (Reply(400), Reason.HTTP_4XX),
    (Reply(401), Reason.HTTP_401),
    (Reply(402), Reason.BLOCKED_PAYWALL),
    (Reply(407), Reason.HTTP_5XX),  # of a proxy on the way, not of the host
    (Reply(403, HTML, b"<title>403 Forbidden</title>"), Reason.BLOCKED_FORBIDDEN),
    (Reply(403, {"cf-mitigated": "challenge"}, b""), Reason.BLOCKED_CAPTCHA),
    (Reply(503, HTML, b"<title>Just a moment...</title>"), Reason.BLOCKED_CAPTCHA),
    (Reply(404), Reason.HTTP_404),
    (Reply(404, length=500), Reason.HTTP_404),
    (Reply(410), Reason.HTTP_410),
    (Reply(418), Reason.HTTP_4XX),
    (Reply(500), Reason.HTTP_5XX),
    (Reply(503), Reason.HTTP_5XX),
    (Reply(301), Reason.BAD_REDIRECT),
    (Reply(304), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "http://[::1"}), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "file:///etc/passwd"}), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "gopher://x/"}), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "data:application/pdf;base64,JVBERi0="}), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "javascript:alert(1)"}), Reason.BAD_REDIRECT),
    (Reply(302, {"Location": "https://idp.example/?SAMLRequest=x"}), Reason.BLOCKED_LOGIN),
    (Reply(302, {"Location": "/cookieAbsent"}), Reason.BLOCKED_COOKIE),
    (Reply(302, {"Location": "/"}), Reason.REDIRECT_LOOP),
    (Reply(raw=b"this is not HTTP\r\n\r\n"), Reason.CONNECTION_RESET),
    (Reply(raw=b"", reset=True), Reason.CONNECTION_RESET),
    (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n%PDF-1.4", reset=True), Reason.CONNECTION_RESET),
])  # fmt: skip
def test_each_ending_has_its_word(bench, tmp_path: Path, reply: Reply, reason: Reason) -> None:
    subject = bench()
    server = subject.serve(reply)
    error = subject.failure(server.url("/"))
    assert error.reason in ({reason, Reason.TRUNCATED} if reply.reset else {reason})
    assert error.final_url is not None
    is_asked_anew = error.reason is Reason.TRUNCATED and reply.status == 200  # once; it is one visit all the same
    assert len(error.hops) + is_asked_anew == len(server.seen)
    assert error.hops[0][0] == server.url("/")
    assert subject.fetcher.use()[0].requests == len(server.seen)


@pytest.mark.parametrize(("url", "reason"), [
    ("ftp://x.example/a.pdf", Reason.INVALID_URL),
    ("http://", Reason.INVALID_URL),
    ("not an address", Reason.INVALID_URL),
    ("http://[::1", Reason.INVALID_URL),
    ("http://x.example:99999/", Reason.INVALID_URL),
    ("http://\u0000/", Reason.INVALID_URL),
    ("file:///etc/passwd", Reason.INVALID_URL),
    ("javascript:alert(1)", Reason.INVALID_URL),
    ("http://user:pass@x.example/a.pdf", Reason.UNSAFE_URL),
    ("http://x.example:22/", Reason.UNSAFE_URL),
    ("http://169.254.169.254/latest/meta-data/", Reason.UNSAFE_URL),
    ("http://10.0.0.1/", Reason.UNSAFE_URL),
    ("http://2130706433/", Reason.UNSAFE_URL),
    ("http://[::ffff:127.0.0.1]/", Reason.UNSAFE_URL),
    ("http://no-such-host.invalid/a.pdf", Reason.DNS_ERROR),
    ("https://idp.example/?SAMLRequest=x", Reason.BLOCKED_LOGIN),
])  # fmt: skip
def test_addresses_that_are_none_or_unsafe_are_not_asked(bench, url: str, reason: Reason) -> None:
    assert bench(allow=()).failure(url).reason is reason


def test_a_redirect_to_a_private_address_is_refused(bench) -> None:
    """The allowed server sends us to a neighbour that is not allowed: no connection is made."""
    inner = LoopbackServer({"*": Reply(200, AS_PDF, PDF)}, host="127.0.0.2")
    outer = LoopbackServer({"*": Reply(302, {"Location": inner.url("/secret")})})
    subject = bench(allow=(outer.netloc,))
    subject.servers += [inner, outer]
    error = subject.failure(outer.url())
    assert (error.reason, error.final_url) == (Reason.UNSAFE_URL, inner.url("/secret"))
    for host in ("localhost", "0x7f.2", "2130706434", "[::ffff:127.0.0.2]"):
        outer.routes = {"*": Reply(302, {"Location": f"http://{host}/secret"})}
        assert subject.failure(outer.url("/" + host[0])).reason is Reason.UNSAFE_URL
    assert inner.connections == 0


def test_redirects_are_followed_across_hosts_with_the_cookies_of_this_fetch_only(bench) -> None:
    subject = bench()
    files = subject.serve({"/f": Reply(200, AS_PDF, PDF)}, host="127.0.0.2")

    def gate(seen) -> Reply:
        if "seen=1" in seen.headers.get("cookie", ""):
            return Reply(302, {"Location": files.url("/f")})
        return Reply(302, {"Location": "/gate", "Set-Cookie": "seen=1; Path=/"})

    server = subject.serve({"/doi": Reply(301, {"Location": "/gate#frag"}), "/gate": gate})
    got = subject.fetch(server.url("/doi"))
    assert isinstance(got, Fetched)
    assert got.final_url == files.url("/f")
    assert [seen.path for seen in server.seen] == ["/doi", "/gate", "/gate"]
    asked = [(server.url("/doi"), 301), (server.url("/gate"), 302), (server.url("/gate"), 302), (files.url("/f"), 200)]
    assert list(got.hops) == asked
    assert "cookie" not in files.seen[0].headers
    subject.fetch(server.url("/doi"))
    assert "cookie" not in server.seen[3].headers


def test_redirects_without_end_end(bench) -> None:
    subject = bench()
    server = subject.serve({"*": lambda seen: Reply(302, {"Location": seen.path + "x"})})
    assert subject.failure(server.url("/")).reason is Reason.TOO_MANY_REDIRECTS
    assert len(server.seen) == 9


def test_what_is_too_large_is_not_read(bench) -> None:
    subject = bench(limits=FetchLimits(body=BodyLimits(max_bytes=10_000)))
    declared = subject.serve(Reply(200, AS_PDF, PDF))
    assert subject.failure(declared.url()).detail.endswith("announced")
    chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nTransfer-Encoding: chunked\r\n\r\n"
    undeclared = subject.serve(Reply(raw=chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(PDF), PDF)))
    assert subject.failure(undeclared.url()).reason is Reason.TOO_LARGE


def test_a_packed_pdf_is_unpacked_and_a_bomb_is_not(bench) -> None:
    subject = bench(limits=FetchLimits(body=BodyLimits(max_bytes=5_000_000)))
    for encoding, packed in (("gzip", gzip.compress(PDF)), ("deflate", zlib.compress(PDF))):
        server = subject.serve(Reply(200, {**AS_PDF, "Content-Encoding": encoding}, packed))
        got = subject.fetch(server.url())
        assert isinstance(got, Fetched)
        assert got.path.read_bytes() == PDF
    even = b"%PDF-1.4" + b"\0" * 4_000_000
    server = subject.serve(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(even)))
    assert subject.fetch(server.url()).size_bytes == len(even)
    bomb = subject.serve(Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"%PDF-1.4" + b"\0" * 50_000_000)))
    error = subject.failure(bomb.url())
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "unpacks to more than 5000000 bytes")


def test_a_slow_drip_is_ended_by_its_speed(bench) -> None:
    limits = FetchLimits(body=BodyLimits(slow_after_s=0.3, min_bytes_per_s=10_000))
    subject = bench(limits=limits)
    server = subject.serve(Reply(200, AS_PDF, PDF, drip=(100, 0.05)))
    started = time.monotonic()
    error = subject.failure(server.url())
    assert (error.reason, time.monotonic() - started < 8.0) == (Reason.TIMEOUT_READ, True), "all of it takes ten"
    assert "bytes in" in error.detail


def test_a_steady_but_endless_body_is_ended_by_the_time_for_the_whole(bench) -> None:
    subject = bench(limits=FetchLimits(total_s=0.4))
    server = subject.serve(Reply(200, AS_PDF, b"%PDF-1.4" + b"x" * 200_000, drip=(2_000, 0.02)))
    assert subject.failure(server.url()).reason is Reason.TIMEOUT_READ


def test_silence_is_a_timeout(bench) -> None:
    never = threading.Event()
    subject = bench(limits=FetchLimits(read_s=0.2))
    server = subject.serve(Reply(200, wait=never))
    assert subject.failure(server.url()).reason is Reason.TIMEOUT_READ
    never.set()


def test_nobody_listening_is_a_reset(bench) -> None:
    server = LoopbackServer()
    server.close()
    assert bench().failure(server.url()).reason is Reason.CONNECTION_RESET


def test_429_parks_the_host_and_costs_no_attempt_unless_it_is_for_long(bench) -> None:
    subject = bench()
    for seconds, costs in (("40", False), ("7000", True), (None, False)):
        server = subject.serve(Reply(429, {"Retry-After": seconds} if seconds else {}, b""))
        error = subject.failure(server.url())
        expected = float(seconds or 600)
        assert (error.reason, error.after, error.costs_attempt) == (Reason.HTTP_429, expected, costs)
        again = subject.failure(server.url("/other"))
        assert again.reason is Reason.HOST_PARKED
        assert again.after == pytest.approx(expected, abs=1.0)
        assert len(server.seen) == 1


def test_503_with_a_time_parks_the_host_for_it(bench) -> None:
    subject = bench()
    server = subject.serve(Reply(503, {"Retry-After": "99999"}, b""))
    assert subject.failure(server.url()).after == 99_999.0
    assert subject.failure(server.url()).after == pytest.approx(3_600.0, abs=1.0)


def test_two_challenges_park_the_host(bench) -> None:
    subject = bench()
    server = subject.serve(
        {"*": Reply(403, HTML, b"<title>Just a moment...</title>"), "/in": Reply(302, {"Location": "/x"})}
    )
    assert [subject.failure(server.url(path)).reason for path in ("/in", "/in", "/a")] == [
        Reason.BLOCKED_CAPTCHA,
        Reason.BLOCKED_CAPTCHA,
        Reason.HOST_PARKED,
    ]


def test_a_full_disk_is_ours_and_costs_no_attempt(bench) -> None:
    subject = bench()
    server = subject.serve(Reply(200, AS_PDF, PDF * 20))
    with pytest.raises(FetchError) as raised:
        subject.fetcher.fetch_pdf(server.url(), Path("/dev/full"))
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.DISK_FULL, False)
    with pytest.raises(FetchError) as raised:
        subject.fetcher.fetch_pdf(server.url(), subject.folder / "absent" / "file")
    assert raised.value.reason is Reason.WRITE_ERROR


def test_a_page_longer_than_needed_is_cut(bench, monkeypatch) -> None:
    monkeypatch.setattr("dl_lit.net.download.MAX_PAGE_BYTES", 50_000)
    subject = bench()
    page = subject.fetch(
        subject.serve(Reply(200, {"Content-Type": "text/html; charset=nonsense"}, b"a" * 500_000)).url()
    )
    assert isinstance(page, Page)
    assert 50_000 <= len(page.html) <= 50_000 + 2 * 65_536


def test_a_busy_host_sends_workers_away_and_the_others_go_on(bench) -> None:
    """32 workers, 40 hosts, one of them hanging: the others' files all arrive, and nobody waits for the slow one."""
    subject = bench(gap_s=0.2)
    hold = threading.Event()
    slow = subject.serve(Reply(200, AS_PDF, PDF, wait=hold), host="127.0.0.1")
    fast = [subject.serve(Reply(200, AS_PDF, PDF), host=f"127.0.0.{n + 2}") for n in range(39)]
    urls = [slow.url(f"/{n}.pdf") for n in range(20)] + [server.url("/a.pdf") for server in fast]
    random.Random(3).shuffle(urls)
    done, busy, lock = [], [], threading.Lock()
    longest = 0.0

    def work() -> None:
        nonlocal longest
        while True:
            with lock:
                if not urls:
                    return
                url = urls.pop()
            started = time.monotonic()
            try:
                subject.fetcher.fetch_pdf(url, subject.folder / f"{threading.get_ident()}.part")
                done.append(url)
            except FetchError as error:
                busy.append(error)
                longest = max(longest, time.monotonic() - started)

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 20
    while len(done) < 39 and time.monotonic() < deadline:
        threads[0].join(0.02)
    assert len(done) == 39, "all other hosts were served while the slow one hung"
    hold.set()
    for thread in threads:
        thread.join(20)
    assert len(done) + len(busy) == 59
    assert {error.reason for error in busy} == {Reason.HOST_BUSY}
    assert all(error.after > 0 and not error.costs_attempt for error in busy)
    assert longest < 15.0, "the slow host hangs for twenty"
    assert all(server.open_peak == 1 for server in (slow, *fast))


def test_a_landing_pages_link_on_the_same_host_waits_for_the_gap_only(bench) -> None:
    subject = bench(gap_s=0.2)
    server = subject.serve({"/page": Reply(200, HTML, b"<p>x"), "/pdf": Reply(200, AS_PDF, PDF)})
    page = subject.fetch(server.url("/page"))
    assert isinstance(page, Page)
    assert subject.failure(server.url("/another")).reason in {Reason.HOST_BUSY, Reason.HTTP_404}
    assert isinstance(subject.fetch(server.url("/pdf"), found_on=server.url("/page")), Fetched)
    first, last = server.seen[0], server.seen[-1]
    assert last.at - first.at >= 0.19


def held_up(subject, server: LoopbackServer, url: str) -> FetchError:
    """The refusal of a visit that was led to `server`, whose turn has just gone; `after` it the next one is due."""
    subject.fetch(server.url("/first.pdf"))
    error = subject.failure(url)
    assert (error.reason, error.final_url) == (Reason.HOST_BUSY, server.url("/a.pdf"))
    return error


def test_a_visit_put_off_goes_on_where_redirects_had_led_it(bench) -> None:
    """The resolver is asked once, cookies and hops are kept; what was fetched is asked anew the next time."""
    clock = ManualClock()
    subject = bench(gap_s=2.0, host_wait_s=0.5, turns_clock=clock)
    files = subject.serve(Reply(200, AS_PDF, PDF))
    resolver = subject.serve(
        Reply(302, {"Location": files.url("/a.pdf"), "Set-Cookie": "a=b; Path=/"}), host="127.0.0.2"
    )
    url = resolver.url("/10.1/x")
    for _ in range(2):
        error = held_up(subject, files, url)
        assert subject.failure(url).reason is Reason.HOST_BUSY
        assert error.hops == ((url, 302),)
        clock.advance(error.after)
        got = subject.fetch(url)
        assert got.hops == ((url, 302), (files.url("/a.pdf"), 200))
        clock.advance(2.1)
    assert [seen.path for seen in resolver.seen] == ["/10.1/x"] * 2


def test_a_stale_redirect_is_followed_anew(bench) -> None:
    """What the resolver said before the wait may not hold after it."""
    clock = ManualClock()
    subject = bench(gap_s=2.0, host_wait_s=0.5, turns_clock=clock)
    files = subject.serve(
        {"/first.pdf": Reply(200, AS_PDF, PDF), "/a.pdf": Reply(403), "/b.pdf": Reply(200, AS_PDF, PDF)}
    )
    resolver = subject.serve(Reply(302, {"Location": files.url("/a.pdf")}), host="127.0.0.2")
    error = held_up(subject, files, resolver.url("/10.1/x"))

    def elsewhere(_seen: Seen) -> Reply:
        clock.advance(2.1)
        return Reply(302, {"Location": files.url("/b.pdf")})

    resolver.routes["*"] = elsewhere
    clock.advance(error.after)
    assert subject.fetch(resolver.url("/10.1/x")).final_url == files.url("/b.pdf")
    assert len(resolver.seen) == 2


def test_the_resolver_is_visited_within_its_services_limits() -> None:
    """doi.org leads to files as well as to records."""
    politeness = Politeness([BY_NAME["doi"]], clock=SystemClock(), rng=random.Random(1), has_contact=True)
    (doi,) = file_services([BY_NAME["doi"]], politeness, is_polite=True)
    assert doi.serves("https://doi.org/10.1/x")
    assert doi.serves("http://dx.doi.org/10.1/x")
    assert (doi.policy.gap_s, doi.gate) == (0.5, politeness.gate("doi"))


def test_files_of_a_service_share_its_limits_with_its_calls(bench) -> None:
    """arXiv: one request in the window, calls and files together, and the same tickets as any host."""
    server = LoopbackServer(
        {"*": Reply(200, AS_PDF, PDF), "/gone": Reply(404), "/limit": Reply(429), "/bad": Reply(500)}
    )
    gap_s = 0.2
    lane = replace(BY_NAME["arxiv"].polite, windows=(replace(BY_NAME["arxiv"].polite.windows[0], seconds=gap_s),))
    arxiv = replace(BY_NAME["arxiv"], base_url=server.url(""), polite=lane)
    politeness = Politeness([arxiv], clock=SystemClock(), rng=random.Random(1), has_contact=True)
    subject = bench(file_services=file_services([arxiv], politeness, is_polite=True))
    subject.servers.append(server)
    gate = politeness.gate("arxiv")
    began = time.monotonic()
    for path in ("/pdf/1", "/gone", "/limit", "/bad"):
        gate.release(gate.acquire(), Verdict.ANSWERED, status=200)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                subject.fetch(server.url(path))
            except FetchError as error:
                if error.reason is Reason.HOST_BUSY:
                    threading.Event().wait(error.after)
                    continue
                if path == "/limit":
                    subject.turns.park(server.netloc, 0.0)
            break
    assert [seen.path for seen in server.seen] == ["/pdf/1", "/gone", "/limit", "/bad"]
    for number, seen in enumerate(server.seen):  # one may arrive late where the machine is busy, and none early
        assert seen.at - began > (2 * number + 1) * gap_s - 0.01, "a call before each"
    use = politeness.snapshot()["arxiv"]
    assert use.by_status == {"2xx": 5, "4xx": 2, "5xx": 1}
    assert use.concurrency_peak == 1
    politeness.stop()
    error = subject.failure(server.url("/pdf/2"))
    assert error.reason in {Reason.HOST_BUSY, Reason.HOST_PARKED}


def test_a_service_that_is_down_parks_its_files(bench) -> None:
    server = LoopbackServer({"*": Reply(200, AS_PDF, PDF)})
    pmc = replace(BY_NAME["pmc"], base_url=server.url("/"))
    politeness = Politeness([pmc, BY_NAME["crossref"]], clock=SystemClock(), rng=random.Random(1), has_contact=False)
    services = file_services([pmc, BY_NAME["crossref"]], politeness, is_polite=False)
    assert [service.line for service in services] == ["service:pmc"]
    subject = bench(file_services=services)
    subject.servers.append(server)
    politeness.gate("pmc").park(5_000.0, Reason.SERVICE_DOWN)
    error = subject.failure(server.url("/PMC1.1/PMC1.1.pdf"))
    assert (error.reason, error.costs_attempt) == (Reason.HOST_PARKED, False)
    assert error.after == pytest.approx(5_000.0, abs=1.0)
    with pytest.raises(ServiceError):
        politeness.gate("pmc").acquire()
    assert server.seen == []
