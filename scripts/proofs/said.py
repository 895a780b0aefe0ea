"""What a run told its user: conditions, reasons and warnings by their words, and what should never be told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_TRACEBACK = "Traceback (most recent call last)"
_LONGEST = 300  # characters of an outburst that are told
_UNTYPED = frozenset({"internal-error"})


def said(log: str, errors: str) -> tuple[str, ...]:
    """The words that the log and the standard error of a run have for what was wrong, each once, in their order."""
    words: dict[str, None] = {}
    for line in _lines(log):
        match line:
            case {"event": "condition", "ailment": str(word)}:
                words[word] = None
            case {"event": "item", "outcome": "retry" | "snooze" | "reject", "reason": str(word)}:
                words[word] = None
            case {"level": "warning" | "error", "event": str(word)}:
                words[word.partition(":")[0]] = None
    words |= dict.fromkeys(line for line in errors.splitlines() if line.startswith("dl-lit: "))
    return tuple(words)


def outbursts(log: str, errors: str) -> list[str]:
    """Tracebacks, and items that ended with no reason of ours; one line each, with where it came from."""
    found = [f"traceback on standard error: {_last_of(part)}" for part in errors.split(_TRACEBACK)[1:]]
    for line in _lines(log):
        told = next((str(value) for value in line.values() if _TRACEBACK in str(value)), None)
        if told is not None:
            found.append(f"traceback in the log, at {line.get('event')}: {_last_of(told)}")
        elif line.get("reason") in _UNTYPED:
            found.append(f"{line.get('stage')} {line.get('job')} ended as {line['reason']}: {line.get('detail', '')}")
    return [one[:_LONGEST] for one in found]


def _last_of(traceback: str) -> str:
    """The line of a traceback that names the error, with the innermost place of ours."""
    lines = [line.strip() for line in traceback.strip().splitlines()]
    places = [line for line in lines if line.startswith("File ") and ("/dl_lit/" in line or "/db/" in line)]
    errors = [line for line in lines if line and not line.startswith(("File ", "^", "~"))]
    return f"{errors[-1] if errors else '?'} ({places[-1] if places else 'no place of ours'})"


def _lines(log: str) -> Iterator[dict[str, Any]]:
    for line in log.splitlines():
        try:
            found = json.loads(line)
        except ValueError:  # cut off
            continue
        if isinstance(found, dict):
            yield found
