"""OSF's preprint servers (PsyArXiv, SocArXiv, OSF Preprints and others): the file of a preprint, by its DOI.

Read 2026-11-23: https://developer.osf.io/#operation/preprints_read, https://developer.osf.io/#operation/files_detail
(`links.download`). The file cannot be asked for along with its preprint: `embed=primary_file` is answered by HTTP 502.
"""

from __future__ import annotations

import re

import msgspec

from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import NOT_FOUND, decode
from stages.locators.addresses import has_repository_file
from stages.locators.settings import LocatorSettings

SERVICE = "osf"

_DOI = re.compile(r"10\.\d{4,9}/osf\.io/([a-z0-9]{5,8})(_v\d+)?")


class _File(msgspec.Struct):
    id: str | None = None


class _Relation(msgspec.Struct):
    data: _File | None = None


class _Relations(msgspec.Struct):
    primary_file: _Relation | None = None


class _Attributes(msgspec.Struct):
    name: str | None = None
    is_published: bool | None = None
    date_withdrawn: str | None = None


class _Links(msgspec.Struct):
    download: str | None = None


class _Data(msgspec.Struct):
    attributes: _Attributes | None = None
    relationships: _Relations | None = None
    links: _Links | None = None


class _Answer(msgspec.Struct):
    data: _Data


def parse(body: bytes) -> Location | None:
    """Read the description of a file; `None` for one that is no PDF or cannot be fetched. Raises `ServiceError`."""
    told = decode(body, _Answer, SERVICE).data
    url = told.links.download if told.links else None
    name = (told.attributes.name if told.attributes else None) or ""
    if not url or not name.lower().endswith(".pdf"):
        return None
    return Location(url=url, host_type=HostType.REPOSITORY, version=Version.SUBMITTED, found_by=SERVICE)


def parse_preprint(body: bytes) -> str | None:
    """Read which file a preprint is; `None` for one that was withdrawn or never published. Raises `ServiceError`."""
    told = decode(body, _Answer, SERVICE).data
    stated = told.attributes or _Attributes()
    file = told.relationships.primary_file if told.relationships else None
    is_public = stated.is_published is not False and not stated.date_withdrawn
    return file.data.id if is_public and file and file.data else None


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the preprint, then for its file. Raises `ServiceError`."""
    del settings
    match = _DOI.fullmatch(work.doi or "")
    if match is None:
        return ()
    preprint = calls.get(SERVICE, f"/preprints/{match[1]}{match[2] or ''}/")
    file = None if preprint.status == NOT_FOUND else parse_preprint(preprint.body)
    if file is None or not file.isalnum():
        return ()
    answer = calls.get(SERVICE, f"/files/{file}/")
    found = None if answer.status == NOT_FOUND else parse(answer.body)
    return (found,) if found else ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For its DOIs, where no file in a repository is known yet."""
    is_own = _DOI.fullmatch(work.doi or "") is not None
    return is_own and not has_repository_file(known)
