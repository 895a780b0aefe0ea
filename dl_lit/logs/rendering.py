"""What a line looks like, and that no secret stands in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import structlog

from dl_lit.core.controls import controls_shown, json_shown

HIDDEN = "[hidden]"
"""What is logged in the place of a secret."""

Processor = Callable[[Any, str, Any], Any]
Events = Iterable[tuple[str, str, Mapping[str, Any]]]
"""Level, name and fields of each."""

_OF_MANY_LINES = frozenset({"exception", "stack"})
_SHORTEST_SECRET = 4  # anything shorter would turn up in innocent words

_encoder = msgspec.json.Encoder(enc_hook=str)


def ordered(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """When, how grave and what first: that is what one looks for in a line."""
    return {
        "timestamp": event.pop("timestamp", None),
        "level": event.pop("level", None),
        "event": event.pop("event", None),
        **event,
    }


def as_json(_logger: Any, _method: str, event: Mapping[str, Any]) -> str:
    """The event on one line."""
    return json_shown(json.dumps(event, ensure_ascii=False, default=str, separators=(",", ":")))


def encoded(event: Any) -> str:
    """The same, faster."""
    try:
        return json_shown(_encoder.encode(event).decode())
    except (ValueError, TypeError):  # half a surrogate pair, say, from a broken PDF
        return as_json(None, "", event)


def as_console(*, colours: bool) -> Processor:
    """A line for people."""
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)


def one_line(text: str) -> str:
    """`text` with control characters made visible: it can neither move a cursor nor pretend to be a line of its own."""
    return controls_shown(text)


def escaped(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Texts come from PDFs and web servers: each is kept on its line, a traceback's on lines that are set in."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _set_in(value) if key in _OF_MANY_LINES else one_line(value)
    return event


def _set_in(trace: str) -> str:
    """The lines of `trace` behind a margin: what an error says cannot pretend to be a line of the log."""
    return "\n".join(f"    {one_line(line)}".rstrip() for line in trace.split("\n"))


def blotter(secrets: Iterable[str | None]) -> Callable[[str], str]:
    """What takes every secret out of a text: as it is, within an address, and within JSON."""
    forms = {
        form
        for secret in secrets
        if secret is not None and len(secret) >= _SHORTEST_SECRET
        for form in (
            *(secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]),
            one_line(secret),
        )
    }
    if not forms:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)), re.IGNORECASE)
    signs = sorted({form.lower() for form in forms}, key=len)

    def blot(text: str) -> str:
        lower = text.lower()  # five times as fast as the pattern, and there is hardly ever one
        return pattern.sub(HIDDEN, text) if any(sign in lower for sign in signs) else text

    return blot
