"""Whether what is set of the user's own rights will do: templates, paths, selectors; told at the start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

import msgspec

from dl_lit.core.access import PROXY_NAMES, RESOLVER_NAMES, Resolver, is_rewriting, proxy_host, proxy_values
from dl_lit.core.json_path import parse_json_path
from dl_lit.core.model import HostType, Version, WorkType
from dl_lit.core.templates import check_address

MAX_RESOLVERS = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_RATE = re.compile(r"\s*[1-9]\d{0,5}\s*/\s*(?:[1-9]\d{0,5}(?:\.\d{1,3})?|0\.\d{0,2}[1-9])\s*")
_HEADER = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")  # a cookie has blanks between its pairs
_VERSIONS = {"published": Version.PUBLISHED, "accepted": Version.ACCEPTED, "submitted": Version.SUBMITTED}
_FIELDS = frozenset(field.name for field in fields(Resolver))
_TEXTS = ("name", "url", "mode", "path", "selector", "attribute", "doi", "rate")


def check_access(field: str, value: str) -> None:
    """Raise `ValueError`, in one line, where the setting `access.<field>` will not do. Secrets are not repeated."""
    if field == "proxy":
        check_address(value, PROXY_NAMES, example=proxy_values("https://x/"))
        if "{url" not in value and "{host" not in value:
            raise ValueError(f"{value!r} says neither {{url}} nor {{host}}: every address would become the same one")
        if is_rewriting(value) and "." not in proxy_host(value):
            raise ValueError(f"{value!r} does not end in the proxy's own host, such as .proxy.example.edu")
    elif field == "openurl":
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or not _is_plain(value):
            raise ValueError(f"{value!r} is no address of a resolver, such as https://resolver.example.edu/openurl")
    elif field.endswith("_url"):
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or not _is_plain(value):
            raise ValueError(f"{value!r} is no http or https address")
    elif not _HEADER.fullmatch(value):
        raise ValueError("has characters other than visible ASCII")


def resolvers(value: object, *, as_text: bool) -> tuple[Resolver, ...]:
    """The tables `[[access.resolvers]]`, or the same as JSON in a text; raises `ValueError` naming the resolver."""
    if as_text and isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError as error:
            raise ValueError(f"is no JSON list of resolvers: {error}") from error
    if not isinstance(value, list | tuple) or len(value) > MAX_RESOLVERS:
        raise ValueError(f"write up to {MAX_RESOLVERS} tables [[access.resolvers]]")
    found = tuple(_resolver(number, one) for number, one in enumerate(value, 1))
    if len({one.name for one in found}) < len(found):
        raise ValueError("two resolvers have the same name")
    return found


def _resolver(number: int, table: object) -> Resolver:
    if not isinstance(table, dict):
        raise ValueError(f"resolver {number} is no table")  # noqa: TRY004 - the caller tells all alike
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"resolver {number}: its name must be of lower-case letters, digits and hyphens")
    try:
        return _read(table)
    except ValueError as error:
        raise ValueError(f"resolver {name}: {error}") from error


def _read(table: Mapping[str, Any]) -> Resolver:
    if unknown := sorted(table.keys() - _FIELDS):
        raise ValueError(f"{unknown[0]!r} is no field of a resolver; they are {', '.join(sorted(_FIELDS))}")
    for field in _TEXTS:
        if not isinstance(table.get(field, ""), str):
            raise ValueError(f"{field} must be a text")  # noqa: TRY004 - the caller tells all alike
    check_address(table.get("url", ""), RESOLVER_NAMES)
    found = Resolver(
        **{field: table[field] for field in _TEXTS if field in table},
        types=_types(table.get("types", ())),
        host_type=_word(table, "host_type", {kind.value: kind for kind in HostType}),
        version=_word(table, "version", _VERSIONS),
        is_pdf=_truth(table.get("is_pdf", True)),
    )
    if not _RATE.fullmatch(found.rate):
        raise ValueError(f"{found.rate!r} is no rate; write PERMITS/SECONDS, for example 1/2")
    if found.mode == "json":
        _check_json(found)
    elif found.mode == "html":
        _check_html(found)
    else:
        raise ValueError(f"mode {found.mode!r} is neither json nor html")
    return found


def _check_json(one: Resolver) -> None:
    if one.selector or not one.path:
        raise ValueError("mode json takes a path, and no selector")
    parse_json_path(one.path)
    if one.doi:
        parse_json_path(one.doi)


def _check_html(one: Resolver) -> None:
    if one.path or not one.selector:
        raise ValueError("mode html takes a selector, and no path")
    # Here, since few have such a resolver and the parser of pages takes its time to load.
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError  # noqa: PLC0415

    page = LexborHTMLParser("<p></p>")
    for selector in filter(None, (one.selector, one.doi)):
        try:
            page.css(selector)
        except SelectolaxError as error:
            raise ValueError(f"{selector!r} is no CSS selector") from error
    if not re.fullmatch(r"[A-Za-z][\w:-]*", one.attribute):
        raise ValueError(f"{one.attribute!r} is no attribute")


def _types(value: object) -> tuple[str, ...]:
    known = [kind.value for kind in WorkType]
    if not isinstance(value, list | tuple) or any(one not in known for one in value):
        raise ValueError(f"types must be a list of {', '.join(known)}")
    return tuple(value)


def _word(table: Mapping[str, Any], field: str, known: Mapping[str, Any]) -> Any:
    value = table.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{field} {value!r} is none of {', '.join(known)}")
    return known[value]


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is_pdf must be true or false")  # noqa: TRY004 - the caller tells all alike
    return value


def _is_plain(text: str) -> bool:
    return all("\x20" < letter < "\x7f" for letter in text)
