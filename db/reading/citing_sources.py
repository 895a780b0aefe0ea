"""Which of people's own PDFs services can be asked about, and of which it is known who cites them."""

from __future__ import annotations

from sqlalchemy import Connection

from dl_lit.core.values import dataclass

_OWN = """
SELECT id, coalesce(doi, '10.48550/arxiv.' || arxiv_id), title FROM sources
WHERE level = 0 AND kind = 'pdf' AND state = 'extracted' AND (doi IS NOT NULL OR arxiv_id IS NOT NULL) {} ORDER BY id
"""
_OF_RUN = "AND id IN (SELECT source_id FROM run_sources WHERE run_id = ?)"
_LISTS = "SELECT origin ->> '$.source', id FROM sources WHERE kind = 'citing' AND level > 0"


@dataclass(frozen=True, slots=True)
class OwnSource:
    """A PDF that people gave and that says what it is."""

    id: int
    doi: str  # its own, else arXiv's
    title: str | None


def own_sources(connection: Connection, run_id: int | None) -> list[OwnSource]:
    """People's own PDFs that were read and can be named to services, of one run or of the library; the oldest first."""
    if run_id is None:
        rows = connection.exec_driver_sql(_OWN.format(""))
    else:
        rows = connection.exec_driver_sql(_OWN.format(_OF_RUN), (run_id,))
    return [OwnSource(*row) for row in rows]


def citing_lists(connection: Connection) -> dict[int, int]:
    """By people's source: the source that lists who cites it."""
    rows = connection.exec_driver_sql(_LISTS)
    return {int(own): int(listed) for own, listed in rows if own is not None}
