"""What is wrong with the language model at this moment, judged from what is known: pure, as `app.conditions`.

None of it stops the work: the rules' reading stands, and a match that is ambiguous waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dl_lit.app.language.now import ModelNow
from dl_lit.app.wording import clock_time, count, how_long
from dl_lit.core.conditions import Ailment, Finding
from dl_lit.core.pulse import ModelPulse
from dl_lit.core.reasons import Reason

SUBJECT = "language model"

REMOTE_LONG_S = 3_600.0
"""A file that the provider has had for so long should have been deleted: no section takes half as long."""

_MEANWHILE = "bibliographies are read by the rules alone meanwhile"


def of_model(model: ModelNow | None, pulse: ModelPulse | None, now: float) -> Iterator[Finding]:
    """The findings at the epoch's second `now`; `pulse` is that of the process at work."""
    if model is None:
        return
    if pulse is not None:
        yield from _of_process(pulse)
    if model.is_budget_gone:
        yield Finding(
            ailment=Ailment.BUDGET_GONE,
            subject=SUBJECT,
            says=f"today's budget for {model.model} is used up ({_spent(model)}): {_MEANWHILE}",
            remedy=f"nothing: it comes back {clock_time(model.renewed_at, now)}; "
            "or raise llm.requests_per_day or llm.dollars_per_day",
        )
    since = None if model.remote_since is None else datetime.fromisoformat(model.remote_since).timestamp()
    if since is not None and now - since >= REMOTE_LONG_S:
        yield Finding(
            ailment=Ailment.REMOTE_FILES_LEFT,
            subject=SUBJECT,
            says=f"{count(model.remote_files, 'file')} sent to {model.model} could not be deleted there "
            f"for {how_long(now - since)}",
            remedy="dl-lit llm --clean-up tries again; where it cannot: delete them yourself, then dl-lit llm --forget",
        )


def _of_process(pulse: ModelPulse) -> Iterator[Finding]:
    use, name = pulse.use, pulse.model
    if use.key_trouble:
        yield Finding(
            ailment=Ailment.KEY_REFUSED,
            subject=SUBJECT,
            says=f"{name} does not take the key: {use.key_trouble}; {_MEANWHILE}",
            remedy="correct llm.key, or the provider's own variable, and reload; dl-lit doctor --live tries it",
        )
    if use.cost_trouble:
        yield Finding(
            ailment=Ailment.BUDGET_GONE,
            subject=SUBJECT,
            says=f"{name}: {use.cost_trouble}; {_MEANWHILE}",
            remedy="set llm.price_input and llm.price_output, or take llm.dollars_per_day away, and reload",
        )
    down = [url for url, why in use.at_rest.items() if why == Reason.SERVICE_DOWN]
    if down:
        yield Finding(
            ailment=Ailment.SERVICE_DOWN,
            subject=SUBJECT,
            says=f"{name} does not answer at {', '.join(down)}: it is left alone there, then asked again",
            remedy="nothing if it passes; dl-lit doctor --live says whether it can be reached from here",
        )
    if Reason.BUDGET_EXHAUSTED.value in use.at_rest.values():
        yield Finding(
            ailment=Ailment.BUDGET_GONE,
            subject=SUBJECT,
            says=f"{name} wants money: the account's credits are used up; {_MEANWHILE}",
            remedy="buy credits from the provider, or switch the model off (llm.enabled = false)",
        )


def _spent(model: ModelNow) -> str:
    parts = [count(model.requests_today, "request")]
    return ", ".join([*parts, f"${model.dollars_today:,.2f}"] if model.dollars_today else parts)
