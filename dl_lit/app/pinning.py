"""Pinning by the words of the command line: e12 is an entry, w34 a work, s5 a source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from db.connect import connect, open_to_read
from db.pins import pin, unpin
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.settings import Settings

SCHEMA = "dl-lit/pin/1"

_ID = re.compile(r"([esw])([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
_KINDS = {"e": "entry", "s": "source", "w": "work"}


def named(ids: Sequence[str]) -> dict[str, list[int]]:
    """Ids by kind ("source", "entry", "work"). Raises `BadInput`."""
    found: dict[str, list[int]] = {}
    for text in ids:
        match = _ID.fullmatch(text)
        if match is None:
            raise BadInput(f"{text!r} is no id: e12 is an entry, w34 a work, s5 a source")
        found.setdefault(_KINDS[match[1].lower()], []).append(int(match[2]))
    return found


def pinned(settings: Settings, ids: Sequence[str], clock: Clock, *, let_go: bool = False) -> dict[str, Any]:
    """Pin these, or let them go; what came of it, schema dl-lit/pin/1. Raises `BadInput` and what databases raise."""
    wanted = named(ids)
    open_to_read(settings.database).dispose()  # says what is wrong with it; pinning makes no database
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        done = [
            unpin(engine, kind, numbers, clock) if let_go else pin(engine, kind, numbers, clock)
            for kind, numbers in wanted.items()
        ]
    finally:
        engine.dispose()
    return {
        "schema": SCHEMA,
        "pinned": not let_go,
        "changed": sum(one.changed for one in done),
        "waiting": sum(one.waiting for one in done),
    }
