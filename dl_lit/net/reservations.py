"""Reservations of text and data mining (W3C TDMRep): in tdmrep.json, in headers, in pages. Pure.

The final report of 2024-05-10 is https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/: a header
overrides the host's file, a page's own meta tag both; the file's patterns are read as those of robots.txt, so the most
specific one counts. What is malformed says nothing. docs/manners.md tells what dl_lit makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from selectolax.lexbor import LexborHTMLParser

from dl_lit.core.markup import tamed
from dl_lit.core.values import dataclass
from dl_lit.net.url_patterns import matches, normalised

WELL_KNOWN = "/.well-known/tdmrep.json"

MAX_BYTES = 256 * 1_024
"""Of the host's file; a longer one is not understood."""

_MAX_RULES = 2_000
_POLICY_CHARACTERS = 300
_HEADER, _POLICY = "tdm-reservation", "tdm-policy"


@dataclass(frozen=True, slots=True)
class Reservation:
    """What the holder of the rights says of one address."""

    is_reserved: bool
    said_by: str  # "tdmrep.json", "header", "meta"
    policy: str | None = None  # where it is written how a licence can be had

    def __str__(self) -> str:
        """In one line, as it is kept as evidence."""
        is_reserved = "reserved" if self.is_reserved else "not reserved"
        return f"mining {is_reserved} ({self.said_by}{': ' + self.policy if self.policy else ''})"


@dataclass(frozen=True, slots=True)
class Reservations:
    """What a host's file says of its parts."""

    rules: tuple[tuple[str, bool, str | None], ...] = ()  # (pattern, is reserved, policy), the most specific first

    def of(self, path: str) -> Reservation | None:
        """What is said of `path` (see `url_patterns.path_of`); None where nothing is."""
        for pattern, is_reserved, policy in self.rules:
            if matches(pattern, path):
                return Reservation(is_reserved, "tdmrep.json", policy)
        return None


def read_tdmrep(body: bytes) -> Reservations:
    """The rules of a host's file; none where it is not one."""
    try:
        entries = msgspec.json.decode(body) if len(body) <= MAX_BYTES else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        entries = None
    rules = [
        (normalised(entry["location"]), entry[_HEADER] == 1, _policy(entry.get(_POLICY)))
        for entry in (entries if isinstance(entries, list) else [])[:_MAX_RULES]
        if isinstance(entry, dict) and entry.get(_HEADER) in (0, 1) and isinstance(entry.get("location"), str)
    ]
    return Reservations(tuple(sorted(rules, key=lambda rule: (-len(rule[0]), not rule[1], rule[0]))))


def of_headers(headers: Mapping[str, str]) -> Reservation | None:
    """What an answer's headers (lower-case names) say; None where they say nothing."""
    return _said(headers.get(_HEADER, ""), headers.get(_POLICY), "header")


def of_page(html: str) -> Reservation | None:
    """What a page's meta tags say; None where they say nothing."""
    if _HEADER not in html.lower():
        return None
    told = {
        (node.attributes.get("name") or "").strip().lower(): node.attributes.get("content") or ""
        for node in LexborHTMLParser(tamed(html)).css("meta[name]")
    }
    return _said(told.get(_HEADER, ""), told.get(_POLICY), "meta")


def permits_mining(licence: str | None) -> bool:
    """Whether a copy's own licence permits what a reservation would forbid.

    A Creative Commons licence given for the copy is a permission that a reservation does not take back:
    https://wiki.creativecommons.org/wiki/Text_and_data_mining (read 2026-11-23).
    """
    said = (licence or "").strip().lower().replace("_", "-").removeprefix("https://").removeprefix("http://")
    return said.startswith(("cc-", "cc0", "cc by", "public-domain", "creativecommons.org/")) or said == "pd"


def _said(value: str, policy: object, by: str) -> Reservation | None:
    value = value.strip()
    return Reservation(value == "1", by, _policy(policy)) if value in {"0", "1"} else None


def _policy(value: object) -> str | None:
    return value.strip()[:_POLICY_CHARACTERS] or None if isinstance(value, str) else None
