"""The control surface described as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html, read 2026-11-23).

What the documents look like comes from whoever answers (`Queries.schemas`); a test holds that every route is described
and that real answers are as described.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dl_lit.core.control_address import Reach
from dl_lit.web.contract import (
    BEHIND,
    LARGEST_NUMBER,
    LARGEST_PAGE,
    LONGEST_NAME,
    PAGE_SIZE,
    PRIORITIES,
    SOURCE_ID,
    Bounds,
    Document,
    Extra,
)
from dl_lit.web.shapes import SHAPES

_STATES = ("waiting", "downloaded", "needs_review", "failed")
_OFFSET = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER, "default": 0}
_AFTER = {"type": "string", "pattern": BEHIND}
_NAME = {"type": "string", "description": "what the file is called", "maxLength": LONGEST_NAME}
_OF_SOURCES = ("waiting", "extracted", "failed")


def description(
    schemas: Document, extras: Mapping[str, Extra], bounds: Bounds, version: str, *, reach: Reach
) -> Document:
    """The whole document, as it holds for an address with this reach."""
    questions = {**_QUESTIONS, **{path: _extra(one) for path, one in extras.items()}}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "dl_lit control surface",
            "version": version,
            "summary": "Health, metrics, questions, orders and events of a dl_lit and its database.",
            "description": "On the owner's Unix socket no token is needed. Over TCP what changes something needs it, "
            "and from other machines everything but /health. Errors are JSON with `error` and `reason`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {path: _named(path, one, reach) for path, one in (_VITAL | questions | _orders(bounds)).items()},
        "components": {
            "schemas": {**schemas, **SHAPES},
            "responses": {
                "Refused": {"description": "Not served, and why", "content": _json("Error")},
                "Later": {
                    "description": "Come back after the seconds in Retry-After",
                    "headers": {"retry-after": {"schema": {"type": "integer", "minimum": 1}}},
                    "content": _json("Error"),
                },
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_TOKEN: Document = {"token": []}


def _named(path: str, methods: Mapping[str, Mapping[str, Any]], reach: Reach) -> Document:
    """The operations of one path with their names, and with what has to be shown for them."""
    words = path.replace("{", "").replace("}", "").strip("/").replace(".", "-").replace("/", "-")
    return {
        method: {"operationId": f"{method}-{words}", **operation, "security": _security(method, operation, reach)}
        for method, operation in methods.items()
    }


def _security(method: str, operation: Mapping[str, Any], reach: Reach) -> list[Document]:
    if operation.get("security") == [] or reach is Reach.OWNER:
        return []
    return [{}, _TOKEN] if reach is Reach.MACHINE and method == "get" else [_TOKEN]


def _json(name: str) -> Document:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _ok(text: str, content: Document, status: int = 200) -> dict[str, Any]:
    return {str(status): {"description": text, "content": content}}


_REFUSED = {
    name: {"$ref": "#/components/responses/Refused"} for name in ("400", "401", "403", "404", "421", "431", "500")
}
_LATER = {name: {"$ref": "#/components/responses/Later"} for name in ("429", "503")}


def _get(summary: str, content: Document, *parameters: Document, secured: bool = True, **more: Any) -> Document:
    """A question."""
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {**_ok("The answer", content), **_REFUSED, **_LATER, **more},
        **({} if secured else {"security": []}),
    }
    return {"get": operation | ({"parameters": list(parameters)} if parameters else {})}


def _query(name: str, text: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _page(states: tuple[str, ...]) -> tuple[Document, ...]:
    return (
        _query("source", "of this source: 5 or s5", {"type": "string", "pattern": SOURCE_ID}),
        _query("state", "in this state", {"type": "string", "enum": list(states)}),
        _query("limit", "so many", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE}),
        _query("offset", "leave out so many", _OFFSET),
        _query("after", "behind the item with this id: what `next` names", _AFTER),
    )


_UNHEALTHY = {"503": {"description": "Broken, or not ready", "content": _json("Health")}}
_TEXT = {"text/plain": {"schema": {"type": "string"}}}
_VITAL: dict[str, Any] = {
    "/health": _get("How it is, with reasons", _json("Health"), secured=False, **_UNHEALTHY),
    "/health/ready": _get("As /health, for whoever sends work", _json("Health"), secured=False, **_UNHEALTHY),
    "/health/live": _get("Whether the process answers", _json("Live"), secured=False),
    "/metrics": _get("Numbers for Prometheus, as JSON where that is asked for", {**_TEXT, **_json("Metrics")}),
    "/openapi.json": _get("This description", {"application/json": {"schema": {"type": "object"}}}),
    "/events": _get(
        "Server-sent events: snapshot, status, item, conditions, gap",
        {"text/event-stream": {"schema": {"type": "string"}}},
        {"name": "Last-Event-ID", "in": "header", "description": "go on behind it", "schema": {"type": "integer"}},
    ),
}
_QUESTIONS: dict[str, Any] = {
    "/api/status": _get("How much is where, as dl-lit status --json", _json("Status")),
    "/api/conditions": _get("What is wrong for longer than a moment", _json("Conditions")),
    "/api/sources": _get("Sources in the order they were added", _json("Sources"), *_page(_OF_SOURCES)),
    "/api/references": _get("Entries in the order they were read", _json("References"), *_page(_STATES)),
    "/api/works": _get("Works in the order they were found", _json("Works"), *_page(_STATES)[1:]),
    "/api/explain/{name}": _get(
        "Everything about an entry (e12), a work (w34), a source (s5), a DOI",
        _json("Explanation"),
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
    ),
}


def _extra(one: Extra) -> Document:
    parameters = [
        {**_query(name, known.text, known.schema), **({"required": True} if known.is_required else {})}
        for name, known in one.parameters.items()
    ]
    return _get(one.summary, {"application/json": {"schema": one.schema}}, *parameters)


_OF_BODIES = {name: {"$ref": "#/components/responses/Refused"} for name in ("408", "413", "415")}
_NO_ROOM = {"507": {"$ref": "#/components/responses/Later"}}


def _post(
    summary: str,
    body: Document,
    answer: Document,
    *parameters: Document,
    status: int = 200,
    needs_body: bool = False,
) -> dict[str, Any]:
    """An order; one that needs no body does without one what it does with {}."""
    operation: dict[str, Any] = {
        "summary": summary,
        "requestBody": {"required": needs_body, "content": body},
        "responses": {**_ok("What it did", answer, status), **_REFUSED, **_LATER, **_OF_BODIES, **_NO_ROOM},
    }
    return {"post": operation | ({"parameters": list(parameters)} if parameters else {})}


def _orders(bounds: Bounds) -> dict[str, Any]:
    priority = {"type": "integer", "minimum": PRIORITIES[0], "maximum": PRIORITIES[1], "default": 0}
    pdf = {"type": "string", "contentMediaType": "application/pdf", "maxLength": bounds.max_upload_bytes}
    form = {"type": "object", "properties": {"file": pdf, "name": _NAME, "priority": priority}, "required": ["file"]}
    taken = _post(
        "Take in a PDF: sent as it is, in a form, or named by its path on the machine. The same content posted again "
        "is the same source.",
        {
            "application/pdf": {"schema": pdf},
            "application/octet-stream": {"schema": pdf},
            "multipart/form-data": {"schema": form, "encoding": {"file": {"contentType": "application/pdf"}}},
            **_json("Named"),
        },
        _json("Taken"),
        _query("name", "what the file is called", _NAME),
        _query("priority", "before others (10) or after them (-10)", priority),
        status=202,
        needs_body=True,
    )
    taken["post"]["responses"] |= {"422": {"$ref": "#/components/responses/Refused"}}
    taken["post"]["responses"]["202"] |= {
        "headers": {"location": {"required": True, "schema": {"type": "string"}}},
        "links": {
            "explain": {"operationId": "get-api-explain-name", "parameters": {"name": "$response.body#/id"}},
            "references": {"operationId": "get-api-references", "parameters": {"source": "$response.body#/id"}},
        },
    }
    again = _post("Put failures back to work", _json("Failures"), _json("Retried"))
    again["post"]["responses"] |= {"409": {"$ref": "#/components/responses/Refused"}}
    return {
        "/process": taken,
        "/api/pause": _post("Let stages take up nothing more", _json("Pause"), _json("Pauses")),
        "/api/resume": _post("Let stages work again", _json("Stages"), _json("Pauses")),
        "/api/retry": again,
    }
