"""The documents that the server itself makes or takes, as JSON Schema (2020-12)."""

from __future__ import annotations

from typing import Any

from dl_lit.core.reasons import Reason
from dl_lit.web.contract import ITEM_ID, PRIORITIES

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_NUMBER = {"type": "integer", "minimum": 0}
_YES = {"type": "boolean"}
_ID = {"type": "string", "pattern": ITEM_ID}
_STAGES = ("extraction", "enrichment", "queueing", "download")
_STAGE = {"type": "string", "enum": list(_STAGES)}


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None, *, closed: bool = True) -> dict[str, Any]:
    shape = {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}
    return shape | ({"additionalProperties": False} if closed else {})


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _map(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": values}


_PRIORITY = {"type": "integer", "minimum": PRIORITIES[0], "maximum": PRIORITIES[1]}
_CONDITION = _object(
    {
        "ailment": _TEXT,
        "subject": _TEXT,
        "says": _TEXT,
        "remedy": _TEXT,
        "since": {"type": "number", "description": "seconds since the Unix epoch"},
        "severity": {"type": "string", "enum": ["notice", "degraded", "broken"]},
    }
)

_PAUSED = _object({"stage": _STAGE, "since": _TEXT, "by": _TEXT})

SHAPES: dict[str, Any] = {
    "Error": _object({"error": _TEXT, "reason": {"type": "string", "pattern": "^[a-z0-9-]+$"}}),
    "Live": _object({"live": {"const": True}}),
    "Condition": _CONDITION,
    "Conditions": _object({"schema": _TEXT, "conditions": _list({"$ref": "#/components/schemas/Condition"})}),
    "Health": _object(
        {
            "schema": _TEXT,
            "status": {"type": "string", "enum": ["ok", "degraded", "broken"]},
            "live": {"const": True},
            "ready": _YES,
            "reasons": _list({"$ref": "#/components/schemas/Condition"}),
            "concurrency": _object(
                {
                    "max_concurrent_requests": _NUMBER,
                    "max_concurrent_model_calls": _NUMBER,
                    "http_pool_size": _NUMBER,
                }
            ),
            "requests": _object(dict.fromkeys(("handling", "waiting", "reading", "listening"), _NUMBER)),
            "version": _TEXT,
            "schema_version": _TEXT,
            "pipeline": _object(
                {"running": _YES},
                {
                    "pid": _NUMBER,
                    "command": _TEXT,
                    "since": _TEXT,
                    "told_at": _TEXT,
                    "stopping": _YES,
                    "stages": _map(
                        _object({"waiting": _NUMBER, "running": _NUMBER, "workers": _NUMBER, "resting": _TEXT_OR_NULL})
                    ),
                },
            ),
            "services": _map(
                _object({"state": {"enum": ["ok", "down", "parked"]}}, {"until": _TEXT, "trouble": _TEXT})
            ),
            "checked_at": _TEXT,
        }
    ),
    "Metrics": _object(
        {
            "schema": _TEXT,
            "metrics": _list(
                _object(
                    {
                        "name": {"type": "string", "pattern": "^dl_lit_[a-z_]+$"},
                        "type": {"enum": ["gauge", "counter", "histogram"]},
                        "help": _TEXT,
                        "samples": _list(
                            _object({"value": {"type": "number"}, "labels": _map(_TEXT)}, {"suffix": _TEXT})
                        ),
                    }
                )
            ),
        }
    ),
    "Named": _object({"path": {"type": "string", "pattern": "^/"}}, {"priority": _PRIORITY}),
    "Taken": _object(
        {
            "schema": _TEXT,
            "id": {"type": "string", "pattern": "^s[0-9]+$"},
            "new": _YES,
            "duplicate": _YES,
            "state": {"type": "string", "enum": ["waiting", "extracted", "failed"]},
            "name": _TEXT,
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "size_bytes": _NUMBER,
            "priority": _PRIORITY,
            "links": _object({"explain": _TEXT, "references": _TEXT, "events": _TEXT}),
        }
    ),
    "Stages": _object({}, {"stages": _list(_STAGE)}),
    "Pause": _object({}, {"stages": _list(_STAGE), "by": {"type": "string", "maxLength": 200}}),
    "Pauses": _object({"schema": _TEXT, "changed": _list(_STAGE), "paused": _list(_PAUSED)}),
    "Failures": _object(
        {},
        {
            "ids": _list(_ID),
            "stages": _list(_STAGE),
            "reasons": _list({"type": "string", "enum": list(Reason)}),
            "all": _YES,
        },
    ),
    "Retried": _object({"schema": _TEXT, "put_back": _object(dict.fromkeys(_STAGES, _NUMBER)), "total": _NUMBER}),
}
