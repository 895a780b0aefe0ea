"""The faults that are tried, by name, and where each can happen."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.replica.faults import Fault, FaultKind

HOSTS = ("publisher", "repository")
SERVICES = (
    *("openalex", "crossref", "datacite", "unpaywall", "arxiv", "europepmc", "pmc", "doi", "semantic_scholar"),
    *("pubmed", "opencitations", "inspire", "open_library", "hal", "acl", "oapen", "doab", "internet_archive"),
    *("scholar_archive", "wayback", "doaj", "core", "openalex_content", "zenodo", "biorxiv", "osf", "figshare"),
)
WITH_FILES = frozenset(
    {*HOSTS, "arxiv", "europepmc", "pmc", "acl", "oapen", "internet_archive", "zenodo", "osf", "figshare"}
)
EVERYBODY = "everybody"
"""All services and hosts at once."""

_SLOW_S = 1.0  # longer than any time-out of the runs
_DRIP_S = 0.05  # between two of 32 pieces


def _status(status: int) -> Fault:
    return Fault(kind=FaultKind.STATUS, status=status)


def _limited(after_s: float | None = None, *, as_date: bool = False) -> Fault:
    return Fault(kind=FaultKind.TOO_MANY_REQUESTS, retry_after_s=after_s, as_date=as_date)


_OF_ALL: dict[str, Fault] = {
    "slow": Fault(kind=FaultKind.SLOW, delay_s=_SLOW_S),
    "drip": Fault(kind=FaultKind.DRIP, delay_s=_DRIP_S),
    "429": _limited(),
    "429 after 30 s": _limited(30.0),
    "429 after -5 s": _limited(-5.0),
    "429 after 30 years": _limited(1e9),
    "429 until a date": _limited(600.0, as_date=True),
    "503": Fault(kind=FaultKind.SERVER_ERROR),
    "503 until a date": Fault(kind=FaultKind.SERVER_ERROR, retry_after_s=600.0, as_date=True),
    "500": Fault(kind=FaultKind.SERVER_ERROR, status=500),
    **{str(status): _status(status) for status in (204, 304, 400, 401, 402, 403, 407, 410, 451)},
    "404": Fault(kind=FaultKind.NOT_FOUND),
    **{
        kind.value: Fault(kind=kind)
        for kind in (
            *(FaultKind.RESET, FaultKind.RESET_IN_HEAD, FaultKind.RESET_IN_BODY, FaultKind.CLOSED, FaultKind.HANG),
            *(FaultKind.STALLED_HEAD, FaultKind.STALLED_BODY, FaultKind.TRICKLED_HEAD, FaultKind.GARBAGE),
            *(FaultKind.HTTP_0_9, FaultKind.BIG_HEAD, FaultKind.WRONG_LENGTH, FaultKind.LONGER_LENGTH),
            *(FaultKind.SHORTER_LENGTH, FaultKind.BAD_LENGTH, FaultKind.BROKEN_CHUNKS, FaultKind.CUT_CHUNKS),
            *(FaultKind.TRUNCATED, FaultKind.EMPTY, FaultKind.DAMAGED_GZIP, FaultKind.CUT_GZIP, FaultKind.NO_GZIP),
            *(FaultKind.UNKNOWN_ENCODING, FaultKind.GZIP_BOMB, FaultKind.HTML, FaultKind.CHALLENGE, FaultKind.LOGIN),
            *(FaultKind.REDIRECT_LOOP, FaultKind.REDIRECT_ENDLESS, FaultKind.REDIRECT_PRIVATE),
            *(FaultKind.REDIRECT_FILE, FaultKind.REDIRECT_NOWHERE, FaultKind.REDIRECT_NONSENSE),
        )
    },
}
_OF_SERVICES: dict[str, Fault] = {
    kind.value: Fault(kind=kind)
    for kind in (
        *(FaultKind.NOT_JSON, FaultKind.OTHER_CHARSET, FaultKind.OTHER_SHAPE, FaultKind.EMPTY_OBJECT),
        *(FaultKind.EMPTY_LIST, FaultKind.NULL, FaultKind.HTML_AS_JSON, FaultKind.ERROR_AS_JSON),
        *(FaultKind.HUGE_JSON, FaultKind.DEEP_JSON),
    )
}
_OF_FILES: dict[str, Fault] = {
    kind.value: Fault(kind=kind)
    for kind in (FaultKind.ENCRYPTED_PDF, FaultKind.DAMAGED_PDF, FaultKind.OTHER_PDF, FaultKind.COOKIE_WALL)
}
FAULTS: Mapping[str, Fault] = {**_OF_ALL, **_OF_SERVICES, **_OF_FILES}


_LIKE_OTHERS = frozenset(
    {
        *("204", "304", "402", "410", "500", "closed", "bad-length", "cut-gzip", "no-gzip", "unknown-encoding"),
        *("redirect-nonsense", "redirect-endless", "longer-length", "reset-in-head", "stalled-head", "cut-chunks"),
    }
)
"""Read as others are, whoever sends them: tried at some."""

_SOME = ("openalex", "crossref", "unpaywall", "zenodo", "publisher", EVERYBODY)


def places(name: str) -> tuple[str, ...]:
    """Where this fault can happen: groups of the replica, and everybody."""
    if name in _LIKE_OTHERS:
        return _SOME
    if name in _OF_FILES:
        return (*(one for one in (*SERVICES, *HOSTS) if one in WITH_FILES), EVERYBODY)
    return (*SERVICES, *(() if name in _OF_SERVICES else HOSTS), EVERYBODY)
