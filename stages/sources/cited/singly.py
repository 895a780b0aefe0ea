"""Lists of cited works at services that are asked for one citing work at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dl_lit.core.model import CitedList, CitingWork
from dl_lit.core.ports import ServiceCalls
from stages.answers import in_batches
from stages.sources.cited import Cost, Fetched, cited_lists

_URL_BYTES = 4_000


def cited_list(
    calls: ServiceCalls, service: str, citing: CitingWork, ask: Callable[[str], CitedList | None]
) -> CitedList | None:
    """The list of `citing`, remembered or by `ask`, which takes a DOI and gives `None` where the service lacks it.

    `None` where the service does not know the citing work, or it has no DOI. Raises `ServiceError`.
    """

    def asked(batch: Sequence[str]) -> Mapping[str, CitedList]:
        found = ask(batch[0])
        return {} if found is None else {batch[0]: found}

    def fetch(dois: Sequence[str]) -> Fetched:
        lists, unanswered = in_batches(dois, 1, _URL_BYTES, asked)
        return Fetched(lists, unanswered, Cost(len(dois)))

    found = cited_lists(calls, service, [citing], fetch)
    if citing.source_id in found.unanswered and citing.source_id not in found.lists:
        raise found.unanswered[citing.source_id]
    return found.lists.get(citing.source_id)
