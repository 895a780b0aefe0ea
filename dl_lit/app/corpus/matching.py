"""What a task to match does: each reference of a partition held against the local index, as the pipeline would."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.codec import encode
from db.local_index.upkeep import summary
from dl_lit.app.corpus import shapes
from dl_lit.app.corpus.nobody import Nobody
from dl_lit.app.corpus.orders import Order, Refusal, Report, about
from dl_lit.app.corpus.output import MATCHES, REFERENCES, part_path
from dl_lit.app.corpus.parts import made_of
from dl_lit.app.corpus.places import Place, place_at
from dl_lit.app.corpus.rows import reference_of
from dl_lit.app.metadata.local_metadata import open_local_index
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference, Work
from dl_lit.core.reasons import Reason
from dl_lit.exports.csl_json import csl_item
from dl_lit.exports.record import ExportRecord, ItemState
from dl_lit.matching.decide import Accepted, Ambiguous, Vetoed
from stages.enrichment.by_known import local_works, matching_known
from stages.enrichment.by_search import search
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.identifiers import printed_ids
from stages.enrichment.recognising import is_to_be_asked
from stages.enrichment.trails import evidence_of
from stages.enrichment.triage import why_not_a_work

if TYPE_CHECKING:
    from db.local_index.reader import LocalMetadata

_TOGETHER = 200  # references whose identifiers are looked up at once

_lock = threading.Lock()
_desks: dict[tuple[str, str], Desk] = {}


def index_state(path: Path) -> str | None:
    """What tells the index at `path` from another one, or from itself later; None where there is none.

    Raises `DatabaseUnusable`.
    """
    found = summary(path)
    return None if found is None else f"{found.records} records, last import {found.newest_import}"


def match_part(order: Order, target: Place, node: str, refused: Callable[[Refusal, str], Exception]) -> Report:
    """Match the references of one partition; `refused` makes what is raised where that cannot be done."""
    desk = _desk(order, node, refused)
    content = place_at(order.source).read(part_path(REFERENCES, order.part))
    if content is None:
        raise refused(Refusal.NO_INPUT, f"the node {node} does not see the references in {order.source}")
    given = shapes.rows_of(content)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(given), _TOGETHER):
        some = given[start : start + _TOGETHER]
        found = matched(desk, [reference_of(row) for row in some])
        rows += [
            {"sha256": row["sha256"], "position": row["position"], **one} for row, one in zip(some, found, strict=True)
        ]
    reasons = Counter(row["reason"] for row in rows if row["reason"] is not None)
    packed = shapes.packed(rows, shapes.MATCHES, about({}, reasons))
    target.write(part_path(MATCHES, order.part), packed)
    return Report(part=order.part, node=node, made={MATCHES: made_of(packed, len(rows))}, reasons=dict(reasons))


def matched(desk: Desk, references: Sequence[Reference]) -> list[dict[str, Any]]:
    """The columns of matches for each reference, in their order.

    By a printed identifier first, where the record behind it is what is printed; then by what is printed. An identifier
    that the index does not know may well be right: a record with another one proves nothing then.
    """
    works = local_works(desk, references)
    return [_matched(desk, reference, works) for reference in references]


def _matched(desk: Desk, reference: Reference, works: Mapping[tuple[str, str], Work]) -> dict[str, Any]:
    named = matching_known(reference, works)
    if named is not None:
        kind, work = named
        return _taken(work, by=kind, score=1.0, matched_as=MatchedAs.WORK)
    entry = Entry(id=reference.position, source_id=0, reference=reference)
    why = why_not_a_work(reference)
    if not is_to_be_asked(entry):
        return _left(Reason.NOT_A_WORK, why or "")
    if why:
        return _left(Reason.NO_MATCH, f"no record of the identifier, and nothing to search for: {why}")
    known = {identifier for _, identifier in works}
    entry.unheard = {one for kind, one in printed_ids(reference) if kind.name != "isbn" and one not in known}
    if (book := reference.isbn and works.get(("isbn", reference.isbn))) is not None and book:
        entry.books.append(book)
    found = search(desk, entry)
    match found.decision:
        case Accepted(work, score, _):
            return _taken(work, by="search", score=score, matched_as=found.matched_as)
        case Ambiguous():
            return _left(Reason.AMBIGUOUS_MATCH, "", evidence_of(found.decision))
        case Vetoed(candidates):
            return _left(Reason.VETOED, candidates[0].evidence.veto or "", evidence_of(found.decision))
        case _:
            return _left(Reason.NO_MATCH, "")


def _taken(work: Work, *, by: str, score: float, matched_as: MatchedAs) -> dict[str, Any]:
    record = ExportRecord(key="", work=work, state=ItemState.WAITING)
    csl = {name: value for name, value in csl_item(record).items() if name not in {"id", "citation-key", "note"}}
    return {
        "reason": None,
        "matched_by": by,
        "matched_as": matched_as.value,
        "score": score,
        **{kind: getattr(work, kind) for kind in ("doi", "openalex_id", "arxiv_id", "pmid", "pmcid", "isbn")},
        "csl": json.dumps(csl, ensure_ascii=False),
        "work": encode(work),
    }


def _left(reason: Reason, detail: str, candidates: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    return {
        "reason": reason.value,
        "reason_detail": detail or None,
        "candidates": json.dumps(list(candidates), ensure_ascii=False) if candidates else None,
    }


def _desk(order: Order, node: str, refused: Callable[[Refusal, str], Exception]) -> Desk:
    """This process's desk with the index of the order, which has to be the one that was asked for."""
    path = order.index or ""
    with _lock:
        desk = _desks.get((path, order.index_state))
        if desk is None:
            try:
                state = index_state(Path(path))
            except DatabaseUnusable as error:
                raise refused(Refusal.NO_INDEX, f"the node {node} cannot use the index: {error}") from error
            if state is None:
                said = f"the node {node} does not see the index {path}: all nodes need it under this name"
                raise refused(Refusal.NO_INDEX, said)
            if state != order.index_state:
                raise refused(Refusal.NO_INDEX, f"the node {node} has another index at {path}: {state}")
            local: LocalMetadata = open_local_index(Path(path))
            desk = _desks[path, order.index_state] = Desk(calls=Nobody(), sources=(), local=local)
        return desk
