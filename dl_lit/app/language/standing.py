"""How the language model stands: whether it can be asked, what of its day's budget is left, what was left behind."""

from __future__ import annotations

from collections.abc import Iterator

from db.language.reading import days_of_use, uploads_noted
from db.language.schema import DAY_S, side_file
from db.language.uploads import DiskUploads
from db.language.use import Budget
from db.machine.states import read_states, states_file
from dl_lit.app.language.place import model_place
from dl_lit.app.wording import iso_time
from dl_lit.core.breaker import BreakerState
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.language import Provider
from dl_lit.core.reasons import Reason
from dl_lit.core.sharing import ServiceState
from dl_lit.core.values import dataclass
from dl_lit.net.language.place import base_urls_of, completed, shared_name
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import lacking_for_models


@dataclass(frozen=True, slots=True)
class RestNow:
    """An address that no process of the machine asks for a while."""

    base_url: str
    until: str  # ISO 8601, UTC
    why: str  # one of `core.reasons`


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The model that is set, at a moment; it is not asked for this."""

    name: str | None  # provider and model; None: none is asked
    why_not: str | None  # why none is asked
    lacking: str | None  # the setting without which it cannot be asked, and what to do
    base_urls: tuple[str, ...]
    requests_today: int  # of all models and all processes of the machine, since midnight UTC
    dollars_today: float
    is_budget_gone: bool
    renewed_in_s: float  # until midnight UTC
    remote_files: int  # uploaded and not known to be deleted
    remote_files_let_go: int  # ... of those, by processes that live no more
    remote_since: str | None  # when the oldest of them was uploaded, ISO 8601
    rests: tuple[RestNow, ...] = ()  # by what the processes of the machine share


def standing(settings: Settings, now: float) -> Standing:
    """How the model stands at `now` (epoch seconds). Raises `DlLitError` where its file cannot be read."""
    llm = settings.llm
    today = days_of_use(settings.shared_state, now, 1)
    uploads = uploads_noted(settings.shared_state, now)
    requests, dollars = sum(one.requests for one in today), sum((one.dollars for one in today), 0.0)
    return Standing(
        name=llm.name if llm.is_on else None,
        why_not=why_not(settings),
        lacking=lacking_for_models(settings),
        base_urls=addresses(settings),
        requests_today=requests,
        dollars_today=dollars,
        is_budget_gone=budget(settings).is_gone(requests, dollars),
        renewed_in_s=DAY_S - now % DAY_S,
        remote_files=uploads.in_use + uploads.let_go,
        remote_files_let_go=uploads.let_go,
        remote_since=None if uploads.oldest_at is None else iso_time(uploads.oldest_at),
        rests=tuple(_rests(settings, now)),
    )


def _rests(settings: Settings, now: float) -> Iterator[RestNow]:
    """The addresses that are left alone at `now`, as the last process that asked has said."""
    if not settings.llm.is_on:
        return
    try:
        place = completed(model_place(settings))
    except NeedsConfiguration:
        return
    states = read_states(states_file(settings.shared_state))
    for url in place.base_urls:
        state = states.get(f"{shared_name(place)} {url}", ServiceState())
        at = state.turn(now)
        if state.parked_until > at:
            yield RestNow(url, iso_time(state.parked_until), state.parked_for)
        elif state.breaker.state(at) is BreakerState.OPEN and (until := state.breaker.open_until) is not None:
            yield RestNow(url, iso_time(until), Reason.SERVICE_DOWN.value)


def forgotten(settings: Settings) -> int:
    """Count uploads as deleted that nobody will delete any more: how many were let go."""
    file = side_file(settings.shared_state)
    uploads = DiskUploads(file, SystemClock())
    try:
        left = uploads.left()
        for one in left:
            uploads.gone(one.id)
        return len(left)
    finally:
        file.close()


def budget(settings: Settings) -> Budget:
    """What a day may take."""
    return Budget(requests=settings.llm.requests_per_day, dollars=settings.llm.dollars_per_day)


def addresses(settings: Settings) -> tuple[str, ...]:
    """Where the model is asked; empty where none is, or nothing says where."""
    llm = settings.llm
    if llm.provider is None or not llm.enabled:
        return ()
    try:
        return base_urls_of(Provider(llm.provider), llm.base_urls)
    except NeedsConfiguration:
        return ()


def why_not(settings: Settings) -> str | None:
    """Why no model is asked at all, in words; None: one is."""
    if settings.llm.provider is None:
        return "llm.provider is not set: docs/language-models.md tells what a model can do here"
    return None if settings.llm.enabled else "llm.enabled is false, or --no-llm was said"
