"""The universe with everything derived from the seed: what the services answer from."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.replica.access import Access, Copy, Planner, Shares, arxiv_position, numbered_position
from dl_lit.replica.records import Record, hash64
from dl_lit.replica.search import Found
from dl_lit.replica.universe import Universe

# Prefixes registered with DataCite (https://doi.org/doiRA/<prefix>, read 2026-11-22).
_DATACITE_PREFIXES = frozenset(
    {
        "10.48550",
        "10.5281",
        "10.5061",
        "10.6084",
        "10.7910",
        "10.1594",
        "10.4230",
        "10.17605",
        "10.3929",
        "10.13140",
        "10.2312",
        "10.5063",
        "10.5284",
        "10.18419",
        "10.3204",
        "10.15468",
        "10.25384",
        "10.4121",
        "10.11588",
        "10.5445",
        "10.14279",
        "10.23668",
        "10.4233",
        "10.4232",
    }
)
# ... and with agencies that describe their DOIs by content negotiation alone.
_OTHER_AGENCIES = {"10.1400": "mEDRA", "10.3280": "mEDRA", "10.11501": "JaLC", "10.14988": "JaLC", "10.6220": "Airiti"}


class Catalogue:
    """Records and their access, by every identifier; addresses are those of the replica's own hosts."""

    def __init__(
        self,
        universe: Universe,
        *,
        seed: int,
        shares: Shares,
        publishers: int,
        repositories: int,
        bases: Mapping[str, str],
    ) -> None:
        """`bases` has the address of each site, `http://127.0.0.2:8000`."""
        self.universe = universe
        self.seed = seed
        self.shares = shares
        self._planner = Planner(seed, shares, publishers, repositories)
        self._bases = bases

    def access(self, record: Record) -> Access:
        """How `record` can be had."""
        return self._planner.of(record)

    def base(self, site: str) -> str:
        """The address of a site, without a slash at the end."""
        return self._bases[site]

    def landing_url(self, copy: Copy) -> str:
        """The address of the copy's landing page."""
        return self._bases[copy.site] + copy.landing_path

    def pdf_url(self, copy: Copy) -> str:
        """The address of the copy's file."""
        return self._bases[copy.site] + copy.pdf_path

    def doi_url(self, record: Record) -> str | None:
        """The address at the replica's resolver, None without a DOI."""
        return f"{self._bases['doi']}/{record.doi}" if record.doi else None

    def by_doi(self, doi: str) -> Record | None:
        """The record with this DOI."""
        return self.universe.by_doi(doi)

    def by_openalex(self, identifier: str) -> Record | None:
        """The record with this `W` number (any case, with or without the address), where OpenAlex knows it."""
        number = identifier.rpartition("/")[2].upper()
        if not number.startswith("W"):
            return None
        record = self._at(numbered_position(number))
        return record if record and self.access(record).in_openalex else None

    def by_pmid(self, pmid: str) -> Record | None:
        """The record with this PubMed number."""
        found = self.universe.index.by_identifier(f"pmid:{pmid}") or self._at(numbered_position(pmid))
        return found if found and self.access(found).pmid == pmid else None

    def by_pmcid(self, pmcid: str) -> Record | None:
        """The record with this PMC number, `PMC` included or not."""
        full = "PMC" + pmcid.upper().removeprefix("PMC")
        found = self.universe.index.by_identifier(f"pmcid:{full.lower()}") or self._at(numbered_position(full))
        return found if found and self.access(found).pmcid == full else None

    def by_arxiv(self, arxiv_id: str) -> Record | None:
        """The record with this arXiv identifier (without version)."""
        found = self.universe.index.by_identifier(f"arxiv:{arxiv_id.lower()}") or self._at(arxiv_position(arxiv_id))
        return found if found and self.access(found).arxiv_id == arxiv_id else None

    def agency(self, doi: str) -> str:
        """Who registered the DOI (or prefix): "Crossref", "DataCite", "mEDRA", ..."""
        record = self.by_doi(doi) if "/" in doi else None
        if record is not None and record.agency:
            return record.agency
        prefix = doi.split("/", 1)[0]
        return _OTHER_AGENCIES.get(prefix) or ("DataCite" if prefix in _DATACITE_PREFIXES else "Crossref")

    def find(self, query: str, limit: int) -> Found:
        """The best records for a bibliographic query."""
        return self.universe.search.best(query, limit)

    def number(self, record: Record, name: str, below: int) -> int:
        """A number from 0 that stands for a fact nobody recorded (citations, days): the same for one seed always."""
        return hash64(f"{self.seed}|{name}|{record.key}") % below

    def _at(self, position: int | None) -> Record | None:
        if position is None or position >= len(self.universe):
            return None
        return self.universe.index.record(position)
