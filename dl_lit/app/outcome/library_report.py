"""`dl-lit report`: the library, a run, or some sources as pages to read and print, however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from db.reading.citation_keys import CitationKeys
from db.reading.exports import sources_of_run
from db.reading.opening import Connection, reading
from db.reading.overview import (
    OftenCited,
    Unproven,
    often_cited,
    overview,
    source_ids,
    unproven_entries,
    works_with_notices,
)
from db.reading.prisma import prisma_numbers
from db.reading.scope import Scope
from db.reading.sources import sources_with_entries
from dl_lit.app.care.drafts import replace_file, sweep
from dl_lit.app.outcome.choice import FilesNamed
from dl_lit.app.outcome.citing import citing
from dl_lit.app.outcome.prisma_flow import steps_of
from dl_lit.app.outcome.records import named_and_linked, source_report
from dl_lit.app.outcome.results import report_name
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.core.model import NoticeKind, Version, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.exports import report as pages
from dl_lit.exports.library_report import (
    LibraryReport,
    NamedEntry,
    NamedWork,
    Part,
    overview_page,
    retracted_page,
    sources_page,
    unproven_page,
)
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.exports.record import ItemState
from dl_lit.exports.report_model import IndexRow
from dl_lit.exports.standing import is_withdrawn, standing
from dl_lit.settings import Settings

SOURCES_A_PAGE = 200
FLAGGED_A_PAGE = 500
SHOWN_FLAGGED = 10
"""Retracted works and unproven references on the overview; all of them stand on pages of their own."""
_PEOPLE = 6
_OURS = re.compile(r"(?:sources|retracted|unproven)-\d+\.html")
_PLACES = {
    "downloaded": ItemState.DOWNLOADED,
    "needs_review": ItemState.NEEDS_REVIEW,
    "failed": ItemState.FAILED,
    "waiting": ItemState.WAITING,
}


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What was written."""

    index: Path
    pages: int  # files, the index among them
    sources: int


def write_library_report(
    settings: Settings,
    folder: Path,
    *,
    chosen: Sequence[int] | None = None,
    run_id: int | None = None,
    clock: Clock | None = None,
) -> WrittenReport:
    """Write the report of the chosen sources, of a run's, or of all, into `folder`; pages of before are replaced.

    Raises `NothingKnown` where there is no such run, and `DlLitError` where the folder cannot be written.
    """
    database, pattern = settings.database, settings.export.citation_key
    try:
        with reading(database) as connection, citing(connection, database, pattern) as keys:
            if run_id is not None:
                sources_of_run(connection, run_id)
            folder.mkdir(parents=True, exist_ok=True)
            sweep(folder)
            return _Writer(
                connection, keys, FilesNamed(settings.library, folder), folder, clock or SystemClock()
            ).write(chosen, run_id)
    except OSError as error:
        raise DlLitError(f"the report cannot be written into {folder}: {error.strerror}") from error


class _Writer:
    """One report on its way into a folder."""

    def __init__(
        self, connection: Connection, keys: CitationKeys, files: FilesNamed, folder: Path, clock: Clock
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._files = files
        self._folder = folder
        self._now = clock.now()
        self._written: set[str] = set()

    def write(self, chosen: Sequence[int] | None, run_id: int | None) -> WrittenReport:
        connection = self._connection
        scope = Scope(chosen) if run_id is None else Scope.of_run(run_id)
        ids = source_ids(connection, scope)
        counts = overview(connection, scope)
        doubted = [
            _named(id_, work, sources)
            for id_, work, sources in works_with_notices(connection, scope)
            if _is_doubted(work)
        ]
        retracted_parts = self._retracted(doubted)
        first, unproven_parts = self._unproven(unproven_entries(connection, scope), counts.unproven)
        whole = LibraryReport(
            title=_title(chosen, run_id),
            generated_at=self._now,
            sources=counts.sources,
            read=counts.read,
            failed=counts.failed,
            entries=counts.entries,
            works=counts.works,
            totals=dict.fromkeys(ItemState, 0) | {_PLACES[place]: number for place, number in counts.places.items()},
            years=counts.years,
            reasons=_in_words(counts.reasons),
            versions=[(_version(name), number) for name, number in counts.versions.items()],
            licences=[(name or "not known", number) for name, number in counts.licences.items()],
            steps=steps_of(prisma_numbers(connection, run_id)) if chosen is None else (),
            often=[_often(one) for one in often_cited(connection, scope)],
            retracted=doubted[:SHOWN_FLAGGED],
            retracted_count=len(doubted),
            unproven=first,
            unproven_count=counts.unproven,
            retracted_parts=retracted_parts if len(doubted) > SHOWN_FLAGGED else (),
            unproven_parts=unproven_parts if counts.unproven > SHOWN_FLAGGED else (),
            source_parts=self._sources(ids),
        )
        self._put("index.html", overview_page(whole))
        for path in self._folder.glob("*.html"):
            if _OURS.fullmatch(path.name) and path.name not in self._written:
                path.unlink(missing_ok=True)  # parts of a longer list of before
        return WrittenReport(self._folder / "index.html", len(self._written), len(ids))

    def _put(self, name: str, text: str) -> None:
        replace_file(self._folder / name, [text])
        self._written.add(name)

    def _sources(self, ids: Sequence[int]) -> list[Part]:
        parts = _hrefs("sources", len(ids), SOURCES_A_PAGE)
        for here, start in enumerate(range(0, len(ids), SOURCES_A_PAGE)):
            rows = [self._source(id_) for id_ in ids[start : start + SOURCES_A_PAGE]]
            rows = [row for row in rows if row is not None]
            names = [row.report.title or row.report.file_name for row in rows if row] or [""]
            parts[here] = replace(parts[here], first=names[0][:80], last=names[-1][:80], count=len(rows))
            self._put(parts[here].href, sources_page([row for row in rows if row], parts, here, self._now))
        return parts

    def _source(self, id_: int) -> IndexRow | None:
        """The page of one source; None where it went meanwhile."""
        for view in sources_with_entries(self._connection, [id_]):
            works = {entry.work.id for entry in view.entries if entry.work}
            keys, linked = named_and_linked(self._connection, self._keys, works)
            one = source_report(view, keys, linked, self._files, self._now)
            name = report_name(view.facts.path, id_)
            self._put(name, pages.source_report(one, index_href="index.html"))
            bare = tuple(replace(entry, raw="", work=None, contexts=(), detail="") for entry in one.entries)
            return IndexRow(name, replace(one, entries=bare))
        return None

    def _retracted(self, works: Sequence[NamedWork]) -> list[Part]:
        parts = _hrefs("retracted", len(works), FLAGGED_A_PAGE)
        for here, start in enumerate(range(0, len(works), FLAGGED_A_PAGE)):
            lot = works[start : start + FLAGGED_A_PAGE]
            parts[here] = replace(parts[here], first=lot[0].title[:80], last=lot[-1].title[:80], count=len(lot))
            self._put(parts[here].href, retracted_page(lot, parts, here))
        return parts

    def _unproven(self, found: Iterator[Unproven], count: int) -> tuple[list[NamedEntry], list[Part]]:
        parts = _hrefs("unproven", count, FLAGGED_A_PAGE)
        first: list[NamedEntry] = []
        lot: list[NamedEntry] = []
        here = 0
        for one in found:
            lot.append(_entry(one))
            if len(first) < SHOWN_FLAGGED:
                first.append(lot[-1])
            if len(lot) == FLAGGED_A_PAGE:
                self._flush(parts, here, lot)
                here, lot = here + 1, []
        if lot:
            self._flush(parts, here, lot)
        return first, parts

    def _flush(self, parts: list[Part], here: int, lot: Sequence[NamedEntry]) -> None:
        parts[here] = replace(parts[here], first=lot[0].source[:80], last=lot[-1].source[:80], count=len(lot))
        self._put(parts[here].href, unproven_page(lot, parts, here))


def _title(chosen: Sequence[int] | None, run_id: int | None) -> str:
    if run_id is not None:
        return f"Run {run_id}"
    return "The whole library" if chosen is None else "Chosen sources"


def _hrefs(name: str, count: int, each: int) -> list[Part]:
    return [Part(f"{name}-{number}.html", "", "", 0) for number in range(1, -(-count // each) + 1)]


def _named(id_: int, work: Work, sources: int, contexts: int = 0) -> NamedWork:
    people = ", ".join(name.sort_key for name in (work.authors or work.editors)[:_PEOPLE])
    said = tuple(one for one in standing(work) if not one.startswith("Corrected"))
    return NamedWork(id_, work.title, people, work.year, work.doi, sources, contexts, said)


def _often(one: OftenCited) -> NamedWork:
    return _named(one.work_id, one.work, one.sources, one.contexts)


def _is_doubted(work: Work) -> bool:
    return is_withdrawn(work) or any(one.kind is not NoticeKind.CORRECTION for one in work.notices)


def _entry(one: Unproven) -> NamedEntry:
    source = one.source_title or Path(one.source_path).name
    href = report_name(one.source_path, one.source_id)
    return NamedEntry(source[:120], href, one.position, one.raw, _words(one.reason))


def _in_words(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(_words(reason), number) for reason, number in reasons.items()]


def _words(reason: str) -> str:
    return REASON_TEXT[Reason(reason)].what if reason in set(Reason) else reason


def _version(name: str) -> str:
    return pages.VERSION_NAMES[Version(name)] if name in set(Version) else name or "not known"
