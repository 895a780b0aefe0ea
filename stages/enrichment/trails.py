"""Candidates and decisions as JSON, for the person who decides and for whoever asks how it came to this. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.trail import Asked
from dl_lit.matching.decide import Accepted, Ambiguous, Decision, Scored, Vetoed

_TITLE = 300  # characters


def evidence_of(decision: Decision) -> tuple[dict[str, Any], ...]:
    """The records that were compared, the best first, with what spoke for and against each."""
    match decision:
        case Accepted(work, score, evidence):
            return (as_evidence(Scored(work, score, evidence)),)
        case Ambiguous(candidates) | Vetoed(candidates):
            return tuple(map(as_evidence, candidates))
        case _:
            return ()


def as_evidence(one: Scored) -> dict[str, Any]:
    """A candidate as JSON."""
    work, evidence = one.work, one.evidence
    return {
        "score": one.score,
        "title": work.title[:_TITLE],
        "authors": [person.sort_key for person in work.authors[:5]],
        "year": work.year,
        "container_title": work.container_title,
        "publisher": work.publisher,
        "type": work.type.value,
        "volume": work.volume,
        "issue": work.issue,
        "pages": work.pages,
        "isbn": work.isbn,
        "doi": work.doi,
        "openalex_id": work.openalex_id,
        "arxiv_id": work.arxiv_id,
        "pmid": work.pmid,
        "source": work.metadata_source,
        "veto": evidence.veto,
        "agreement": {
            "title": round(evidence.title, 4),
            "author": evidence.author.value,
            "year": evidence.year.value,
            "container": evidence.container.value,
            "volume": evidence.volume.value,
            "first_page": evidence.first_page.value,
        },
    }


def told_of(resolved: Resolved, why: str = "") -> str:
    """On what evidence an entry was recognised, in one line."""
    work = resolved.work
    name = next(
        (f"{kind} {value}" for kind, value in (
            ("doi", work.doi), ("openalex", work.openalex_id), ("arxiv", work.arxiv_id), ("pmid", work.pmid),
            ("isbn", work.isbn),
        ) if value),
        work.title[:80],
    )  # fmt: skip
    as_book = ", as the book that contains it" if resolved.matched_as is MatchedAs.CONTAINER else ""
    return f"accepted {name} by {resolved.matched_by}{as_book}, score {resolved.score:.3f}{'; ' + why if why else ''}"


def divided(asked: Asked, among: int) -> Asked:
    """What was asked for several entries together, as the share of one."""
    return replace(asked, requests=asked.requests / among, credits=asked.credits / among) if among > 1 else asked
