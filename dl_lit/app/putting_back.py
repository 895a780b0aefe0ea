"""Which failures people mean, by the words of the command line and of the control surface."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from db.codec import stamp
from db.failures import Wanted as Failures
from db.retrying import PutBack
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason, ReasonClass

_ID = re.compile(r"([esw]?)([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
_AGE = re.compile(r"(\d{1,9}(?:\.\d+)?)([smhdw])", re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


def failures_wanted(
    ids: Sequence[str],
    stages: Sequence[str],
    reasons: Sequence[str],
    *,
    every_reason: bool,
    classes: Sequence[str] = (),
    of_sources: Sequence[str] = (),
    before: str | None = None,
    limit: int | None = None,
) -> Failures:
    """Which failures these words mean: e12 is an entry, w34 a work, s5 a source. Raises `BadInput`.

    `classes` stand for all reasons of theirs, beside `reasons`; `before` as in `Failures`.
    """
    named: dict[str, list[int]] = {"e": [], "w": [], "s": []}
    for text in ids:
        match = _ID.fullmatch(text)
        if match is None:
            raise BadInput(f"{text!r} is no id: e12 is an entry, w34 a work, s5 a source")
        named[match[1].lower() or "e"].append(int(match[2]))
    kinds = [class_named(word) for word in classes]
    of_kinds = [reason for reason in Reason if reason.category in kinds]
    return Failures(
        stages=[stage_named(stage) for stage in stages],
        reasons=list(dict.fromkeys([*(reason_named(word) for word in reasons), *of_kinds])),
        every_reason=every_reason,
        sources=named["s"],
        entries=named["e"],
        works=named["w"],
        of_sources=[_source_named(word) for word in of_sources],
        before=before,
        limit=limit,
    )


def stage_named(word: str) -> StageName:
    """The stage of this name. Raises `BadInput` that names all."""
    try:
        return StageName(word)
    except ValueError:
        raise BadInput(f"{word!r} is no stage: one of {', '.join(StageName)}") from None


def reason_named(word: str) -> Reason:
    """The reason of this name. Raises `BadInput` that names those like it, or all."""
    try:
        return Reason(word)
    except ValueError:
        near = [reason.value for reason in Reason if word and word.partition("-")[0] in reason.value]
        hint = f"perhaps {', '.join(near[:5])}; " if near else ""
        raise BadInput(f"{word!r} is no reason: {hint}one of {', '.join(Reason)}") from None


def class_named(word: str) -> ReasonClass:
    """The class of reasons of this name. Raises `BadInput` that names all."""
    try:
        return ReasonClass(word)
    except ValueError:
        raise BadInput(f"{word!r} is no class of reasons: one of {', '.join(ReasonClass)}") from None


def moment_before(age: str, clock: Clock) -> str:
    """When it was `age` ("90s", "10m", "2h", "7d", "2w") ago; ISO 8601 in UTC. Raises `BadInput`."""
    match = _AGE.fullmatch(age)
    if match is None:
        raise BadInput(f"{age!r} is no age: 90s, 10m, 2h, 7d or 2w")
    return stamp(max(0.0, clock.time() - float(match[1]) * _SECONDS[match[2]]))


def _source_named(word: str) -> int:
    match = _ID.fullmatch(word)
    if match is None or match[1].lower() not in {"", "s"}:
        raise BadInput(f"{word!r} is no source: s5, or 5")
    return int(match[2])


def retried(done: PutBack) -> dict[str, Any]:
    """What was put back, as `dl-lit retry --json` says it."""
    counts = {stage.value: getattr(done, stage.value) for stage in StageName}
    return {"schema": "dl-lit/retry/1", "put_back": counts, "total": done.total}
