"""Answers that are well formed and untrue: what models do that nobody should believe."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from dl_lit.core.language import Task
from dl_lit.core.model_tasks import TEXT_FIELDS
from dl_lit.replica.faults import FaultKind
from dl_lit.replica.language.answering import Asked, likeness

INVENTED_TITLE = "Remarks upon matters that nobody has written about"
"""Every invented work's title begins with this: whoever took one can be found out."""
INVENTED_DOI = "10.5555/invented."
"""Every invented DOI begins with this."""

LIES = frozenset(
    {
        FaultKind.INVENTED,
        FaultKind.INVENTED_DOI,
        FaultKind.WRONG_ORDER,
        FaultKind.WRONG_NUMBERS,
        FaultKind.MISSING,
        FaultKind.REWORDED,
        FaultKind.WRONG_FORM,
        FaultKind.NO_SUCH_CHOICE,
        FaultKind.WORST_CHOICE,
    }
)
_FORMS = {Task.SECTION: "references", Task.ENTRY: "entries"}


def lie(kind: FaultKind, question: Asked, truth: Any) -> Any:
    """What is answered instead of `truth`; the truth where this lie cannot be told about the task."""
    if kind is FaultKind.WRONG_FORM:
        return {"result": [truth], "comment": "as you wished"}
    if question.task is Task.JUDGE:
        return _misjudged(kind, question, truth)
    form = _FORMS[question.task]
    return {**truth, form: _untrue(kind, question.task, [dict(one) for one in truth[form]])}


def _misjudged(kind: FaultKind, question: Asked, truth: Any) -> Any:
    candidates = [one for one in question.sent["candidates"] if isinstance(one, dict)]
    numbers = [int(one["n"]) for one in candidates if isinstance(one.get("n"), int)]
    if kind in {FaultKind.NO_SUCH_CHOICE, FaultKind.INVENTED, FaultKind.WRONG_NUMBERS}:
        return {"choice": max(numbers, default=0) + 7, "why": "It is the best known of them."}
    if kind is FaultKind.WORST_CHOICE and candidates:
        worst = min(candidates, key=lambda one: likeness(str(question.sent["entry"]), one))
        return {"choice": worst.get("n"), "why": "It must be this one."}
    return truth


def _untrue(kind: FaultKind, task: Task, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    match kind:
        case FaultKind.INVENTED:
            return _with_invented(task, said)
        case FaultKind.INVENTED_DOI:
            for one in said:
                one["doi"] = INVENTED_DOI + _mark(one)
        case FaultKind.WRONG_ORDER:
            said.reverse()
        case FaultKind.WRONG_NUMBERS:
            name = "n" if task is Task.ENTRY else "page"
            numbers = [one[name] for one in said]
            moved = [*numbers[1:], *numbers[:1]] if len(set(numbers)) > 1 else [int(one) + 1 for one in numbers]
            for one, number in zip(said, moved, strict=True):
                one[name] = number
        case FaultKind.MISSING:
            return said[::2] if len(said) > 1 else []
        case FaultKind.REWORDED:
            for one in said:
                name = "verbatim" if task is Task.SECTION else "title"
                one[name] = f"That is to say, {' '.join(reversed(str(one[name] or '').split()))}"
        case _:
            pass
    return said


def _with_invented(task: Task, said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A section gets one more reference; an entry gets the fields of a work that does not exist."""
    invented = _invented(_mark(said))
    if task is Task.SECTION:
        page = said[0]["page"] if said else 1
        verbatim = f"Nemo, N. (2011). {invented['title']}. Journal of Nowhere, 3(2), 1-9. doi:{invented['doi']}"
        return [*said[:1], {"page": page, "verbatim": verbatim, **invented}, *said[1:]]
    return [{"n": one["n"], **_invented(_mark(one))} for one in said]


def _invented(mark: str) -> dict[str, Any]:
    texts = dict.fromkeys(TEXT_FIELDS)
    texts.update(
        title=f"{INVENTED_TITLE}, part {int(mark, 16) % 900 + 100}",
        container_title="Journal of Nowhere",
        volume="3",
        issue="2",
        pages="1-9",
        doi=INVENTED_DOI + mark,
    )
    authors = [{"family": "Nemo", "given": "N.", "literal": None}]
    return {"label": None, "type": "article-journal", "authors": authors, "editors": [], "year": 2011, **texts}


def _mark(value: Any) -> str:
    """A short digest, so that the same answer is spoilt in the same way always."""
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=4).hexdigest()
