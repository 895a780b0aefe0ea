"""Whether a document is as a JSON Schema says: the words of it that our own descriptions use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_KNOWN = {
    "$ref", "type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items", "prefixItems",
    "minItems", "maxItems", "minimum", "maximum", "pattern", "maxLength", "title", "description", "default",
    "contentMediaType", "format",
}  # fmt: skip


def problems(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any], path: str = "$") -> Iterator[str]:
    """Where `value` is not as `schema` says; `whole` is the document that its references are in."""
    assert schema.keys() <= _KNOWN, f"{path}: the schema says {schema.keys() - _KNOWN}, which is not looked at"
    if "$ref" in schema:
        yield from problems(value, referred(schema["$ref"], whole), whole, path)
        return
    if "anyOf" in schema:
        found = [list(problems(value, one, whole, path)) for one in schema["anyOf"]]
        if all(found):
            yield f"{path}: {value!r} fits none: {found}"
        return
    types = schema.get("type", ())
    if types and not any(_is(value, one) for one in ([types] if isinstance(types, str) else types)):
        yield f"{path}: {value!r} is no {types}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} is not like {schema['pattern']}"
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{path}: {value!r} is out of bounds"
    if isinstance(value, dict):
        yield from _object(value, schema, whole, path)
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        for number, item in enumerate(value):
            shape = first[number] if number < len(first) else schema.get("items", {})
            yield from problems(item, shape if isinstance(shape, dict) else {}, whole, f"{path}[{number}]")


def _object(value: dict[str, Any], schema: Mapping[str, Any], whole: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{path}: {name} is missing"
    known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            yield from problems(item, known[name], whole, f"{path}.{name}")
        elif more is False:
            yield f"{path}: {name} is not described"
        elif isinstance(more, dict):
            yield from problems(item, more, whole, f"{path}.{name}")


def _is(value: Any, name: str) -> bool:
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def referred(reference: str, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference within the document means."""
    found: Any = whole
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(value: Any) -> Iterator[str]:
    """All references in it."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)
