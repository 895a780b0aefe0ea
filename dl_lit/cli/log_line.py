"""A line of the log as people want to read it: when, which stage, what came of it, which item, and what there is to it.

One line an item, in columns; on a narrow terminal titles give way first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import click

from dl_lit.app.wording import how_long
from dl_lit.cli.log_filter import moment_of
from dl_lit.cli.printing import prints_all, shown, size
from dl_lit.logs.sentences import item_name, sentence

_STAGE = 10
_RESULT = 17
_NAME = 6
_SHORTEST_TITLE = 24
_SHORTEST_FILE = 30
_TRACE_LINES = 12

_COLOURS = {"done": "green", "retry": "yellow", "snooze": "cyan", "reject": "red"}
_LEVELS = {"warning": "yellow", "error": "red", "critical": "red", "debug": "bright_black"}
_REVIEW = frozenset({"needs-review", "ambiguous-match"})


def is_ours(event: dict[str, Any]) -> bool:
    """Whether the event has what we write into each; other programs' logs may be followed, too."""
    needed = ("event", "stage", "outcome", "reason") if event.get("event") == "item" else ("event",)
    return all(isinstance(event.get(name), str) for name in needed)


class Teller:
    """Makes lines for people out of events; says the day where it changes."""

    def __init__(self, *, width: int | None, today: datetime) -> None:
        """`width` in characters, None for lines of any length; `today` is the day that need not be said."""
        self._width = width
        self._day = today.astimezone().date()

    def told(self, event: dict[str, Any]) -> Iterator[str]:
        """The lines of one event, styled."""
        local = _local(moment_of(event))
        if local is not None and local.date() != self._day:
            self._day = local.date()
            yield click.style(f"-- {self._day:%A, %Y-%m-%d} --", bold=True)
        clock = f"{local:%H:%M:%S}" if local else "--:--:--"
        if event.get("event") == "item":
            yield self._item(clock, event)
        else:
            yield self._other(clock, event)
            yield from _trace(event)

    def _item(self, clock: str, event: dict[str, Any]) -> str:
        outcome, reason = str(event.get("outcome")), str(event.get("reason"))
        colour = "magenta" if reason in _REVIEW else _COLOURS.get(outcome)
        name = shown(item_name(event) or f"{_KIND.get(str(event.get('stage')), 'w')}{event.get('job')}")
        title, rest = _title(event), _rest(event, None if self._width is None else _SHORTEST_FILE)
        before = f"{clock}  {shown(event.get('stage')):<{_STAGE}}  "
        result = f"{shown(reason):<{_RESULT}}"
        middle = f"  {name:<{_NAME}}  "
        if self._width is not None:
            room = self._width - len(before) - len(result) - len(middle) - len(rest)
            title = _cut(title, max(room, _SHORTEST_TITLE))
        return self._styled(before, result, middle + title + rest, colour)

    def _other(self, clock: str, event: dict[str, Any]) -> str:
        level = str(event.get("level") or "info")
        where = str(event.get("logger") or "").rpartition(".")[2]
        before = f"{clock}  {_cut(shown(where), _STAGE):<{_STAGE}}  "
        result = f"{shown(level):<{_RESULT}}"
        return self._styled(before, result, f"  {shown(sentence(event))}", _LEVELS.get(level))

    def _styled(self, before: str, result: str, after: str, colour: str | None) -> str:
        """The line, cut at the width; only what came of it has a colour, so that columns stay readable."""
        if self._width is not None:
            before = before[: self._width]
            room = self._width - len(before)
            result, after = result[:room], _cut(after, max(room - len(result), 0))
        return before + click.style(result, fg=colour) + after.rstrip()


_KIND = {"extraction": "s", "enrichment": "e"}


def _title(event: dict[str, Any]) -> str:
    if event.get("path"):
        return shown(PurePosixPath(str(event["path"])).name)
    return shown(event["title"]) if event.get("title") else ""


def _rest(event: dict[str, Any], file_width: int | None) -> str:
    """Everything behind the title: what was found or what went wrong, and the facts in parentheses."""
    parts = []
    if event.get("stage") == "download" and event.get("file"):
        file = PurePosixPath(str(event["file"]))
        whole = file_width is None or len(str(file)) <= file_width
        arrow = " → " if prints_all() else " -> "
        parts.append(arrow + (shown(file) if whole else shown(file.name, width=file_width)))
    if event.get("of_work") is not None:
        parts.append(f" = w{shown(event['of_work'])}")
    if event.get("references") is not None and not event.get("detail"):
        parts.append(f": {_plural(event['references'], 'reference')}")
    if event.get("locations") is not None:
        parts.append(f": {_plural(event['locations'], 'copy', 'copies')}")
    if event.get("detail"):
        parts.append(f": {shown(event['detail'], width=160)}")
    return "".join(parts) + f"  ({', '.join(_facts(event))})"


def _facts(event: dict[str, Any]) -> Iterator[str]:
    if event.get("stage") == "enrichment" and event.get("doi"):
        yield shown(event["doi"])
    if event.get("matched_by"):
        score = event.get("score")
        yield f"by {shown(event['matched_by'])}" + (f" {score:.2f}" if isinstance(score, float) and score < 1 else "")
    if event.get("bytes") is not None:
        yield size(_number(event["bytes"]))
    if event.get("coverage") is not None and "detail" not in event:
        yield f"coverage {_number(event['coverage']):.0%}"
    who = [shown(event[key]) for key in ("service", "host") if event.get(key)]
    if who:
        yield " at ".join(who) if event.get("outcome") != "done" else who[0]
    yield f"{_number(event.get('seconds')):.1f} s"
    if event.get("attempt", 1) != 1:
        yield f"attempt {shown(event['attempt'])}"
    if event.get("after") is not None:
        yield f"again in {how_long(_number(event['after']))}"


def _trace(event: dict[str, Any]) -> Iterator[str]:
    for line in str(event.get("exception") or "").splitlines()[-_TRACE_LINES:]:
        yield f"          {shown(line) if line.strip() else ''}".rstrip()


def _plural(number: object, one: str, many: str | None = None) -> str:
    return f"{shown(number)} {one if number == 1 else many or one + 's'}"


def _number(value: object) -> float:
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def _local(at: datetime | None) -> datetime | None:
    """The time here; None for what no clock here can show."""
    try:
        return None if at is None else at.astimezone()
    except (OverflowError, ValueError):
        return None


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else shown(text, width=width) if width > 1 else text[:width]
