"""The form of answers: found in what a model wrote, held against its JSON Schema, and told in each provider's dialect.

The schemas are those of `core.model_tasks`: objects, arrays, strings, integers, booleans, enums and "or null". Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

_STARTS = 64  # places in a text at which an object may begin, and is looked for
_SEARCHED = 8_000_000  # characters that are gone through in vain on the way to one: tens of milliseconds
_LONGEST_WHOLE = 15  # digits: a longer number is no year, page or place in a list


class Misfit(ValueError):
    """What a model wrote is not of the form that was asked for."""


def read(text: str, schema: Mapping[str, Any]) -> Any:
    """The answer in `text`: all of it, or the first object in it that fits; raises `Misfit`."""
    why = "no JSON object"
    for value in _objects(text):
        try:
            return fitted(value, schema)
        except Misfit as error:
            why = str(error)
    raise Misfit(why)


def fitted(value: Any, schema: Mapping[str, Any], *, path: str = "") -> Any:
    """`value` in the form of `schema`; raises `Misfit` where it cannot be read so.

    Servers without structured output are not exact, so what is plain is put right: unknown fields are left out, absent
    ones that may be null are null, absent lists within a list's items are empty, numbers and their digits are the same.
    """
    kinds = _kinds(schema)
    if value is None and "null" in kinds:
        return None
    for kind in kinds:
        found = _READ[kind](value, schema, path)
        if found is not None:
            return found
    if "integer" in kinds and "null" in kinds and isinstance(value, str | float):
        return None  # "n.d." for a year
    raise Misfit(f"{path or 'the answer'} is not {' or '.join(kinds)}")


def in_words(schema: Mapping[str, Any]) -> str:
    """What to tell a model whose server knows no structured output."""
    return (
        "Answer with one JSON object and nothing else: no explanation, no Markdown. It has exactly the form of this"
        f" JSON Schema:\n{json.dumps(schema, separators=(',', ':'))}"
    )


def in_gemini_s(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as Gemini's `responseSchema` takes it: types in capitals, `nullable`, no `additionalProperties`.

    https://ai.google.dev/api/caching#Schema (read 2026-11-23): a selected part of OpenAPI 3.0, in which a list of types
    and unknown words are refused with 400.
    """
    kinds = _kinds(schema)
    found: dict[str, Any] = {"type": next(kind for kind in kinds if kind != "null").upper()}
    if "null" in kinds:
        found["nullable"] = True
    if "enum" in schema:
        found["enum"] = [one for one in schema["enum"] if one is not None]
        found["format"] = "enum"
    if "items" in schema:
        found["items"] = in_gemini_s(schema["items"])
    if "properties" in schema:
        found["properties"] = {name: in_gemini_s(one) for name, one in schema["properties"].items()}
        found["propertyOrdering"] = list(schema["properties"])
        found["required"] = list(schema.get("required", ()))
    return found


def _objects(text: str) -> Iterator[Any]:
    """The whole text as JSON, or the objects in it, one after another."""
    decoder = json.JSONDecoder(parse_constant=_refuse)
    try:
        yield decoder.decode(text.strip().removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        pass
    else:
        return
    start, searched = -1, len(text)
    for _ in range(_STARTS):
        start = text.find("{", start + 1)
        if start < 0 or searched > _SEARCHED:
            return
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            searched += len(text) - start  # what is never closed is sought to the end
            continue
        yield value
        start = end - 1


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _object(value: Any, schema: Mapping[str, Any], path: str) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    found = {}
    for name, one in schema["properties"].items():
        where = f"{path}.{name}" if path else name
        if name in value:
            found[name] = fitted(value[name], one, path=where)
        elif "null" in _kinds(one):
            found[name] = None
        elif "array" in _kinds(one) and "]" in path:
            found[name] = []
        else:
            raise Misfit(f"{where} is missing")
    return found


def _array(value: Any, schema: Mapping[str, Any], path: str) -> list[Any] | None:
    if not isinstance(value, list):
        return None
    return [fitted(one, schema["items"], path=f"{path}[{number}]") for number, one in enumerate(value)]


def _string(value: Any, schema: Mapping[str, Any], path: str) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    words = schema.get("enum")
    if words is None or value in words:
        return value
    meant = "-".join(value.lower().replace("_", " ").split())
    if meant in words:
        return meant
    raise Misfit(f"{path} is none of the words allowed")


def _integer(value: Any, _schema: Mapping[str, Any], _path: str) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**_LONGEST_WHOLE else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 10**_LONGEST_WHOLE else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_WHOLE else None


def _boolean(value: Any, _schema: Mapping[str, Any], _path: str) -> bool | None:
    return value if isinstance(value, bool) else None


def _null(_value: Any, _schema: Mapping[str, Any], _path: str) -> None:
    return None


_READ = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "boolean": _boolean,
    "null": _null,
}
