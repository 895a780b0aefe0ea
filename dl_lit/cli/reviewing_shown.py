"""How `dl-lit review` shows entries and decisions: for people, and as schema dl-lit/review/1 for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.reading.candidates import offered
from dl_lit.app.deciding.reviewing import Case, Review
from dl_lit.cli.candidate_table import tell_candidates
from dl_lit.cli.paragraphs import tell, tell_field
from dl_lit.cli.printing import heading, line, print_document, shown
from dl_lit.cli.reviewing_files import plain_file, print_files
from dl_lit.cli.reviewing_orders import Told
from dl_lit.core.items import MatchedAs

SCHEMA = "dl-lit/review/1"
LISTED = 20
"""Entries shown to people unless they say how many."""


def print_cases(review: Review, waiting: Sequence[int], *, limit: int | None, vetoed: bool, as_json: bool) -> None:
    """Print what waits for a decision; `limit` None is all for programs and `LISTED` for people."""
    if as_json:
        found = review.cases(waiting[:limit])
        files = [plain_file(review.files, held) for held in review.files.waiting()]
        cases = [_plain(one) for one in found]
        print_document(SCHEMA, {"waiting": len(waiting), "cases": cases, "files": files, "decisions": []})
        return
    files_waiting = review.files.waiting()
    found = review.cases(waiting[: limit or LISTED])
    for one in found:
        tell_case(one, vetoed=vetoed)
        line()
    print_files(review.files, files_waiting[: limit or LISTED])
    if not found and not files_waiting:
        line("nothing waits for a decision")
    elif len(found) < len(waiting):
        line(f"… and {len(waiting) - len(found):,} more")


def tell_case(one: Case, *, vetoed: bool, place: str = "") -> None:
    """Print one entry with the records that may be it beside it."""
    reference = one.entry.reference
    page = f", page {reference.page}" if reference.page else ""
    heading(f"e{one.entry.id}{place}")
    tell(f"entry {reference.position}{page} of s{one.source.id}: {one.source.title or one.source.path}")
    tell_field("printed", reference.raw)
    why = f": {one.failure.detail}" if one.failure.detail else ""
    tell(f"{one.failure.reason}{why}")
    candidates = offered(one.candidates, vetoed=vetoed)
    if candidates:
        tell_candidates(reference, candidates)
    hidden = len(one.candidates) - len(candidates)
    if hidden:
        tell(f"{hidden} more {'is' if hidden == 1 else 'are'} vetoed: --vetoed shows {'it' if hidden == 1 else 'them'}")


def print_told(review: Review, told: Sequence[Told], *, as_json: bool) -> None:
    """Print what decisions came to."""
    if as_json:
        waiting = len(review.waiting((), vetoed=False))
        print_document(SCHEMA, {"waiting": waiting, "cases": [], "decisions": told})
        return
    for one in told:
        tell(sentence(one), indent=0)


def sentence(one: Told) -> str:
    """What a decision came to, in one line."""
    where = f"line {one.line}: " if one.line is not None else ""
    if one.outcome in {"kept", "removed"} or (one.entry is None and one.work is not None):
        return f"{where}{one.detail}"
    if one.entry is None:
        return f"{where}no decision: {one.detail}"
    name = f"e{one.entry}"
    match one.outcome:
        case "accepted":
            part = ", the book it is in" if one.matched_as == MatchedAs.CONTAINER else ""
            summary = "; no whole record was to be had, only its summary" if one.is_summary else ""
            against = f" (although {one.doubt})" if one.doubt and one.action == "doi" else ""
            return f"{where}{name} is w{one.work}{part}: {one.title} ({one.record_from or 'nobody'}){summary}{against}"
        case "rejected":
            return f"{where}{name} is none of its candidates"
        case "skipped":
            return f"{where}{name} is left as it is"
        case "doubtful":
            return f"{where}{name} is left as it is: {one.doubt}; {one.detail}"
        case _:
            return f"{where}{name} is left as it is: {one.detail}"


def _plain(one: Case) -> dict[str, Any]:
    return {
        "entry": one.entry.id,
        "id": f"e{one.entry.id}",
        "source": {"id": one.source.id, "path": one.source.path, "title": one.source.title, "doi": one.source.doi},
        "reference": one.entry.reference,
        "reason": one.failure.reason,
        "detail": one.failure.detail,
        "at": one.failure.at,
        "attempts": one.failure.attempts,
        "candidates": one.candidates,
    }


def waiting_sentence(number: int) -> str:
    """How many entries are left."""
    return f"{shown(number)} still wait" if number != 1 else "1 still waits"
