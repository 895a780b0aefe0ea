"""How far what was fetched has been read for further references: level by level, counted in the tables.

Level 0 are the sources that people gave. A work that a source of level n cites, and none of a lower one, may become a
source of level n + 1 once its PDF is in the library and proven to be the work.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

FED, WAITS = "read", "waits"
KNOWN, UNPROVEN, TOO_LONG = "already-a-source", "not-verified", "too-many-pages"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A work whose PDF may be read for its references."""

    work_id: int
    level: int  # that its source would have
    path: str  # of its file in the library, relative
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The sources of one level and what they brought."""

    level: int
    sources: int
    read: int
    waiting: int  # sources that are not read yet
    entries: int
    cut: int  # references left out of long lists
    works: int  # distinct ones that they cite
    new_works: int  # of these, those that no source of a lower level cites
    entries_waiting: int  # to be recognised
    works_waiting: int  # of the new ones, for a PDF
    in_library: int  # of the new ones
    next: Mapping[str, int]  # what became of these as sources of the next level
    taken: int  # sources of this level that are works' PDFs: what the budget is for

    @property
    def failed(self) -> int:
        """Sources that could not be read."""
        return self.sources - self.read - self.waiting

    @property
    def under_way(self) -> int:
        """What may still become a source of the next level, as far as is known."""
        return self.entries_waiting + self.works_waiting

    @property
    def new_share(self) -> float:
        """Of the works that they cite, the share that is new, 0 to 1; 1 where they cite none."""
        return self.new_works / self.works if self.works else 1.0


_EVERYTHING = "WITH chosen(id, level) AS MATERIALIZED (SELECT id, level FROM sources)"
_OF_RUN = """
WITH RECURSIVE tree(id) AS (
    SELECT source_id FROM run_sources WHERE run_id = ?
    UNION SELECT s.id FROM tree JOIN entries AS e ON e.source_id = tree.id
    JOIN sources AS s ON s.from_work_id = e.work_id),
chosen(id, level) AS MATERIALIZED (SELECT s.id, s.level FROM tree JOIN sources AS s ON s.id = tree.id)
"""
_TREE = f"{_OF_RUN} SELECT id FROM chosen WHERE level > 0"  # noqa: S608 - text of ours
_SOURCES = """
SELECT c.level, count(*), count(CASE WHEN s.state = 'extracted' THEN 1 END),
       count(CASE WHEN s.state = 'pending' THEN 1 END), total(s.found_references), total(s.cut_references),
       count(CASE WHEN s.kind = 'pdf' AND s.from_work_id IS NOT NULL THEN 1 END)
FROM chosen AS c JOIN sources AS s ON s.id = c.id GROUP BY c.level
"""
_OPEN = """
SELECT c.level, count(*) FROM chosen AS c JOIN entries AS e ON e.source_id = c.id
WHERE e.id IN (SELECT entry_id FROM no_metadata) GROUP BY c.level
"""
_CITED = """
, cited(work_id, level) AS MATERIALIZED (
    SELECT DISTINCT e.work_id, c.level FROM chosen AS c JOIN entries AS e ON e.source_id = c.id
    WHERE e.work_id IS NOT NULL),
new(work_id, level) AS MATERIALIZED (SELECT work_id, min(level) FROM cited GROUP BY work_id)
"""
_WORKS = """
SELECT level, sum(works), sum(new_works), sum(waiting) FROM (
    SELECT level, count(*) AS works, 0 AS new_works, 0 AS waiting FROM cited GROUP BY level
    UNION ALL SELECT level, 0, count(*), count(
        CASE WHEN work_id IN (SELECT work_id FROM with_metadata)
             OR work_id IN (SELECT work_id FROM to_download_references) THEN 1 END)
    FROM new GROUP BY level)
GROUP BY level
"""
# What a source is of, people's own included, stands in its first page: the same work from elsewhere is not read again.
_CLASS = f"""
CASE WHEN EXISTS (SELECT 1 FROM sources AS s WHERE s.from_work_id = d.work_id AND s.kind = 'pdf') THEN '{FED}'
     WHEN EXISTS (SELECT 1 FROM sources AS s WHERE s.sha256 = d.checksum_pdf)
       OR EXISTS (SELECT 1 FROM sources AS s WHERE s.sha256 = d.checksum_fetched)
       OR EXISTS (SELECT 1 FROM work_keys AS k WHERE k.work_id = d.work_id AND k.kind = 'doi' AND k.value IN
                  (SELECT lower(doi) FROM sources WHERE doi IS NOT NULL AND kind = 'pdf'))
       OR EXISTS (SELECT 1 FROM work_keys AS k WHERE k.work_id = d.work_id AND k.kind = 'arxiv' AND k.value IN
                  (SELECT arxiv_id FROM sources WHERE arxiv_id IS NOT NULL AND kind = 'pdf')) THEN '{KNOWN}'
     WHEN d.status = '{Reason.OK_UNVERIFIED.value}' THEN '{UNPROVEN}'
     WHEN d.page_count > ? THEN '{TOO_LONG}' ELSE '{WAITS}' END
"""  # noqa: S608 - text of ours
_LIBRARY = f"""
SELECT n.level, {_CLASS} AS class, count(*) FROM new AS n JOIN downloaded_references AS d ON d.work_id = n.work_id
GROUP BY 1, 2
"""  # noqa: S608 - text of ours
# What people pinned comes first, then what most of their own sources cite, then what is newest; then an order that
# does not depend on which of them was fetched first.
_CANDIDATES = f"""
SELECT d.work_id, n.level + 1, d.file_path, d.checksum_pdf, d.size_bytes
FROM new AS n JOIN downloaded_references AS d ON d.work_id = n.work_id JOIN works AS w ON w.id = d.work_id
WHERE n.level = ? AND {_CLASS} = '{WAITS}'
ORDER BY (EXISTS (SELECT 1 FROM pins AS p WHERE p.kind = 'work' AND p.id = d.work_id)
          OR EXISTS (SELECT 1 FROM entries AS e JOIN pins AS p ON p.kind = 'entry' AND p.id = e.id
                     WHERE e.work_id = d.work_id)) DESC,
         (SELECT count(DISTINCT e.source_id) FROM entries AS e JOIN sources AS s ON s.id = e.source_id
          WHERE e.work_id = d.work_id AND s.level = 0) DESC,
         coalesce(w.year, 0) DESC, coalesce(w.doi, w.title), d.work_id LIMIT ?
"""  # noqa: S608 - text of ours


class Levels:
    """The levels of one run's sources, with all that was read because of them, or of the whole library."""

    def __init__(self, connection: Connection, run_id: int | None, *, max_pages: int) -> None:
        """`run_id` None: the library. PDFs with more than `max_pages` pages are not read."""
        self._connection = connection
        self._chosen = _EVERYTHING if run_id is None else _OF_RUN
        self._parameters: tuple[int, ...] = () if run_id is None else (run_id,)
        self._max_pages = max_pages

    def look(self) -> tuple[Level, ...]:
        """Every level from 0 to the highest there is; reads all their entries."""
        sources = {row[0]: row for row in self._rows(_SOURCES)}
        entries_waiting = dict(self._rows(_OPEN))
        works = {row[0]: row for row in self._rows(_CITED + _WORKS)}
        library: dict[int, Counter[str]] = defaultdict(Counter)
        for level, kind, number in self._rows(_CITED + _LIBRARY, self._max_pages):
            library[level][kind] += number
        return tuple(
            _level(level, sources.get(level), works.get(level), library[level], entries_waiting.get(level, 0))
            for level in range(max(sources, default=0) + 1)
        )

    def candidates(self, level: int, most: int) -> list[Candidate]:
        """At most `most` works that may become sources of `level`: those that people pinned, the most cited, newest."""
        rows = self._rows(_CITED + _CANDIDATES, level - 1, self._max_pages, max(0, most))
        return [Candidate(*row) for row in rows]

    def _rows(self, query: str, *parameters: object) -> list[Any]:
        return [
            tuple(row)
            for row in self._connection.exec_driver_sql(self._chosen + query, (*self._parameters, *parameters))
        ]


def tree_of_run(connection: Connection, run_id: int) -> list[int]:
    """The sources of higher levels that come of the run's, whichever run found them."""
    return list(connection.exec_driver_sql(_TREE, (run_id,)).scalars())


def _level(level: int, sources: Any, works: Any, library: Counter[str], entries_waiting: int) -> Level:
    _, number, read, waiting, entries, cut, taken = sources or (level, 0, 0, 0, 0, 0, 0)
    _, cited, new, works_waiting = works or (level, 0, 0, 0)
    return Level(
        level=level,
        sources=number,
        read=read,
        waiting=waiting,
        entries=int(entries),
        cut=int(cut),
        works=cited,
        new_works=new,
        entries_waiting=entries_waiting,
        works_waiting=works_waiting,
        in_library=library.total(),
        next=dict(library),
        taken=taken,
    )
