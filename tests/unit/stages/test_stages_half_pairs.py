"""A title with half a surrogate pair spoils neither its record nor the others of an answer."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import ServiceError
from stages.answers import decode


class Titled(msgspec.Struct):
    """A record."""

    title: str


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb"half \ud83d a pair", "half \ufffd a pair"),
        (rb"\uDCFF", "\ufffd"),
        (rb"\ud83d\ud83d\udca9", "\ufffd\U0001f4a9"),
        (rb"whole \ud83d\udca9 and \udca9\ud83d", "whole \U0001f4a9 and \ufffd\ufffd"),
        (rb"written \\ud83d out \ud800", r"written \ud83d out " + "\ufffd"),
    ],
)
def test_half_a_pair_becomes_the_sign_for_what_cannot_be_read(sent: bytes, read: str) -> None:
    body = b'[{"title":"' + sent + b'"},{"title":"other"}]'
    assert [one.title for one in decode(body, list[Titled], "x")] == [read, "other"]


@given(st.text(st.characters()))
def test_every_text_that_json_can_write_is_read(text: str) -> None:
    read = decode(json.dumps({"title": text}).encode(), Titled, "x").title
    read.encode()
    assert read == text or any("\ud800" <= one <= "\udfff" for one in text)


def test_what_is_no_json_is_none() -> None:
    with pytest.raises(ServiceError):
        decode(rb'{"title": "\ud800', Titled, "x")
