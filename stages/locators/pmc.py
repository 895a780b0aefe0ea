"""PubMed Central's open bucket: full texts that may be reused, and author manuscripts.

Read 2026-11-22: https://pmc.ncbi.nlm.nih.gov/tools/cloud/ (`PMC123.1/PMC123.1.pdf`, one JSON description a version;
it replaces the OA web service and FTP, which ended in August 2026).
"""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec

from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import NOT_FOUND, decode, list_body
from stages.locators.addresses import has_repository_file
from stages.locators.settings import LocatorSettings

SERVICE = "pmc"

_VERSION = re.compile(rb"<Prefix>(PMC\d+)\.(\d+)/</Prefix>")
_S3 = re.compile(r"^s3://[^/]+/")


class _Description(msgspec.Struct):
    pdf_url: str | None = None
    license: str | None = None
    license_code: str | None = None
    is_manuscript: bool | str | None = None


def parse(body: bytes) -> Location | None:
    """Read one version's description; `None` when it has no PDF. The address is relative to the bucket."""
    description = decode(body, _Description, SERVICE)
    if not description.pdf_url:
        return None
    is_manuscript = str(description.is_manuscript).lower() in {"true", "yes", "1"}
    return Location(
        url=_S3.sub("/", description.pdf_url),
        host_type=HostType.REPOSITORY,
        version=Version.ACCEPTED if is_manuscript else Version.PUBLISHED,
        licence=description.license or description.license_code,
        found_by=SERVICE,
    )


def parse_versions(body: bytes) -> list[str]:
    """Read the listing of a bucket: "PMC123.1", "PMC123.2", the oldest first; empty when PMC holds no open copy."""
    versions = sorted((int(number), pmcid) for pmcid, number in _VERSION.findall(body))
    return [f"{pmcid.decode()}.{number}" for number, pmcid in versions]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for the newest version in two small requests. Raises `ServiceError`."""
    if not work.pmcid:
        return ()
    params = [("list-type", "2"), ("prefix", f"{work.pmcid}."), ("delimiter", "/")]
    versions = parse_versions(list_body(calls.get(SERVICE, "/", params), SERVICE))
    if not versions:
        return ()
    answer = calls.get(SERVICE, f"/metadata/{versions[-1]}.json")
    found = None if answer.status == NOT_FOUND else parse(answer.body)
    if found is None:
        return ()
    url = f"{settings.pmc_url}{found.url}" if found.url.startswith("/") else found.url
    return (replace(found, url=url),)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Where PMC has the work and no repository's PDF is known yet that programs get; PMC's own pages turn them away."""
    return work.pmcid is not None and not has_repository_file(known)
