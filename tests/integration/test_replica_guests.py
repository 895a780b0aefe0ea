"""Hosts that a test brings along: their rules, their misbehaviour on the wire, and what the log tells of who asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from dl_lit.replica import Replica, Universe
from dl_lit.replica.conduct import conduct
from dl_lit.replica.hosts import Guest
from dl_lit.replica.site_rules import SiteRules
from dl_lit.replica.wire import Manner, Plan, Request, Response

ANSWERS = {
    "/whole": Response(200, b"whole"),
    "/endless": Response(200, b"piece ", manner=Manner.ENDLESS, extra_delay_s=0.001),
    "/endless-head": Response(200, b"", manner=Manner.ENDLESS_HEAD, extra_delay_s=0.001),
    "/cut": Response(200, b"0123456789", manner=Manner.CUT, cut_at=3),
}


class Host:
    def plan(self, request: Request) -> Plan:
        return Plan(kind="file", answer=lambda: ANSWERS[request.raw_path])


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    rules = SiteRules(robots="User-agent: *\nDisallow: /cut\nCrawl-delay: 3\n", tdm_reservation=0)
    guests = [Guest(name="odd", service=Host(), rules=rules), Guest(name="far", service=Host(), address="127.6.5.4")]
    with Replica(Universe.from_records([]), hosts=2, guests=guests) as served:
        yield served


def said(replica: Replica, request: bytes, *, site: str = "odd", at_most: int = 400) -> bytes:
    """What comes back, to the end of the connection or to so many bytes."""
    parts = urlsplit(replica.url(site))
    got = b""
    with socket.create_connection((parts.hostname, parts.port), timeout=5.0) as connection:
        connection.sendall(request)
        while len(got) < at_most and (piece := connection.recv(100)):
            got += piece
    return got


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: x\r\nuser-agent: dl_lit/1\r\nconnection: close\r\n\r\n".encode()


def test_an_endless_answer_has_no_length_and_no_end(replica: Replica) -> None:
    head, _, body = said(replica, get("/endless"), at_most=1_000).partition(b"\r\n\r\n")
    assert b"content-length" not in head
    assert body.startswith(b"piece piece piece")


def test_an_endless_head_never_comes_to_the_body(replica: Replica) -> None:
    got = said(replica, get("/endless-head"), at_most=1_000)
    assert b"\r\n\r\n" not in got
    assert got.count(b"\r\nx-more: ") > 10


def test_a_cut_answer_ends_where_it_was_told_to(replica: Replica) -> None:
    head, _, body = said(replica, get("/cut")).partition(b"\r\n\r\n")
    assert b"content-length: 10" in head
    assert body == b"012"


def test_who_wants_to_speak_tls_is_sent_away_at_once(replica: Replica) -> None:
    assert said(replica, b"\x16\x03\x01\x02\x00\x01\x00").startswith(b"HTTP/1.1 400 ")


def test_rules_are_told_and_requests_against_them_are_in_the_log(replica: Replica) -> None:
    replica.reset()
    assert b"Disallow: /cut" in said(replica, get("/robots.txt"))
    assert b"tdm-reservation: 0" in said(replica, get("/whole"))
    assert b"tdm-reservation" not in said(replica, get("/whole"), site="far")
    said(replica, get("/cut"))
    told = conduct(replica.log.entries())
    assert (told.hosts, told.requests, told.forbidden) == (2, 4, (("odd", "/cut"),))
    assert (replica.asked_gap_s("odd"), replica.asked_gap_s("far")) == (3.0, 0.0)
    assert replica.url("far").startswith("http://127.6.5.4:")
    assert replica.problems == []
