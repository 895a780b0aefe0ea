"""Which works are open, where, in which version and under which licence: by the seed where records are silent."""

from __future__ import annotations

from hashlib import blake2b

from dl_lit.core.model import HostType, Version
from dl_lit.core.values import dataclass
from dl_lit.replica.records import Record, hash64

# Derived identifiers count from a record's position, far above those in use: no table is needed to look them up.
_FIRST_PMID = 80_000_000
_FIRST_PMCID = 30_000_000
_FIRST_OPENALEX = 4_500_000_000
_ARXIV_PER_MONTH = 90_000
_ARXIV_FIRST_NUMBER = 10_000
_REMEMBERED = 20_000  # decided accesses kept; one is some 1 KB

_REPOSITORIES = ("Institutional Repository", "Open Archive", "Digital Library", "Eprints", "Research Commons")
_LICENCES = ("cc-by", "cc-by", "cc-by-nc-nd", "cc-by-nc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How the works are spread over the kinds of access; every share is between 0 and 1."""

    gold: float = 0.22
    hybrid: float = 0.06
    bronze: float = 0.05
    green: float = 0.25  # what is left is closed
    arxiv_of_green: float = 0.35
    pmc_of_green: float = 0.25  # the rest of green lies in repositories
    second_copy: float = 0.15  # open at the publisher, and in a repository as well
    pdf_linked: float = 0.65  # locations that name the PDF itself, not only a landing page
    unlisted: float = 0.08  # green copies that neither OpenAlex nor Unpaywall lists
    missing_in_openalex: float = 0.02
    pmid: float = 0.20  # journal articles that have one
    deposits: float = 0.95  # citing works whose publishers deposit their references
    deposits_as_text: float = 0.35  # of those: as printed text
    deposits_as_dois: float = 0.25  # of those: bare DOIs where there are some; all others in fields
    deposited: float = 0.97  # references of a list that are in the deposit
    deposited_doi: float = 0.80  # deposited references that have their DOI, where the work has one
    deposited_title: float = 0.75  # references to journals, in fields, that say the title
    matched_by_doi: float = 0.93  # references with a DOI that OpenAlex lists
    matched_by_title: float = 0.50  # references without one that it lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One open copy."""

    site: str  # where it lies: "publisher-3", "repository-1", "arxiv", "europepmc"
    pdf_path: str
    landing_path: str
    pdf_linked: bool  # whether services give the PDF's address, or the landing page's only
    listed: bool  # whether OpenAlex and Unpaywall know it
    host_type: HostType
    version: Version
    licence: str | None
    source_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How one work can be had, and under which identifiers."""

    oa_status: str
    copies: tuple[Copy, ...]
    publisher_site: str
    openalex_id: str
    in_openalex: bool
    arxiv_id: str | None
    pmid: str | None
    pmcid: str | None

    @property
    def listed(self) -> tuple[Copy, ...]:
        """The copies OpenAlex and Unpaywall know."""
        return tuple(copy for copy in self.copies if copy.listed)


class _Dice:
    """Numbers between 0 and 1 that depend on the seed and the record only, drawn by name."""

    def __init__(self, seed: int, key: str) -> None:
        self._seed = f"{seed}|{key}|".encode()

    def draw(self, name: str) -> float:
        return int.from_bytes(blake2b(self._seed + name.encode(), digest_size=6).digest(), "big") / 2**48


class Planner:
    """Decides the access of records, the same for one seed always."""

    def __init__(self, seed: int, shares: Shares, publishers: int, repositories: int) -> None:
        """`publishers` and `repositories` are how many hosts of each there are, both at least 1."""
        self._seed = seed
        self._shares = shares
        self._publishers = publishers
        self._repositories = repositories
        self._decided: dict[int, Access] = {}

    def of(self, record: Record) -> Access:
        """The access of `record`."""
        found = self._decided.get(record.position)
        if found is None:
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            found = self._decided[record.position] = self._decide(record, _Dice(self._seed, record.key))
        return found

    def _decide(self, record: Record, dice: _Dice) -> Access:
        status = record.oa or self._status(record, dice)
        place = self._existing(record.host) if record.host else self._green_place(record, dice)
        at_arxiv = status == "green" and place == "arxiv"
        at_pmc = status == "green" and place == "pmc"
        arxiv_id = record.arxiv_id or (derived_arxiv_id(record.position) if at_arxiv else None)
        pmcid = record.pmcid or (f"PMC{_FIRST_PMCID + record.position}" if at_pmc else None)
        return Access(
            oa_status=status,
            copies=tuple(self._copies(record, dice, status=status, place=place, arxiv_id=arxiv_id, pmcid=pmcid)),
            publisher_site=self._publisher(record),
            openalex_id=f"W{_FIRST_OPENALEX + record.position}",
            in_openalex=record.prefix != "10.48550" and dice.draw("openalex") >= self._shares.missing_in_openalex,
            arxiv_id=arxiv_id,
            pmid=record.pmid or self._pmid(record, dice, has_pmcid=pmcid is not None),
            pmcid=pmcid,
        )

    def _status(self, record: Record, dice: _Dice) -> str:
        """Gold to closed, by the shares; works with an arXiv or PMC identifier are open at least there."""
        number = dice.draw("status")
        for status in ("gold", "hybrid", "bronze", "green"):
            share: float = getattr(self._shares, status)
            if number < share:
                return status
            number -= share
        return "green" if record.arxiv_id or record.pmcid else "closed"

    def _green_place(self, record: Record, dice: _Dice) -> str:
        if record.arxiv_id:
            return "arxiv"
        if record.pmcid:
            return "pmc"
        number = dice.draw("green place")
        if number < self._shares.arxiv_of_green and (record.year or 2000) >= 1992:
            return "arxiv"
        if number < self._shares.arxiv_of_green + self._shares.pmc_of_green and record.type == "journal-article":
            return "pmc"
        return f"repository-{int(dice.draw('repository') * self._repositories)}"

    def _existing(self, host: str) -> str:
        """A named host, or where there are fewer hosts than its number the one that stands in for it."""
        group, _, number = host.rpartition("-")
        counts = {"publisher": self._publishers, "repository": self._repositories}
        return f"{group}-{int(number) % counts[group]}" if group in counts else host

    def _publisher(self, record: Record) -> str:
        """A publisher has one host: its DOI prefix, or where there is none its name or the container, decides."""
        if record.host and record.host.startswith("publisher-"):
            return self._existing(record.host)
        name = record.prefix or record.publisher or record.container or record.key
        return f"publisher-{hash64(f'{self._seed}|{name}') % self._publishers}"

    def _pmid(self, record: Record, dice: _Dice, *, has_pmcid: bool) -> str | None:
        if has_pmcid or (record.type == "journal-article" and dice.draw("pmid") < self._shares.pmid):
            return str(_FIRST_PMID + record.position)
        return None

    def _copies(
        self,
        record: Record,
        dice: _Dice,
        *,
        status: str,
        place: str,
        arxiv_id: str | None,
        pmcid: str | None,
    ) -> list[Copy]:
        copies = []
        if status in {"gold", "hybrid", "bronze", "diamond"}:
            copies.append(
                Copy(
                    site=self._publisher(record),
                    pdf_path=f"/article/{record.position}/fulltext.pdf",
                    landing_path=f"/article/{record.position}",
                    pdf_linked=dice.draw("publisher pdf") < self._shares.pdf_linked,
                    listed=True,
                    host_type=HostType.PUBLISHER,
                    version=Version.PUBLISHED,
                    licence=None if status == "bronze" else _pick(_LICENCES, dice.draw("licence")),
                    source_name=record.container or "Proceedings",
                )
            )
            if dice.draw("second copy") < self._shares.second_copy and not (arxiv_id or pmcid):
                copies.append(
                    self._deposited(record, dice, f"repository-{int(dice.draw('second') * self._repositories)}")
                )
        if status == "green" and place.startswith("repository-"):
            copies.append(self._deposited(record, dice, place))
        if status != "closed" and arxiv_id:
            copies.append(self._at_arxiv(arxiv_id, dice))
        if status != "closed" and pmcid:
            copies.append(self._at_pmc(pmcid, dice))
        return copies

    def _deposited(self, record: Record, dice: _Dice, site: str) -> Copy:
        accepted = dice.draw("version") < 0.6
        return Copy(
            site=site,
            pdf_path=f"/bitstream/handle/10/{record.position}/paper.pdf",
            landing_path=f"/handle/10/{record.position}",
            pdf_linked=dice.draw("repository pdf") < self._shares.pdf_linked,
            listed=dice.draw("listed") >= self._shares.unlisted,
            host_type=HostType.REPOSITORY,
            version=Version.ACCEPTED if accepted else Version.SUBMITTED,
            licence=None,
            source_name=_REPOSITORIES[hash64(site) % len(_REPOSITORIES)],
        )

    def _at_arxiv(self, arxiv_id: str, dice: _Dice) -> Copy:
        return Copy(
            site="arxiv",
            pdf_path=f"/pdf/{arxiv_id}",
            landing_path=f"/abs/{arxiv_id}",
            pdf_linked=True,
            listed=dice.draw("listed") >= self._shares.unlisted,
            host_type=HostType.REPOSITORY,
            version=Version.SUBMITTED,
            licence=None,
            source_name="arXiv (Cornell University)",
        )

    def _at_pmc(self, pmcid: str, dice: _Dice) -> Copy:
        return Copy(
            site="europepmc",
            pdf_path=f"/articles/{pmcid}?pdf=render",
            landing_path=f"/articles/{pmcid}",
            pdf_linked=dice.draw("pmc pdf") < self._shares.pdf_linked,
            listed=dice.draw("listed") >= self._shares.unlisted,
            host_type=HostType.REPOSITORY,
            version=Version.PUBLISHED,
            licence="cc-by",
            source_name="Europe PubMed Central",
        )


def _pick(values: tuple[str, ...], number: float) -> str:
    return values[int(number * len(values))]


def derived_arxiv_id(position: int) -> str:
    """The arXiv identifier of the record at `position` where it has none of its own."""
    months, number = divmod(position, _ARXIV_PER_MONTH)
    year, month = divmod(months, 12)
    return f"{15 + year:02d}{month + 1:02d}.{_ARXIV_FIRST_NUMBER + number:05d}"


def arxiv_position(arxiv_id: str) -> int | None:
    """The position `derived_arxiv_id` made the identifier from, None where it cannot have."""
    head, dot, tail = arxiv_id.partition(".")
    if not dot or len(head) != 4 or len(tail) != 5 or not (head + tail).isdigit():
        return None
    months = (int(head[:2]) - 15) * 12 + int(head[2:]) - 1
    position = months * _ARXIV_PER_MONTH + int(tail) - _ARXIV_FIRST_NUMBER
    return position if position >= 0 and derived_arxiv_id(position) == arxiv_id else None


def numbered_position(identifier: str) -> int | None:
    """The position behind a derived `W…`, `PMC…` or PubMed number, None where it is none of those."""
    for prefix, first in (("W", _FIRST_OPENALEX), ("PMC", _FIRST_PMCID), ("", _FIRST_PMID)):
        number = identifier.removeprefix(prefix)
        if identifier.startswith(prefix) and number.isdigit():
            return int(number) - first if int(number) >= first else None
    return None
