"""What only an outcome itself says of the rows that will be written: worked out before a transaction begins.

Whoever else is to write waits for the transaction, and on several hosts that is what bounds them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from db.codec import contexts_by_position, encode, stamp
from db.merging import title_row
from db.recognition import (
    OtherTitle,
    Recogniser,
    doi_of,
    other_titles_of,
    related_keys_of,
    status_of,
    work_keys_of,
)
from db.trails import trail_text
from dl_lit.core.items import Downloaded, Extracted, Queued, Resolved
from dl_lit.core.job import Done, Snooze
from dl_lit.core.model import Bibliography, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.core.values import dataclass

Stamps = tuple[str, str, float]
"""When the attempt began and ended, in ISO 8601, and the milliseconds between."""


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A bibliography: the source's values, and those of its entries without their numbers."""

    values: tuple[object, ...]
    entries: tuple[tuple[object, ...], ...]
    """Position, title, DOI, record, and where the text cites it; None: nowhere known."""
    detail: str


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work without its number."""

    values: tuple[object, ...]
    keys: tuple[tuple[str, str], ...]
    titles: tuple[OtherTitle, ...]

    def title_rows(self, work_id: int) -> list[tuple[object, ...]]:
        """Rows of `moves.add_title`."""
        return [title_row(work_id, title) for title in self.titles]


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file: the kind of success it is, and the values of its row."""

    status: Reason
    values: tuple[object, ...]


Ready = ReadSource | NewWork | KeptFile | str | None
"""Of what was found: of a queued work the places where it is open, in one text; None: nothing was found."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One outcome."""

    stamps: Stamps
    trail: str | None
    found: Ready


def prepared(finished: Sequence[Finished], recogniser: Recogniser) -> dict[int, Prepared]:
    """Each of `finished`, by its `id()`."""
    return {id(one): _one(one, recogniser) for one in finished}


def _one(one: Finished, recogniser: Recogniser) -> Prepared:
    outcome = one.outcome
    begun = stamp(one.started_at)
    return Prepared(
        stamps=(begun, stamp(one.started_at + one.seconds), round(one.seconds * 1000, 3)),
        trail=None if isinstance(outcome, Snooze) else trail_text(outcome.trail),
        found=_found(outcome.facts, recogniser) if isinstance(outcome, Done) else None,
    )


def _found(facts: object, recogniser: Recogniser) -> Ready:
    match facts:
        case Extracted():
            return _read(facts)
        case Resolved():
            return _work(facts.work, recogniser)
        case Queued():
            return encode(facts.locations)
        case Downloaded():
            status = status_of(facts)
            return KeptFile(status, downloaded_values(facts, status))
        case _:
            return None


def _read(facts: Extracted) -> ReadSource:
    read = facts.bibliography
    cited = contexts_by_position(read.contexts) if read.contexts else {}
    return ReadSource(
        values=(
            "extracted", read.doi, read.title, read.page_count, len(read.references), read.expected_references,
            encode(read.authors), read.year, read.arxiv_id, *_coverage(read), encode(read.short_forms), facts.cut, None,
        ),
        entries=tuple(
            (one.position, one.title, one.doi, encode(one), cited.get(one.position)) for one in read.references
        ),
        detail="; ".join(read.notes),
    )  # fmt: skip


def _coverage(read: Bibliography) -> tuple[float | None, str | None]:
    return (None, None) if read.coverage is None else (read.coverage.score, encode(read.coverage))


def _work(work: Work, recogniser: Recogniser) -> NewWork:
    title_key, version_key = recogniser.title_key(work), recogniser.version_key(work) or ""
    keys = work_keys_of(work, title_key)
    if work.relations:
        keys += related_keys_of(work)
    return NewWork(
        values=(
            work.type.value, work.title, work.year, doi_of(work), work.openalex_id, title_key, version_key,
            encode(work), work.metadata_source,
        ),
        keys=tuple(keys),
        titles=tuple(other_titles_of(work, recogniser)) if work.aliases else (),
    )  # fmt: skip


def downloaded_values(facts: Downloaded, status: Reason) -> tuple[object, ...]:
    """The values of a row of `downloaded_references` that say what file it is, in the order of `add_downloaded`."""
    location, proof = facts.location, facts.proof
    return (
        status.value, facts.path, facts.sha256, facts.size_bytes, facts.page_count, facts.final_url, location.found_by,
        proof.version or location.version, location.licence, proof.score, encode(proof), facts.landing_url,
        facts.technique, facts.fetched_sha256,
    )  # fmt: skip
