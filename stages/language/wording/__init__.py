"""The fixed words of every task: instructions and examples, which all its questions begin with.

The works in the examples do not exist. Providers keep such a beginning in their prompt caches where it is long enough,
from 1,024 to 4,096 tokens on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from dl_lit.core.language import Task


def _read(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")


def examples() -> list[tuple[str, Mapping[str, Any]]]:
    """Printed entries in many styles and languages, each with the fields that are to be answered."""
    return [(one["printed"], one["answer"]) for one in json.loads(_read("examples.json"))]


def _shown(task: Task) -> str:
    lines = ["EXAMPLES", "", "These works do not exist; what counts is how they are taken apart.", ""]
    for n, (printed, fields) in enumerate(examples(), 1):
        told = {"page": 12, "verbatim": printed, **fields} if task is Task.SECTION else {"n": n, **fields}
        lines += [f"Printed: {printed}", f"Answered: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}", ""]
    return "\n".join(lines)


def wording() -> Mapping[Task, str]:
    """The instructions of every task."""
    fields = _read("fields.md")
    return {
        Task.SECTION: f"{_read('section.md')}{fields}\n{_shown(Task.SECTION)}",
        Task.ENTRY: f"{_read('entry.md')}{fields}\n{_shown(Task.ENTRY)}",
        Task.JUDGE: _read("judge.md"),
    }
