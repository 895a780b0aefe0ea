"""What is counted as rows move: some dozens of rows are read, however many there are of what they count.

Everything here takes `rows`, which runs a query with its parameters and gives all its rows, so that the store's own
cursor and the connections of readers serve alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from db.tables.counting_triggers import RECHECK_SLOT_S, SLOT_S
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

Rows = Callable[[str, Sequence[object]], Iterable[Any]]

ROOM_OF = {
    StageName.EXTRACTION: "sources",
    StageName.ENRICHMENT: "no_metadata",
    StageName.QUEUEING: "with_metadata",
    StageName.DOWNLOAD: "to_download_references",
}
KEY_OF = {
    StageName.EXTRACTION: "id",
    StageName.ENRICHMENT: "entry_id",
    StageName.QUEUEING: "work_id",
    StageName.DOWNLOAD: "work_id",
}
"""The key of a stage's waiting room, in which rows arrive."""

_LOOKED_AT = 100
"""Rows of a waiting room that are looked at for the one that has waited longest."""

_COME_LOOKED_AT = 25
"""Of those that were put off and are due again, which lie all over the room."""


@dataclass(frozen=True, slots=True)
class Count:
    """A row of `counts`."""

    number: int = 0
    entries: int = 0
    amount: float = 0.0
    latest: str | None = None


NONE = Count()


class Counts:
    """All of them as of one moment."""

    def __init__(self, rows: Rows) -> None:
        """Read now."""
        self._counts: dict[str, dict[str, Count]] = {}
        for what, word, *numbers in rows("SELECT what, word, number, entries, amount, latest FROM counts", ()):
            self._counts.setdefault(what, {})[word] = Count(*numbers)

    def of(self, what: str, word: str = "") -> Count:
        """One of them; zeros where nothing was counted yet."""
        return self._counts.get(what, {}).get(word, NONE)

    def each(self, what: str) -> dict[str, Count]:
        """By word, those at zero left out."""
        return {word: one for word, one in self._counts.get(what, {}).items() if one.number}

    def waiting(self, stage: StageName) -> int:
        """Rows in a stage's waiting room."""
        return self.of("sources", "pending").number if stage is StageName.EXTRACTION else self.of(ROOM_OF[stage]).number

    @property
    def sources(self) -> int:
        """All of them."""
        return sum(one.number for one in self.each("sources").values())

    @property
    def failed_enrichments(self) -> dict[tuple[str, bool], int]:
        """By reason and whether they are for review."""
        found = ((word.split(), one.number) for word, one in self.each("failed_enrichments").items())
        return {(reason, review == "1"): number for (reason, review), number in found}

    @property
    def failed_downloads(self) -> list[tuple[str, str, bool, bool, Count]]:
        """Stage, reason, whether they are for review, whether a file is held, and how many."""
        found = ((word.split(), one) for word, one in self.each("failed_downloads").items())
        return [(stage, reason, review == "1", held == "1", one) for (stage, reason, review, held), one in found]

    @property
    def works_by_place(self) -> dict[str, Count]:
        """Works that wait, were downloaded, are for review and failed, each with the entries that cite them."""
        failed = self.failed_downloads
        ended = {
            "downloaded": _sum(self.each("downloaded_references").values()),
            "needs_review": _sum(one for *_, review, _, one in failed if review),
            "failed": _sum(one for *_, review, _, one in failed if not review),
        }
        waiting = self.of("with_metadata").number + self.of("to_download_references").number
        entries = self.resolved - sum(one.entries for one in ended.values())
        return {"waiting": Count(waiting, entries), **ended}

    @property
    def entries_by_place(self) -> dict[str, int]:
        """Entries by where they, or their works, are."""
        works, failed = self.works_by_place, self.failed_enrichments
        own = {
            "waiting": self.of("no_metadata").number,
            "needs_review": sum(number for (_, review), number in failed.items() if review),
            "failed": sum(number for (_, review), number in failed.items() if not review),
        }
        return {place: one.entries + own.get(place, 0) for place, one in works.items()}

    @property
    def works(self) -> int:
        """All of them."""
        return sum(one.number for one in self.works_by_place.values())

    @property
    def entries(self) -> int:
        """All of them, as their sources have it."""
        return self.of("bibliographies", "with entries").entries

    @property
    def resolved(self) -> int:
        """Entries whose work is known."""
        return self.entries - self.of("no_metadata").number - sum(self.failed_enrichments.values())


def _sum(counts: Iterable[Count]) -> Count:
    those = list(counts)
    return Count(sum(one.number for one in those), sum(one.entries for one in those), sum(one.amount for one in those))


def rows_of(connection: Connection) -> Rows:
    """The way to ask of a reader's connection."""
    return lambda query, values: connection.exec_driver_sql(query, tuple(values))


def put_off(rows: Rows, stage: StageName, moment: float) -> dict[str, int]:
    """Rows of a waiting room that are due after `moment` (epoch seconds), by the reason; the most frequent first."""
    found: Counter[str] = Counter()
    room, slot = ROOM_OF[stage], int(moment // SLOT_S)
    later = "SELECT word, sum(number) FROM due_counts WHERE what = ? AND slot > ? GROUP BY word"
    found.update({word: number for word, number in rows(later, (room, slot))})  # noqa: C416 - rows are no pairs
    here = " AND state = 'pending'" if stage is StageName.EXTRACTION else ""
    query = f"SELECT coalesce(last_reason, '') FROM {room} WHERE due_at > ? AND due_at < ?{here}"  # noqa: S608 - names of ours
    found.update(word for (word,) in rows(query, (moment, (slot + 1) * SLOT_S)))
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def rechecks_due(rows: Rows, moment: float) -> tuple[int, int]:
    """How many works are to be looked at again by `moment` (epoch seconds), and how many after it."""
    slot = int(moment // RECHECK_SLOT_S)
    sums = (
        "SELECT total(iif(slot < ?1, number, 0)), total(iif(slot > ?1, number, 0)) "
        "FROM due_counts WHERE what = 'rechecks' AND slot > -1"
    )
    ((before, after),) = rows(sums, (slot,))
    query = "SELECT due_at <= ? FROM rechecks WHERE due_at >= ? AND due_at < ?"
    now = Counter(row[0] for row in rows(query, (moment, slot * RECHECK_SLOT_S, (slot + 1) * RECHECK_SLOT_S)))
    return int(before) + now[1], int(after) + now[0]


def first_due(rows: Rows, table: str, moment: float) -> float | None:
    """When the first row that is due after `moment` (epoch seconds) is; None where there is none."""
    here = " AND state = 'pending'" if table == "sources" else ""
    query = f"SELECT due_at FROM {table} WHERE due_at > ?{here} ORDER BY due_at LIMIT 1"  # noqa: S608 - names of ours
    return next((float(row[0]) for row in rows(query, (moment,))), None)


def last_due(rows: Rows, table: str, moment: float) -> float | None:
    """When the last of them is."""
    here = " AND state = 'pending'" if table == "sources" else ""
    query = f"SELECT due_at FROM {table} WHERE due_at > ?{here} ORDER BY due_at DESC LIMIT 1"  # noqa: S608 - names of ours
    return next((float(row[0]) for row in rows(query, (moment,))), None)


_SINCE = {
    stage: (
        {
            StageName.EXTRACTION: "added_at",
            StageName.ENRICHMENT: "coalesce(processing_timestamp, "
            "(SELECT added_at FROM sources WHERE sources.id = source_id))",
        }.get(stage, "processing_timestamp")
    )
    for stage in StageName
}


def _first(stage: StageName) -> str:
    """The rows with the lowest ids, as SQL: since when they wait and when they are due."""
    here = "state = 'pending' AND id > 0 AND id > ?" if stage is StageName.EXTRACTION else f"{KEY_OF[stage]} > ?"
    return (
        f"SELECT {_SINCE[stage]} AS at, due_at FROM {ROOM_OF[stage]} "  # noqa: S608 - names of ours
        f"WHERE {here} ORDER BY {KEY_OF[stage]} LIMIT {_LOOKED_AT}"
    )


def _sampled(stage: StageName) -> str:
    """The oldest of those in the index of arrivals, which counts where the lowest ids were put back lately."""
    return (
        f"SELECT processing_timestamp FROM {ROOM_OF[stage]} "  # noqa: S608 - names of ours
        f"WHERE due_at IS NULL AND {KEY_OF[stage]} % 16 = 0 AND processing_timestamp > ? "
        "ORDER BY processing_timestamp LIMIT 1"
    )


def oldest_waiting(rows: Rows, stage: StageName) -> str | None:
    """Since when the oldest row of a waiting room waits (ISO 8601 in UTC); None where none does.

    Of a long room that is looked up among the lowest ids and one row in sixteen, so it may be said a little too late.
    """
    found = [row[0] for row in rows(f"SELECT min(at) FROM ({_first(stage)})", (-1,))]  # noqa: S608 - text of ours
    if stage is not StageName.EXTRACTION:
        found += [row[0] for row in rows(_sampled(stage), ("",))]
    return min((at for at in found if at), default=None)


def oldest_ready(rows: Rows, stage: StageName, moment: float) -> str | None:
    """The same of those that may be worked on at `moment` (epoch seconds)."""
    first = f"SELECT min(at) FROM ({_first(stage)}) WHERE due_at IS NULL OR due_at <= ?"  # noqa: S608 - text of ours
    here = " AND state = 'pending'" if stage is StageName.EXTRACTION else ""
    come = (
        f"SELECT min(at) FROM (SELECT {_SINCE[stage]} AS at FROM {ROOM_OF[stage]} "  # noqa: S608 - names of ours
        f"WHERE due_at <= ?{here} ORDER BY due_at LIMIT {_COME_LOOKED_AT})"
    )
    found = [row[0] for row in (*rows(first, (-1, moment)), *rows(come, (moment,)))]
    if stage is not StageName.EXTRACTION:
        found += [row[0] for row in rows(_sampled(stage), ("",))]
    return min((at for at in found if at), default=None)
