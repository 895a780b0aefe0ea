"""The part of `dl-lit status` that tells of the services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dl_lit.app.language.words import lines_of_model
from dl_lit.cli.printing import line, moment_of, print_table, shown

if TYPE_CHECKING:
    from dl_lit.app.language.now import ModelNow
    from dl_lit.app.now.services_now import LaneNow, ServiceNow
    from dl_lit.core.pulse import ModelPulse, Pulse


def tell_services(services: Sequence[ServiceNow], pulse: Pulse | None = None) -> None:
    """Print what each service allows and bears now, and what stands against asking it.

    `pulse` is that of the process at work, which knows who waits.
    """
    seen = pulse.services if pulse is not None else {}
    print_table(
        ("service", "allowed", "in flight", "wait", "today", "breaker", "credits left", "back at (UTC)", "time-out"),
        (
            (
                one.service,
                ", ".join(_allowed(lane) for lane in one.lanes),
                one.in_flight,
                seen[one.service].waiting if one.service in seen else 0,
                one.requests_today,
                one.breaker,
                "-" if one.credits_left is None else f"{one.credits_left:,}",
                "-" if one.credits_reset_at is None else one.credits_reset_at[:16].replace("T", " "),
                f"{one.timeout_s:g} s",
            )
            for one in services
            if one.is_asked
        ),
        least=("time-out", "wait", "in flight", "back at (UTC)", "credits left"),
    )
    said = [text for one in services for text in _amiss(one)]
    if said:
        line()
    for text in said:
        line(text)


def _allowed(lane: LaneNow) -> str:
    name = f"{lane.lane} " if lane.lane else ""
    share = "" if lane.share == 1 else f" ({lane.share:.0%} after refusals)"
    return f"{name}{lane.pace}{share}"


def _amiss(one: ServiceNow) -> Iterator[str]:
    if one.key_trouble:
        yield f"{one.service}: services.{one.service}.key: {shown(one.key_trouble, width=200)}"
    if one.contact_trouble:
        yield f"{one.service}: contact_email: {shown(one.contact_trouble, width=200)}"
    if one.lacks:
        yield f"{one.service}: not asked, lacks {', '.join(one.lacks)}"
    if one.parked_until:
        yield f"{one.service}: rests until {moment_of(one.parked_until)} ({one.parked_for})"
    if one.breaker_until:
        yield f"{one.service}: breaker open until {moment_of(one.breaker_until)}"
    if one.pool == "public":
        yield f"{one.service}: takes us for strangers; a contact address (contact_email) gives more"


def tell_model(model: ModelNow | None, pulse: ModelPulse | None, at: float) -> None:
    """Print how the language model stands at `at` (epoch seconds); nothing where none is asked."""
    if model is None:
        return
    line()
    line(f"language model: {shown(model.model)}")
    for label, said in lines_of_model(model, pulse, at):
        line(f"  {label:<13} {shown(said)}")
