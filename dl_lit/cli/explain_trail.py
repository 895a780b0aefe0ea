"""What `dl-lit explain` says of one attempt: everybody asked with what it cost, every location tried, the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_lit.cli.candidate_table import tell_candidates, tell_judgement
from dl_lit.cli.paragraphs import page_width, tell, tell_field
from dl_lit.cli.printing import line, shown
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Tried

if TYPE_CHECKING:
    from db.reading.explain import Attempt
    from dl_lit.core.model import Reference

_REPLIES = {
    Reply.FOUND: "found",
    Reply.ABSENT: "has none",
    Reply.REFUSED: "refused",
    Reply.FAILED: "failed",
    Reply.NOT_ASKED: "not asked",
}
_BY_A_PERSON = "accepted in review"  # the detail of such an attempt
_WHOLE = 0.001  # a smaller part of a request is a rounding error
_OURS = {"known": "our own database", "local": "imported metadata"}


def tell_attempt(one: Attempt, reference: Reference | None) -> None:
    """Print an attempt; `reference` is the entry it was about, where it is known."""
    how = f"{one.outcome} {one.reason}" if one.reason != one.outcome else one.outcome
    line(f"  {one.started_at}  {one.stage.value:<10} #{one.attempt}  {how} ({one.seconds:.1f} s)")
    if one.detail and not _is_told_below(one):
        tell(one.detail, indent=4)
    if one.trail is None:
        return
    for asked in one.trail.asked:
        _tell_asked(asked)
    if len(one.trail.asked) > 1:
        _tell_cost(one.trail.asked)
    for tried in one.trail.tried:
        _tell_tried(tried)
    if one.trail.candidates and reference is not None:
        from db.reading.candidates import candidates_of  # noqa: PLC0415 - brings msgspec, which --help need not load

        if candidates := candidates_of(one.trail.candidates):
            line("    compared:")
            tell_candidates(reference, candidates, indent=6)
            tell_judgement(one.trail.candidates, indent=6)
    tell_field("decision", one.trail.decision, indent=4)
    if one.stage is StageName.ENRICHMENT and one.trail.candidates and one.detail != _BY_A_PERSON:
        _tell_coordinates(one)


def _is_told_below(one: Attempt) -> bool:
    """Whether the trail of the attempt says its detail again."""
    if one.trail is None:
        return False
    told = [asked.detail for asked in one.trail.asked]
    told += [f"{tried.url}: {tried.detail}" if tried.detail else tried.url for tried in one.trail.tried]
    return one.detail in one.trail.decision or any(text and one.detail.startswith(text) for text in told)


def _tell_coordinates(one: Attempt) -> None:
    """On what the best candidate was accepted, or what it lacked."""
    from db.reading.candidates import candidates_of, judgement_of  # noqa: PLC0415 - as above
    from dl_lit.matching.decide import ACCEPT  # noqa: PLC0415 - brings rapidfuzz

    best = next(iter(candidates_of(one.trail.candidates if one.trail else ())), None)
    if best is None:
        return
    fields = [_said(name.replace("_", " "), value) for name, value in best.agreement.items()]
    relation = "at least" if best.score >= ACCEPT else "below"
    score = f"score {best.score:.2f}, {relation} the {ACCEPT:.2f} that is needed"
    judged = judgement_of(one.trail.candidates if one.trail else ())
    if judged is not None and judged.is_taken and one.outcome == "done":
        score += ", on a language model's word"
    veto = f"; vetoed: {best.veto}" if best.veto else ""
    what = "accepted" if one.outcome == "done" else "the nearest"
    tell_field(what, f"{', '.join(filter(None, fields))}; {score}{veto}", indent=4)


def _said(name: str, value: float | str) -> str:
    if isinstance(value, (int, float)):
        return f"{name} {value:.2f}"
    verb = {"agree": "agrees", "close": "nearly agrees", "conflict": "contradicts"}.get(value)
    return f"{name} {verb}" if verb else ""


def cost_of(asked: Asked) -> str:
    """What asking cost, for people: "1 request, 10 credits"."""
    if asked.reply is Reply.NOT_ASKED or asked.service in _OURS:
        return ""
    if asked.is_remembered:
        return "from memory, free"
    if not asked.requests:
        return "no request"
    return ", ".join(_cost(asked.requests, asked.credits))


def _cost(requests: float, credits_: float) -> list[str]:
    parts = [f"{_number(requests)} request{'' if requests == 1 else 's'}"]
    if credits_:
        parts.append(f"{_number(credits_)} credit{'' if credits_ == 1 else 's'}")
    return parts


def _tell_asked(asked: Asked) -> None:
    service = _OURS.get(asked.service, asked.service)
    cost = cost_of(asked)
    detail = asked.detail
    fixed = f"{service:<17} {asked.how:<12} {_REPLIES[asked.reply]:<9} {cost}".rstrip()
    if not detail:
        line(f"    {fixed}")
    elif len(fixed) + len(detail) + 6 <= page_width():
        line(f"    {fixed}  {shown(detail)}")
    else:
        line(f"    {fixed}")
        tell(detail, indent=8)


def _tell_cost(asked: tuple[Asked, ...]) -> None:
    requests, credits_ = sum(one.requests for one in asked), sum(one.credits for one in asked)
    remembered = sum(one.is_remembered for one in asked)
    parts = _cost(requests, credits_)
    if remembered:
        parts.append(f"{remembered} answered from memory")
    shares = requests % 1 > _WHOLE or credits_ % 1 > _WHOLE
    if requests or remembered:
        tell(f"in all: {', '.join(parts)}{'; its share of what was asked for several' if shares else ''}", indent=4)


def _tell_tried(tried: Tried) -> None:
    by = f" (named by {tried.found_by})" if tried.found_by else ""
    tell(f"tried {tried.url}{by}", indent=4)
    for address, status in tried.hops:
        if (address, len(tried.hops)) != (tried.url, 1):
            line(f"      {status or 'no answer':<9} {_cut(address)}")
    if tried.technique:
        line(f"      the PDF's link was found by {shown(tried.technique)}")
    answered = f"HTTP {tried.hops[0][1]}, " if len(tried.hops) == 1 and tried.hops[0][1] else ""
    is_told = tried.detail.startswith("HTTP ")
    ended = "taken" if tried.reason == Reason.OK else tried.reason
    detail = f": {tried.detail}" if tried.detail else ""
    tell(f"{'' if is_told else answered}{ended}{detail}", indent=6)


def _cut(address: str) -> str:
    return shown(address, width=page_width() - 16)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
