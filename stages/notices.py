"""Retractions and corrections of the works that were recognised, asked of Crossref, many works to a request.

Crossref has both what publishers registered and what Retraction Watch found, so it decides for the works that it
registered: a work is retracted when a notice there says so. OpenAlex's flag is a notice without a DOI of its own
(`source` "openalex"): it counts where Crossref cannot have the work (arXiv's DOIs, those of the other agencies, works
without a DOI), is dropped where Crossref does not confirm it, and stays unconfirmed while Crossref cannot be asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Notice, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from stages.answers import in_batches
from stages.sources import crossref, openalex
from stages.sources.agencies import CROSSREF, agency_of

HOW = "notices"
BATCH = 40

_decode = msgspec.json.Decoder(tuple[Notice, ...]).decode


@dataclass(frozen=True, slots=True)
class CheckedNotices:
    """What notices say of works, by DOI: a DOI that is not in `notices` was not checked."""

    notices: Mapping[str, tuple[Notice, ...]] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()  # DOIs of other agencies: Crossref cannot have notices about them
    asked: Mapping[str, Asked] = field(default_factory=dict)  # by DOI; shares of the requests are that work's
    error: ServiceError | None = None


def check_notices(calls: ServiceCalls, works: Sequence[Work]) -> CheckedNotices:
    """Ask for notices about `works`, 40 to a request, those remembered not again.

    Where OpenAlex flags a work and the list has no retraction of it, the work's own record is asked as well.

    Never raises `ServiceError`: what could not be asked is not checked, and no recognition depends on it.
    """
    dois = list(dict.fromkeys(work.doi for work in works if work.doi))
    agencies = agency_of(calls, [doi for doi in dois if not arxiv_id_of_doi(doi)])
    here = [doi for doi in dois if agencies.get(doi, "other") in {CROSSREF, None}]
    elsewhere = frozenset(doi for doi in dois if doi not in set(here))
    notices = _recalled(calls, here)
    asked = {doi: _asked(notices[doi], is_remembered=True) for doi in notices}
    missing = [doi for doi in here if doi not in notices]
    if not missing or not calls.is_available(crossref.SERVICE):
        return CheckedNotices(notices, elsewhere, asked)
    flagged = {work.doi for work in works if any(notice.source == openalex.SERVICE for notice in work.notices)}
    requests = 0

    def ask(batch: Sequence[str]) -> Mapping[str, tuple[Notice, ...]]:
        nonlocal requests
        requests += 1
        found = crossref.notices_about(calls, batch)
        doubtful = [doi for doi in batch if doi in flagged and not _is_withdrawn(found[doi])]
        if doubtful:
            requests += len(doubtful)
            found |= _of_records(calls, {doi: found.pop(doi) for doi in doubtful})
        return found

    def ask_one(batch: Sequence[str]) -> Mapping[str, tuple[Notice, ...]]:
        nonlocal requests
        requests += 1
        return {batch[0]: crossref.notices_of_record(calls, batch[0])}

    found, unanswered = in_batches(
        [doi for doi in missing if "," not in doi], BATCH, crossref.URL_BYTES, ask, service=crossref.SERVICE
    )
    alone, failed = in_batches([doi for doi in missing if "," in doi], 1, crossref.URL_BYTES, ask_one)
    found, unanswered = {**found, **alone}, {**unanswered, **failed}
    _remember(calls, found)
    share = requests / max(1, len(found) + len(unanswered))
    asked |= {doi: _asked(one, requests=share) for doi, one in found.items()}
    asked |= {
        doi: Asked(service=crossref.SERVICE, how=HOW, reply=Reply.FAILED, requests=share, detail=str(error))
        for doi, error in unanswered.items()
    }
    return CheckedNotices({**notices, **found}, elsewhere, asked, next(iter(unanswered.values()), None))


def with_notices(work: Work, checked: CheckedNotices) -> Work:
    """`work` with what was found about it; as it is where it was not checked.

    What its own record says stays: notices of the registered record, and "withdrawn" at arXiv. OpenAlex's flag counts
    where Crossref cannot have the work; where it was asked, Crossref's notices decide, and a flag that it does not
    confirm is dropped. Only a flag that could not be checked stays beside a work that is not retracted.
    """
    is_elsewhere = work.doi is None or work.doi in checked.elsewhere
    if not is_elsewhere and work.doi not in checked.notices:
        return work
    notices = _each_once((*checked.notices.get(work.doi or "", ()), *work.notices))
    if not is_elsewhere:
        notices = tuple(notice for notice in notices if notice.source != openalex.SERVICE)
    is_retracted = work.is_retracted or _is_withdrawn(notices)
    if (notices, is_retracted) == (work.notices, work.is_retracted):
        return work
    return replace(work, notices=notices, is_retracted=is_retracted)


def _of_records(calls: ServiceCalls, listed: Mapping[str, tuple[Notice, ...]]) -> dict[str, tuple[Notice, ...]]:
    """What the records of flagged works say besides; those that cannot be had are left out: not checked."""
    found: dict[str, tuple[Notice, ...]] = {}
    for doi, notices in listed.items():
        try:
            found[doi] = _each_once((*notices, *crossref.notices_of_record(calls, doi)))
        except ServiceError:
            continue
    return found


def _is_withdrawn(notices: Sequence[Notice]) -> bool:
    return any(notice.kind.is_withdrawing for notice in notices)


def _each_once(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """One of each kind and DOI; OpenAlex's flag says nothing more where a notice of its kind is there."""
    found: dict[tuple[str, str | None], Notice] = {}
    for notice in notices:
        found.setdefault((notice.kind, notice.doi), notice)
    named = {kind for kind, doi in found if doi}
    return tuple(notice for notice in found.values() if notice.source != openalex.SERVICE or notice.kind not in named)


def _asked(notices: Sequence[Notice], *, requests: float = 0.0, is_remembered: bool = False) -> Asked:
    return Asked(
        service=crossref.SERVICE,
        how=HOW,
        reply=Reply.FOUND if notices else Reply.ABSENT,
        requests=requests,
        is_remembered=is_remembered,
        detail="; ".join(f"{one.kind.value} {one.date or ''} {one.doi or ''}".strip() for one in notices),
    )


def _recalled(calls: ServiceCalls, dois: Sequence[str]) -> dict[str, tuple[Notice, ...]]:
    keys = {f"notices:{doi}": doi for doi in dois}
    found: dict[str, tuple[Notice, ...]] = {}
    for key, body in calls.recall(crossref.SERVICE, list(keys)).items() if keys else ():
        try:
            found[keys[key]] = () if body is None else _decode(body)
        except msgspec.MsgspecError:  # kept by another version of dl_lit: as if nothing were remembered
            continue
    return found


def _remember(calls: ServiceCalls, found: Mapping[str, tuple[Notice, ...]]) -> None:
    if found:
        calls.remember(
            crossref.SERVICE,
            {f"notices:{doi}": msgspec.json.encode(one) if one else None for doi, one in found.items()},
        )
