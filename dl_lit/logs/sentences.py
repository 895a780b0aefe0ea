"""An event in a sentence: what people read in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dl_lit.logs.rendering import one_line

_LONGEST = 300  # characters of one value
_LONGEST_SENTENCE = 1_000

_FRAME = frozenset({"timestamp", "level", "event", "logger", "run", "exception", "stack", "says"})
_TOLD = frozenset(
    {"stage", "outcome", "reason", "detail", "seconds", "title", "job"} | {"source", "entry", "work", "attempt"}
)
_NOT_FACTS = _FRAME | _TOLD


def item_name(event: Mapping[str, Any]) -> str:
    """The item as `dl-lit explain` knows it: s3, e17, w5; "" where the event is not about one."""
    for kind in ("work", "entry", "source"):
        if event.get(kind) is not None:
            return f"{kind[0]}{event[kind]}"
    return ""


def sentence(event: Mapping[str, Any]) -> str:
    """The event on one line, without time and level."""
    text = _of_item(event) if event.get("event") == "item" else _of_other(event)
    return one_line(_short(text, _LONGEST_SENTENCE))


def _of_item(event: Mapping[str, Any]) -> str:
    """As "download retry http-5xx w34 Attention is all you need: HTTP 502 (3.1 s, after=12.0, host=…)"."""
    parts = [str(event.get("stage")), str(event.get("outcome")), str(event.get("reason")), item_name(event)]
    if event.get("title"):
        parts.append(str(event["title"]))
    text = " ".join(parts)
    if event.get("detail"):
        text += f": {_short(event['detail'])}"
    facts = [f"{event.get('seconds')} s"]
    if event.get("attempt", 1) != 1:
        facts.append(f"attempt {event['attempt']}")
    facts += _facts(event, _NOT_FACTS)
    return f"{text} ({', '.join(facts)})"


def _of_other(event: Mapping[str, Any]) -> str:
    """As "machine state not shared: limits are kept by this process alone (path=…)"."""
    text = str(event.get("event")).replace("_", " ")
    if event.get("says"):
        text += f": {_short(event['says'])}"
    facts = ", ".join(_facts(event, _FRAME))
    last = str(event.get("exception", "")).strip().rpartition("\n")[2]
    return text + (f" ({facts})" if facts else "") + (f": {last}" if last else "")


def _facts(event: Mapping[str, Any], others: frozenset[str]) -> list[str]:
    return [f"{name}={_short(value)}" for name, value in event.items() if value is not None and name not in others]


def _short(value: object, longest: int = _LONGEST) -> str:
    text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
