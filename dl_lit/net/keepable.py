"""Which answers may be remembered: those that establish something, and nothing else. Pure.

A service that is down, busy or confused often says so in the words of a proper answer: an error inside a 200, a page of
somebody's proxy, half a document. None of these may be taken for "there is no such work" tomorrow.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from dl_lit.core.ports import ServiceAnswer
from dl_lit.core.values import dataclass
from dl_lit.net.answers import is_html


class Worth(Enum):
    """What an answer establishes."""

    SOMETHING = "something"  # a record, or a list that is not empty
    ABSENCE = "absence"  # positively nothing: 404 of a record's own address, or a well-formed empty list
    NOTHING = "nothing"  # not to be remembered


@dataclass(frozen=True, slots=True)
class _Records:
    """Where a service keeps single records, and how its own 404 reads; a 404 of anybody in between reads otherwise."""

    path: re.Pattern[str]
    absent: re.Pattern[bytes]


def _records(path: str, absent: bytes) -> _Records:
    return _Records(re.compile(path), re.compile(absent, re.DOTALL | re.IGNORECASE))


# The words are those of recorded answers and of the services' documentation, read 2026-11-22.
_RECORDS: dict[str, _Records] = {
    "openalex": _records(r"/works/.+", rb"requested URL was not found|\A\s*\{.*not found"),
    "crossref": _records(r"(?:/v1)?/works/.+", rb"\A\s*resource not found"),
    "datacite": _records(r"/dois/.+", rb"\A\s*\{\s*\"errors\""),
    "unpaywall": _records(r"/v2/.+", rb"\A\s*\{.*(?:isn't in Unpaywall|invalid doi|not found in)"),
    "pmc": _records(r"/metadata/.+", rb"<Code>NoSuchKey</Code>"),
    "semantic_scholar": _records(r"/paper/.+", rb"\A\s*\{\s*\"error\".*not found"),
    "inspire": _records(r"/(?:literature|doi|arxiv)/.+", rb"\A\s*\{.*(?:does not exist|404)"),
    "osf": _records(r"/(?:preprints|files)/\w+/", rb"\A\s*\{\s*\"errors\".*not found"),
    "figshare": _records(r"/articles/\d+", rb"\A\s*\{.*not ?found"),
    "zenodo": _records(r"/records/\d+", rb"\A\s*\{.*(?:does not exist|not found|deleted)"),
    "open_library": _records(r"/(?:isbn|books|works)/.+", rb"\A\s*\{.*not ?found"),
    "doi": _records(r"/10\..+", rb"DOI Not Found|\"responseCode\"\s*:\s*100\b"),
}

_WORDS_ARE_CERTAIN = frozenset({"openalex", "crossref", "datacite", "unpaywall", "semantic_scholar", "pmc"})
"""Services whose 404 of a record is recorded: a web page that reads otherwise comes from somebody in between."""

_ABOUT_US = re.compile(r"/rate-limit\b|/isalive\b|/version\b")
"""Routes that tell of the service's state and not of works."""

_ERROR_KEYS = ("error", "errors", "errCode", "errMsg", "errorCode")

_LISTS: dict[str, tuple[str, ...]] = {
    "openalex": ("results",),
    "crossref": ("message", "items"),
    "datacite": ("data",),
    "europepmc": ("resultList", "result"),
    "semantic_scholar": ("data",),
    "inspire": ("hits", "hits"),
    "open_library": ("docs",),
    "hal": ("response", "docs"),
    "pubmed": ("esearchresult", "idlist"),
    "doaj": ("results",),
    "core": ("results",),
    "internet_archive": ("response", "docs"),
    "zenodo": ("hits", "hits"),
    "biorxiv": ("collection",),
}
"""Where a service's lists stand in its answers; a record has nothing there."""


def worth(service: str, path: str, answer: ServiceAnswer) -> Worth:
    """What the answer to a GET of `path` establishes."""
    if _ABOUT_US.search(path):
        return Worth.NOTHING
    if answer.status == 404:
        known = _RECORDS.get(service)
        if known is None or not known.path.fullmatch(path) or not known.absent.search(answer.body[:4_000]):
            return Worth.NOTHING
        return Worth.ABSENCE
    body = answer.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if answer.status != 200 or not body or is_html(answer.headers, answer.body):
        return Worth.NOTHING
    if body[:1] in {b"{", b"["}:
        return _of_json(service, body)
    return _of_xml(service, body) if body[:1] == b"<" else Worth.NOTHING


def is_strangers(service: str, path: str, answer: ServiceAnswer) -> bool:
    """Whether this 404 of a record is the page of a gateway or of a wrong address, and so establishes nothing."""
    known = _RECORDS.get(service)
    return (
        answer.status == 404
        and service in _WORDS_ARE_CERTAIN
        and known is not None
        and known.path.fullmatch(path) is not None
        and is_html(answer.headers, answer.body)
        and not known.absent.search(answer.body[:4_000])
    )


def _of_json(service: str, body: bytes) -> Worth:
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return Worth.NOTHING
    if isinstance(found, list):
        return _of_bare_list(service, found)
    if not found or any(found.get(key) for key in _ERROR_KEYS) or _is_troubled(service, found):
        return Worth.NOTHING
    listed = found
    for key in _LISTS.get(service, ()):
        listed = listed.get(key) if isinstance(listed, dict) else None
    return Worth.ABSENCE if isinstance(listed, list) and not listed else Worth.SOMETHING


def _of_bare_list(service: str, found: list[Any]) -> Worth:
    if service == "doi":  # doiRA: each asked-for DOI with its agency, or with the reason why it has none
        is_told = all(isinstance(one, dict) and ("RA" in one or "not exist" in str(one.get("status"))) for one in found)
        return Worth.SOMETHING if found and is_told else Worth.NOTHING
    return Worth.SOMETHING if found else Worth.ABSENCE


def _is_troubled(service: str, found: dict[str, Any]) -> bool:
    """Whether the service says in its own way that this is no proper answer."""
    match service:
        case "openalex":  # https://developers.openalex.org (read 2026-11-22): partial results after five seconds
            meta = found.get("meta")
            return ("results" in found and not isinstance(meta, dict)) or (
                isinstance(meta, dict) and bool(meta.get("timed_out"))
            )
        case "crossref":
            return found.get("status") != "ok" or not isinstance(found.get("message"), dict)
        case "europepmc":
            return "hitCount" in found and not isinstance(found.get("resultList"), dict)
        case "semantic_scholar":
            return set(found) <= {"message", "code"}
        case "hal":
            return not isinstance(found.get("response"), dict)
        case "pubmed":
            return any(isinstance(part, dict) and ("ERROR" in part or "error" in part) for part in found.values())
        case _:
            return False


def _of_xml(service: str, body: bytes) -> Worth:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return Worth.NOTHING  # nobody we ask sends them, and they are a way to do harm
    try:
        root = ET.fromstring(body)  # noqa: S314 - entity declarations are refused above
    except (ET.ParseError, ValueError, LookupError):  # LookupError: an encoding that nobody knows
        return Worth.NOTHING
    name = root.tag.rpartition("}")[2]
    if name == "Error" or name.lower() in {"error", "errors", "html"}:
        return Worth.NOTHING
    if service == "pmc" and name == "ListBucketResult":
        is_empty = not any(child.tag.rpartition("}")[2] in {"Contents", "CommonPrefixes"} for child in root)
        return Worth.ABSENCE if is_empty else Worth.SOMETHING
    if service == "arxiv":
        return _of_feed(root, name)
    return Worth.SOMETHING


def _of_feed(root: ET.Element, name: str) -> Worth:
    """Judge arXiv's feed: it tells errors as entries, and now and then sends an empty feed where there are works."""
    atom = "{http://www.w3.org/2005/Atom}"
    entries = root.findall(f"{atom}entry")
    is_error = any(
        (one.findtext(f"{atom}title") or "").strip() == "Error" or "/api/errors" in (one.findtext(f"{atom}id") or "")
        for one in entries
    )
    return Worth.SOMETHING if name == "feed" and entries and not is_error else Worth.NOTHING
