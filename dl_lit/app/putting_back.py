"""Which failures people mean, by the words of the command line and of the control surface."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from db.retrying import PutBack
from db.retrying import Wanted as Failures
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason

_ID = re.compile(r"([esw]?)([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)


def failures_wanted(
    ids: Sequence[str], stages: Sequence[str], reasons: Sequence[str], *, every_reason: bool
) -> Failures:
    """Which failures these words mean: e12 is an entry, w34 a work, s5 a source. Raises `BadInput`."""
    named: dict[str, list[int]] = {"e": [], "w": [], "s": []}
    for text in ids:
        match = _ID.fullmatch(text)
        if match is None:
            raise BadInput(f"{text!r} is no id: e12 is an entry, w34 a work, s5 a source")
        named[match[1].lower() or "e"].append(int(match[2]))
    return Failures(
        stages=[stage_named(stage) for stage in stages],
        reasons=[reason_named(word) for word in reasons],
        every_reason=every_reason,
        sources=named["s"],
        entries=named["e"],
        works=named["w"],
    )


def stage_named(word: str) -> StageName:
    """The stage of this name. Raises `BadInput` that names all."""
    try:
        return StageName(word)
    except ValueError:
        raise BadInput(f"{word!r} is no stage: one of {', '.join(StageName)}") from None


def reason_named(word: str) -> Reason:
    """The reason of this name. Raises `BadInput` that names those like it."""
    try:
        return Reason(word)
    except ValueError:
        near = [reason.value for reason in Reason if word and word.partition("-")[0] in reason.value]
        hint = f": perhaps {', '.join(near[:5])}" if near else ": dl-lit status shows those there are"
        raise BadInput(f"{word!r} is no reason{hint}") from None


def retried(done: PutBack) -> dict[str, Any]:
    """What was put back, as `dl-lit retry --json` says it."""
    counts = {stage.value: getattr(done, stage.value) for stage in StageName}
    return {"schema": "dl-lit/retry/1", "put_back": counts, "total": done.total}
