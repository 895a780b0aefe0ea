"""What is known of hosts' rules: how long, after what answers, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from dl_lit.core.errors import FetchError
from dl_lit.core.memory import Kept, ToKeep
from dl_lit.core.reasons import Reason
from dl_lit.net.site_rules import FRESH_S, SILENT_MOST_S, Question, SiteRulebook
from tests.fakes.scenario import HandClock

HOST, PDF = "x.example", "https://x.example/a.pdf"
NO_PDFS = b"User-agent: *\nDisallow: /*.pdf$\nCrawl-delay: 7"
DAY_S = 86_400.0


class MemoryCache:
    """`core.memory.AnswerCache` in memory."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.kept: dict[str, ToKeep] = {}

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        found = {key: self.kept[service + key] for key in keys if service + key in self.kept}
        return {key: Kept(one.body, 0.0) for key, one in found.items() if one.expires_at > self._clock.at}

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        self.kept.update({service + one.key: one for one in answers})

    def flush(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def open_question(book: SiteRulebook, url: str = PDF) -> Question:
    question = book.question(HOST, url)
    assert question is not None
    return question


def refusal(book: SiteRulebook) -> FetchError:
    with pytest.raises(FetchError) as raised:
        book.question(HOST, PDF)
    return raised.value


def told(book: SiteRulebook, robots: bytes, *, status: int = 200) -> None:
    book.answered(open_question(book), status, robots)


def test_robots_is_asked_first_then_the_reservations_then_nothing(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    first = open_question(book)
    assert (first.url, first.is_robots) == ("https://x.example/robots.txt", True)
    book.answered(first, 200, b"User-agent: *\nDisallow: /login")
    second = open_question(book)
    assert (second.url, second.is_robots) == ("https://x.example/.well-known/tdmrep.json", False)
    book.answered(second, 200, b'[{"location": "/a.pdf", "tdm-reservation": 1}]')
    assert book.question(HOST, PDF) is None
    reservation = book.reservation(HOST, PDF)
    assert reservation is not None
    assert reservation.is_reserved
    assert book.reservation(HOST, "https://x.example/b.pdf") is None


def test_what_is_forbidden_costs_no_further_question(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    told(book, NO_PDFS)
    assert refusal(book).reason is Reason.BLOCKED_ROBOTS
    assert open_question(book, "https://x.example/page").is_robots is False


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_host_without_the_file_allows_everything(clock: HandClock, status: int) -> None:
    book = SiteRulebook(clock)
    told(book, NO_PDFS, status=status)
    assert open_question(book).is_robots is False


def test_rules_are_used_for_a_day_also_by_other_processes_and_later_runs(clock: HandClock) -> None:
    cache = MemoryCache(clock)
    told(SiteRulebook(clock, cache), NO_PDFS)
    other = SiteRulebook(clock, cache)
    assert refusal(other).reason is Reason.BLOCKED_ROBOTS
    assert other.gap_s(HOST) == 7.0
    clock.at += FRESH_S
    assert open_question(other).is_robots


def test_a_cache_that_takes_nothing_any_more_does_not_bring_old_rules_back(clock: HandClock) -> None:
    """The disk is full, say: each host is still asked once a day only."""
    cache = MemoryCache(clock)
    book = SiteRulebook(clock, cache)
    told(book, NO_PDFS)
    clock.at += FRESH_S
    full = dict(cache.kept)
    told(book, b"")
    book.answered(open_question(book), 404, b"")
    cache.kept = full
    assert book.question(HOST, PDF) is None


def test_what_another_process_asked_meanwhile_is_seen(clock: HandClock) -> None:
    cache = MemoryCache(clock)
    ours = SiteRulebook(clock, cache)
    assert open_question(ours).is_robots
    told(SiteRulebook(clock, cache), NO_PDFS)
    assert refusal(ours).reason is Reason.BLOCKED_ROBOTS


def test_a_cache_with_something_else_is_no_trouble(clock: HandClock) -> None:
    cache = MemoryCache(clock)
    cache.put_many("robots", [ToKeep(HOST, b"\xff what is this", clock.at + DAY_S)])
    assert open_question(SiteRulebook(clock, cache)).is_robots


def test_an_error_of_the_hosts_forbids_everything_for_a_while(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    told(book, b"", status=503)
    error = refusal(book)
    assert (error.reason, error.detail, error.after) == (Reason.HTTP_5XX, "robots.txt: HTTP 503", 600.0)
    assert error.costs_attempt
    clock.at += 600.0
    assert open_question(book).is_robots


def test_silence_forbids_everything_for_a_minute_and_a_month_of_it_nothing(clock: HandClock) -> None:
    cache = MemoryCache(clock)
    book = SiteRulebook(clock, cache)
    book.silent(open_question(book), Reason.DNS_ERROR, "unknown")
    assert (refusal(book).reason, refusal(book).after) == (Reason.DNS_ERROR, 60.0)
    for _ in range(3):
        clock.at += SILENT_MOST_S / 3
        book = SiteRulebook(clock, cache)
        book.silent(open_question(book), Reason.DNS_ERROR, "unknown")
    assert open_question(book).is_robots is False


def test_old_rules_hold_while_new_ones_cannot_be_had(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    told(book, NO_PDFS)
    clock.at += FRESH_S
    told(book, b"", status=500)
    assert refusal(book).reason is Reason.BLOCKED_ROBOTS
    clock.at += 600.0
    assert open_question(book).is_robots


def test_redirects_of_the_file_are_followed_five_times(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    for number in range(5):
        book.led_on(open_question(book), f"https://elsewhere.example/{number}")
        assert open_question(book).url == f"https://elsewhere.example/{number}"
    book.led_on(open_question(book), "https://elsewhere.example/5")
    assert open_question(book).is_robots is False


def test_a_hosts_rules_are_the_same_over_tls_and_without(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    assert open_question(book, "http://x.example/b").url == "http://x.example/robots.txt"
    told(book, NO_PDFS)
    assert refusal(book).reason is Reason.BLOCKED_ROBOTS


def test_an_endless_gap_is_shortened(clock: HandClock) -> None:
    book = SiteRulebook(clock, crawl_delay_most_s=60.0)
    told(book, b"User-agent: *\nCrawl-delay: 86400")
    assert book.gap_s(HOST) == 60.0
    assert book.gap_s("other.example") == 0.0


def test_reservations_that_cannot_be_had_are_none_for_now(clock: HandClock) -> None:
    book = SiteRulebook(clock)
    told(book, b"")
    book.silent(open_question(book), Reason.TIMEOUT_READ, "")
    assert book.question(HOST, PDF) is None
    clock.at += 61.0
    assert open_question(book).is_robots is False
    book.led_on(open_question(book), "https://x.example/elsewhere")
    assert book.question(HOST, PDF) is None


def test_only_so_many_hosts_are_remembered(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.net.site_rules._REMEMBERED", 45)
    book = SiteRulebook(clock)
    told(book, NO_PDFS)
    for name in ("b.example", "c.example"):
        book.gap_s(name)
    assert open_question(book).is_robots
