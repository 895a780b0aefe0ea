"""The moments at which the power goes: around what matters, and any other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from proofs.power.disk import Kept, Outage, any_outage
from proofs.shim.journal import Call

_JITTER = 3  # calls by which a moment may come later than what it is aimed at
ANY = "any"
END = "end"

_AIMS: dict[str, Callable[[Call], bool]] = {
    "into the library": lambda call: call.kind == "library" and call.call in {"link", "rename"},
    "receipts": lambda call: call.path.endswith((".receipt.json", ".tmp")) and call.call in {"write", "unlink"},
    "flushed into the library": lambda call: call.kind == "library" and call.call == "fsync",
    "commit": lambda call: call.path.endswith(".db-wal") and call.call in {"fdatasync", "fsync"},
    "within a commit": lambda call: call.path.endswith(".db-wal") and call.call == "pwrite",
    "out of the log": lambda call: (
        call.kind == "database" and call.path.endswith(".db") and call.call in {"pwrite", "fdatasync"}
    ),
    "schema": lambda call: call.kind == "database" and call.number < 120,
    "backup": lambda call: ".before-" in call.path,
    "pulse": lambda call: ".pulse" in call.path,
    "side files": lambda call: call.kind in {"state", "cache"} and call.call in {"rename", "fdatasync", "ftruncate"},
    "papers": lambda call: call.kind == "watched",
}


def moments(calls: Sequence[Call], chance: random.Random) -> Iterator[tuple[str, int]]:
    """What a moment is aimed at, and the first call that does not happen; without end, each aim in its turn."""
    aimed = {aim: [at for at, call in enumerate(calls) if fits(call)] for aim, fits in _AIMS.items()}
    aims = [aim for aim, found in aimed.items() if found]
    while True:
        for aim in aims:
            yield aim, min(chance.choice(aimed[aim]) + chance.randint(0, _JITTER), len(calls))
            if chance.random() < 0.3:
                yield ANY, chance.randint(0, len(calls))
        yield END, len(calls)


def cuts(calls: Sequence[Call], chance: random.Random) -> Iterator[tuple[str, Outage]]:
    """Moments with an outage each; the harshest disk of all in one of three."""
    for aim, cut in moments(calls, chance):
        outage = any_outage(cut, chance)
        if chance.random() < 1 / 3:
            outage = Outage(cut, is_strict=True, names=Kept.NOTHING, bytes=Kept.NOTHING, seed=outage.seed)
        yield aim, outage
