"""PubMed Central: its pages give no files to programs, its open bucket does.

The bucket's names: https://pmc.ncbi.nlm.nih.gov/tools/cloud/ (read 2026-11-22): `PMC123.1/PMC123.1.pdf`, where the
figure behind the dot is the version, which begins at 1.
"""

from __future__ import annotations

import re

from dl_lit.landing.address import host_of, split

BUCKET = "https://pmc-oa-opendata.s3.amazonaws.com"
TECHNIQUE = "pmc-bucket"
_HOST = re.compile(
    r"^(?:pmc\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov|(?:www\.)?pubmedcentral\.(?:nih\.gov|gov))$"
)
_PMCID = re.compile(r"(?:PMC|artid=|accid=PMC)(\d{3,9})(?!\d)", re.IGNORECASE)


def is_pmc(url: str) -> bool:
    """Whether the address is one of PMC's web site, which nothing is to be fetched from."""
    return _HOST.match(host_of(url)) is not None


def in_bucket(url: str) -> str | None:
    """Where the bucket keeps the file of the article at a PMC address; None where the address names no article."""
    parts = split(url)
    match = _PMCID.search(f"{parts.path}?{parts.query}") if is_pmc(url) else None
    return f"{BUCKET}/PMC{match[1]}.1/PMC{match[1]}.1.pdf" if match is not None else None
