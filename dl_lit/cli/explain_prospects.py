"""The part of `dl-lit explain` on how sure a work's file is, and on what still may come of the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_lit.cli.paragraphs import tell, tell_field
from dl_lit.cli.printing import minute, shown, size
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import RetryRule, rule_of

if TYPE_CHECKING:
    from db.reading.places import WorkView
    from dl_lit.core.proof import Proof

_RULES = {
    RetryRule.NEW_FINDER: "when a newer dl-lit finds PDFs on landing pages better",
    RetryRule.NEVER: None,
    RetryRule.NEXT_LOCATION: None,
}


def tell_prospects(work: WorkView) -> None:
    """Print the proof of the file, the file in quarantine, and when the work is looked at again."""
    if work.file:
        tell_field("version", work.file.version, indent=4)
        _proof(work.file.proof)
        if work.file.landing_url:
            way = f" ({work.file.technique})" if work.file.technique else ""
            tell(f"named by: {shown(work.file.landing_url)}{way}", indent=4)
    if work.held:
        pages = f"{work.held.page_count} page{'' if work.held.page_count == 1 else 's'}, {size(work.held.size_bytes)}"
        tell(f"in quarantine: {shown(work.held.path)} ({pages}), from {shown(work.held.final_url)}", indent=4)
        _proof(work.held.proof)
        tell_field("decide", f"dl-lit review w{work.id} --keep (or --refuse)", indent=4)
    _again(work)


def _proof(proof: Proof | None) -> None:
    if proof is None:
        return
    evidence = f": {shown('; '.join(proof.evidence))}" if proof.evidence else ""
    tell(f"identity: {proof.verdict.value}, {proof.score:.2f} of 1{evidence}", indent=4)


def _again(work: WorkView) -> None:
    """When it is looked at again, and how often that was done."""
    status = work.failure.reason if work.failure else work.file.status if work.file else None
    if status is None or work.held:
        return
    recheck = work.recheck
    when = None
    if recheck is not None and recheck.due_at is not None:
        when = f"on {minute(recheck.due_at)} UTC"
    elif recheck is not None:
        when = _RULES.get(rule_of(Reason(status)))
    what = "a better version is looked for" if work.file else "it is looked for again"
    if when is not None:
        tell(f"{what} {when}; at once with dl-lit recheck --work w{work.id}", indent=4)
    if recheck is not None and recheck.done:
        last = f", last on {minute(recheck.looked_at)} UTC" if recheck.looked_at is not None else ""
        tell(f"looked at again so far: {recheck.done} time{'' if recheck.done == 1 else 's'}{last}", indent=4)
