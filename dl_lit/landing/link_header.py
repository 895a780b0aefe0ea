"""Reads the HTTP header `Link`. Pure.

The grammar: https://www.rfc-editor.org/rfc/rfc8288#section-3; what the relations mean to us:
https://signposting.org/FAIR/ (read 2026-11-23).
"""

from __future__ import annotations

import re

from dl_lit.core.values import dataclass

_MAX_CHARACTERS = 64_000
_MAX_LINKS = 500
_TARGET = re.compile(r"<([^<>]*+)>")
_PARAMETER = re.compile(
    r"""\s*+;\s*+(?:([!#$%&'*+.^_`|~0-9A-Za-z-]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+)))?+)?+"""
)


@dataclass(frozen=True, slots=True)
class HeaderLink:
    """One link of the header."""

    target: str  # as written, may be relative
    relations: tuple[str, ...] = ()  # lower case
    type: str = ""  # media type in lower case, without parameters; "" where none is given
    anchor: str | None = None  # what the link is about, where that is not the page itself


def links_of(header: str) -> list[HeaderLink]:
    """The links of a header's value, several headers joined by commas; what is malformed ends its own link only."""
    header = header[:_MAX_CHARACTERS]
    found: list[HeaderLink] = []
    at = 0
    while len(found) < _MAX_LINKS and (target := _TARGET.search(header, at)) is not None:
        at = target.end()
        given: dict[str, str] = {}
        while (parameter := _PARAMETER.match(header, at)) is not None:
            at = parameter.end()
            name, quoted, token = parameter.groups()
            if name:
                value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (token or "")
                given.setdefault(name.lower(), value)
        found.append(
            HeaderLink(
                target=target[1].strip(),
                relations=tuple(given.get("rel", "").lower().split()),
                type=given.get("type", "").split(";")[0].strip().lower(),
                anchor=given.get("anchor"),
            )
        )
        comma = header.find(",", at)
        if comma < 0:
            break
        at = comma + 1
    return found
