"""What a language model is sent for each task, and the form of what it is to answer: pure.

`Question.text` is one JSON document; so is the answer. Both are the same for every provider.

    section  {"pages": [{"page": 12, "text": "…"}]}, or {"pages": [12, 13]} where the file goes along
             → {"references": [{"page", "verbatim", …fields}], "is_complete": true}
    entry    {"entries": [{"n": 1, "text": "…"}]} → {"entries": [{"n", …fields}]}
    judge    {"entry": "…", "candidates": [{"n": 1, "title", "authors", "year", …}]} → {"choice": 1 or null, "why": "…"}

Where a PDF goes along, its pages are numbered from 1 in it, and `pages` names the numbers they have in the whole file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dl_lit.core.language import Task
from dl_lit.core.model import WorkType

TEXT_FIELDS = (
    *("title", "container_title", "publisher", "volume", "issue", "pages"),
    *("doi", "arxiv_id", "pmid", "isbn", "url"),
)
"""Fields of an entry that are text; all may be null."""

_TEXT = {"type": ["string", "null"]}
_NAMES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"family": _TEXT, "given": _TEXT, "literal": _TEXT},
        "required": ["family", "given", "literal"],
        "additionalProperties": False,
    },
}
_FIELDS: Mapping[str, Any] = {
    "label": _TEXT,
    "type": {"type": "string", "enum": [one.value for one in WorkType]},
    "authors": _NAMES,
    "editors": _NAMES,
    "year": {"type": ["integer", "null"]},
    **dict.fromkeys(TEXT_FIELDS, _TEXT),
}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """All properties required, nothing else allowed: what strict structured output asks for."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(properties)}


SCHEMAS: Mapping[Task, Mapping[str, Any]] = {
    Task.SECTION: _object(
        {
            "references": _list({"page": {"type": "integer"}, "verbatim": {"type": "string"}, **_FIELDS}),
            "is_complete": {"type": "boolean"},
        }
    ),
    Task.ENTRY: _object({"entries": _list({"n": {"type": "integer"}, **_FIELDS})}),
    Task.JUDGE: _object({"choice": {"type": ["integer", "null"]}, "why": {"type": "string"}}),
}
