"""The DOIs that web addresses hold: in their paths, their queries, and in addresses wrapped by other addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import unquote

from dl_lit.core.identifiers import find_dois

_DEEPEST = 3  # addresses within addresses, as proxies and resolvers make them, that are taken apart
_LONGEST = 4_096  # characters of an address that are looked at
_PARAMETER = re.compile(r"[?&;#]")
_SESSION = re.compile(r";jsessionid=.*$", re.IGNORECASE)
# What sites put behind a DOI in their addresses, as far as no DOI ends so itself.
_SITES_TAIL = re.compile(
    r"(?:/(?:abstract|full|pdf|meta|html))?(?:\.(?:full|abstract|svg|html|pdf|xml|bib|ris))*$", re.IGNORECASE
)
# https://connect.biorxiv.org/biorxiv_xml.php and its addresses (read 2026-11-22): the version is not part of the DOI.
_BIORXIV_VERSION = re.compile(r"^(10\.(?:1101|64898)/[\d.]+)v\d.*$")


def dois_of_addresses(addresses: Iterable[str]) -> list[str]:
    """All DOIs of the addresses, normalised, in order, each once."""
    return list(dict.fromkeys(doi for address in addresses for doi in dois_of_address(address)))


def dois_of_address(address: str) -> list[str]:
    """The DOIs of one address, however it is percent-encoded or wrapped; normalised, in order, each once."""
    if "10." not in address:
        return []
    return list(dict.fromkeys(_dois(unescape(address[:_LONGEST]), _DEEPEST)))


def _dois(address: str, depth: int) -> list[str]:
    """Path first, then the values of the query, in which whole addresses may stand."""
    found: list[str] = []
    path, *parameters = _PARAMETER.split(_SESSION.sub("", _protected(address)))
    for part in (path, *(parameter.partition("=")[2] or parameter for parameter in parameters)):
        text = _restored(part)
        while "%" in text and depth > 0 and (decoded := unquote(text)) != text:
            text = decoded
            depth -= 1
        if "10." not in text:
            continue
        inner = text.find("://", 8)
        if depth > 0 and (inner >= 0 or (part is not path and "://" in text)) and _PARAMETER.search(_protected(text)):
            found += _dois(text, depth - 1)
        else:
            found += [doi for each in find_dois(_spaced(text)) if (doi := _without_tail(each))]
    return found


def _protected(address: str) -> str:
    """`address` with the semicolons and angle brackets of old DOIs hidden from the search for parameters."""
    return re.sub(r"(10\.\d{4,9}/[^?&#]*?);(?=2-|CO;)", r"\1%3B", address, flags=re.IGNORECASE).replace(
        ".CO;", ".CO%3B"
    )


def _restored(part: str) -> str:
    return part.replace("%3B", ";")


def _spaced(text: str) -> str:
    """`text` with what may stand right before a DOI set off from it: "doi:10.1000/x", "/10.1000/x"."""
    return re.sub(r"(?i)(doi[:/\s])\s*(?=10\.)", r"\1 ", text)


def _without_tail(doi: str) -> str:
    if match := _BIORXIV_VERSION.match(doi):
        return match.group(1).rstrip(".")
    shorter = _SITES_TAIL.sub("", doi)
    return shorter if "/" in shorter and shorter.partition("/")[2] else doi
