"""How the language model stands at this moment, for all displays: what today took, what was left with the provider.

Nothing is told, and nothing read, where no model is asked.
"""

from __future__ import annotations

from dataclasses import replace

from dl_lit.app.language.standing import RestNow, standing
from dl_lit.app.wording import iso_time
from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelNow:
    """The model that is set. Days are those of UTC; moments are ISO 8601."""

    model: str  # provider and model
    base_urls: tuple[str, ...]
    reads: bool  # bibliographies
    judges: bool  # ambiguous matches
    at_once: int  # calls that may be in flight
    requests_per_day: int | None  # the day's budget; None: none is set
    dollars_per_day: float | None
    requests_today: int = 0  # of all processes of the machine
    dollars_today: float = 0.0
    is_budget_gone: bool = False
    renewed_at: str = ""  # when the day's budget comes back
    remote_files: int = 0  # uploaded and not known to be deleted
    remote_files_let_go: int = 0  # ... of those, by processes that live no more
    remote_since: str | None = None  # when the oldest of them was uploaded
    rests: tuple[RestNow, ...] = ()  # addresses that nobody asks now, for how long and why
    trouble: str | None = None  # why the numbers of the day cannot be read


def model_now(settings: Settings, now: float) -> ModelNow | None:
    """The model at the epoch's second `now`; None where none is asked."""
    llm = settings.llm
    if not llm.is_on:
        return None
    found = ModelNow(
        model=llm.name,
        base_urls=(),
        reads=llm.reads,
        judges=llm.judges,
        at_once=settings.max_concurrent_model_calls,
        requests_per_day=llm.requests_per_day,
        dollars_per_day=llm.dollars_per_day,
    )
    try:
        stands = standing(settings, now)
    except DlLitError as error:
        return replace(found, trouble=str(error))
    return replace(
        found,
        base_urls=stands.base_urls,
        requests_today=stands.requests_today,
        dollars_today=round(stands.dollars_today, 6),
        is_budget_gone=stands.is_budget_gone,
        renewed_at=iso_time(now + stands.renewed_in_s),
        remote_files=stands.remote_files,
        remote_files_let_go=stands.remote_files_let_go,
        remote_since=stands.remote_since,
        rests=stands.rests,
    )
