"""What a model that reads what it is sent answers to each of our tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dl_lit.core.language import Task
from dl_lit.core.values import dataclass
from dl_lit.replica.language.reading import entries_of, fields_of

_WORD = re.compile(r"[^\W_]{2,}")
_ENOUGH = 0.8  # of a title's words stand in the entry
_NOT_OURS = "I can read bibliographies and nothing else."

PageTexts = Callable[[str], Sequence[str]]
"""The texts of an uploaded file by the name under which it was sent along."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One of our tasks, as it stood in a request."""

    task: Task
    sent: Mapping[str, Any]


def asked(texts: Sequence[str]) -> Asked | None:
    """The task among the texts of a request, the last one that holds one; None where there is none."""
    for text in reversed(texts):
        for sent in _objects(text):
            if isinstance(sent.get("pages"), list):
                return Asked(Task.SECTION, sent)
            if isinstance(sent.get("entries"), list):
                return Asked(Task.ENTRY, sent)
            if "entry" in sent and isinstance(sent.get("candidates"), list):
                return Asked(Task.JUDGE, sent)
    return None


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text, the whole of it first."""
    try:
        whole = json.loads(text)
    except ValueError:
        pass
    else:
        return [whole] if isinstance(whole, dict) else []
    found: list[dict[str, Any]] = []
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(value, dict):
                found.append(value)
        at = text.find("{", end)
    return found[::-1]


def answer(question: Asked | None, files: Sequence[Sequence[str]] = ()) -> Any:
    """The true answer, in the form of `core.model_tasks`; `files` are the pages' texts of each file sent along."""
    if question is None:
        return _NOT_OURS
    match question.task:
        case Task.SECTION:
            return section(_pages(question.sent["pages"], files))
        case Task.ENTRY:
            return {
                "entries": [
                    {"n": one.get("n"), **fields_of(str(one.get("text") or ""))}
                    for one in question.sent["entries"]
                    if isinstance(one, dict)
                ]
            }
        case Task.JUDGE:
            candidates = [one for one in question.sent["candidates"] if isinstance(one, dict)]
            return judge(str(question.sent["entry"]), candidates)


def _pages(named: Sequence[Any], files: Sequence[Sequence[str]]) -> list[tuple[int, str]]:
    """Pages with the numbers they have in the whole file."""
    sent = [(int(one["page"]), str(one.get("text") or "")) for one in named if isinstance(one, dict) and "page" in one]
    numbers = [one for one in named if isinstance(one, int)]
    texts = [text for file in files for text in file]
    missing = len(texts) - len(numbers)
    numbers += range(numbers[-1] + 1 if numbers else 1, (numbers[-1] if numbers else 0) + 1 + max(0, missing))
    return sent + list(zip(numbers, texts, strict=False))


def section(pages: Sequence[tuple[int, str]]) -> dict[str, Any]:
    """The references on these pages."""
    found = entries_of(pages)
    return {
        "references": [{"page": one.page, "verbatim": one.verbatim, **fields_of(one.verbatim)} for one in found],
        "is_complete": True,
    }


def likeness(entry: str, candidate: Mapping[str, Any]) -> float:
    """How much of a candidate's title stands in the entry, 0 to 1; another year makes it less."""
    words = set(_WORD.findall(entry.casefold()))
    title = set(_WORD.findall(str(candidate.get("title") or "").casefold()))
    if not title:
        return 0.0
    year = candidate.get("year")
    return len(title & words) / len(title) - (0.1 if year and str(year) not in entry else 0.0)


def judge(entry: str, candidates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The candidate that is the work, by its title and year; none where no title is in the entry or two are alike."""
    ranked = sorted(candidates, key=lambda one: -likeness(entry, one))
    if not ranked or likeness(entry, ranked[0]) < _ENOUGH:
        return {"choice": None, "why": "No candidate has the title that the entry names."}
    if len(ranked) > 1 and likeness(entry, ranked[1]) == likeness(entry, ranked[0]):
        return {"choice": None, "why": "Two candidates fit the entry alike."}
    return {"choice": ranked[0].get("n"), "why": "Title and year stand in the entry."}
