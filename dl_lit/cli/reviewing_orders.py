"""Decisions that programs make: one from the options, or many as JSON lines; what each came to."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import msgspec

from dl_lit.app.deciding.reviewing import Left, Proposal, Review
from dl_lit.cli.reviewing_files import decide, work_id_of
from dl_lit.core.errors import BadInput
from dl_lit.core.items import MatchedAs

Word = Literal["accept", "reject", "doi", "skip"]
"""What can be ordered."""

_ID = re.compile(r"e?([1-9]\d{0,17})", re.IGNORECASE | re.ASCII)
MOST_BYTES = 10_000
"""Of one line of decisions."""


class Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision, as it is asked for."""

    entry: int | str | None = None  # 12, "12", "e12"
    work: int | str | None = None  # instead of an entry: 34, "34", "w34", whose file in quarantine is decided on
    action: Word | Literal["keep", "refuse"]  # the last two for files
    candidate: int | None = None  # for "accept": its number, from 1
    doi: str | None = None  # for "doi"
    force: bool = False  # accept a DOI although its record and the entry do not agree
    vetoed: bool = False  # accept a vetoed candidate

    @property
    def entry_id(self) -> int:
        """The entry's number. Raises `BadInput`."""
        match = _ID.fullmatch(str(self.entry))
        if match is None:
            raise BadInput(f"{self.entry!r} is no entry's id: 12, or e12")
        return int(match[1])


_decode = msgspec.json.Decoder(Order).decode


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision came to."""

    entry: int | None  # None where the line names none
    action: str | None
    outcome: Literal["accepted", "rejected", "skipped", "left", "doubtful", "refused", "kept", "removed"]
    work: int | None = None  # the work that the entry is now, or whose file was decided on
    title: str | None = None  # of the record
    doi: str | None = None
    matched_as: str | None = None  # "work", or "container": the book that the entry is a part of
    score: float | None = None  # of the record beside the entry, 0 to 1
    record_from: str | None = None  # who had the record: "known", "local", a service
    is_summary: bool = False  # no whole record was to be had; what the candidate says of itself was taken
    doubt: str | None = None  # why record and entry do not seem to agree
    detail: str | None = None  # why nothing was decided
    line: int | None = None  # of the file of decisions

    @property
    def is_settled(self) -> bool:
        """Whether what was asked for has been done."""
        return self.outcome in {"accepted", "rejected", "skipped", "kept", "removed"}


def carry_out(review: Review, order: Order) -> Told:
    """Decide as ordered. Raises `BadInput` where the order makes no sense for the entry, or the file, as it is now."""
    if order.work is not None:
        return _of_file(review, order)
    entry_id = order.entry_id
    case = review.case(entry_id)
    match order.action:
        case "skip":
            return Told(entry=entry_id, action="skip", outcome="skipped")
        case "reject":
            review.reject(case)
            return Told(entry=entry_id, action="reject", outcome="rejected")
        case "accept":
            if order.candidate is None:
                raise BadInput('"accept" needs "candidate": the number of one')
            proposal = review.propose_candidate(case, order.candidate, vetoed=order.vetoed)
        case "doi":
            proposal = review.propose_doi(case, order.doi or "")
        case "keep" | "refuse":
            raise BadInput(f'"{order.action}" is for files in quarantine: it needs "work", not "entry"')
    if isinstance(proposal, Left):
        return Told(entry=entry_id, action=order.action, outcome="left", detail=proposal.why)
    if order.action == "doi" and proposal.doubt and not order.force:
        return told_of(proposal, order.action, "doubtful", None)
    return told_of(proposal, order.action, "accepted", review.accept(proposal).work_id)


def _of_file(review: Review, order: Order) -> Told:
    if order.entry is not None or order.action not in {"keep", "refuse", "skip"}:
        raise BadInput('of a file there is "keep", "refuse" or "skip", and no "entry"')
    work_id, action = work_id_of(order.work or ""), order.action
    if action == "keep":
        return Told(
            entry=None, action=action, outcome="kept", work=work_id, detail=decide(review.files, work_id, "keep")
        )
    if action == "refuse":
        told = decide(review.files, work_id, "refuse")
        return Told(entry=None, action=action, outcome="removed", work=work_id, detail=told)
    return Told(
        entry=None, action=action, outcome="skipped", work=work_id, detail=decide(review.files, work_id, "skip")
    )


def carried_out(review: Review, name: str) -> list[Told]:
    """Carry out all that the file called `name` orders, line by line; what cannot be done costs only its own line."""
    told: list[Told] = []
    for number, text in _lines(name):
        order: Order | None = None
        try:
            order = _decode(text)
            one = carry_out(review, order)
        except (msgspec.DecodeError, BadInput) as error:
            match = _ID.fullmatch(str(order.entry)) if order is not None else None
            one = Told(
                entry=int(match[1]) if match else None,
                action=order.action if order is not None else None,
                outcome="refused",
                detail=str(error),
            )
        told.append(msgspec.structs.replace(one, line=number))
    return told


def told_of(proposal: Proposal, action: str, outcome: Literal["accepted", "doubtful"], work_id: int | None) -> Told:
    """What accepting a proposal came to."""
    return Told(
        entry=proposal.case.entry.id,
        action=action,
        outcome=outcome,
        work=work_id,
        title=proposal.work.title,
        doi=proposal.work.doi,
        matched_as=MatchedAs(proposal.matched_as).value,
        score=proposal.evidence.score,
        record_from=proposal.record.source or None,
        is_summary=proposal.record.is_summary,
        doubt=proposal.doubt or None,
        detail="give --force to accept it all the same" if outcome == "doubtful" else None,
    )


def _lines(name: str) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a file, or of standard input for "-"; empty ones are left out. Raises `BadInput`."""
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
            number = 0
            while line := file.readline(MOST_BYTES + 1):
                number += 1
                if len(line) > MOST_BYTES:
                    raise BadInput(f"line {number} of {name} is longer than {MOST_BYTES:,} bytes: no decision is")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}") from error
