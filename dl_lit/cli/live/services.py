"""The services on the live screen: those that are asked, the busiest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from dl_lit.app.wording import clock_time
from dl_lit.cli.printing import shown

if TYPE_CHECKING:
    from dl_lit.app.language.now import ModelNow
    from dl_lit.app.now.services_now import ServiceNow
    from dl_lit.app.now.snapshot import Snapshot


def services_table(now: Snapshot, plain: bool, *, brief: bool = False) -> RenderableType:  # noqa: FBT001 - one caller
    """Requests, who waits, budget and breaker of each service that is asked."""
    seen = now.pulse.services if now.pulse is not None else {}

    def rank(one: ServiceNow) -> tuple[bool, int]:
        return not _amiss(one, now.at), -one.requests_today

    asked = sorted((one for one in now.services if one.is_asked), key=rank)
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim")
    table.add_column("service", no_wrap=True)
    table.add_column("today", justify="right", no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    if not brief:
        table.add_column("wait", justify="right", no_wrap=True)
    table.add_column("credits left", no_wrap=True)
    table.add_column("" if brief else "allowed", ratio=1, no_wrap=True, overflow="ellipsis")
    if now.model is not None:
        table.add_row(*_model(now.model, now, brief=brief))
    for one in asked:
        waiting = seen[one.service].waiting if one.service in seen else 0
        table.add_row(
            Text(one.service, style="" if one.requests_today else "dim"),
            Text(f"{one.requests_today:,}", style="" if one.requests_today else "dim"),
            Text(str(one.in_flight), style="bold cyan" if one.in_flight else "dim"),
            *([] if brief else [Text(str(waiting), style="yellow" if waiting else "dim")]),
            _credits(one, plain=plain),
            Text(_amiss(one, now.at), style="red") if _amiss(one, now.at) or brief else _pace(one),
        )
    return table


def _model(model: ModelNow, now: Snapshot, *, brief: bool) -> list[Text]:
    """The language model's row, first among them where a model is set."""
    asked = now.pulse.language if now.pulse is not None else None
    in_flight = asked.use.in_flight if asked is not None else 0
    waiting = sum(one.waiting for one in asked.sections.values()) if asked is not None else 0
    left = "" if model.requests_per_day is None else f"{max(0, model.requests_per_day - model.requests_today):,} left"
    wrong = "budget of the day gone" if model.is_budget_gone else ""
    if asked is not None and (asked.use.key_trouble or asked.use.at_rest):
        wrong = asked.use.key_trouble or f"rests: {', '.join(sorted(set(asked.use.at_rest.values())))}"
    return [
        Text("language model", style="" if model.requests_today else "dim"),
        Text(f"{model.requests_today:,}", style="" if model.requests_today else "dim"),
        Text(str(in_flight), style="bold cyan" if in_flight else "dim"),
        *([] if brief else [Text(str(waiting), style="yellow" if waiting else "dim")]),
        Text(left),
        Text(shown(wrong), style="red") if wrong else Text("" if brief else shown(model.model), style="dim"),
    ]


def _pace(one: ServiceNow) -> Text:
    lane = one.lanes[0]
    return Text(
        lane.pace + ("" if lane.share == 1 else f" ({lane.share:.0%})"),
        style="dim" if lane.share == 1 else "yellow",
    )


def _credits(one: ServiceNow, *, plain: bool) -> Text:
    if one.credits_left is None or not one.credits_per_day:
        return Text("")
    share = one.credits_left / one.credits_per_day
    full = round(share * 8)
    style = "green" if share > 0.25 else "yellow" if share > 0.02 else "red"
    bar = ("=" if plain else "━") * full
    rest = ("." if plain else "─") * (8 - full)
    return Text.assemble((bar, style), (rest, "bright_black"), (f" {one.credits_left:,}", style))


def _amiss(one: ServiceNow, at: float) -> str:
    if one.key_trouble or one.contact_trouble:
        return shown(one.key_trouble or one.contact_trouble)
    if one.breaker != "closed":
        return f"breaker {one.breaker}" + (f" until {clock_time(one.breaker_until, at)}" if one.breaker_until else "")
    if one.parked_until:
        return f"rests until {clock_time(one.parked_until, at)} ({one.parked_for})"
    return ""
