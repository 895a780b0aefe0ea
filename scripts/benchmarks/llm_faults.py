"""A fifth of all answers is "too much", broken, cut or a lie: what comes of entries, and what stays behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.llm_scene import Replica, language, misplaced, printed, right, taken_apart, wrong
from benchmarks.llm_sections import DEFAULTS, PER_SECTION, paper, read

from dl_lit.replica.log import most_at_once

SHARE = 0.2
_NOTICED_S = 0.02  # until the replica has noticed that a connection was closed
_LONG_S = 10.0  # nobody waits that long here for what never comes
TROUBLES = (
    "too-many-requests",
    "server-error:503",
    "server-error:529",
    "cut-answer",
    "error-inside",
    "finish-error",
    "truncated",
    "reset",
)
LIES = ("cut-json", "wrong-form", "invented", "invented-doi", "wrong-order", "wrong-numbers", "missing", "reworded")
UNWILLING = ("refusal", "recitation")
OF_FILES = ("file-failed", "file-gone")


def rules(group: str, call: str, kinds: tuple[str, ...], share: float) -> list[dict[str, Any]]:
    """Faults that strike a `share` of a call's requests in all, one kind as often as the other."""
    each, found, left = share / len(kinds), [], 1.0
    for kind in kinds:  # the first rule that strikes counts: later ones see only what earlier ones left
        name, _, status = kind.partition(":")
        rule: dict[str, Any] = {"kind": name, "group": group, "call": call, "probability": each / left}
        if kind == "too-many-requests":
            rule["retry_after_s"] = 0.2
        if status:
            rule["status"] = int(status)
        found.append(rule)
        left -= each
    return found


def entries_among_faults(
    served: Replica, count: int, seconds: float, share: float = SHARE, *, timeout_s: float = 2.0
) -> dict[str, Any]:
    """Entries, two in a question, while a share of all answers is none or untrue, and some never come."""
    kinds = (*TROUBLES, *LIES, *UNWILLING, *(["hang"] if timeout_s < _LONG_S else []))
    served.anew({"chat/entry": seconds}, rules("chat", "entry", kinds, share))
    entries = printed(count)
    with language(
        served,
        "openrouter",
        LLM_TRY_AGAIN_S=0.1,
        LLM_ENTRIES_TOGETHER=2,
        HTTP_BREAKER_OPEN_S=0.5,
        LLM_TIMEOUT_S=timeout_s,
    ) as opened:
        took_s, done = taken_apart(opened, entries, together=2)
        use = opened.use()
    log = served.log("chat", "entry")
    fine, without = right(entries, done), sum(done.troubles.values())
    return {
        "entries": count,
        "seconds": round(took_s, 3),
        "requests": len(log),
        "struck": sum(bool(one["fault"]) for one in log),
        "right": fine,
        "left_as_read_by_rules": count - fine,
        "without_answer": without,  # and told why
        "said_and_not_in_print": use.invented,
        "without_reason": max(0, count - fine - without - use.invented),
        "troubles": {trouble.value: number for trouble, number in sorted(done.troubles.items())},
        "wrong": wrong(entries, done),
        "order_violations": use.order_violations + misplaced(entries, done),
        "retries": use.retries,
        "rate_limited": use.rate_limited,
        "breaker_trips": use.breaker_trips,
        "limits_exceeded": int(most_at_once(map(_asked, log)) > DEFAULTS["MODEL_CALLS"]),
    }


def _asked(one: dict[str, Any]) -> tuple[float, float]:
    """From when to when a request of the log waited.

    One that got no answer was given up by its client, which may be back with the next before the replica has read the
    end of the connection: both are then in one round of its event loop.
    """
    return one["at"], one["at"] + max(0.0, one["duration"] - (0.0 if one["status"] else _NOTICED_S))


def sections_among_faults(served: Replica, count: int, scale: float, folder: Path) -> dict[str, Any]:
    """Sections as files, while a fifth of all answers is none or untrue; of uploads and deletions, too."""
    latency = {"gemini/upload": 0.05 * scale, "gemini/section": 0.2 * scale}
    faults = rules("gemini", "section", (*TROUBLES, *LIES, *UNWILLING), SHARE)
    faults += rules("gemini", "upload", ("server-error:503", "reset", *OF_FILES), SHARE)
    faults += rules("gemini", "upload-start", ("server-error:500", "too-many-requests"), SHARE)
    faults += rules("gemini", "state", ("server-error:503",), SHARE)
    faults += rules("gemini", "delete", ("server-error:503", "reset"), SHARE)
    served.anew(latency, faults)
    one = paper(folder, count)
    found = read(served, one, DEFAULTS, LLM_TRY_AGAIN_S=0.1, HTTP_BREAKER_OPEN_S=0.5)
    log = served.log("gemini")
    reasons = [str(error) for error in found.said if isinstance(error, Exception)]
    return {
        "sections": count,
        "entries": count * PER_SECTION,
        "seconds": round(found.seconds, 3),
        "requests": len(log),
        "struck": sum(bool(request["fault"]) for request in log),
        "read": len(found.checked.references),
        "failed_sections": len(reasons),
        "reasons": reasons,
        "said_and_not_in_print": found.checked.invented,
        "invented_accepted": found.invented,
        "wrong": found.wrong,
        "order_violations": found.order_violations,
        "uploads": served.account("gemini")["uploads"],
        "files_left": found.files_left,
        "limits_exceeded": sum(found.most[name] > limit for name, limit in DEFAULTS.items()),
    }
