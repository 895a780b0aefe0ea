"""What a setting may be, in words: read off its type, so that no setting is without them."""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec

from dl_lit.core.object_address import ObjectPlace

_FORMS = {
    "url": "an http or https address without user name and fragment",
    "otlp_header": "a header as NAME: VALUE, for example Authorization: Bearer ...",
    "proxy_cookie": "visible ASCII characters, with single blanks between",
    "secret": "a text",
}
_USUAL_FORM = "visible ASCII characters without blanks, and nothing around them"


def permitted(kind: Any) -> str:
    """What is permitted for a setting annotated as `kind`: "a whole number from 1 to 256", "one of auto, on, off"."""
    if get_origin(kind) is Annotated:
        base, *marks = get_args(kind)
        bounds = next((mark for mark in marks if isinstance(mark, msgspec.Meta)), None)
        return f"{permitted(base)}{_range(bounds) if bounds is not None else ''}"
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is tuple:
        return "a list of texts"
    if ObjectPlace in get_args(kind):
        return "a path, or s3://, gs:// or az:// with bucket and prefix"
    if parts := [part for part in get_args(kind) if part is not NoneType]:
        return permitted(parts[0])
    return {bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}.get(kind, "a text")


def secret_form(field: str) -> str:
    """What a secret called `field` has to look like; says nothing of what it is."""
    return _FORMS.get(field, _USUAL_FORM)


def _range(bounds: msgspec.Meta) -> str:
    least, most = bounds.ge, bounds.le
    if bounds.gt is not None:
        return f" above {bounds.gt:,}" + ("" if most is None else f", {most:,} at most")
    if least is None or most is None:
        return "" if least is most else f", {most:,} at most" if least is None else f", {least:,} at least"
    return f" from {least:,} to {most:,}"
