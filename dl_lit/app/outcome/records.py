"""From what the database shows to what exports and reports print."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from db.reading.citation_keys import CitationKeys
from db.reading.exports import Citation, CitedWork, duplicates_among, lots_of_cited_works
from db.reading.kin import Linked, linked_with
from db.reading.opening import Connection
from db.reading.places import EntryView, Place, WorkView
from db.reading.scope import Scope
from db.reading.sources import SourceView
from dl_lit.app.outcome.choice import Choice, FilesNamed, Wanted
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Version
from dl_lit.core.reasons import Reason
from dl_lit.exports.reading_text import reading_text
from dl_lit.exports.record import ExportRecord, ItemState, Relative
from dl_lit.exports.report_model import EntryReport, SourceReport

_STATES = {
    Place.WAITING: ItemState.WAITING,
    Place.DOWNLOADED: ItemState.DOWNLOADED,
    Place.NEEDS_REVIEW: ItemState.NEEDS_REVIEW,
    Place.FAILED: ItemState.FAILED,
}


def export_records(
    connection: Connection, keys: CitationKeys, files: FilesNamed, choice: Choice | None = None
) -> Iterator[ExportRecord]:
    """The works of the choice (all that are cited when None), in printed order of their first citation.

    They are read as they are taken, while the connection is open, so that no more memory is needed for a million.
    """
    return (record for _, record in chosen_works(connection, keys, files, choice or Choice()))


def chosen_works(
    connection: Connection, keys: CitationKeys, files: FilesNamed, wanted: Choice
) -> Iterator[tuple[CitedWork, ExportRecord]]:
    """The same with what they are made of."""
    for lot in lots_of_cited_works(connection, wanted.source_ids):
        yield from chosen_of(connection, keys, files, wanted, lot)


def chosen_of(
    connection: Connection, keys: CitationKeys, files: FilesNamed, wanted: Choice, lot: Sequence[CitedWork]
) -> Iterator[tuple[CitedWork, ExportRecord]]:
    """Those of some works that are wanted."""
    ids = [one.view.id for one in lot]
    known = duplicates_among(connection, ids, wanted.source_ids) if Wanted.DUPLICATE in wanted.wanted else ()
    chosen = {
        one.view.id: one
        for one in lot
        if wanted.has(one.view.work, _STATES[one.view.place], is_duplicate=one.view.id in known)
    }
    named, linked = named_and_linked(connection, keys, chosen)
    former = keys.former(chosen, named)
    for id_, one in chosen.items():
        yield one, _record(one, files, named[id_], former.get(id_, ()), relatives(id_, linked, named))


def named_and_linked(
    connection: Connection, keys: CitationKeys, work_ids: Collection[int]
) -> tuple[Mapping[int, str], Mapping[int, tuple[Linked, ...]]]:
    """Other versions and translations of these works, and the keys of all of them."""
    linked = linked_with(connection, Scope.of_works(work_ids))
    return keys.of([*work_ids, *(one.view.id for others in linked.values() for one in others)]), linked


def relatives(work_id: int, linked: Mapping[int, tuple[Linked, ...]], keys: Mapping[int, str]) -> tuple[Relative, ...]:
    """The versions and translations of one work as exports print them."""
    return tuple(
        Relative(
            kind=one.kind,
            key=keys[one.view.id],
            title=one.view.work.title,
            doi=one.view.work.doi,
            state=_STATES[one.view.place],
        )
        for one in linked.get(work_id, ())
        if one.view.id in keys
    )


def _record(
    one: CitedWork, files: FilesNamed, key: str, former_keys: tuple[str, ...], related: tuple[Relative, ...]
) -> ExportRecord:
    view = one.view
    return ExportRecord(
        key=key,
        former_keys=former_keys,
        relatives=related,
        work=view.work,
        state=_STATES[view.place],
        reason=_reason(view),
        file=files.of(view.file.path) if view.file else None,
        sources=tuple(dict.fromkeys(citation.source_path.rpartition("/")[2] for citation in one.citations)),
        notes=tuple(dict.fromkeys(_chapter(citation) for citation in one.citations if _is_chapter(citation))),
        contexts=tuple(
            (citation.source_path.rpartition("/")[2], citation.contexts)
            for citation in one.citations
            if citation.contexts
        ),
        version=_version(view),
        identity_score=view.file.identity_score if view.file else None,
        look_again=_look_again(view),
        times_looked=_times_looked(view),
    )


def _version(view: WorkView) -> Version | None:
    return Version(view.file.version) if view.file and view.file.version else None


def _times_looked(view: WorkView) -> int:
    return view.recheck.done if view.recheck else 0


def _look_again(view: WorkView) -> date | None:
    """The day on which it, or a better version of it, is looked for again."""
    moment = view.recheck.due_at if view.recheck else None
    return None if moment is None else datetime.fromtimestamp(moment, UTC).date()


def _is_chapter(citation: Citation) -> bool:
    return citation.matched_as is MatchedAs.CONTAINER


def _chapter(citation: Citation) -> str:
    """What to tell of a book that stands in for one of its chapters, which nobody has a record of."""
    return f"Cited for its chapter: {citation.reference.title or citation.reference.raw}"


def _reason(view: WorkView) -> Reason | None:
    if view.file:
        return Reason(view.file.status)
    if view.failure:
        return Reason(view.failure.reason)
    return Reason(view.waiting.last_reason) if view.waiting and view.waiting.last_reason else None


def source_report(
    view: SourceView,
    keys: Mapping[int, str],
    linked: Mapping[int, tuple[Linked, ...]],
    files: FilesNamed,
    now: datetime,
) -> SourceReport:
    """One source's report."""
    facts = view.facts
    return SourceReport(
        file_name=Path(facts.path).name,
        generated_at=now,
        title=facts.title,
        doi=facts.doi,
        sha256=facts.sha256,
        page_count=facts.page_count,
        expected=facts.expected_references,
        authors=facts.authors,
        year=facts.year,
        arxiv_id=facts.arxiv_id,
        coverage=facts.coverage,
        reason=Reason(facts.failure.reason) if facts.failure else None,
        detail=facts.failure.detail if facts.failure else "",
        entries=tuple(
            replace(
                _entry(entry, keys, files),
                relatives=relatives(entry.work.id, linked, keys) if entry.work else (),
            )
            for entry in view.entries
        ),
    )


def _entry(entry: EntryView, keys: Mapping[int, str], files: FilesNamed) -> EntryReport:
    reference, work = entry.reference, entry.work
    waiting = entry.waiting or (work.waiting if work else None)
    failure = entry.failure or (work.failure if work else None)
    file = work.file if work else None
    state = ItemState.DUPLICATE if entry.duplicate and not failure else _STATES[entry.place]
    reason = failure.reason if failure else file.status if file else waiting.last_reason if waiting else None
    location = file.url if file else work.locations[0].url if work and work.locations else None
    return EntryReport(
        position=reference.position,
        raw=reference.raw,
        state=state,
        page=reference.page,
        label=reference.label,
        reason=Reason(reason) if reason else None,
        detail=(failure.detail if failure else waiting.last_detail if waiting else "") or "",
        work=work.work if work else None,
        matched_by=entry.matched_by,
        is_book_around=entry.matched_as is MatchedAs.CONTAINER,
        score=entry.match_score,
        file=files.of(file.path) if file else None,
        licence=file.licence if file else None,
        version=_version(work) if work else None,
        identity_score=file.identity_score if file else None,
        look_again=_look_again(work) if work else None,
        times_looked=_times_looked(work) if work else 0,
        read_by=reading_text(reference.model_reading) if reference.model_reading else "",
        location_url=location,
        contexts=entry.contexts,
        duplicate_of=keys.get(work.id) if entry.duplicate and work else None,
    )
