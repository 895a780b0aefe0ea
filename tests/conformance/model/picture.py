"""What a database holds, read with plain queries and put side by side with what it should hold.

Nothing of the product is used here but the connection: who checks a store with the store's own code checks nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any

REJECTED = "rejected in review"


class Broken(AssertionError):
    """A promise that was not kept; `kind` is one of "lost", "doubled", "wrong"."""

    def __init__(self, kind: str, message: str) -> None:
        """Say what is broken."""
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass
class Waiting:
    """A row that waits for its stage."""

    attempts: int = 0
    due: float | None = None
    reason: str | None = None  # that it was put off for
    priority: int = 0
    crashes: int = 0
    solo: int = 0
    urls: tuple[str, ...] = ()  # of the locations, where they are known


@dataclass
class Source:
    """A PDF or an imported list."""

    sha256: str
    path: str
    state: str
    found: int | None = None
    wait: Waiting = field(default_factory=Waiting)  # told of pending ones; its priority of all


@dataclass
class Entry:
    """One line of a bibliography."""

    source: int
    position: int
    work: int | None = None
    matched_by: str | None = None


@dataclass
class Failure:
    """A row in a room of failures."""

    reason: str
    attempts: int
    review: bool = False
    is_rejection: bool = False  # by a person
    stage: str = ""
    urls: tuple[str, ...] = ()
    held: str | None = None  # the path in quarantine


@dataclass
class File:
    """A row of the library."""

    path: str
    status: str
    replaces: str | None = None


@dataclass
class Merge:
    """Two works that were made one."""

    kept: int
    gone: int
    entries: tuple[int, ...] = ()  # that were the gone work's
    undone: bool = False


Attempt = tuple[str, int, int, str, str, str]  # stage, item, number, outcome, reason, when


@dataclass
class Picture:
    """All tables that carry work, by their keys."""

    sources: dict[int, Source] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    works: dict[int, str | None] = field(default_factory=dict)  # with their DOIs
    no_metadata: dict[int, Waiting] = field(default_factory=dict)
    with_metadata: dict[int, Waiting] = field(default_factory=dict)
    to_download: dict[int, Waiting] = field(default_factory=dict)
    failed_extractions: dict[int, Failure] = field(default_factory=dict)
    failed_enrichments: dict[int, Failure] = field(default_factory=dict)
    failed_downloads: dict[int, Failure] = field(default_factory=dict)
    downloaded: dict[int, File] = field(default_factory=dict)
    merges: dict[int, Merge] = field(default_factory=dict)
    apart: dict[tuple[int, int], bool] = field(default_factory=dict)
    refused: dict[tuple[int, str], tuple[str, str | None]] = field(default_factory=dict)  # (work, SHA-256) → URL, place
    attempts: dict[int, Attempt] = field(default_factory=dict)
    paused: dict[str, bool] = field(default_factory=dict)
    duplicates: Counter[tuple[int, int, int | None]] = field(default_factory=Counter)  # entry, work, merge
    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # stage, outcome, reason

    def room(self, stage: str) -> dict[int, Waiting]:
        """The rows that wait for a stage. Those of sources are to be looked at, not added to."""
        if stage == "extraction":
            return {number: source.wait for number, source in self.sources.items() if source.state == "pending"}
        return {"enrichment": self.no_metadata, "queueing": self.with_metadata, "download": self.to_download}[stage]

    def top(self, work: int) -> int:
        """The work that `work` is part of now."""
        into = {merge.gone: merge.kept for merge in self.merges.values() if not merge.undone}
        while work in into:
            work = into[work]
        return work


Rows = Callable[..., list[tuple[Any, ...]]]


def seen(rows: Rows) -> tuple[Picture, dict[int, tuple[int, int]]]:
    """The picture of a database, and of each waiting work by how many it says it is cited, and its newest source."""
    wait = "attempts, due_at, last_reason, priority, crashes, solo_crashes"
    ranks: dict[int, tuple[int, int]] = {}
    now = Picture(
        sources=_by_key(
            (number, Source(sha256, path, state, found, _wait(state, *rest)))
            for number, sha256, path, state, found, *rest in rows(
                f"SELECT id, sha256, path, state, found_references, {wait} FROM sources"
            )
        ),
        entries=_by_key(
            (row[0], Entry(*row[1:]))
            for row in rows("SELECT id, source_id, position, work_id, matched_by FROM entries")
        ),
        works=_by_key(rows("SELECT id, doi FROM works")),
        no_metadata=_by_key((row[0], Waiting(*row[1:])) for row in rows(f"SELECT entry_id, {wait} FROM no_metadata")),
        failed_extractions=_by_key(
            (number, Failure(reason, attempts))
            for number, reason, attempts in rows("SELECT source_id, reason, attempts FROM failed_extractions")
        ),
        failed_enrichments=_by_key(
            (number, Failure(reason, attempts, bool(review), is_rejection=detail == REJECTED))
            for number, reason, attempts, review, detail in rows(
                "SELECT entry_id, reason, attempts, needs_review, detail FROM failed_enrichments"
            )
        ),
        failed_downloads=_by_key(
            (
                number,
                Failure(reason, tries, bool(review), stage=stage, urls=_urls(places), held=_held(held)),
            )
            for number, reason, tries, review, stage, places, held in rows(
                "SELECT work_id, reason, attempts, needs_review, stage, locations, held FROM failed_downloads"
            )
        ),
        downloaded=_by_key(
            (row[0], File(*row[1:]))
            for row in rows("SELECT work_id, file_path, status, replaces FROM downloaded_references")
        ),
        merges=_by_key(
            (number, Merge(kept, gone, tuple(sorted(json.loads(entries))), undone is not None))
            for number, kept, gone, entries, undone in rows(
                "SELECT id, kept_work_id, gone_work_id, entry_ids, undone_at FROM merges"
            )
        ),
        apart=_by_key(((one, other), True) for one, other in rows("SELECT one_id, other_id FROM separations")),
        refused=_by_key(
            ((one, sha256), (url, path))
            for one, sha256, url, path in rows("SELECT work_id, sha256, url, path FROM refused_files")
        ),
        attempts=_by_key(
            (row[0], tuple(row[1:]))
            for row in rows("SELECT id, stage, item_id, attempt, outcome, reason, started_at FROM attempts")
        ),
        paused=_by_key((stage, True) for (stage,) in rows("SELECT stage FROM pauses")),
        duplicates=Counter(rows("SELECT entry_id, existing_work_id, merge_id FROM duplicate_references")),
        counted=Counter(
            {
                (stage, outcome, reason): int(number)
                for stage, outcome, reason, number in rows(
                    "SELECT stage, outcome, reason, sum(number) FROM attempt_counts GROUP BY 1, 2, 3"
                )
            }
        ),
    )
    for table, room, more in (
        ("with_metadata", now.with_metadata, "'[]'"),
        ("to_download_references", now.to_download, "locations"),
    ):
        for row in rows(f"SELECT work_id, cited_by, newest_source_id, {more}, {wait} FROM {table}"):
            ranks[row[0]] = row[1], row[2]
            room[row[0]] = Waiting(*row[4:], urls=_urls(row[3]))
    return now, ranks


def _wait(state: str, *columns: Any) -> Waiting:
    """What a source's row says of waiting, where it waits."""
    wait = Waiting(*columns)
    return wait if state == "pending" else Waiting(priority=wait.priority)


def _by_key(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, value in rows:
        if key in found:
            raise Broken("doubled", f"two rows of {key}")
        found[key] = value
    return found


def _urls(locations: str | None) -> tuple[str, ...]:
    return tuple(one["url"] for one in json.loads(locations or "[]") or ())


def _held(held: str | None) -> str | None:
    return None if held is None else str(json.loads(held)["path"])


def compare(expected: Picture, found: Picture) -> None:
    """Raise `Broken` where the two differ; rows without a place of their own in the model are compared by content."""
    for one in fields(Picture):
        want, have = getattr(expected, one.name), getattr(found, one.name)
        if want == have:
            continue
        gone, more = [key for key in want if key not in have], [key for key in have if key not in want]
        if gone:
            raise Broken("lost", f"{one.name}: {gone} should be there: {[want[key] for key in gone]}")
        if more:
            raise Broken("doubled", f"{one.name}: {more} should not be there: {[have[key] for key in more]}")
        differ = {key: (want[key], have[key]) for key in want if want[key] != have[key]}
        raise Broken("wrong", f"{one.name}: expected and found: {differ}")


def promises(now: Picture, ranks: dict[int, tuple[int, int]]) -> Iterator[Broken]:
    """What breaks "one place at a time", on any database, whatever happened before."""
    for number, entry in now.entries.items():
        places = (number in now.no_metadata) + (number in now.failed_enrichments) + (entry.work is not None)
        if places != 1:
            yield Broken("doubled" if places else "lost", f"entry {number} has {places} places")
        if entry.work is not None and entry.work not in now.works:
            yield Broken("lost", f"entry {number} cites work {entry.work}, which is not there")
    rooms = (now.with_metadata, now.to_download, now.downloaded, now.failed_downloads)
    cited = Counter(entry.work for entry in now.entries.values())
    newest = {entry.work: entry.source for entry in sorted(now.entries.values(), key=lambda entry: entry.source)}
    for work in now.works:
        places = sum(work in room for room in rooms)
        if places != 1:
            yield Broken("doubled" if places else "lost", f"work {work} has {places} places")
        if not cited[work]:
            yield Broken("wrong", f"nobody cites work {work}")
        if work in ranks and ranks[work] != (cited[work], newest[work]):
            yield Broken("wrong", f"work {work} says {ranks[work]}, cited {cited[work]}, newest {newest[work]}")
    for room in (*rooms, ranks):
        for work in room.keys() - now.works.keys():
            yield Broken("doubled", f"work {work} waits or has ended and is not there")
    for room, there in ((now.no_metadata, now.entries), (now.failed_enrichments, now.entries)):
        for number in room.keys() - there.keys():
            yield Broken("doubled", f"entry {number} waits or has failed and is not there")
    yield from _promises_of_sources(now)
    yield from _promises_of_works(now)


def _promises_of_sources(now: Picture) -> Iterator[Broken]:
    for number, source in now.sources.items():
        if (source.state == "failed") != (number in now.failed_extractions):
            yield Broken("wrong", f"source {number} is {source.state}, failures {now.failed_extractions.get(number)}")
        places = sorted(entry.position for entry in now.entries.values() if entry.source == number)
        if places != list(range(1, (source.found or 0) + 1)) or (places and source.state != "extracted"):
            yield Broken("wrong", f"source {number} ({source.state}, {source.found} found) has entries at {places}")
    contents = Counter(source.sha256 for source in now.sources.values())
    yield from (Broken("doubled", f"content {one} has {n} sources") for one, n in contents.items() if n > 1)


def _promises_of_works(now: Picture) -> Iterator[Broken]:
    files = Counter(file.path for file in now.downloaded.values())
    yield from (Broken("doubled", f"{path} is the file of {n} works") for path, n in files.items() if n > 1)
    for work, failure in now.failed_downloads.items():
        if (failure.held is not None) != (failure.reason == "needs-review" and failure.review):
            yield Broken("wrong", f"work {work} in quarantine: {failure}")
    told = {now.top(work) for pair in now.apart for work in pair}
    for one, other in now.apart:
        if now.top(one) == now.top(other):
            yield Broken("wrong", f"works {one} and {other} were told apart and are one")
    looked = [work for work, doi in now.works.items() if doi and work not in now.with_metadata and work not in told]
    dois = Counter(now.works[work] for work in looked)
    yield from (Broken("doubled", f"{n} works have DOI {doi}") for doi, n in dois.items() if n > 1)
    for number, merge in now.merges.items():
        if not merge.undone and merge.gone in now.works:
            yield Broken("doubled", f"work {merge.gone} went with merge {number} and is there")
        if now.top(merge.gone) not in now.works:
            yield Broken("lost", f"work {merge.gone} of merge {number} is nowhere")
    for (entry, work, _), number in now.duplicates.items():
        if now.entries[entry].work != work:
            yield Broken("wrong", f"entry {entry} is logged {number} times as {work}, cites {now.entries[entry].work}")
