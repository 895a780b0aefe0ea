"""Inputs made of others by chance: cut, doubled, swapped, spliced, and above all repeated, which is what slow ones are.

Used beside libFuzzer's own ways, and alone where atheris is not installed and in the tests.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

_TOKENS = (
    *(b"\0", b"\r\n", b"\t", b" ", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xc2\xad"),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b"(",
        b")",
        b"<",
        b">",
        b'"',
        b"'",
        b"\\",
        b"/",
        b"&",
        b";",
        b":",
        b",",
        b"=",
        b"@",
        b"%",
    ),
    *(b"null", b"true", b"-1", b"0", b"1e308", b"NaN", b"Infinity", b"9" * 400, b"\\ud800", b"{}", b"[]", b'""'),
    *(b"10.1000/x", b"arXiv:2401.00001v9", b"https://", b"doi:", b"ISBN ", b"PMC1", b"&amp;", b"<!--", b"<![CDATA["),
    *(
        b"<!ENTITY a 'b'>",
        b"%s",
        b"{0}",
        b"\xc4\xb0",
        b"\xef\xac\x83",
        b"\xcc\x81",
        b"\xe2\x81\xa0",
        b"\xf0\x9f\x92\xa9",
    ),
    *(b"\xd9\xa1\xd9\xa2", b"\xc2\xb2", b"\xe2\x91\xa0", b"\xe1\x9b\xae", b"Mon, 31 Feb 99999 25:61:61 GMT", b"-" * 60),
)
_MOST_TIMES = 20_000


def mutated(data: bytes, chance: random.Random, most_bytes: int, others: Sequence[bytes] = ()) -> bytes:
    """Another input, at most `most_bytes` long, by one to four changes to `data`; `others` are spliced in."""
    found = data
    for _ in range(chance.choice((1, 1, 2, 4))):
        found = chance.choice(_WAYS)(found, chance, most_bytes)[:most_bytes]
        if others and chance.random() < 0.1:
            other = _piece(chance.choice(others), chance)
            at = chance.randrange(len(found) + 1)
            found = (found[:at] + other + found[at:])[:most_bytes]
    return found


def _piece(data: bytes, chance: random.Random, longest: int = 4_000) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[start : start + chance.choice((1, 2, 4, 16, 64, 256, longest))]


def _repeated(data: bytes, chance: random.Random, most_bytes: int) -> bytes:
    """A piece many times over: what makes a pattern go back and forth."""
    piece = _piece(data, chance, 64) or b" "
    times = min(chance.choice((8, 100, 1_000, _MOST_TIMES)), most_bytes // len(piece))
    at = chance.randrange(len(data) + 1)
    return data[:at] + piece * times + data[at:]


def _token_repeated(data: bytes, chance: random.Random, most_bytes: int) -> bytes:
    return _repeated(chance.choice(_TOKENS), chance, most_bytes).join((b"", _piece(data, chance)))


def _token(data: bytes, chance: random.Random, _most: int) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_TOKENS) + data[at + chance.choice((0, 0, 1, 5)) :]


def _flipped(data: bytes, chance: random.Random, _most: int) -> bytes:
    found = bytearray(data)
    for _ in range(min(len(found), chance.choice((1, 2, 8)))):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def _cut(data: bytes, chance: random.Random, _most: int) -> bytes:
    start = chance.randrange(len(data) + 1)
    return data[:start] + data[start + chance.choice((1, 3, 20, 400)) :]


def _truncated(data: bytes, chance: random.Random, _most: int) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _swapped(data: bytes, chance: random.Random, _most: int) -> bytes:
    a, b, c = sorted(chance.randrange(len(data) + 1) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _doubled(data: bytes, chance: random.Random, _most: int) -> bytes:
    piece = _piece(data, chance)
    at = chance.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


_WAYS: tuple[Callable[[bytes, random.Random, int], bytes], ...] = (
    *(_repeated, _repeated, _token_repeated, _token, _token, _flipped, _cut, _truncated, _swapped, _doubled),
)
