"""Recognising entries by journal, volume, first page and year, many to a request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dl_lit.core.items import Resolved
from dl_lit.core.trail import Asked
from dl_lit.matching.decide import Accepted, decide
from stages.enrichment.by_known import without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry, reply_of, shortened
from stages.enrichment.planning import COORDINATES_FROM, with_coordinates
from stages.enrichment.trails import evidence_of
from stages.enrichment.triage import as_searched

HOW = "coordinates"


def recognise_by_coordinates(desk: Desk, entries: Sequence[Entry]) -> None:
    """Ask the services that know works by their place in a journal; only what is proven counts."""
    for source in desk.sources:
        if source.by_coordinates is None or not desk.calls.is_available(source.service):
            continue
        by_text: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.resolved is None:
                by_text[entry.reference.raw].append(entry)
        wanted = with_coordinates(as_searched(waiting[0].reference) for waiting in by_text.values())
        if not wanted:
            return
        # Few are not worth a request; what is remembered of them is, whoever else was asked about with them then.
        ask = source.by_coordinates if len(wanted) >= COORDINATES_FROM else None
        told = desk.asking.by_coordinates(desk.calls, source.service, wanted, ask)
        for reference in wanted:
            raw, waiting = reference.raw, by_text[reference.raw]
            error, work = told.errors.get(raw), told.values.get(raw)
            if error is None and raw not in told.values:
                continue  # not one of its journals
            requests, credits_ = told.share_of(raw)
            for entry in waiting:
                entry.note(
                    Asked(
                        service=source.service,
                        how=HOW,
                        reply=reply_of(error, is_found=work is not None),
                        requests=requests / len(waiting),
                        credits=credits_ / len(waiting),
                        is_remembered=told.is_remembered(raw),
                        detail=shortened(error or ""),
                    )
                )
                decision = decide(without_identifiers(entry.reference), [work]) if work else None
                if isinstance(decision, Accepted) and not entry.contradicts(decision.work):
                    entry.resolved = Resolved(work=decision.work, matched_by=HOW, score=decision.score)
                    entry.candidates = evidence_of(decision)
