"""arXiv as a locator: the PDF's address follows from the identifier, so nothing is asked.

Read 2026-11-22: https://info.arxiv.org/help/robots.html and https://info.arxiv.org/help/api/tou.html (programs take
PDFs from export.arxiv.org, one in three seconds).
"""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.identifiers import arxiv_id_of_doi, normalise_arxiv_id
from dl_lit.core.model import HostType, Location, RelationKind, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators.settings import LocatorSettings

SERVICE = "arxiv"


def parse(text: str | None) -> str | None:
    """Read the arXiv identifier out of an address, a DOI or an identifier; `None` if there is none."""
    return normalise_arxiv_id(text)


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Give the address of the newest version's PDF: the work's own, or that of its preprint; else nothing."""
    del calls
    return tuple(
        Location(
            url=f"{settings.arxiv_url}/pdf/{arxiv_id}",
            host_type=HostType.REPOSITORY,
            version=Version.SUBMITTED,
            found_by=SERVICE,
        )
        for arxiv_id in _identifiers(work)
    )


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Always, for works that arXiv holds a version of: it costs nothing."""
    del known
    return bool(_identifiers(work))


def _identifiers(work: Work) -> Sequence[str]:
    """The work's own identifier, else those of the versions that some service names."""
    if own := work.arxiv_id or arxiv_id_of_doi(work.doi):
        return [own]
    versions = [one for one in work.relations if one.kind is RelationKind.VERSION]
    return list(dict.fromkeys(found for one in versions if (found := one.arxiv_id or arxiv_id_of_doi(one.doi))))
