"""Bad PDFs made by families, the same for one seed always."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from proofs.hostile.made import (
    actions,
    disguises,
    encryption,
    fonts,
    images,
    loops,
    metadata,
    mutations,
    streams,
    structure,
)

Family = Callable[[random.Random, Sequence[Path]], tuple[str, bytes]]
"""Makes one file of its kind, by chance and from sound ones: what it did, and the bytes."""

FAMILIES: Mapping[str, Family] = {
    name: family
    for module in (*(mutations, structure, streams, loops, fonts, encryption, actions, metadata, images, disguises),)
    for name, family in module.FAMILIES.items()
}

# Those that damage sound papers have the most to try, and take the least time.
_SHARES: Mapping[str, int] = {"truncated": 2, "flipped": 4, "pieces": 4, "words": 4, "bombs": 1, "noise": 1}
_SHARE = 2
_STEP = 37  # prime: families follow each other in turn
_TRIES = 50  # at another file where one comes out as one before


@dataclass(frozen=True, slots=True)
class Made:
    """One bad file."""

    family: str
    name: str  # what was done
    data: bytes


def made(rounds: int, seed: int, sound: Sequence[Path]) -> Iterator[Made]:
    """So many different files; number n of a seed is the same however many are made."""
    return islice(_endless(seed, sound), rounds)


def _endless(seed: int, sound: Sequence[Path]) -> Iterator[Made]:
    turn = [name for name in FAMILIES for _ in range(_SHARES.get(name, _SHARE))]
    first = [*FAMILIES]  # one of each, then by their shares
    known: set[bytes] = set()
    number = 0
    while True:
        family = first[number] if number < len(first) else turn[(number - len(first)) * _STEP % len(turn)]
        for attempt in range(_TRIES):
            name, data = FAMILIES[family](random.Random(f"{seed}/{number}/{attempt}"), sound)
            digest = hashlib.sha256(data).digest()
            if digest not in known:
                break
        else:
            data += b"\n%% %d" % number
        known.add(digest)
        yield Made(family, name, data)
        number += 1
