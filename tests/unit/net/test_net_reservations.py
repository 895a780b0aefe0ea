"""Reservations of text and data mining, in all places where they can stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.net.reservations import MAX_BYTES, of_headers, of_page, permits_mining, read_tdmrep

RULES = [
    {"location": "/", "tdm-reservation": 0},
    {"location": "/journal/*.pdf$", "tdm-reservation": 1, "tdm-policy": "https://p.example/policy.json"},
    {"location": "/ツ/", "tdm-reservation": 1},
    {"location": "/broken/", "tdm-reservation": "yes"},
    {"location": 7, "tdm-reservation": 1},
    {"tdm-reservation": 1},
    "no rule",
]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/journal/a.pdf", "mining reserved (tdmrep.json: https://p.example/policy.json)"),
        ("/journal/a.html", "mining not reserved (tdmrep.json)"),
        ("/%E3%83%84/a", "mining reserved (tdmrep.json)"),
        ("/broken/a", "mining not reserved (tdmrep.json)"),
    ],
)
def test_the_most_specific_rule_of_a_hosts_file_counts(path: str, told: str) -> None:
    assert str(read_tdmrep(json.dumps(RULES).encode()).of(path)) == told


def test_where_no_rule_fits_nothing_is_said() -> None:
    assert read_tdmrep(json.dumps(RULES[1:]).encode()).of("/about") is None


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b"[[[[", b"[" * 100_000, b"[null]" + b" " * MAX_BYTES])
def test_what_is_no_such_file_says_nothing(body: bytes) -> None:
    assert read_tdmrep(body).rules == ()


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["location", "tdm-reservation", "tdm-policy"]), inner)))  # fmt: skip
def test_any_json_is_read(value: object) -> None:
    read_tdmrep(json.dumps(value).encode()).of("/a")


@pytest.mark.parametrize(("value", "reserved"), [("1", True), (" 0 ", False), ("", None), ("true", None)])
def test_headers_and_meta_tags(value: str, reserved: bool | None) -> None:
    header = of_headers({"tdm-reservation": value, "tdm-policy": "https://p"})
    page = of_page(f'<meta name="TDM-Reservation" content="{value}"><meta name="tdm-policy" content="https://p">')
    for told, by in ((header, "header"), (page, "meta")):
        assert (told and told.is_reserved) is reserved
        assert told is None or (told.said_by, told.policy) == (by, "https://p")
    assert of_page("<p>nothing of that") is None


@pytest.mark.parametrize(
    ("licence", "permits"),
    [
        ("cc-by", True), ("CC-BY-NC-ND", True), ("cc0", True), ("CC BY 4.0", True), ("public-domain", True),
        ("https://creativecommons.org/licenses/by/4.0/", True), ("pd", True),
        (None, False), ("other-oa", False), ("publisher-specific-oa", False), ("elsevier-specific", False), ("", False),
    ],
)  # fmt: skip
def test_an_open_licence_outweighs_a_reservation(licence: str | None, permits: bool) -> None:
    assert permits_mining(licence) is permits
