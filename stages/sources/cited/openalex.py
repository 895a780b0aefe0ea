"""OpenAlex's `referenced_works`: the cited works it matched, without order, whole records at one credit for 100.

Read 2026-11-23: https://developers.openalex.org/api-reference/works (fields, filters),
https://developers.openalex.org/guides/authentication (credits: a record 0, a list 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import normalise_doi, normalise_openalex_id
from dl_lit.core.model import CitedList, CitingWork, Listed, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.aligning import as_listed
from stages.answers import NOT_FOUND, decode, decode_each, in_batches, list_body, path_quote
from stages.sources.cited import CitedLookUp, Cost, Fetched, cited_lists
from stages.sources.openalex import LIST_CREDITS, PER_PAGE, SERVICE, URL_BYTES, parse
from stages.sources.openalex import SELECT as SELECT_WORK

BATCH = 50  # citing works to one list
FREE_AT_MOST = 2  # so many records are fetched one by one, for nothing; more come together for one credit
SELECT = "id,doi,referenced_works"
_BREAKING = frozenset(",|!")  # characters that would be read as the filter's own

_decode_work = msgspec.json.Decoder(Work).decode


class _Citing(msgspec.Struct):
    id: str | None = None
    doi: str | None = None
    referenced_works: list[str] | None = None


class _List(msgspec.Struct):
    results: list[msgspec.Raw]


def parse_lists(body: bytes) -> dict[str, CitedList]:
    """Read the identifiers of what works cite, by DOI; the longest list of each. Raises `ServiceError`."""
    found: dict[str, CitedList] = {}
    for citing in decode_each(decode(body, _List, SERVICE).results, _Citing, SERVICE):
        _check(citing)
        doi, cited = normalise_doi(citing.doi), _cited_list(citing)
        if doi and (doi not in found or len(cited.entries) > len(found[doi].entries)):
            found[doi] = cited
    return found


def parse_record(body: bytes) -> CitedList:
    """Read the identifiers of what one work cites. Raises `ServiceError`."""
    citing = decode(body, _Citing, SERVICE)
    _check(citing)
    return _cited_list(citing)


def _check(citing: _Citing) -> None:
    """A record without identifier is none, and establishes nothing about what anybody cites."""
    if citing.id is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a record without identifier")


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The works that one work cites; `None` if OpenAlex does not know it. Raises `ServiceError`."""
    found = cited_by_many(calls, [citing])
    if citing.source_id in found.unanswered:
        raise found.unanswered[citing.source_id]
    return found.lists.get(citing.source_id)


def cited_by_many(calls: ServiceCalls, citing: Sequence[CitingWork]) -> CitedLookUp:
    """The works that several works cite, as whole records: all their identifiers together in full batches."""
    found = cited_lists(calls, SERVICE, citing, lambda dois: _fetch(calls, dois))
    ids = {source_id: _ids(cited) for source_id, cited in found.lists.items()}
    works, unanswered, cost, fresh = _works(calls, list(dict.fromkeys(one for many in ids.values() for one in many)))
    fetched = {source_id: sum(one in fresh for one in many) for source_id, many in ids.items()}
    lists: dict[int, CitedList] = {}
    errors, costs = dict(found.unanswered), dict(found.costs)
    for source_id, cited in found.lists.items():
        entries = tuple(as_listed(SERVICE, work) for one in ids[source_id] if (work := works.get(one)))
        lists[source_id] = replace(cited, entries=entries)
        if failed := [unanswered[one] for one in ids[source_id] if one in unanswered]:
            errors[source_id] = failed[0]
        if fetched[source_id]:
            share = fetched[source_id] / sum(fetched.values())
            costs[source_id] = costs.get(source_id, Cost()) + Cost(cost.requests * share, cost.credits * share)
    return CitedLookUp(lists, errors, costs)


def _fetch(calls: ServiceCalls, dois: Sequence[str]) -> Fetched:
    together = [doi for doi in dois if not set(doi) & _BREAKING]
    together = together if len(together) > FREE_AT_MOST else []
    requests = lists_asked = 0

    def ask(batch: Sequence[str]) -> Mapping[str, CitedList]:
        nonlocal requests, lists_asked
        requests, lists_asked = requests + 1, lists_asked + 1
        params = [("filter", f"doi:{'|'.join(batch)}"), ("per_page", str(PER_PAGE)), ("select", SELECT)]
        answer = list_body(
            calls.get(SERVICE, "/works", params, credits=LIST_CREDITS, is_kept_by_identifier=True), SERVICE
        )
        return {doi: one for doi, one in parse_lists(answer).items() if doi in set(batch)}

    def ask_one(batch: Sequence[str]) -> Mapping[str, CitedList]:
        nonlocal requests
        requests += 1
        answer = calls.get(
            SERVICE, f"/works/doi:{path_quote(batch[0])}", [("select", SELECT)], is_kept_by_identifier=True
        )
        return {} if answer.status == NOT_FOUND else {batch[0]: parse_record(answer.body)}

    lists, unanswered = in_batches(together, BATCH, URL_BYTES, ask, service=SERVICE)
    alone, unanswered_alone = in_batches([doi for doi in dois if doi not in set(together)], 1, URL_BYTES, ask_one)
    return Fetched({**lists, **alone}, {**unanswered, **unanswered_alone}, Cost(requests, lists_asked * LIST_CREDITS))


def _works(
    calls: ServiceCalls, ids: Sequence[str]
) -> tuple[dict[str, Work], dict[str, ServiceError], Cost, frozenset[str]]:
    """The records of `ids`, those not remembered in full batches; what could not be asked; the cost; what was asked."""
    keys = {f"openalex:{one}": one for one in ids}
    works: dict[str, Work] = {}
    settled: set[str] = set()
    for key, body in calls.recall(SERVICE, list(keys)).items():
        try:
            if body is not None:
                works[keys[key]] = _decode_work(body)
            settled.add(keys[key])
        except msgspec.MsgspecError:
            continue
    requests = 0

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        nonlocal requests
        requests += 1
        params = [("filter", f"openalex:{'|'.join(batch)}"), ("per_page", str(PER_PAGE)), ("select", SELECT_WORK)]
        answer = list_body(
            calls.get(SERVICE, "/works", params, credits=LIST_CREDITS, is_kept_by_identifier=True), SERVICE
        )
        return {work.openalex_id: work for work in parse(answer) if work.openalex_id in set(batch)}

    wanted = [one for one in ids if one not in settled]
    found, unanswered = in_batches(wanted, PER_PAGE, URL_BYTES, ask, service=SERVICE)
    answered = [one for one in wanted if one not in unanswered]
    if answered:
        calls.remember(
            SERVICE,
            {f"openalex:{one}": msgspec.json.encode(found[one]) if one in found else None for one in answered},
        )
    return {**works, **found}, unanswered, Cost(requests, requests * LIST_CREDITS), frozenset(wanted)


def _cited_list(citing: _Citing) -> CitedList:
    ids = dict.fromkeys(filter(None, map(normalise_openalex_id, citing.referenced_works or [])))
    return CitedList(source=SERVICE, entries=tuple(Listed(source=SERVICE, openalex_id=one) for one in ids))


def _ids(cited: CitedList) -> list[str]:
    return [one.openalex_id for one in cited.entries if one.openalex_id]
