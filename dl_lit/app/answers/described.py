"""The documents of the answers as JSON Schema, read off the very types that they are made of."""

from __future__ import annotations

from typing import Any

import msgspec

from db.reading.explain import Explanation
from db.reading.places import EntryView, WorkView
from db.reading.sources import SourceFacts
from db.reading.status import Status
from dl_lit.app.now.services_now import ServiceNow
from dl_lit.web.contract import Document

_TYPES = (Status, ServiceNow, SourceFacts, EntryView, WorkView, Explanation)
_TEXT = {"type": "string"}


def schemas() -> Document:
    """By name; they refer to each other as #/components/schemas/NAME."""
    _, found = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    parts: dict[str, Any] = dict(found)
    state = {"type": "string", "enum": ["waiting", "downloaded", "needs_review", "failed"]}
    _describe_status(parts)
    parts["ListedSource"] = _more(parts, "SourceFacts", "^s[0-9]+$", {"type": "string"})
    parts["ListedReference"] = _more(parts, "EntryView", "^e[0-9]+$", state, reason=_TEXT)
    parts["ListedWork"] = _more(parts, "WorkView", "^w[0-9]+$", state)
    for name, items in (("Sources", "ListedSource"), ("References", "ListedReference"), ("Works", "ListedWork")):
        parts[name] = _page(name.lower(), items)
    parts["Explanation"]["properties"]["schema"] = _TEXT
    return parts


def _describe_status(parts: dict[str, Any]) -> None:
    """What the status has beside the database's own (`Snapshot.document`)."""
    number = {"type": ["number", "null"]}
    eta = {"eta_s": number, "eta_says": _TEXT}
    hands: dict[str, Any] = {
        name: {} for name in ("queued", "running", "workers", "workers_least", "workers_most", "resting", "scaled")
    }
    parts["Status"]["properties"] |= {
        "schema": _TEXT,
        "health": {"type": "string", "enum": ["well", "degraded", "broken"]},
        "conditions": _list("Condition"),
        "services": _list("ServiceNow"),
        "bottleneck": {"type": ["object", "null"]},
        "process": {"type": ["object", "null"]},
        "local_index": {"type": ["object", "null"]},
        "hints": {"type": "array", "items": _TEXT},
        "services_trouble": {"type": ["string", "null"]},
        **eta,
    }
    parts["StageStatus"]["properties"] |= {**hands, "paused": {"type": ["string", "null"]}, **eta}
    parts["RecentFailure"]["properties"] |= {"id": _TEXT, "what": _TEXT, "advice": _TEXT}
    parts["ServiceNow"]["properties"]["process"] = {"type": ["object", "null"]}


def _more(parts: dict[str, Any], name: str, pattern: str, state: Document, **more: Document) -> Document:
    """The schema of that name, with the id as text, the state and `more`."""
    base = parts[name]
    properties = {**base["properties"], "id": {"type": "string", "pattern": pattern}, "state": state, **more}
    return {**base, "properties": properties, "required": sorted({*base["required"], "state", *more})}


def _page(name: str, items: str) -> Document:
    number = {"type": ["integer", "null"], "description": "null where the page was asked for with after="}
    properties = {
        "schema": _TEXT,
        "total": number,
        "offset": number,
        "next": {"type": ["string", "null"], "description": "the address of the next page"},
        name: _list(items),
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(name: str) -> Document:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
