"""What hosts ask of programs, files in parts, and how a client's conduct is told from the log."""

from __future__ import annotations

import pytest

from dl_lit.replica.conduct import conduct, smallest_gaps
from dl_lit.replica.log import Entry
from dl_lit.replica.ranges import etag_of, file_response
from dl_lit.replica.robots import crawl_delay_s, forbids
from dl_lit.replica.site_rules import SiteRules, mixed_rules
from dl_lit.replica.wire import Request, Site

AGENT = "dl_lit/0.1 (mailto:reader@library.org)"
FILE = bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("robots", "target", "is_forbidden"),
    [
        ("", "/a.pdf", False),
        ("User-agent: *\nDisallow:", "/a.pdf", False),
        ("User-agent: *\nDisallow: /", "/a.pdf", True),
        ("Disallow: /", "/a.pdf", False),  # of nobody's group
        ("User-agent: *\nDisallow: /files/\nAllow: /files/open/", "/files/open/a.pdf", False),
        ("User-agent: *\nAllow: /files/open/\nDisallow: /files/", "/files/shut/a.pdf", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", False),  # as specific: the one that allows
        ("User-agent: *\nDisallow: /\n\nUser-agent: dl_lit\nAllow: /", "/a.pdf", False),
        ("User-agent: dl-lit\nUser-agent: other\nDisallow: /x", "/x/1", True),
        ("User-agent: GPTBot\nDisallow: /", "/a.pdf", False),
        ("user-agent: *  # all\nDISALLOW: /%66iles/", "/files/1", True),
    ],
)
def test_robots_are_judged_by_the_standard(robots: str, target: str, is_forbidden: bool) -> None:
    assert forbids(robots, AGENT, target) is is_forbidden


def test_the_pace_asked_for_is_that_of_our_own_group() -> None:
    robots = "User-agent: *\nCrawl-delay: 30\n\nUser-agent: dl_lit\nCrawl-delay: 2.5\nDisallow:"
    assert (crawl_delay_s(robots, AGENT), crawl_delay_s(robots, "other/1")) == (2.5, 30.0)
    assert crawl_delay_s("User-agent: *\nCrawl-delay: soon", AGENT) is None


def get(target: str = "/a.pdf", **headers: str) -> Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("GET", target, {"user-agent": AGENT, **names})


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ({}, 200, FILE),
        ({"range": "bytes=1000-"}, 206, FILE[1000:]),
        ({"range": "bytes=0-9"}, 206, FILE[:10]),
        ({"range": "bytes=-4"}, 206, FILE[-4:]),
        ({"range": "bytes=0-99999"}, 206, FILE),
        ({"range": "bytes=1024-"}, 416, b""),
        ({"range": "bytes=-"}, 200, FILE),
        ({"range": "lines=1-2"}, 200, FILE),
        ({"range": "bytes=1000-", "if_range": etag_of(FILE)}, 206, FILE[1000:]),
        ({"range": "bytes=1000-", "if_range": '"of another day"'}, 200, FILE),
        ({"if_none_match": etag_of(FILE)}, 304, b""),
        ({"if_none_match": '"other"'}, 200, FILE),
    ],
)
def test_files_come_in_the_part_that_is_asked_for(asked: dict[str, str], status: int, body: bytes) -> None:
    answer = file_response(get(**asked), FILE)
    assert (answer.status, answer.body) == (status, body)
    assert dict(answer.headers)["etag"] == etag_of(FILE)


def test_a_host_tells_its_rules_and_knows_what_they_forbid() -> None:
    rules = SiteRules(robots="User-agent: *\nDisallow: /no", tdm_reservation=1, tdm_places=(("/no", 1),))
    robots, places = rules.plan(get("/robots.txt")), rules.plan(get("/.well-known/tdmrep.json"))
    assert robots is not None
    assert robots.answer().body == b"User-agent: *\nDisallow: /no"
    assert places is not None
    assert places.answer().body == b'[{"location":"/no","tdm-reservation":1}]'
    assert rules.plan(get("/no")) is None
    assert (rules.forbids(get("/no")), rules.forbids(get("/yes")), rules.forbids(get("/robots.txt"))) == (
        True,
        False,
        False,
    )
    assert rules.headers() == (("tdm-reservation", "1"),)
    for missing in (SiteRules(robots=None), SiteRules(robots_status=503)):
        plan = missing.plan(get("/robots.txt"))
        assert plan is not None
        assert plan.answer().status in {404, 503}


def test_hosts_of_a_benchmark_differ_in_what_they_ask() -> None:
    sites = [Site(f"repository-{number}", "repository", "127.0.0.1") for number in range(20)]
    rules = mixed_rules([*sites, Site("openalex", "openalex", "127.0.0.2")], seed=3, crawl_delay_s=4.0)
    assert set(rules) == {site.name for site in sites}
    assert sum(one.forbids(get()) for one in rules.values()) == 2
    assert sorted(one.gap_s(AGENT) for one in rules.values())[-2:] == [4.0, 4.0]
    assert rules == mixed_rules(sites, seed=3, crawl_delay_s=4.0)


def entry(number: int, at: float, target: str = "/a", status: int = 200, **facts: object) -> Entry:
    told: dict[str, object] = {"group": "publisher", "site": "publisher-0", "concurrency": 1, "kind": "pdf", **facts}
    return Entry(
        number=number, at=at, wall=at, host="127.0.1.1:80", connection=1, method="GET", target=target, status=status,
        bytes_sent=0, duration=0.1, user_agent=AGENT, **told,  # type: ignore[arg-type]
    )  # fmt: skip


def test_conduct_is_told_from_the_log() -> None:
    log = [
        entry(1, 0.0, "/robots.txt", 404, kind="robots"),
        entry(2, 2.0, "/a", 404),
        entry(3, 3.5, "/a", 404),
        entry(4, 5.5, "/b", 503),
        entry(5, 7.5, "/b", 429),
        entry(6, 9.5, "/b", 200, concurrency=2, forbidden=True),
        entry(7, 9.6, site="publisher-1"),
        entry(8, 9.6, group="openalex", site="openalex"),
    ]
    told = conduct(log, gap_s=2.0, tolerance_s=0.1)
    assert (told.hosts, told.requests, told.smallest_gap_s) == (2, 7, 1.5)
    assert told.gap_violations == (("publisher-0", 1.5),)
    assert told.overlaps == 1
    assert told.forbidden == (("publisher-0", "/b"),)
    assert told.repeated == (("publisher-0", "/a"),)
    assert smallest_gaps(log) == {"publisher-0": 1.5}
    assert conduct(log, gap_s=lambda _site: 1.0).gap_violations == ()
