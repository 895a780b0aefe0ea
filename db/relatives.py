"""Which known works a work on its way into the queue is one with, and which are other versions or translations of it.

Candidates share a key with it; what they are to each other is for the recogniser to say. Known are works that have been
looked for open copies, and of those that still wait the older ones: of two that wait the older one stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import Any

from db.codec import decode_work, encode
from db.recognition import Key, Recogniser, doi_of, is_part_and_whole, other_titles_of, work_keys_of
from dl_lit.core.model import Alias, Work
from dl_lit.core.values import dataclass

_NAMED = {"doi": "related-doi", "arxiv": "related-arxiv"}

MOST_CANDIDATES = 50
"""Works compared with one newcomer at most: a yearly report shares its title with many."""

_CANDIDATES = """
WITH asked(id, place, kind, value) AS MATERIALIZED (
    SELECT CAST(j.value ->> 0 AS INTEGER), CAST(j.value ->> 1 AS INTEGER), j.value ->> 2, j.value ->> 3
    FROM json_each(?) AS j),
named(id, place, work_id) AS (
    SELECT a.id, a.place, k.work_id FROM asked AS a
    CROSS JOIN work_keys AS k ON k.kind = a.kind AND k.value = a.value
    UNION ALL SELECT a.id, a.place, w.id FROM asked AS a
    CROSS JOIN works AS w ON a.kind = 'version' AND w.version_key = a.value
    UNION ALL SELECT a.id, a.place, t.work_id FROM asked AS a
    CROSS JOIN work_aliases AS t ON a.kind = 'title-author-year' AND t.title_key = a.value
    UNION ALL SELECT a.id, a.place, t.work_id FROM asked AS a
    CROSS JOIN work_aliases AS t ON a.kind = 'version' AND t.version_key = a.value)
SELECT id, work_id, min(place) FROM named
WHERE work_id <> id AND (work_id < id OR work_id NOT IN (SELECT work_id FROM with_metadata))
GROUP BY id, work_id ORDER BY id, min(place), work_id
"""
_RECORDS = "SELECT id, record FROM works WHERE id IN (SELECT value FROM json_each(?))"
# What was merged into a candidate counts as well where it brought keys that the candidate has not itself.
_MEMBERS = """
WITH RECURSIVE member(root, id, brought) AS (
    SELECT m.kept_work_id, m.gone_work_id, m.brought FROM json_each(?) AS j
    JOIN merges AS m ON m.kept_work_id = CAST(j.value AS INTEGER) AND m.undone_at IS NULL
    UNION ALL SELECT member.root, m.gone_work_id, m.brought FROM member
    JOIN merges AS m ON m.kept_work_id = member.id AND m.undone_at IS NULL)
SELECT member.root, m.gone_record FROM member JOIN merges AS m ON m.gone_work_id = member.id AND m.undone_at IS NULL
WHERE member.brought > 0
"""
_TITLES = """
SELECT work_id, title, language FROM work_aliases WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY title
"""
# Who was told apart, each by the work it is merged into now.
_APART = """
WITH RECURSIVE up(id, root) AS (
    SELECT one_id, one_id FROM separations UNION SELECT other_id, other_id FROM separations
    UNION SELECT up.id, m.kept_work_id FROM up JOIN merges AS m ON m.gone_work_id = up.root AND m.undone_at IS NULL),
top(id, root) AS (SELECT id, root FROM up WHERE root IN (SELECT id FROM works))
SELECT one.root, other.root FROM separations AS s JOIN top AS one ON one.id = s.one_id
JOIN top AS other ON other.id = s.other_id
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A work on its way into the queue, with the keys of its title."""

    id: int
    work: Work
    title_key: str | None
    version_key: str | None


@dataclass(frozen=True, slots=True)
class Twin:
    """The known work that a newcomer is one with."""

    work_id: int
    matched_on: str  # the kind of the key by which it was found
    matched_value: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Family:
    """What was found for one newcomer."""

    twin: Twin | None = None
    links: tuple[tuple[int, str, str], ...] = ()  # (work, "version" or "translation", evidence)


NOBODY = Family()


@dataclass(slots=True)
class _Candidate:
    id: int
    records: list[Work] = field(default_factory=list)  # its own first

    def may_have(self, doi: str | None) -> bool:
        """Whether nothing is said against the DOI: the work has none, or that one."""
        dois = {known for known in map(doi_of, self.records) if known}
        return doi is None or not dois or doi in dois


class Relatives:
    """Finds the families of a group of newcomers; a handful of queries, and one where nobody is known."""

    def __init__(self, cursor: Any, recogniser: Recogniser) -> None:
        """`cursor` is the driver's; within a transaction nothing changes between the queries."""
        self._cursor = cursor
        self._recogniser = recogniser

    def find(self, newcomers: Iterable[Newcomer]) -> dict[int, Family]:
        """The families by the newcomers' ids; those who have none are left out.

        A newcomer that is one with another one of the group is found to be one with what that is merged into.
        """
        line = sorted(newcomers, key=lambda one: one.id)
        asked = {one.id: self._asked(one) for one in line}
        rows = [(id_, place, *key) for id_, keys in asked.items() for place, key in enumerate(keys)]
        named: dict[int, list[tuple[int, Key]]] = defaultdict(list)
        for id_, other, place in self._cursor.execute(_CANDIDATES, (encode(rows),)):
            if len(named[id_]) < MOST_CANDIDATES:
                named[id_].append((other, asked[id_][place]))
        if not named:
            return {}
        candidates = self._candidates({other for others in named.values() for other, _ in others})
        apart = self._apart()
        gone: dict[int, int] = {}
        families: dict[int, Family] = {}
        for one in line:
            if one.id in named:
                families[one.id] = family = self._family(one, named[one.id], candidates, apart, gone)
                if family.twin:
                    gone[one.id] = family.twin.work_id
                    candidates[family.twin.work_id].records.append(one.work)
                    # Who was told apart from the one is told apart from what it is part of now.
                    apart |= {(pair - {one.id}) | {family.twin.work_id} for pair in apart if one.id in pair}
        return families

    def _asked(self, one: Newcomer) -> list[Key]:
        """What a relative would be filed under, the surest first."""
        work = one.work
        own = work_keys_of(work, one.title_key)
        titles = other_titles_of(work, self._recogniser) if work.aliases else []
        keys = [key for key in own if key[0] != "isbn"]
        keys += [("title-author-year", title.title_key) for title in titles if title.title_key]
        for relation in work.relations:
            keys += [("doi", relation.doi.lower())] if relation.doi else []
            keys += [("arxiv", relation.arxiv_id)] if relation.arxiv_id else []
        # Who came before may have named this one.
        keys += [(_NAMED[kind], value) for kind, value in own if kind in _NAMED]
        if one.version_key:
            keys.append(("version", one.version_key))
        keys += [("version", title.version_key) for title in titles if title.version_key]
        return list(dict.fromkeys(keys))

    def records(self, ids: Iterable[int]) -> dict[int, list[Work]]:
        """What is known of these works: of each its own record with all its titles, then what merged ones add to it."""
        return {id_: one.records for id_, one in self._candidates(ids).items()}

    def _candidates(self, ids: Iterable[int]) -> dict[int, _Candidate]:
        wanted = encode(sorted(ids))
        found = {id_: _Candidate(id_, [decode_work(record)]) for id_, record in self._rows(_RECORDS, wanted)}
        for root, record in self._rows(_MEMBERS, wanted):
            if root in found:
                found[root].records.append(decode_work(record))
        titles: dict[int, list[Alias]] = defaultdict(list)
        for id_, title, language in self._rows(_TITLES, wanted):
            titles[id_].append(Alias(title=title, language=language))
        for id_, aliases in titles.items():
            if id_ in found:
                own = found[id_].records[0]
                found[id_].records[0] = replace(own, aliases=tuple(dict.fromkeys((*own.aliases, *aliases))))
        return found

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._cursor.execute(query, values).fetchall()
        return rows

    def _apart(self) -> set[frozenset[int]]:
        return {frozenset(pair) for pair in self._rows(_APART)}

    def _family(
        self,
        one: Newcomer,
        named: Sequence[tuple[int, Key]],
        candidates: dict[int, _Candidate],
        apart: set[frozenset[int]],
        gone: dict[int, int],
    ) -> Family:
        twin: Twin | None = None
        links: dict[tuple[int, str], str] = {}
        doi = doi_of(one.work)
        for other, key in named:
            if other not in candidates:
                continue  # it went while we looked
            work_id = gone.get(other, other)
            for record in candidates[other].records:
                related = self._recogniser.relation_of(one.work, record)
                if related is None or is_part_and_whole(one.work, record):
                    continue
                if related.kind != "same":
                    links.setdefault((work_id, str(related.kind)), related.evidence)
                elif (
                    twin is None
                    and all(candidates[id_].may_have(doi) for id_ in {other, work_id})
                    and not _are_apart(one.id, work_id, other, apart)
                ):
                    twin = Twin(work_id, *key, related.evidence)
        taken = {one.id, twin.work_id if twin else one.id}
        return Family(twin, tuple((*link, why) for link, why in links.items() if link[0] not in taken))


def _are_apart(one: int, kept: int, other: int, apart: set[frozenset[int]]) -> bool:
    return bool(apart) and (frozenset((one, kept)) in apart or frozenset((one, other)) in apart)
