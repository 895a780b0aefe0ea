"""Where in a JSON document something stands, as users write it in settings: `best.url`, `items[0].url`, `items[*].url`.

A small dialect: names joined by dots, `[3]` for one place of a list (from the end where negative), `[*]` for all
values of a list or object, and `["a name"]` for names with dots or spaces. Nothing else; nothing is computed.
"""

from __future__ import annotations

import re
from typing import Any

Step = str | int | None
"""A name, a place in a list, or None for all values."""

_STEP = re.compile(
    r"(?P<dot>\.)?(?:(?P<name>[A-Za-z_@$][\w@$:-]*)|\[(?:(?P<place>-?\d{1,6})|(?P<all>\*)|\"(?P<quoted>[^\"]+)\")\])"
)
MAX_STEPS = 32


def parse_json_path(text: str) -> tuple[Step, ...]:
    """The steps of `text`; raises `ValueError`, in one line, for what is none of this."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        is_joined = match is not None and bool(match["dot"]) == bool(match["name"] and steps)
        if match is None or not is_joined or len(steps) == MAX_STEPS:
            raise ValueError(f'{text!r} is no path such as best.url, items[0].url, items[*].url or ["a name"].url')
        at = match.end()
        place = int(match["place"]) if match["place"] else None
        steps.append(match["name"] or match["quoted"] or place)
    if not steps:
        raise ValueError("an empty path leads nowhere")
    return tuple(steps)


def select(document: Any, steps: tuple[Step, ...]) -> list[str]:
    """The texts (and numbers, as texts) that `steps` lead to, in order; empty where they lead nowhere."""
    here = [document]
    for step in steps:
        here = [inner for one in here for inner in _below(one, step)]
    leaves = [inner for one in here for inner in (one if isinstance(one, list) else [one])]
    return [str(one) for one in leaves if isinstance(one, str | int | float) and not isinstance(one, bool)]


def _below(value: Any, step: Step) -> list[Any]:
    if isinstance(value, dict):
        if step is None:
            return list(value.values())
        return [value[step]] if step in value else []
    if not isinstance(value, list) or isinstance(step, str):
        return []
    if step is None:
        return list(value)
    return [value[step]] if -len(value) <= step < len(value) else []
