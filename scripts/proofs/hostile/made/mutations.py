"""Sound files damaged: cut, flipped, doubled, swapped, words of their structure replaced."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

_LARGEST = 3_000_000  # bytes of a file that is damaged
_NUMBER = re.compile(rb"(?<=[ /\[\n])\d{1,10}(?=[ \]/\n>])")
_REFERENCE = re.compile(rb"\d+ 0 R")
_NAME = re.compile(rb"/[A-Z][A-Za-z]{2,15}")
_NUMBERS = (
    b"0",
    b"-1",
    b"2147483648",
    b"4294967295",
    b"99999999999999999999",
    b"1e308",
    b"NaN",
    b"65536",
    b"0.0000001",
)


def _sound(chance: random.Random, sound: Sequence[Path]) -> bytearray:
    return bytearray(chance.choice(sound).read_bytes()[:_LARGEST])


def truncated(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """Cut at any place, with and without the end put back."""
    data = _sound(chance, sound)
    cut = bytes(data[: chance.randrange(len(data) + 1)])
    return ("end", cut + bytes(data[-200:])) if chance.random() < 0.4 else ("cut", cut)


def flipped(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """From one bit to most of the bytes."""
    data = _sound(chance, sound)
    if not data:
        return "none", b""
    many = chance.choice((1, 1, 3, 10, 100, 3_000))
    for _ in range(many):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return str(many), bytes(data)


def pieces(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """Pieces doubled, left out, swapped, overwritten, or taken from another file."""
    data = bytes(_sound(chance, sound))
    way = chance.choice(("doubled", "left-out", "swapped", "zeroed", "noise", "spliced", "repeated"))
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(data) + 1)
        size = chance.choice((1, 7, 100, 4_096, 50_000))
        piece, rest = data[at : at + size], data[at + size :]
        if way == "doubled":
            data = data[:at] + piece + piece + rest
        elif way == "left-out":
            data = data[:at] + rest
        elif way == "swapped":
            data = data[:at] + rest[:size] + piece + rest[size:]
        elif way == "zeroed":
            data = data[:at] + bytes(len(piece)) + rest
        elif way == "noise":
            data = data[:at] + chance.randbytes(len(piece)) + rest
        elif way == "spliced":
            other = _sound(chance, sound)
            start = chance.randrange(len(other) + 1)
            data = data[:at] + bytes(other[start : start + size]) + rest
        else:
            data = (data[:at] + piece * 20 + rest)[:_LARGEST]
    return way, data


def words(chance: random.Random, sound: Sequence[Path]) -> tuple[str, bytes]:
    """Numbers, references and names of the structure replaced by others."""
    data = bytes(_sound(chance, sound))
    way = chance.choice(("numbers", "references", "names", "keywords"))
    share = chance.choice((0.01, 0.1, 0.5))
    if way == "numbers":
        data = _NUMBER.sub(lambda m: chance.choice(_NUMBERS) if chance.random() < share else m[0], data)
    elif way == "references":
        data = _REFERENCE.sub(lambda m: b"%d 0 R" % chance.randrange(60) if chance.random() < share else m[0], data)
    elif way == "names":
        known = sorted(set(_NAME.findall(data))) or [b"/Type"]
        data = _NAME.sub(lambda m: chance.choice(known) if chance.random() < share else m[0], data)
    else:
        word = chance.choice(
            (b"endobj", b"endstream", b"xref", b"trailer", b"startxref", b"stream", b"obj", b"%%EOF", b">>")
        )
        data = data.replace(word, chance.choice((b"", word[::-1], word * 3)), chance.choice((1, -1)))
    return way, data


def noise(chance: random.Random, _sound: Sequence[Path]) -> tuple[str, bytes]:
    """Nothing of a PDF, or its head alone."""
    head = chance.choice((b"", b"%PDF-1.7\n", b"%PDF-", b"%PDF-9.9\n%%EOF", b"\0" * 40 + b"%PDF-1.4\n"))
    return "noise", head + chance.randbytes(chance.choice((0, 1, 500, 60_000)))


FAMILIES = {"truncated": truncated, "flipped": flipped, "pieces": pieces, "words": words, "noise": noise}
